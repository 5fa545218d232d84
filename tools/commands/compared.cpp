#include "commands/compared.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <string>

#include "codec/json_document.h"
#include "commands/answer_object.h"
#include "server/json_member.h"

namespace tenure::commands {
namespace {

constexpr std::chrono::minutes digest_timeout{60};
// What a node may have one wait that asks for a digest, before it is asked for another.
constexpr std::chrono::seconds digest_wait_max{300};
constexpr int digest_tries_max = 4;

void read_root(codec::JsonMembers& members, node::LogRoot& root) {
    members.required("log", root.log_id);
    members.required("revision", root.revision.value);
    members.required("root", root.root);
    members.required("committed", root.committed.value);
    members.required("applied", root.applied.value);
}

void read_digest(codec::JsonMembers& members, node::IndexDigest& index) {
    read_root(members, index.log);
    members.required("indexVersion", index.index_version);
    members.required("digest", index.digest);
    members.required("rows", index.rows);
    members.required("bytes", index.bytes);
}

// What a refusal says.
std::string detail_of(const server::ClientAnswer& answer) {
    codec::JsonDocument document{answer.body};
    if (document.parse())
        if (const codec::JsonValue* detail = server::member_of(document, 0, "detail");
            detail != nullptr && server::is_text(*detail))
            return std::string(detail->text);
    return "it answers with status " + std::to_string(answer.status);
}

Error of(const Compared& side, const Error& error) {
    return Error{error.code, side.name() + ": " + error.detail, error.field};
}

template <class T>
Result<T> named(const Compared& side, Result<T> result) {
    if (!result) return of(side, result.error());
    return result;
}

// The first revision up to `last`, where the roots differ, as of which they do: a root changes with
// every entry before it.
Result<Revision> first_other_entry(Compared& here, Compared& there, Revision last) {
    Revision equal = revision_none;
    Revision other = last;
    while (next(equal) < other) {
        const Revision middle{equal.value + (other.value - equal.value) / 2};
        TRY(const auto a, named(here, here.root(middle)));
        TRY(const auto b, named(there, there.root(middle)));
        (a.root == b.root ? equal : other) = middle;
    }
    return other;
}

Result<void> compare_indexes(Compared& here, Compared& there, Comparison& found) {
    const Revision a = found.here.newest.applied;
    const Revision b = found.there.newest.applied;
    // What is not committed yet may never be.
    found.index_at = std::min({a, b, found.log_at});
    if (found.index_at == revision_none)
        return Error{Errc::unavailable, (a < b ? here : there).name() +
                                            ": its index has nothing yet that could be compared"};
    TRY(found.here.index, named(here, here.digest(found.index_at)));
    TRY(found.there.index, named(there, there.digest(found.index_at)));
    // They may have become others since they were compared: cut off, or another store.
    const node::LogRoot& our_log = found.here.index->log;
    const node::LogRoot& their_log = found.there.index->log;
    found.here.newest.log_id = our_log.log_id;
    found.there.newest.log_id = their_log.log_id;
    if (!found.same_log()) return success();
    if (our_log.root != their_log.root) {
        TRY(found.first_other_entry, first_other_entry(here, there, found.index_at));
        return success();
    }
    const std::uint64_t ours = found.here.index->index_version;
    const std::uint64_t theirs = found.there.index->index_version;
    if (ours != theirs)
        return Error{Errc::unavailable,
                     "the logs are equal up to revision " + std::to_string(found.log_at.value) +
                         "; the indexes cannot be compared: they are of the "
                         "versions " +
                         std::to_string(ours) + " and " + std::to_string(theirs)};
    return success();
}

// How long the node wants whoever asks for a digest to wait; nothing: that is of no use.
std::optional<std::chrono::seconds> asks_to_wait(const server::ClientAnswer& answer) {
    const std::string text = answer.header("Retry-After");
    std::uint32_t wait_s = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), wait_s);
    if (answer.status != 503 || read.ec != std::errc{}) return std::nullopt;
    const std::chrono::seconds wait{wait_s};
    if (wait > digest_wait_max) return std::nullopt;
    return wait;
}

}  // namespace

ComparedServer::ComparedServer(const Program& program, server::ServerUrl url,
                               const std::string& ca_file)
    : program_{program}, quick_{url, ca_file}, patient_{url, ca_file, {digest_timeout}} {}

Result<std::string> ComparedServer::ask(server::HttpClient& client, const std::string& path,
                                        std::optional<Revision> at) {
    server::ClientRequest request;
    request.target = client.url().below(path);
    if (at) request.target += "?revision=" + std::to_string(at->value);
    request.headers.emplace_back("Accept", "application/json");
    TRY(auto answer, client.ask(request));
    for (int tries = 1; &client == &patient_ && tries < digest_tries_max; ++tries) {
        const auto wait = asks_to_wait(answer);
        if (!wait) break;
        if (!program_.pause(*wait)) break;
        TRY(answer, client.ask(request));
    }
    if (answer.status == 200) return std::move(answer.body);
    const Errc code = answer.status == 403   ? Errc::forbidden
                      : answer.status == 404 ? Errc::not_found
                                             : Errc::unavailable;
    return Error{code, detail_of(answer)};
}

Result<node::LogRoot> ComparedServer::root(std::optional<Revision> at) {
    TRY(const std::string body, ask(quick_, "/v1/log/root", at));
    return read_answer_object<node::LogRoot>(body, read_root);
}

Result<node::IndexDigest> ComparedServer::digest(Revision at) {
    TRY(const std::string body, ask(patient_, "/v1/index/digest", at));
    return read_answer_object<node::IndexDigest>(body, read_digest);
}

ComparedStore::ComparedStore(Program& program, std::string directory,
                             std::unique_ptr<node::Node> node)
    : program_{program}, directory_{std::move(directory)}, node_{std::move(node)} {}

Result<node::LogRoot> ComparedStore::root(std::optional<Revision> at) {
    return node_->log_root(at);
}

Result<node::IndexDigest> ComparedStore::digest(Revision at) {
    auto found = node_->index_digest(at, [this](std::uint64_t rows) {
        program_.progress({"digest", rows, 0});
        return true;
    });
    program_.end_progress();
    return found;
}

Result<Comparison> compare(Compared& here, Compared& there) {
    Comparison found;
    found.here.name = here.name();
    found.there.name = there.name();
    TRY(found.here.newest, named(here, here.root({})));
    TRY(found.there.newest, named(there, there.root({})));
    if (!found.same_log()) return found;
    found.log_at = std::min(found.here.newest.committed, found.there.newest.committed);
    TRY(const auto a, named(here, here.root(found.log_at)));
    TRY(const auto b, named(there, there.root(found.log_at)));
    found.here.root = a.root;
    found.there.root = b.root;
    if (a.root != b.root) {
        TRY(found.first_other_entry, first_other_entry(here, there, found.log_at));
        return found;
    }
    TRY(compare_indexes(here, there, found));
    return found;
}

}  // namespace tenure::commands
