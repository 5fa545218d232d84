#pragma once
// Comparing copies of one log: the roots of the logs' trees, and the digests of the indexes, as of
// a revision both have. Nobody is stopped for it: what comes later changes neither.

#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "commands/program.h"
#include "node/node.h"
#include "server/http_client.h"

namespace tenure::commands {

// A copy that is compared. One thread.
class Compared {
public:
    virtual ~Compared() = default;
    // How it was named: a URL or a directory.
    virtual const std::string& name() const = 0;
    // Of the newest revision, if none is given.
    virtual Result<node::LogRoot> root(std::optional<Revision> at) = 0;
    // Reads the whole index there: it may take minutes.
    virtual Result<node::IndexDigest> digest(Revision at) = 0;
};

// At a server, which needs no token for it.
class ComparedServer final : public Compared {
public:
    // `ca_file`: as of HttpClient. Where the server wants it to wait, `program` does, which
    // outlives it.
    ComparedServer(const Program& program, server::ServerUrl url, const std::string& ca_file);

    const std::string& name() const override { return quick_.url().text; }

    Result<node::LogRoot> root(std::optional<Revision> at) override;
    Result<node::IndexDigest> digest(Revision at) override;

private:
    Result<std::string> ask(server::HttpClient& client, const std::string& path,
                            std::optional<Revision> at);
    const Program& program_;
    server::HttpClient quick_;
    server::HttpClient patient_;
};

// A store's files.
class ComparedStore final : public Compared {
public:
    // Shows the progress of a digest by `program`, which outlives it.
    ComparedStore(Program& program, std::string directory, std::unique_ptr<node::Node> node);

    const std::string& name() const override { return directory_; }

    Result<node::LogRoot> root(std::optional<Revision> at) override;
    Result<node::IndexDigest> digest(Revision at) override;

private:
    Program& program_;
    const std::string directory_;
    const std::unique_ptr<node::Node> node_;
};

struct Comparison {
    struct Side {
        std::string name;
        node::LogRoot newest;  // when it was asked first
        std::string root;      // as of log_at
        std::optional<node::IndexDigest> index;
    };

    Side here;
    Side there;
    Revision log_at;                            // the smaller of the newest
    Revision index_at;                          // the smallest of that and what the indexes have
    std::optional<Revision> first_other_entry;  // the logs part there

    bool same_log() const { return here.newest.log_id == there.newest.log_id; }

    // Only if they are, the indexes were looked at.
    bool logs_equal() const { return same_log() && !first_other_entry; }

    bool equal() const {
        return logs_equal() && here.index && there.index &&
               here.index->digest == there.index->digest;
    }
};

// Errors: of either side, which the detail names; unavailable where the indexes are of two versions
// or one of them has nothing yet.
Result<Comparison> compare(Compared& here, Compared& there);

}  // namespace tenure::commands
