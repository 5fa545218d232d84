// What the program says with --server is what it says with --store: every subcommand that speaks to
// a server, in text and in JSON, with its exit code; and what it refuses.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "free_port.h"
#include "script.h"
#include "support/temp_store.h"

namespace tenure::testing {
namespace {

namespace fs = std::filesystem;

// Commands to make the store with; the owner's token gives every right.
constexpr std::string_view setup = R"(tenure init --tenant contoso --owner maya
tenure apply team.jsonl --actor maya --reason "the vision team starts" --ticket IT-7
tenure token issue maya --table > maya.token
)";

constexpr std::string_view team =
    R"({"type":"role.define","data":{"role":"builder","name":"Builder","actions":["Contoso.Build/*"],"notActions":["Contoso.Build/secrets/*"],"dataActions":["Contoso.Build/logs/read"],"assignableScopes":["/projects"]}}
{"type":"role.define","data":{"role":"viewer","name":"Build Viewer","actions":["Contoso.Build/*/read"],"assignableScopes":["/projects"]}}
{"type":"principal.create","data":{"principal":"builders","kind":"group","displayName":"Builders"}}
{"type":"principal.create","data":{"principal":"devi","kind":"user","displayName":"Devi Raman"}}
{"type":"principal.create","data":{"principal":"lee","kind":"user","displayName":"Lee"}}
{"type":"group.addMember","data":{"group":"builders","member":"devi"}}
{"type":"assignment.create","data":{"assignment":"a-1","role":"builder","principal":"builders","scope":"/projects/vision"}}
{"type":"assignment.create","data":{"assignment":"a-2","role":"viewer","principal":"lee","scope":"/projects","condition":"@Environment[place] StringEquals 'office'","conditionVersion":"2.0"}}
{"type":"deny.create","data":{"deny":"d-1","scope":"/projects/vision/frozen","principals":["devi"],"actions":["Contoso.Build/jobs/*"]}}
{"type":"invitation.create","data":{"invitation":"i-1","principal":"kim","email":"kim@partner.example","expiresAt":"2030-01-01T00:00:00Z"}}
{"type":"group.removeMember","data":{"group":"builders","member":"devi"}}
{"type":"group.addMember","data":{"group":"builders","member":"devi"},"reason":"back again"}
)";

