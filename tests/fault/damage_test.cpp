// Bits flipped at hundreds of places in the files of a store. What follows is a clear error, a
// repair that says what it did, or the answers of the store as it was; never another answer, never
// a hang. Each damaged copy is opened in a process of its own, which may also end as
// fatal_storage() does.

#include "storage/damage.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>  // NOLINT: alarm's signal
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>

#include "codec/json_lines.h"
#include "fault/protocol.h"
#include "fault/system_clock.h"
#include "support/temp_store.h"

#ifdef __SANITIZE_ADDRESS__
// What LMDB copies by the sizes on a damaged page is to fault, as it does without ASan.
extern "C" const char* __asan_default_suppressions() { return "interceptor_via_lib:liblmdb\n"; }
#endif

namespace tenure::fault {
namespace {

namespace fs = std::filesystem;

std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
    const char* text = std::getenv(variable);  // NOLINT(concurrency-mt-unsafe)
    return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

domain::Batch one(domain::CommandBody body, const std::string& id = {}) {
    domain::Batch batch;
    batch.command_id = id;
    domain::Command command;
    command.tenant = tenant;
    command.actor = "owner";
    command.body = std::move(body);
    batch.commands.push_back(std::move(command));
    return batch;
}

std::string number(std::uint64_t n) { return std::to_string(n); }

// Users in nested groups with roles here and there, some taken away again: a few hundred events.
constexpr std::uint64_t users = 80;
constexpr std::uint64_t groups = 12;
constexpr std::uint64_t scopes = 10;

bool fill(node::Node& node) {
    SeededRandom random{3};
    bool good = true;
    std::uint64_t submitted = 0;
    // Each with an id: more than the log finds without its lookup of commands.
    const auto submit = [&](domain::CommandBody body, std::string id = {}) {
        if (id.empty()) id = "c" + number(submitted);
        ++submitted;
        const auto receipt = node.submit(one(std::move(body), id));
        if (!receipt) std::printf("not filled: %s\n", receipt.error().detail.c_str());
        good = receipt.has_value() && good;
    };
    for (std::uint64_t g = 0; g < groups; ++g) {
        domain::CreatePrincipal group;
        group.principal.id = "g" + number(g);
        group.principal.kind = domain::PrincipalKind::group;
        submit(group);
        if (g > 0) submit(domain::AddMember{"g" + number(random.below(g)), "g" + number(g)});
    }
    for (std::uint64_t r = 0; r < 4; ++r) {
        domain::DefineRole role;
        role.role.id = "role" + number(r);
        role.role.name = "Role " + number(r);
        for (std::uint64_t s = 0; s < scopes; ++s)
            role.role.assignable_scopes.push_back("/s" + number(s));
        role.role.permissions.emplace_back().actions = {"Acme.Files/" + number(r) + "/*"};
        submit(role);
    }
    std::uint64_t assignments = 0;
    const auto assign = [&](const std::string& principal) {
        domain::CreateAssignment create;
        create.assignment.id = "a" + number(assignments++);
        create.assignment.principal = principal;
        create.assignment.role = "role" + number(random.below(4));
        create.assignment.scope = "/s" + number(random.below(scopes));
        submit(create);
    };
    for (std::uint64_t g = 0; g < groups; ++g) assign("g" + number(g));
    for (std::uint64_t u = 0; u < users; ++u) {
        domain::CreatePrincipal user;
        user.principal.id = "u" + number(u);
        submit(user, "make-u" + number(u));
        submit(domain::AddMember{"g" + number(random.below(groups)), "u" + number(u)});
        assign("u" + number(u));
        if (u % 5 == 4) submit(domain::RevokeAssignment{"a" + number(assignments - 1)});
    }
    return good;
}

// Everything that can be asked, as one text; or why not.
std::string answers_of(node::Node& node) {
    std::string text;
    const auto add = [&](const auto& answer, const auto& show) {
        if (answer)
            show(answer.value());
        else
            text += std::string("! ") + answer.error().detail + "\n";
    };
    const auto session = node.session();
    for (std::uint64_t u = 0; u < users; u += 2)
        for (std::uint64_t i = 0; i < 4; ++i) {
            domain::CheckQuestion question{std::string(tenant),
                                           "u" + number(u),
                                           "Acme.Files/" + number(i) + "/read",
                                           domain::Plane::control,
                                           "/s" + number((u + i * 3) % scopes),
                                           {}};
            if (i % 2 == 1) question.as_of.revision = Revision{40 + u * 3};
            add(session->check(question), [&](const query::CheckAnswer& answer) {
                text += answer.allowed ? '1' : '0';
                text += number(answer.basis.revision.value) + " ";
            });
        }
    for (std::uint64_t s = 0; s < scopes; s += 3)
        add(session->who_can({std::string(tenant),
                              "Acme.Files/1/read",
                              domain::Plane::control,
                              "/s" + number(s),
                              {}},
                             true, {}),
            [&](const query::WhoCanAnswer& answer) {
                for (const auto& entry : answer.principals) text += entry.principal + " ";
                for (const auto& entry : answer.groups) text += entry.principal + " ";
            });
    for (std::uint64_t u = 1; u < users; u += 12)
        add(session->what_can({std::string(tenant),
                               "u" + number(u),
                               "Acme.Files/2/read",
                               domain::Plane::control,
                               {}},
                              "", {}),
            [&](const query::WhatCanAnswer& answer) {
                for (const auto& entry : answer.scopes) text += entry.scope + " ";
            });
    return text;
}

std::string events_of(node::Node& node) {
    std::string text;
    const auto read = node.events({}, [&](const domain::Event& event) {
        text += codec::event_line(event) + "\n";
        return true;
    });
    return read ? text : "! " + read.error().detail;
}

// What came of a damaged copy.
struct Outcome {
    bool opened = false;
    std::string error;  // why it did not open
    std::string repairs;
    std::string answers;
    std::string events;
    bool sound = false;     // as verify says
    std::string problem;    // that verify found
    std::string again;      // receipts of known commands
    int status = 0;         // of the process
    std::string complaint;  // its stderr
};

void put(std::string& text, const std::string& part) { text += number(part.size()) + "\n" + part; }

std::string take(const std::string& text, std::size_t& at) {
    const std::size_t end = text.find('\n', at);
    if (end == std::string::npos) return "";
    const std::size_t size = std::strtoull(&text[at], nullptr, 10);
    at = end + 1 + size;
    return text.substr(end + 1, size);
}

std::string ask_everything(const std::string& path) {
    SystemClock clock;
    SeededRandom random{1};
    std::string text;
    auto opened = node::Node::open(path, clock, random, options());
    put(text, opened ? "1" : "0");
    put(text, opened ? "" : opened.error().detail);
    if (!opened) return text;
    node::Node& node = *opened.value();
    std::string repairs;
    for (const std::string& repair : node.repairs()) repairs += repair + "; ";
    put(text, repairs);
    put(text, answers_of(node));
    put(text, events_of(node));
    const auto verified = node.verify({});
    put(text, verified && verified.value().ok() ? "1" : "0");
    put(text, !verified ? verified.error().detail
                        : verified.value().log_problem + verified.value().index_problem);
    std::string again;
    for (std::uint64_t u = 0; u < users; u += 7) {
        domain::CreatePrincipal user;
        user.principal.id = "u" + number(u);
        const auto receipt = node.submit(one(user, "make-u" + number(u)));
        again +=
            receipt ? number(receipt.value().first.value) + (receipt.value().repeated ? "r " : "n ")
                    : "! ";
    }
    put(text, again);
    return text;
}

std::string read_file(const std::string& path) {
    std::ifstream file{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, {}};
}

Outcome outcome_of(const std::string& path, const std::string& scratch) {
    const std::string result = scratch + "/result";
    const std::string complaint = scratch + "/stderr";
    fs::remove(result);
    const pid_t child = ::fork();
    if (child == 0) {
        ::alarm(300);
        storage::end_on_damage();
        const int errors = ::open(complaint.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
        ::dup2(errors, STDERR_FILENO);
        const std::string text = ask_everything(path);
        std::ofstream{result, std::ios::binary} << text;
        ::_exit(0);
    }
    Outcome outcome;
    ::waitpid(child, &outcome.status, 0);
    outcome.complaint = read_file(complaint);
    const std::string text = read_file(result);
    std::size_t at = 0;
    outcome.opened = take(text, at) == "1";
    outcome.error = take(text, at);
    outcome.repairs = take(text, at);
    outcome.answers = take(text, at);
    outcome.events = take(text, at);
    outcome.sound = take(text, at) == "1";
    outcome.problem = take(text, at);
    outcome.again = take(text, at);
    return outcome;
}

// The process ended as the documentation of fatal_storage says.
bool ended_as_documented(const Outcome& outcome) {
    return WIFSIGNALED(outcome.status) && WTERMSIG(outcome.status) == SIGABRT &&
           outcome.complaint.find("tenure: storage failure: ") != std::string::npos;
}

class Damaged : public ::testing::Test {
protected:
    testing::TempDir dir_;
    std::string clean_ = dir_ / "clean";      // stopped
    std::string crashed_ = dir_ / "crashed";  // its program ended without
    Outcome whole_;
    std::map<std::string, int> counts_;
    std::uint64_t seed_ = number_from("TENURE_SEED", 20'240'102);
    SeededRandom random_{seed_};

    void SetUp() override {
        std::printf("TENURE_SEED=%llu\n", static_cast<unsigned long long>(seed_));
        SystemClock clock;
        SeededRandom random{1};
        ASSERT_TRUE(
            node::Node::create(clean_, {std::string(tenant), "owner"}, clock, random, options())
                .has_value());
        {
            auto opened = node::Node::open(clean_, clock, random, options());
            ASSERT_TRUE(opened.has_value());
            ASSERT_TRUE(fill(*opened.value()));
        }
        fs::copy(clean_, crashed_, fs::copy_options::recursive);
        const pid_t child = ::fork();
        if (child == 0) {
            auto opened = node::Node::open(crashed_, clock, random, options());
            domain::CreatePrincipal user;
            user.principal.id = "last";
            ::_exit(opened && opened.value()->submit(one(user)) ? 0 : 1);
        }
        int status = 0;
        ::waitpid(child, &status, 0);
        ASSERT_EQ(status, 0);
    }

    // What the store is without damage.
    void look_at(const std::string& store) {
        const std::string copy = copy_of(store);
        whole_ = outcome_of(copy, dir_.path());
        ASSERT_EQ(whole_.status, 0) << whole_.complaint;
        ASSERT_TRUE(whole_.sound) << whole_.error << whole_.problem;
        ASSERT_EQ(whole_.again.find_first_of("n!"), std::string::npos) << whole_.again;
    }

    std::string copy_of(const std::string& store) {
        const std::string copy = dir_ / "copy";
        fs::remove_all(copy);
        fs::copy(store, copy, fs::copy_options::recursive);
        return copy;
    }

    // A bit of the file: in a page's header, among its pointers, in the first two pages, anywhere.
    std::uint64_t random_bit(std::uint64_t bytes) {
        constexpr std::uint64_t page = 4'096;
        const std::uint64_t pages = bytes / page;
        std::uint64_t at = 0;
        switch (random_.below(4)) {
            case 0:
                at = random_.below(pages) * page + random_.below(16);
                break;
            case 1:
                at = random_.below(pages) * page + random_.below(200);
                break;
            case 2:
                at = random_.below(2) * page + random_.below(160);
                break;
            default:
                at = random_.below(bytes);
                break;
        }
        return at * 8 + random_.below(8);
    }

    static void flip(const std::string& file, std::uint64_t bit) {
        const int fd = ::open(file.c_str(), O_RDWR | O_CLOEXEC);
        ASSERT_GE(fd, 0);
        std::uint8_t byte = 0;
        const auto at = static_cast<off_t>(bit / 8);
        EXPECT_EQ(::pread(fd, &byte, 1, at), 1);
        byte = static_cast<std::uint8_t>(byte ^ (1U << (bit % 8)));
        EXPECT_EQ(::pwrite(fd, &byte, 1, at), 1);
        ::close(fd);
    }

    // Judges one outcome; true if there is nothing more to look at.
    bool judge(const Outcome& outcome) {
        if (ended_as_documented(outcome)) {
            ++counts_["ended with a message"];
            return false;
        }
        EXPECT_EQ(outcome.status, 0) << outcome.complaint;
        if (outcome.status != 0) return true;
        if (!outcome.opened) {
            EXPECT_GT(outcome.error.size(), 20);
            ++counts_["refused"];
            return true;
        }
        EXPECT_EQ(outcome.answers, whole_.answers) << outcome.repairs << outcome.problem;
        // Events and command ids come from the log: whole, or not at all.
        if (outcome.events[0] != '!') {
            EXPECT_EQ(outcome.events, whole_.events);
        }
        if (outcome.again != whole_.again) {
            EXPECT_FALSE(outcome.sound) << outcome.again;
            EXPECT_EQ(outcome.again.find('n'), std::string::npos)
                << "carried out again: " << outcome.again << outcome.problem;
        }
        ++counts_[outcome.repairs.empty() ? outcome.sound ? "no harm" : "found by verify"
                                          : "mended"];
        return true;
    }

    void flip_bits(const std::string& store, const std::string& file, std::uint64_t times) {
        look_at(store);
        if (HasFatalFailure()) return;
        const std::uint64_t bytes = fs::file_size(store + file);
        for (std::uint64_t i = 0; i < times; ++i) {
            const std::uint64_t bit = random_bit(bytes);
            SCOPED_TRACE(file + ", byte " + number(bit / 8) + " (page " + number(bit / 8 / 4'096) +
                         " + " + number(bit / 8 % 4'096) + "), bit " + number(bit % 8));
            const std::string copy = copy_of(store);
            flip(copy + file, bit);
            // A program that had to end is started again: then it must be an error or mended.
            bool settled = false;
            for (int attempt = 0; attempt < 2 && !settled; ++attempt)
                settled = judge(outcome_of(copy, dir_.path()));
            if (file.starts_with("/index")) {
                EXPECT_TRUE(settled) << "ends each time";
            }
        }
        for (const auto& [what, count] : counts_) std::printf("%4d %s\n", count, what.c_str());
    }

    static std::uint64_t times() { return number_from("TENURE_FAULT_FLIPS", 100); }
};

TEST_F(Damaged, BitsOfAnIndexThatWasClosed) { flip_bits(clean_, "/index-1/data.mdb", times()); }

TEST_F(Damaged, BitsOfAnIndexThatWasNotClosed) {
    flip_bits(crashed_, "/index-1/data.mdb", times());
}

TEST_F(Damaged, BitsOfALogThatWasClosed) { flip_bits(clean_, "/log/data.mdb", times()); }

TEST_F(Damaged, BitsOfALogThatWasNotClosed) { flip_bits(crashed_, "/log/data.mdb", times()); }

TEST_F(Damaged, BitsOfTheCommandLookup) {
    flip_bits(clean_, "/log/commands/data.mdb", times() / 2);
    flip_bits(crashed_, "/log/commands/data.mdb", times() / 2);
}

TEST_F(Damaged, VerifyNamesTheRevisionOfAFlippedBit) {
    look_at(clean_);
    const std::string bytes = read_file(clean_ + "/log/data.mdb");
    int named = 0;
    for (std::uint64_t u = 0; u < users; u += 9) {
        // In the text of the event, wherever a copy of its page lies.
        const std::string text = "make-u" + number(u);
        const std::string copy = copy_of(clean_);
        for (std::size_t at = bytes.find(text); at != std::string::npos;
             at = bytes.find(text, at + 1))
            flip(copy + "/log/data.mdb", at * 8 + 1);
        const Outcome outcome = outcome_of(copy, dir_.path());
        EXPECT_EQ(outcome.status, 0);
        const std::string said = outcome.error + outcome.problem;
        const std::size_t line = whole_.events.find("\"commandId\":\"" + text + "\"");
        ASSERT_NE(line, std::string::npos);
        const std::size_t begin = whole_.events.rfind("{\"revision\":", line) + 12;
        const std::string revision =
            whole_.events.substr(begin, whole_.events.find(',', begin) - begin);
        EXPECT_NE(said.find("revision " + revision + " "), std::string::npos) << said;
        ++named;
    }
    EXPECT_GT(named, 5);
}

TEST_F(Damaged, CutFiles) {
    look_at(clean_);
    for (const std::string& store : {clean_, crashed_}) {
        look_at(store);
        for (const std::string file :
             {"/log/data.mdb", "/index-1/data.mdb", "/log/commands/data.mdb"})
            for (int i = 0; i < 12; ++i) {
                const std::string copy = copy_of(store);
                const std::uint64_t bytes = random_.below(fs::file_size(store + file));
                SCOPED_TRACE(file + " cut to " + number(bytes));
                fs::resize_file(copy + file, i % 2 == 0 ? bytes / 4'096 * 4'096 : bytes);
                bool settled = false;
                for (int attempt = 0; attempt < 2 && !settled; ++attempt)
                    settled = judge(outcome_of(copy, dir_.path()));
                EXPECT_TRUE(settled);
            }
    }
    for (const auto& [what, count] : counts_) std::printf("%4d %s\n", count, what.c_str());
}

TEST_F(Damaged, PagesOfZeros) {
    for (const std::string& store : {clean_, crashed_}) {
        look_at(store);
        for (const std::string file : {"/log/data.mdb", "/index-1/data.mdb"})
            for (int i = 0; i < 12; ++i) {
                const std::string copy = copy_of(store);
                const std::uint64_t page = random_.below(fs::file_size(store + file) / 4'096);
                SCOPED_TRACE(file + ", page " + number(page));
                const int fd = ::open((copy + file).c_str(), O_RDWR | O_CLOEXEC);
                const std::string zeros(4'096, '\0');
                EXPECT_EQ(
                    ::pwrite(fd, zeros.data(), zeros.size(), static_cast<off_t>(page * 4'096)),
                    static_cast<ssize_t>(zeros.size()));
                ::close(fd);
                bool settled = false;
                for (int attempt = 0; attempt < 2 && !settled; ++attempt)
                    settled = judge(outcome_of(copy, dir_.path()));
                if (file.starts_with("/index")) {
                    EXPECT_TRUE(settled);
                }
            }
    }
    for (const auto& [what, count] : counts_) std::printf("%4d %s\n", count, what.c_str());
}

}  // namespace
}  // namespace tenure::fault
