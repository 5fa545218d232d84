// Asking a condition allocates nothing.

#include <gtest/gtest.h>

#include <cstdlib>
#include <new>

#include "unit/domain/condition_asking.h"

namespace {

std::size_t allocations = 0;

}  // namespace

void* operator new(std::size_t size) {
    ++allocations;
    void* memory = std::malloc(size == 0 ? 1 : size);
    if (memory == nullptr) std::abort();
    return memory;
}

void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
    return ::operator new(size);
}

void operator delete(void* memory) noexcept { std::free(memory); }

void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace tenure::domain::condition {
namespace {

TEST(ConditionAllocation, EvaluatesWithoutAny) {
    const Program program = parsed(
        "(ActionMatches{'a/*', '*/b/*/c'} OR SubOperationMatches{'Blob.List'}) AND "
        "(NOT Exists @Request[none] OR @Request[none] StringEquals 'x') AND "
        "@Principal[projects] ForAnyOfAnyValues:StringLikeIgnoreCase {'*alpha?', 'b*'} AND "
        "@Resource[id] GuidNotEquals 53ca6127-db72-4b80-b1b0-d745d6d5456d AND "
        "@Resource[sizes] ForAllOfAnyValues:NumericLessThan {5, 10} AND "
        "@Resource[since] DateTimeLessThan @Environment[UtcNow] AND "
        "@Environment[isPrivateLink] BoolEquals true AND "
        "@Resource[path] StringContains @Request[part]");
    Asked asked;
    asked.action = "A/x/read";
    asked.request = {{"part", Texts{"a rather long part of a path"}}};
    asked.resource = {{"id", Texts{"53ca6127db724b80b1b0d745d6d54560"}},
                      {"sizes", Numbers{1, 7}},
                      {"since", Texts{"2020-01-01T00:00:00Z"}},
                      {"path", Texts{"here is a rather long part of a path, and more"}}};
    asked.principal = {{"Projects", Texts{"one", "Project Alpha1"}}};
    asked.environment = {{"isPrivateLink", true}};

    with_circumstances(asked, [&](const CircumstancesView& circumstances) {
        const std::size_t before = allocations;
        const Truth truth = program.evaluate(circumstances);
        const std::size_t after = allocations;
        EXPECT_EQ(truth, Truth::yes);
        EXPECT_EQ(after, before);
        EXPECT_GT(before, 0U);
    });
}

}  // namespace
}  // namespace tenure::domain::condition