class Remote : public ::testing::Test {
protected:
    Remote() {
        fs::create_directory(work_);
        write("team.jsonl", team);
        write("office.json", R"({"environment":{"place":"office"}})");
        write(
            "questions.jsonl",
            R"({"principal":"devi","action":"Contoso.Build/jobs/write","scope":"/projects/vision","expected":"allow"}
{"principal":"lee","action":"Contoso.Build/jobs/read","scope":"/projects","attributes":{"environment":{"place":"office"}},"expected":"allow"}
{"principal":"lee","action":"Contoso.Build/jobs/read","scope":"/projects","expected":"allow"}
{"principal":"devi","action":"Contoso.Build/*","scope":"/"}
{"kind":"who-can","action":"Contoso.Build/jobs/read","scope":"/projects/vision"}
{"kind":"what-can","principal":"devi","action":"Contoso.Build/jobs/write","revision":11}
{"tenant":"elsewhere","principal":"devi","action":"a/read","scope":"/"}
no question
)");
        write("more.jsonl", R"({"type":"principal.create","data":{"principal":"mo","kind":"user"}}
{"type":"principal.create","data":{"principal":"devi","kind":"user"}}
{"type":"group.addMember","data":{"group":"builders","member":"mo"},"reason":"helps out"}
{"type":"assignment.update","data":{"assignment":"a-2","condition":null,"start":"2025-01-01T00:00:00Z"}}
no command
)");
        write("pair.jsonl", R"({"type":"principal.create","data":{"principal":"po","kind":"user"}}
{"type":"group.addMember","data":{"group":"builders","member":"po"}}
)");
        write(
            "roles.json",
            R"([{"id":"viewer","roleName":"Build Viewer","actions":["Contoso.Build/*/read","Contoso.Test/*/read"],"assignableScopes":["/projects"]},{"id":"tester","roleName":"Tester","actions":["Contoso.Test/*"],"assignableScopes":["/projects"]}])");
        const Block made = shell("set -e\n" + std::string(setup) + "cp -r store twin");
        EXPECT_EQ(made.exit_code, 0) << script_text({made});
    }

    ~Remote() override {
        if (serving_)
            shell("kill -TERM $(cat server.pid); tail --pid=$(cat server.pid) -f /dev/null");
    }

    void write(const std::string& name, std::string_view text) {
        std::ofstream{work_ + '/' + name} << text;
    }

    // Commands of sh, at a moment that stands still.
    Block shell(const std::string& commands, const std::string& now = "2025-03-03T09:00:00Z") {
        Block block;
        block.kind = Block::Kind::command;
        block.head = commands;
        return run(block, work_,
                   {"PATH=" + fs::path{TENURE_PROGRAM}.parent_path().string() + ":/usr/bin:/bin",
                    "TENURE_STORE=store", "TENURE_TEST_NOW=" + now, "HOME=" + work_});
    }

    void serve() {
        const Block started =
            shell("tenure serve --port " + port_ +
                  " > server.log 2>&1 & echo $! > server.pid\n"
                  "curl -s --retry 60 --retry-connrefused --retry-delay 1 http://127.0.0.1:" +
                  port_ + "/readyz");
        serving_ = true;
        ASSERT_EQ(started.output, std::vector<std::string>{"ready"}) << script_text({started});
    }

    std::string at_server(const std::string& token_file = "maya.token") const {
        return " --server http://127.0.0.1:" + port_ + " --token-file " + token_file +
               " --tenant contoso";
    }

    // The command alone, so that only what it said is compared.
    static std::string said(Block block) {
        block.head = "tenure";
        return script_text({block});
    }

    TempDir temp_;
    const std::string work_ = temp_ / "work";
    const std::string port_ = free_port();
    bool serving_ = false;
};

TEST_F(Remote, AsksAServerAsItAsksAStore) {
    const std::vector<std::string> commands{
        "check devi Contoso.Build/jobs/write /projects/vision/jobs/7",
        "check devi Contoso.Build/secrets/read /projects/vision",
        "check devi Contoso.Build/logs/read /projects/vision --data",
        "check devi Contoso.Build/jobs/write /projects/vision --revision 9",
        "check devi Contoso.Build/jobs/write /projects/vision --at 2025-03-01",
        "check devi Contoso.Build/jobs/write /projects/vision --at now --known-at 2025-03-03",
        "check lee Contoso.Build/jobs/read /projects",
        "check lee Contoso.Build/jobs/read /projects --attributes office.json --sub-operation x",
        "check lee Contoso.Build/jobs/read /projects --attributes missing.json",
        "check devi 'Contoso.Build/*' /projects",
        "check devi Contoso.Build/jobs/write /projects --at yesterday",
        "check devi Contoso.Build/jobs/write /projects --at now --revision 3",
        "check '' Contoso.Build/jobs/write /projects",
        "check nobody Contoso.Build/jobs/write /projects",
        "explain devi Contoso.Build/jobs/write /projects/vision/jobs/7",
        "explain devi Contoso.Build/jobs/write /projects/vision/frozen/7",
        "explain lee Contoso.Build/jobs/read /projects",
        "explain devi Contoso.Build/jobs/write /projects/vision --revision 15",
        "when devi Contoso.Build/jobs/write /projects/vision",
        "when devi Contoso.Other/read /projects/vision",
        "who-can Contoso.Build/jobs/read /projects/vision",
        "who-can Contoso.Build/jobs/read /projects/vision --groups --attributes office.json",
        "who-can Contoso.Build/jobs/read /projects/vision --limit 1",
        "what-can devi Contoso.Build/jobs/write",
        "what-can devi",
        "what-can devi Contoso.Build/jobs/write --within '/projects/*'",
        "what-can devi --limit 1 --cursor nonsense",
        "diff 9 now",
        "diff 9 --principal devi",
        "diff 15 16",
        "diff ''",
        "history principal devi",
        "history role builder",
        "history scope /projects/vision",
        "history assignment a-1 --revision 12",
        "history deny d-1",
        "history invitation i-1",
        "history principal nobody",
        "history eligibility none",
        "events",
        "events --type assignment --actor maya",
        "events --from 4 --to 9 --limit 3",
        "events --object devi --since 2025-03-03 --until now",
        "events --type nonsense",
        "role list",
        "role list --scope /projects/vision",
        "role show builder",
        "role show 'Build Viewer' --at now",
        "role show none",
        "role who builder --groups",
        "role who builder --scope /projects/vision/x",
        "role diff builder viewer",
        "role diff builder --from 1",
        "role diff builder",
        "role least --action Contoso.Build/jobs/read --action Contoso.Build/jobs/write",
        "role least --action Contoso.None/read --scope /projects",
        "role least",
        "role export",
        "role export builder viewer --custom",
        "whoami --principal devi",
        "whoami --principal lee --scope /projects/x",
        "whoami --principal nobody",
        "ask questions.jsonl",
        "ask questions.jsonl --expect",
        "ask missing.jsonl"};
    std::vector<std::string> forms{" --table", " --json"};
    std::vector<std::string> local;
    for (const std::string& command : commands)
        for (const std::string& form : forms)
            local.push_back(said(shell("tenure " + command + form)));
    serve();
    std::size_t next = 0;
    for (const std::string& command : commands)
        for (const std::string& form : forms)
            EXPECT_EQ(said(shell("tenure " + command + form + at_server())), local[next++])
                << command << form;
}

TEST_F(Remote, ChangesAServersStoreAsItChangesAStore) {
    // At a server the token's principal acts; in a directory one says so.
    const std::vector<std::string> commands{
        "apply more.jsonl --reason 'from a file'",
        "apply pair.jsonl --atomic --command-id pair-1 --ticket T-1",
        "apply pair.jsonl --atomic --command-id pair-1 --ticket T-1",
        "apply pair.jsonl --atomic --expected-revision 3",
        "apply pair.jsonl --expected-revision 3",
        "apply team.jsonl --atomic",
        "grant give azure-ai-foundry project-member pm-lee lee --at hub=/projects",
        "grant undo pm-lee",
        "invite i-2 ro@partner.example --name Ro --expires 2031-01-01",
        "invite i-2 ro@partner.example",
        "reinvite i-2",
        "role import roles.json",
        "role import roles.json",
        "token issue lee --name robot",
        "token revoke tok-none"};
    std::vector<std::string> local;
    for (const std::string& command : commands)
        local.push_back(said(shell("tenure " + command + " --store twin --actor maya --json")));
    serve();
    int minute = 10;
    for (std::size_t i = 0; i < commands.size(); ++i)
        // Each at a minute of its own, as commands have: their ids are made of it.
        EXPECT_EQ(said(shell("tenure " + commands[i] + at_server() + " --json",
                             "2025-03-03T09:" + std::to_string(minute++) + ":00Z")),
                  local[i])
            << commands[i];
}

TEST_F(Remote, ListsTokensWithWhatTheServerKnowsOfTheirUse) {
    const auto text = [&](const std::string& command) {
        return said(shell("tenure token list " + command));
    };
    const auto has = [](const std::string& said, const std::string& part) {
        return said.find(part) != std::string::npos;
    };
    const std::string local = text("--json");
    EXPECT_TRUE(has(local, R"("principal":"maya")")) << local;
    EXPECT_FALSE(has(local, "lastUsed")) << local;
    const std::string table = text("--table");
    EXPECT_TRUE(has(table, "LAST USED") && has(table, "ask with --server")) << table;
    EXPECT_FALSE(has(text("--json --revision 1"), "maya"));
    serve();
    const std::string asked = text("--json --principal maya" + at_server());
    EXPECT_TRUE(has(asked, R"("lastUsed":"2025-03-03T09:00:)")) << asked;
    EXPECT_TRUE(has(asked, R"("usesSince":"2025-03-03T09:00:)")) << asked;
    const std::string shown = text("--table" + at_server());
    EXPECT_TRUE(has(shown, "at this server, since it started at 2025-03-03T09:00:")) << shown;
}

TEST_F(Remote, RefusesWhatItCannotOrShouldNotDo) {
    serve();
    const auto refuses = [&](const std::string& command, int exit_code, const std::string& part) {
        const Block block = shell("tenure " + command);
        EXPECT_EQ(block.exit_code, exit_code) << command;
        ASSERT_FALSE(block.errors.empty()) << command;
        EXPECT_NE(block.errors.front().find(part), std::string::npos) << command << '\n'
                                                                      << block.errors.front();
    };
    const std::string check = "check lee Contoso.Build/jobs/read /projects";
    const std::string server = " --server http://127.0.0.1:" + port_ + " --tenant contoso";
    refuses(check + server, 3, "wants a token");
    shell(
        "curl -s -H \"Authorization: Bearer $(cat maya.token)\" -H 'Content-Type: "
        "application/json' "
        "http://127.0.0.1:" +
        port_ +
        "/v1/tenants/contoso/tokens -d '{\"principal\":\"devi\"}' | "
        "sed 's/.*\"token\":\"//; s/\".*//' > devi.token");
    refuses(check + at_server("devi.token"), 3, "'devi' needs Tenure.Access/decisions/read");
    shell("sed 's/^tenure_..../tenure_xxxx/' maya.token > wrong.token; : > empty.token");
    refuses(check + at_server("wrong.token"), 3, "token");
    refuses(check + at_server("empty.token"), 2, "does not hold a token");
    refuses(check + at_server("none.token"), 2, "cannot read");
    refuses(check + at_server() + " --store store", 2, "give one of them");
    refuses(check + at_server() + " --profile x", 2, "give one of them");
    refuses(check + " --token-file maya.token", 2, "go with --server");
    refuses(check + " --server http://127.0.0.1:" + port_ + " --token-file maya.token", 3,
            "not one of this tenant");
    refuses(check + " --server ftp://x --tenant contoso", 2, "is not a URL");
    refuses(check + " --server http://access.example.com --token-file maya.token", 2,
            "in the clear");
    refuses(check + " --server http://127.0.0.1:1 --token-file maya.token", 3,
            "Connection refused");
    refuses(check + " --server https://127.0.0.1:" + port_ + " --token-file maya.token", 3,
            "cannot ask");
    refuses("apply pair.jsonl --actor maya" + at_server(), 2, "the token says who asks");
    for (const std::string command :
         {"init", "verify", "rebuild", "backup b", "restore b", "export", "import team.jsonl",
          "serve", "catalog list", "catalog apply azure-2015", "version"})
        refuses(command + at_server(), 2, "does not go through a server");
    const Block status =
        shell("tenure status" + at_server() + " --table | grep -E '^(connections|limits hit) '");
    EXPECT_EQ(status.output.size(), 2U) << script_text({status});
}

TEST_F(Remote, KnowsServersByProfiles) {
    const std::string check = "tenure check devi Contoso.Build/jobs/write /projects/vision --table";
    const std::string allow = shell(check).output.front();
    EXPECT_TRUE(allow.starts_with("allow  as of ")) << allow;
    serve();
    shell("mkdir -p .config/tenure; cp maya.token .config/tenure/");
    const std::string file = ".config/tenure/profiles.toml";
    const std::string head =
        "[profiles.work]\nserver = \"http://127.0.0.1:" + port_ + "\"\ntenant = \"contoso\"\n";
    const auto answer = [&](const std::string& more) {
        const Block block = shell("chmod 600 " + file + "; " + more);
        return block.output.empty() ? said(block) : block.output.front();
    };

    write(file, head + "token_file = \"maya.token\"\n");
    EXPECT_EQ(answer(check + " --profile work"), allow);
    EXPECT_EQ(answer("TENURE_STORE= TENURE_PROFILE=work " + check), allow);
    EXPECT_NE(answer("TENURE_PROFILE=work " + check).find("are both set"), std::string::npos);
    EXPECT_EQ(answer("TENURE_PROFILE=work " + check + " --store store 2>&1 | grep -c 'is open in'"),
              "1");
    EXPECT_NE(answer(check + " --profile home").find("there is no profile 'home'; there are work"),
              std::string::npos);

    shell("printf '%stoken = \"%s\"\\n' '" + head + "' $(cat maya.token) > " + file);
    EXPECT_EQ(answer(check + " --profile work"), allow);
    const std::string open_to_all = answer("chmod 644 " + file + "; " + check + " --profile work");
    EXPECT_NE(open_to_all.find("others can read it"), std::string::npos);
    EXPECT_EQ(open_to_all.find("tenure_"), std::string::npos);

    write(file, head + "tokn = \"tenure_secret\"\n");
    const std::string mistyped = answer(check + " --profile work");
    EXPECT_NE(mistyped.find("'tokn' is not a setting of a profile (line 4)"), std::string::npos)
        << mistyped;
    EXPECT_EQ(mistyped.find("tenure_secret"), std::string::npos);
}

}  // namespace
}  // namespace tenure::testing
