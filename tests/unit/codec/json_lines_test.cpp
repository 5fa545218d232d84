#include "codec/json_lines.h"

#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <string>
#include <vector>

#include "codec/command_bytes.h"
#include "domain/decide.h"
#include "support/random_events.h"

namespace tenure::codec {
namespace {

using testing::event_kinds;
using testing::random_event;
using testing::seed_under_test;

const LineDefaults live{.tenant = "contoso", .actor = "dana@contoso.example"};
const LineDefaults importing{
    .tenant = "contoso", .importing = true, .imported_by = "admin@contoso.example"};

std::string line_of(std::string_view type, std::string_view data) {
    return "{\"type\":\"" + std::string(type) + "\",\"data\":" + std::string(data) + "}";
}

domain::Command parsed(std::string_view line, const LineDefaults& defaults = live) {
    auto command = parse_command_line(line, defaults);
    EXPECT_TRUE(command.has_value())
        << line << "\n"
        << (command ? "" : command.error().field + ": " + command.error().detail);
    return command ? std::move(command.value()) : domain::Command{};
}

// The body of a live command with this data.
template <class Body>
Body body_of(std::string_view type, std::string_view data) {
    const domain::Command command = parsed(line_of(type, data));
    EXPECT_EQ(domain::type_of(command.body), type);
    const auto* body = std::get_if<Body>(&command.body);
    EXPECT_NE(body, nullptr) << type;
    return body == nullptr ? Body{} : *body;
}

TEST(CommandLine, TakesDefaultsForWhatItLeavesOut) {
    const domain::Command command = parsed(line_of("tenant.seal", "{}"));
    EXPECT_EQ(command.tenant, "contoso");
    EXPECT_EQ(command.actor, "dana@contoso.example");
    EXPECT_EQ(command.effective_at, std::nullopt);
    EXPECT_EQ(command.imported_by, "");
}

TEST(CommandLine, SaysWhoAndWhy) {
    const domain::Command command = parsed(
        R"({"tenant":"fabrikam","actor":"noor@fabrikam.example","reason":"joins \"web\"",)"
        R"("ticket":"CHG-7","type":"group.addMember","data":{"group":"web","member":"lee"}})");
    EXPECT_EQ(command.tenant, "fabrikam");
    EXPECT_EQ(command.actor, "noor@fabrikam.example");
    EXPECT_EQ(command.reason, "joins \"web\"");
    EXPECT_EQ(command.ticket, "CHG-7");
}

TEST(CommandLine, OfImportedHistory) {
    const domain::Command command =
        parsed(R"({"time":"2019-03-01T12:00:00Z","actor":"lee","source":"org@d89f8e2",)"
               R"("type":"group.removeMember","data":{"group":"web","member":"noor"}})",
               importing);
    EXPECT_EQ(command.effective_at, parse_instant("2019-03-01T12:00:00Z", "").value());
    EXPECT_EQ(command.actor, "lee");
    EXPECT_EQ(command.source, "org@d89f8e2");
    EXPECT_EQ(command.imported_by, "admin@contoso.example");
    EXPECT_TRUE(std::holds_alternative<domain::RemoveMember>(command.body));
}

TEST(CommandLine, TenantCreate) {
    const auto body = body_of<domain::CreateTenant>(
        "tenant.create", R"({"displayName":"Contoso","openForImport":true,"owner":"dana"})");
    EXPECT_EQ(body.display_name, "Contoso");
    EXPECT_TRUE(body.open_for_import);
    EXPECT_EQ(body.owner, "dana");
}

TEST(CommandLine, PrincipalCreate) {
    const auto body = body_of<domain::CreatePrincipal>(
        "principal.create",
        R"({"principal":"dana","kind":"servicePrincipal","displayName":"Dana","email":"d@c.example",)"
        R"("userType":"guest","redemption":"pending",)"
        R"("attributes":{"a":true,"b":[1,-2],"c":["x","y"],"d":"z","e":7,"f":[]}})");
    const domain::Principal expected{.id = "dana",
                                     .kind = domain::PrincipalKind::service_principal,
                                     .user_type = domain::UserType::guest,
                                     .redemption = domain::Redemption::pending,
                                     .display_name = "Dana",
                                     .email = "d@c.example",
                                     .attributes = {{"a", true},
                                                    {"b", std::vector<std::int64_t>{1, -2}},
                                                    {"c", std::vector<std::string>{"x", "y"}},
                                                    {"d", std::vector<std::string>{"z"}},
                                                    {"e", std::vector<std::int64_t>{7}},
                                                    {"f", std::vector<std::string>{}}}};
    EXPECT_TRUE(body.principal == expected);
}

TEST(CommandLine, PrincipalUpdateTellsAbsentFromEmpty) {
    auto body = body_of<domain::UpdatePrincipal>("principal.update", R"({"principal":"dana"})");
    EXPECT_EQ(body.display_name, std::nullopt);
    EXPECT_EQ(body.email, std::nullopt);
    EXPECT_EQ(body.user_type, std::nullopt);
    EXPECT_EQ(body.attributes, std::nullopt);
    body = body_of<domain::UpdatePrincipal>(
        "principal.update",
        R"({"principal":"dana","displayName":"","email":"","userType":"member","attributes":{}})");
    EXPECT_EQ(body.display_name, "");
    EXPECT_EQ(body.email, "");
    EXPECT_EQ(body.user_type, domain::UserType::member);
    EXPECT_EQ(body.attributes, std::vector<domain::Attribute>{});
}

TEST(CommandLine, PrincipalLifeCycle) {
    EXPECT_EQ(
        body_of<domain::DisablePrincipal>("principal.disable", R"({"principal":"lee"})").principal,
        "lee");
    EXPECT_EQ(
        body_of<domain::EnablePrincipal>("principal.enable", R"({"principal":"lee"})").principal,
        "lee");
    const auto kept =
        body_of<domain::DeletePrincipal>("principal.delete", R"({"principal":"lee"})");
    EXPECT_FALSE(kept.remove_all);
    const auto all = body_of<domain::DeletePrincipal>("principal.delete",
                                                      R"({"principal":"lee","removeAll":true})");
    EXPECT_TRUE(all.remove_all);
}

TEST(CommandLine, Members) {
    const auto added =
        body_of<domain::AddMember>("group.addMember", R"({"group":"web","member":"lee"})");
    EXPECT_EQ(added.group, "web");
    EXPECT_EQ(added.member, "lee");
    const auto removed =
        body_of<domain::RemoveMember>("group.removeMember", R"({"member":"lee","group":"web"})");
    EXPECT_EQ(removed.group, "web");
    EXPECT_EQ(removed.member, "lee");
}

TEST(CommandLine, Scopes) {
    const auto created = body_of<domain::CreateScope>(
        "scope.create",
        R"({"scope":"/subscriptions/s1","parent":"/groups/eu","displayName":"EU"})");
    EXPECT_EQ(created.scope, "/subscriptions/s1");
    EXPECT_EQ(created.parent, "/groups/eu");
    EXPECT_EQ(created.display_name, "EU");
    const auto moved =
        body_of<domain::MoveScope>("scope.move", R"({"scope":"/subscriptions/s1","parent":""})");
    EXPECT_EQ(moved.parent, "");
    EXPECT_EQ(body_of<domain::DeleteScope>("scope.delete", R"({"scope":"/a"})").scope, "/a");
}

TEST(CommandLine, RoleWithOneBlock) {
    const auto body = body_of<domain::DefineRole>(
        "role.define",
        R"({"role":"deployer","name":"Deployer","description":"Deploys","actions":["A/*"],)"
        R"("notActions":["A/delete"],"dataActions":["D/read"],"notDataActions":["D/x"],)"
        R"("assignableScopes":["/"],"builtIn":true})");
    domain::Role expected{.id = "deployer",
                          .name = "Deployer",
                          .description = "Deploys",
                          .built_in = true,
                          .assignable_scopes = {"/"}};
    expected.permissions = {{.actions = {"A/*"},
                             .not_actions = {"A/delete"},
                             .data_actions = {"D/read"},
                             .not_data_actions = {"D/x"}}};
    EXPECT_TRUE(body.role == expected);
}

TEST(CommandLine, RoleWithBlocks) {
    const auto body = body_of<domain::UpdateRole>(
        "role.update",
        R"({"role":"r","name":"R","permissions":[{"actions":["A/*"]},)"
        R"({"dataActions":["D/*"],"condition":"@Resource[x] == 1","conditionVersion":"1.0"},)"
        R"({"condition":"true"},{}]})");
    ASSERT_EQ(body.role.permissions.size(), 4U);
    EXPECT_EQ(body.role.permissions[0].actions, std::vector<std::string>{"A/*"});
    EXPECT_TRUE(body.role.permissions[1].condition ==
                (domain::Condition{"@Resource[x] == 1", "1.0"}));
    EXPECT_TRUE(body.role.permissions[2].condition == (domain::Condition{"true", "2.0"}));
    EXPECT_EQ(body.role.permissions[3].condition, std::nullopt);
    EXPECT_TRUE(body_of<domain::DefineRole>("role.define", R"({"role":"r","name":"R"})")
                    .role.permissions.empty());
    EXPECT_EQ(body_of<domain::DeleteRole>("role.delete", R"({"role":"r"})").role, "r");
}

TEST(CommandLine, AssignmentCreate) {
    const auto body = body_of<domain::CreateAssignment>(
        "assignment.create",
        R"({"assignment":"a-1","principal":"lee","role":"reader","scope":"/s","condition":"c",)"
        R"("conditionVersion":"2.0","start":"2024-05-01","end":"2024-06-01T00:00:00.5Z",)"
        R"("description":"cover"})");
    const domain::Assignment expected{
        .id = "a-1",
        .principal = "lee",
        .role = "reader",
        .scope = "/s",
        .condition = domain::Condition{"c", "2.0"},
        .window = {.start = parse_instant("2024-05-01T00:00:00Z", "").value(),
                   .end = parse_instant("2024-06-01T00:00:00.5Z", "").value()},
        .description = "cover"};
    EXPECT_TRUE(body.assignment == expected);
    const auto plain = body_of<domain::CreateAssignment>(
        "assignment.create",
        R"({"assignment":"a","principal":"p","role":"r","scope":"/","condition":null,)"
        R"("start":null,"end":null})");
    EXPECT_EQ(plain.assignment.condition, std::nullopt);
    EXPECT_TRUE(plain.assignment.window.always());
}

TEST(CommandLine, AssignmentUpdateTellsAbsentFromTakenAway) {
    auto body = body_of<domain::UpdateAssignment>("assignment.update", R"({"assignment":"a"})");
    EXPECT_EQ(body.condition, std::nullopt);
    EXPECT_EQ(body.window, std::nullopt);
    EXPECT_EQ(body.description, std::nullopt);
    body = body_of<domain::UpdateAssignment>(
        "assignment.update", R"({"assignment":"a","condition":null,"end":null,"description":""})");
    ASSERT_NE(body.condition, std::nullopt);
    EXPECT_EQ(body.condition->text, "");
    ASSERT_NE(body.window, std::nullopt);
    EXPECT_TRUE(body.window->always());
    EXPECT_EQ(body.description, "");
    body = body_of<domain::UpdateAssignment>(
        "assignment.update", R"({"assignment":"a","condition":"","start":"2024-05-01"})");
    EXPECT_EQ(body.condition->text, "");
    EXPECT_NE(body.window->start, std::nullopt);
    EXPECT_EQ(body.window->end, std::nullopt);
}

TEST(CommandLine, AssignmentChangeRoleAndRevoke) {
    const auto changed = body_of<domain::ChangeAssignmentRole>(
        "assignment.changeRole", R"({"assignment":"a-1","role":"owner"})");
    EXPECT_EQ(changed.assignment, "a-1");
    EXPECT_EQ(changed.role, "owner");
    EXPECT_EQ(body_of<domain::RevokeAssignment>("assignment.revoke", R"({"assignment":"a-1"})")
                  .assignment,
              "a-1");
}

TEST(CommandLine, Denies) {
    const auto body = body_of<domain::CreateDeny>(
        "deny.create",
        R"({"deny":"d-1","name":"Freeze","description":"Q4","scope":"/s","principals":["*"],)"
        R"("doNotApplyToChildScopes":true,"excludePrincipals":["dana"],"actions":["*/write"]})");
    domain::DenyAssignment expected{.id = "d-1",
                                    .name = "Freeze",
                                    .description = "Q4",
                                    .scope = "/s",
                                    .not_below = true,
                                    .principals = {"*"},
                                    .excluded = {"dana"}};
    expected.permissions = {{.actions = {"*/write"}}};
    EXPECT_TRUE(body.deny == expected);
    EXPECT_EQ(body_of<domain::DeleteDeny>("deny.delete", R"({"deny":"d-1"})").deny, "d-1");
}

TEST(CommandLine, Invitations) {
    const auto body = body_of<domain::CreateInvitation>(
        "invitation.create",
        R"({"invitation":"i-1","principal":"kim","email":"kim@partner.example","name":"Kim",)"
        R"("roles":[{"role":"reader","scope":"/s"}],"expiresAt":"2024-06-01","secretHash":"ab",)"
        R"("userType":"member"})");
    EXPECT_EQ(body.user_type, domain::UserType::member);
    const domain::Invitation expected{.id = "i-1",
                                      .principal = "kim",
                                      .email = "kim@partner.example",
                                      .name = "Kim",
                                      .roles = {{"reader", "/s"}},
                                      .expires_at = parse_instant("2024-06-01", "").value(),
                                      .secret_hash = "ab"};
    EXPECT_TRUE(body.invitation == expected);
    const auto resent = body_of<domain::ResendInvitation>(
        "invitation.resend", R"({"invitation":"i-1","secretHash":"cd","expiresAt":null})");
    EXPECT_EQ(resent.secret_hash, "cd");
    EXPECT_EQ(resent.expires_at, std::nullopt);
    const std::string_view data = R"({"invitation":"i-1"})";
    EXPECT_EQ(body_of<domain::AcceptInvitation>("invitation.accept", data).invitation, "i-1");
    EXPECT_EQ(body_of<domain::RevokeInvitation>("invitation.revoke", data).invitation, "i-1");
    EXPECT_EQ(body_of<domain::ExpireInvitation>("invitation.expire", data).invitation, "i-1");
}

TEST(CommandLine, Settings) {
    const std::string type{domain::type_of(domain::CommandBody{domain::ChangeSettings{}})};
    const auto body =
        body_of<domain::ChangeSettings>(type, R"({"settings":{"guests.allowed":"false","a":""}})");
    EXPECT_TRUE(body.settings ==
                (std::vector<domain::Setting>{{"guests.allowed", "false"}, {"a", ""}}));
}

TEST(CommandLine, TypesOfCommandsAndEventsDiffer) {
    std::set<std::string_view> names(domain::event_types().begin(), domain::event_types().end());
    EXPECT_EQ(names.size(), event_kinds);
    for (const std::string_view name : domain::command_types())
        EXPECT_TRUE(names.insert(name).second) << name;
}

// A line that is refused: where, and some words of why.
struct Refused {
    std::string line;
    std::string field;
    std::string why;
};

void expect_refused(const Refused& expected, const Error& error) {
    EXPECT_EQ(error.code, Errc::invalid_argument) << expected.line;
    EXPECT_EQ(error.field, expected.field) << expected.line << "\n" << error.detail;
    EXPECT_NE(error.detail.find(expected.why), std::string::npos) << expected.line << "\n"
                                                                  << error.detail;
}

TEST(CommandLine, RefusesWhatIsNotJson) {
    const std::string deep = std::string(17, '[') + std::string(17, ']');
    for (const Refused& expected :
         std::vector<Refused>{{"", "", "incomplete"},
                              {"[]", "", "not a JSON object"},
                              {"{", "", "at byte 2"},
                              {"{} {}", "", "extra data"},
                              {"{'type':1}", "", "at byte 2"},
                              {"{\"type\":\"tenant.seal\",}", "", "syntax"},
                              {"{\"type\":\"a\xFF\"}", "", "at byte"},
                              {"{\"type\":\"\\ud800\"}", "", "syntax"},
                              {"{\"type\":" + deep + "}", "", "16 deep"}}) {
        const auto command = parse_command_line(expected.line, live);
        ASSERT_FALSE(command.has_value()) << expected.line;
        expect_refused(expected, command.error());
    }
}

TEST(CommandLine, RefusesWhatIsTooLarge) {
    const std::string text(json_line_length_max, ' ');
    EXPECT_TRUE(parse_command_line(line_of("tenant.seal", "{}") + text.substr(100), live));
    const auto longer = parse_command_line(line_of("tenant.seal", "{}") + text, live);
    ASSERT_FALSE(longer.has_value());
    EXPECT_EQ(longer.error().code, Errc::limit_exceeded);

    std::string members = "{\"a\":1";
    for (int i = 0; i < 200; ++i) members += ",\"a" + std::to_string(i) + "\":1";
    const auto many = parse_command_line(members + "}", live);
    ASSERT_FALSE(many.has_value());
    expect_refused({"", "", "128 members"}, many.error());

    std::string values = "[1";
    for (int i = 0; i < 300'000; ++i) values += ",1";
    const auto array = parse_command_line("{\"a\":" + values + "]}", live);
    ASSERT_FALSE(array.has_value());
    expect_refused({"", "", "262144 values"}, array.error());
}

TEST(CommandLine, RefusesByMember) {
    const auto with_data = [](std::string_view data) { return line_of("assignment.create", data); };
    const auto role = [](std::string_view data) { return line_of("role.define", data); };
    for (const Refused& expected : std::vector<Refused>{
             {"{}", "type", "missing"},
             {R"({"type":1})", "type", "1 is not a text"},
             {line_of("assignment.craete", "{}"), "type", "assignment.create"},
             {line_of("grant", "{}"), "type", "group.addMember"},
             {line_of("principal.created", "{}"), "type", "is an event"},
             {R"({"type":"tenant.seal"})", "data", "missing"},
             {R"({"type":"tenant.seal","data":[]})", "data", "an array is not an object"},
             {R"({"type":"tenant.seal","data":{},"extra":1})", "extra", "'extra' is not a member"},
             {R"({"type":"tenant.seal","data":{},"revision":1})", "revision", "not a member"},
             {R"({"time":"2024-05-01","type":"tenant.seal","data":{}})", "time", "imported"},
             {R"({"source":"x","type":"tenant.seal","data":{}})", "source", "imported"},
             {R"({"type":"tenant.seal","type":"tenant.seal","data":{}})", "type", "twice"},
             {R"({"actor":null,"type":"tenant.seal","data":{}})", "actor", "null is not a text"},
             {line_of("tenant.seal", R"({"x":1})"), "data.x", "none is expected"},
             {line_of("group.addMember", R"({"group":"g"})"), "data.member", "missing"},
             {line_of("group.addMember", R"({"group":"g","member":"m","membr":"m"})"), "data.membr",
              "group or member is expected"},
             {line_of("group.addMember", R"({"group":"g","member":"m","group":"h"})"), "data.group",
              "twice"},
             {line_of("group.addMember", R"({"group":{},"member":"m"})"), "data.group",
              "an object is not a text"},
             {line_of("principal.create", R"({"principal":"p","kind":"usr"})"), "data.kind",
              "'usr' is not user, group, servicePrincipal or managedIdentity"},
             {line_of("principal.create", R"({"principal":"p","kind":"user","attributes":[]})"),
              "data.attributes", "an array is not an object of names"},
             {line_of("principal.create",
                      R"({"principal":"p","kind":"user","attributes":{"a":[1,"x"]}})"),
              "data.attributes.a[1]", "'x' is not a whole number"},
             {line_of("principal.create",
                      R"({"principal":"p","kind":"user","attributes":{"a":[true]}})"),
              "data.attributes.a", "not the value of an attribute"},
             {line_of("principal.create",
                      R"({"principal":"p","kind":"user","attributes":{"a":1.5}})"),
              "data.attributes.a", "not whole"},
             {line_of("principal.create",
                      R"({"principal":"p","kind":"user","attributes":{"a":99999999999999999999}})"),
              "data.attributes.a", "too large"},
             {line_of("principal.delete", R"({"principal":"p","removeAll":"yes"})"),
              "data.removeAll", "'yes' is not true or false"},
             {role(R"({"role":"r","name":"R","actions":["a",5]})"), "data.actions[1]",
              "5 is not a text"},
             {role(R"({"role":"r","name":"R","actions":"a"})"), "data.actions",
              "'a' is not an array"},
             {role(R"({"role":"r","name":"R","permissions":[{},{"acts":[]}]})"),
              "data.permissions[1].acts", "notDataActions"},
             {role(R"({"role":"r","name":"R","permissions":[],"dataActions":[]})"),
              "data.dataActions", "not both"},
             {role(R"({"role":"r","name":"R","permissions":[{"conditionVersion":"2.0"}]})"),
              "data.permissions[0].conditionVersion", "without a condition"},
             {with_data(
                  R"({"assignment":"a","principal":"p","role":"r","scope":"/","end":"soon"})"),
              "data.end", "'soon' is not a time"},
             {with_data(R"({"assignment":"a","principal":"p","role":"r","scope":"/","start":5})"),
              "data.start", "5 is not a time"},
             {line_of("invitation.create",
                      R"({"invitation":"i","principal":"p","email":"e","roles":[{"role":"r"}]})"),
              "data.roles[0].scope", "missing"}}) {
        const auto command = parse_command_line(expected.line, live);
        ASSERT_FALSE(command.has_value()) << expected.line;
        expect_refused(expected, command.error());
    }
}

TEST(CommandLine, HistoryNeedsATime) {
    const auto command = parse_command_line(line_of("tenant.seal", "{}"), importing);
    ASSERT_FALSE(command.has_value());
    expect_refused({"", "time", "missing"}, command.error());
}

TEST(CommandLine, RefusingALongListIsQuick) {
    std::string values = "[1";
    for (int i = 0; i < 200'000; ++i) values += ",1";
    const auto command = parse_command_line(
        line_of("role.define", R"({"role":"r","name":"R","actions":)" + values + "]}"), live);
    ASSERT_FALSE(command.has_value());
    EXPECT_EQ(command.error().field, "data.actions[0]");
}

TEST(CommandLine, TextsWithEscapesAreWhole) {
    // Longer than the parser's buffer, so that it comes in parts.
    std::string escaped;
    std::string text;
    for (int i = 0; i < 3000; ++i) {
        escaped += R"(\u00e9\n)";
        text += "é\n";
    }
    const auto body = body_of<domain::AddMember>(
        "group.addMember", R"({"gr\u006fup":"web","member":")" + escaped + "\"}");
    EXPECT_EQ(body.group, "web");
    EXPECT_EQ(body.member, text);
}

TEST(EventLine, ReadsBackAsTheEventItWas) {
    SCOPED_TRACE("TENURE_SEED=" + std::to_string(seed_under_test()));
    SeededRandom random{seed_under_test()};
    for (int round = 0; round < 50; ++round) {
        for (std::size_t kind = 0; kind < event_kinds; ++kind) {
            domain::Event event = random_event(random, kind);
            if (round % 2 == 0) {
                event.revision = Revision{1 + random.below(1000)};
                event.term = Term{1};
                event.recorded_at = event.effective_at;
            }
            const std::string line = event_line(event);
            EXPECT_EQ(line.find('\n'), std::string::npos);

            const domain::Command command = parsed(line, importing);

            ASSERT_TRUE(std::holds_alternative<domain::RecordEvent>(command.body)) << line;
            EXPECT_TRUE(std::get<domain::RecordEvent>(command.body).body == event.body) << line;
            EXPECT_EQ(command.effective_at, event.effective_at) << line;
            EXPECT_EQ(command.tenant, event.tenant);
            EXPECT_EQ(command.actor, event.actor);
            EXPECT_EQ(command.reason, event.cause.reason);
            EXPECT_EQ(command.ticket, event.cause.ticket);
            EXPECT_EQ(command.source, event.cause.source);
            EXPECT_EQ(command.imported_by, importing.imported_by);
        }
    }
}

TEST(EventLine, OfARecordedEventIsReadWhole) {
    SCOPED_TRACE("TENURE_SEED=" + std::to_string(seed_under_test()));
    SeededRandom random{seed_under_test()};
    for (std::size_t kind = 0; kind < event_kinds; ++kind) {
        domain::Event event = random_event(random, kind);
        event.revision = Revision{1 + random.below(1000)};
        event.term = Term{1};
        event.recorded_at = event.effective_at;
        event.imported = !event.imported_by.empty();
        const auto read = parse_event_line(event_line(event));
        ASSERT_TRUE(read) << read.error().detail;
        EXPECT_TRUE(read.value() == event) << event_line(event);
    }
    EXPECT_FALSE(parse_event_line("{}"));
    EXPECT_FALSE(parse_event_line(
        R"({"revision":1,"term":1,"recordedAt":"2024-05-01T12:00:00Z","time":"2024-05-01T12:00:00Z",)"
        R"("tenant":"t","actor":"a","type":"tenant.seal","data":{}})"));
}

TEST(EventLine, IsReadable) {
    domain::Event event;
    event.revision = Revision{12};
    event.term = Term{3};
    event.recorded_at = event.effective_at = parse_instant("2024-05-01T12:00:00.25Z", "").value();
    event.tenant = "contoso";
    event.actor = "dana@contoso.example";
    event.command_id = "onboarding-17";
    event.cause = {.command = "group.addMember", .reason = "joins", .ticket = "CHG-7"};
    event.body = domain::MemberAdded{"web", "lee"};
    EXPECT_EQ(event_line(event),
              R"({"revision":12,"term":3,"recordedAt":"2024-05-01T12:00:00.25Z",)"
              R"("time":"2024-05-01T12:00:00.25Z","tenant":"contoso",)"
              R"("actor":"dana@contoso.example","commandId":"onboarding-17",)"
              R"("command":"group.addMember","reason":"joins","ticket":"CHG-7",)"
              R"("type":"group.memberAdded","data":{"group":"web","member":"lee"}})");
    EXPECT_EQ(event_data_json(event.body), R"({"group":"web","member":"lee"})");
}

TEST(JsonString, EscapesWhatJsonNeeds) {
    EXPECT_EQ(json_string(""), R"("")");
    EXPECT_EQ(json_string("a\"b\\c\n\r\t\x01/é"), R"("a\"b\\c\n\r\t\u0001/é")");
    EXPECT_EQ(json_string(std::string_view{"\0", 1}), R"("\u0000")");
}

TEST(JsonString, ReplacesWhatIsNotUtf8) {
    EXPECT_EQ(json_string("a\xFF"), "\"a\xEF\xBF\xBD\"");
    EXPECT_EQ(json_string("\xC3\xA9\xC3"), "\"\xC3\xA9\xEF\xBF\xBD\"");
    EXPECT_EQ(json_string("\xED\xA0\x80"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"");
}

domain::AskLine asked(std::string_view line) {
    auto ask = parse_ask_line(line, "contoso");
    EXPECT_TRUE(ask.has_value()) << line
                                 << (ask ? "" : ask.error().field + ": " + ask.error().detail);
    return ask ? std::move(ask.value()) : domain::AskLine{};
}

TEST(AskLine, Check) {
    const domain::AskLine ask = asked(
        R"({"time":"2019-03-01T12:00:00Z","principal":"lee","action":"Repo/read","scope":"/s",)"
        R"("expected":"deny"})");
    domain::CheckQuestion expected{
        .tenant = "contoso", .principal = "lee", .action = "Repo/read", .scope = "/s"};
    expected.as_of.at = parse_instant("2019-03-01T12:00:00Z", "").value();
    EXPECT_TRUE(ask == (domain::AskLine{expected, false, std::nullopt}));
}

TEST(AskLine, CheckOfNowOnTheDataPlane) {
    domain::CheckQuestion expected{.tenant = "fabrikam",
                                   .principal = "lee",
                                   .action = "Blob/read",
                                   .plane = domain::Plane::data,
                                   .scope = "/s"};
    EXPECT_TRUE(asked(R"({"kind":"check","tenant":"fabrikam","principal":"lee",)"
                      R"("action":"Blob/read","scope":"/s","plane":"data"})") ==
                (domain::AskLine{expected, std::nullopt, std::nullopt}));
    EXPECT_TRUE(asked(R"({"tenant":"fabrikam","principal":"lee","action":"Blob/read",)"
                      R"("scope":"/s","isDataAction":true,"expected":"allow"})") ==
                (domain::AskLine{expected, true, std::nullopt}));
}

TEST(AskLine, WhoCan) {
    const domain::AskLine ask =
        asked(R"({"at":"2024-05-01","knownAt":"2024-05-02","kind":"who-can","action":"Repo/read",)"
              R"("scope":"/s","expected":["dana","lee"]})");
    domain::WhoCanQuestion expected{.tenant = "contoso", .action = "Repo/read", .scope = "/s"};
    expected.as_of.at = parse_instant("2024-05-01", "").value();
    expected.as_of.known_at = parse_instant("2024-05-02", "").value();
    EXPECT_TRUE(ask ==
                (domain::AskLine{expected, std::nullopt, std::vector<std::string>{"dana", "lee"}}));
}

TEST(AskLine, WhatCan) {
    const domain::AskLine ask = asked(
        R"({"revision":17,"kind":"what-can","principal":"lee","action":"Repo/read","expected":[]})");
    domain::WhatCanQuestion expected{
        .tenant = "contoso", .principal = "lee", .action = "Repo/read"};
    expected.as_of.revision = Revision{17};
    EXPECT_TRUE(ask == (domain::AskLine{expected, std::nullopt, std::vector<std::string>{}}));
}

TEST(AskLine, BringsAttributesForConditions) {
    const domain::AskLine ask = asked(
        R"({"principal":"lee","action":"Blob/read","scope":"/s","subOperation":"Blob.List",)"
        R"("attributes":{"resource":{"Project":"alpha","sizes":[1,2]},"request":{"new":true}}})");
    domain::CheckQuestion expected{
        .tenant = "contoso", .principal = "lee", .action = "Blob/read", .scope = "/s"};
    using domain::condition::AttributeSet;
    expected.attributes.sub_operation = "Blob.List";
    expected.attributes.resource = AttributeSet{{{"project", std::vector<std::string>{"alpha"}},
                                                 {"sizes", std::vector<std::int64_t>{1, 2}}}};
    expected.attributes.request = AttributeSet{{{"new", true}}};
    EXPECT_TRUE(ask == (domain::AskLine{expected, std::nullopt, std::nullopt}));
    EXPECT_EQ(attributes_json(expected.attributes),
              R"({"request":{"new":true},"resource":{"project":["alpha"],"sizes":[1,2]}})");
    EXPECT_EQ(attributes_json({}), "");

    const auto refused = [](std::string_view attributes) {
        const auto parsed =
            parse_ask_line(R"({"principal":"lee","action":"a","scope":"/","attributes":)" +
                               std::string(attributes) + "}",
                           "contoso");
        EXPECT_FALSE(parsed) << attributes;
        return parsed ? std::string{} : parsed.error().field;
    };
    // A principal's own are in the store.
    EXPECT_EQ(refused(R"({"principal":{"level":9}})"), "attributes.principal");
    EXPECT_EQ(refused(R"({"request":{"x":"1","X":"2"}})"), "attributes");
    EXPECT_EQ(refused("[]"), "attributes");
}

// The examples under a heading of docs/FORMAT.md, "JSON Lines".
std::vector<std::string> examples(std::string_view heading) {
    std::ifstream file{std::string(TENURE_SOURCE_DIR) + "/docs/FORMAT.md"};
    EXPECT_TRUE(file);
    std::vector<std::string> lines;
    bool in_section = false;
    bool wanted = false;
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with("## ")) in_section = line == "## JSON Lines";
        if (line.starts_with('#')) wanted = in_section && line == heading;
        if (wanted && line.starts_with('{')) lines.push_back(line);
    }
    return lines;
}

TEST(Documentation, ShowsACommandOfEveryType) {
    std::set<std::string_view> types;
    for (const std::string& line : examples("### Commands")) {
        const domain::Command command = parsed(line);
        const auto form = domain::check_form(command);
        EXPECT_TRUE(form.has_value()) << line << "\n" << (form ? "" : form.error().detail);
        types.insert(domain::type_of(command.body));
    }
    for (const std::string_view type : domain::command_types())
        EXPECT_TRUE(types.contains(type)) << type;
}

TEST(CommandJson, ReadsBackAsTheCommandItWas) {
    std::vector<std::string> lines = examples("### Commands");
    lines.push_back(
        line_of("assignment.update", R"({"assignment":"a","condition":null,"end":null})"));
    lines.push_back(
        line_of("assignment.update",
                R"({"assignment":"a","description":"","start":"2025-01-01T00:00:00Z"})"));
    lines.push_back(
        line_of("principal.update", R"({"principal":"p","displayName":"","email":"e"})"));
    for (const std::string& line : lines) {
        domain::Command command = parsed(line);
        const std::string json = command_json(command);
        command.actor = parsed(json).actor;  // not written: it is who sends it
        const domain::Command again = parsed(json);
        EXPECT_EQ(canonical_bytes({.commands = {again}}), canonical_bytes({.commands = {command}}))
            << line << '\n'
            << json;
    }
}

TEST(Documentation, ShowsEventsAndQuestionsThatAreAccepted) {
    const std::vector<std::string> events = examples("### Events");
    EXPECT_FALSE(events.empty());
    for (const std::string& line : events) parsed(line, importing);
    const std::vector<std::string> questions = examples("### Questions");
    EXPECT_FALSE(questions.empty());
    for (const std::string& line : questions) asked(line);
}

TEST(AskLine, RefusesByMember) {
    const auto check = [](std::string_view more) {
        return R"({"principal":"p","action":"a","scope":"/")" + std::string(more) + "}";
    };
    for (const Refused& expected : std::vector<Refused>{
             {"{}", "principal", "missing"},
             {"[]", "", "object"},
             {check(R"(,"kind":"why-can")"), "kind", "who-can"},
             {check(R"(,"expected":"maybe")"), "expected", "'maybe' is not allow or deny"},
             {check(R"(,"expected":[])"), "expected", "an array is not a text"},
             {check(R"(,"at":"2024-05-01","time":"2024-05-01")"), "at", "'time'"},
             {check(R"(,"at":"2024-05-01","revision":3)"), "revision", "not both"},
             {check(R"(,"revision":-1)"), "revision", "-1 is not a whole number"},
             {check(R"(,"plane":"data","isDataAction":true)"), "isDataAction", "not both"},
             {check(R"(,"plane":"both")"), "plane", "control or data"},
             {check(R"(,"who":"x")"), "who", "not a member"},
             {R"({"kind":"who-can","action":"a","scope":"/","principal":"p"})", "principal",
              "not a member"},
             {R"({"kind":"what-can","principal":"p","action":"a","scope":"/"})", "scope",
              "not a member"},
             {R"({"kind":"who-can","action":"a","scope":"/","expected":"allow"})", "expected",
              "'allow' is not an array"}}) {
        const auto ask = parse_ask_line(expected.line, "contoso");
        ASSERT_FALSE(ask.has_value()) << expected.line;
        expect_refused(expected, ask.error());
    }
}

TEST(Attributes, AreReadBySource) {
    const auto given =
        parse_attributes(R"({"request":{"a":"x","b":["y","z"]},"resource":{"n":[1,-2],"one":7},)"
                         R"("environment":{"isPrivateLink":true,"none":[]}})");
    ASSERT_TRUE(given) << given.error().detail;
    domain::condition::GivenAttributes expected;
    expected.request = {{"a", std::vector<std::string>{"x"}},
                        {"b", std::vector<std::string>{"y", "z"}}};
    expected.resource = {{"n", std::vector<std::int64_t>{1, -2}},
                         {"one", std::vector<std::int64_t>{7}}};
    expected.environment = {{"isPrivateLink", true}, {"none", std::vector<std::string>{}}};
    EXPECT_EQ(given.value(), expected);
    EXPECT_EQ(parse_attributes("{}").value(), domain::condition::GivenAttributes{});
}

TEST(Attributes, AreRefusedWithTheirPlace) {
    const auto refused = [](std::string_view text) {
        const auto given = parse_attributes(text);
        return given ? "accepted" : given.error().field;
    };
    EXPECT_EQ(refused(R"({"user":{}})"), "user");
    EXPECT_EQ(refused(R"({"request":[]})"), "request");
    EXPECT_EQ(refused(R"({"request":{"a":1.5}})"), "request.a");
    EXPECT_EQ(refused(R"({"request":{"a":null}})"), "request.a");
    EXPECT_EQ(refused(R"({"request":{"a":[1,"x"]}})"), "request.a[1]");
    EXPECT_NE(refused(R"([])"), "accepted");
}

}  // namespace
}  // namespace tenure::codec
