// Tenants, settings and what holds for every command.

#include "deciding.h"
#include "domain/limits.h"

namespace tenure::domain {
namespace {

class TenantCommands : public Deciding {};

TEST_F(TenantCommands, CreateMakesOnlyTheTenant) {
    const auto events = allow(command(CreateTenant{"Contoso", false, ""}, "Contoso-1.eu_west"));
    EXPECT_EQ(events, (std::vector<EventBody>{TenantCreated{"Contoso", false}}));
}

TEST_F(TenantCommands, CreateWithAnOwnerUsesTheStoresOwnerRole) {
    built_in("owner");

    const auto events = allow(command(CreateTenant{"", false, "boss"}, "new"));

    EXPECT_EQ(events, (std::vector<EventBody>{
                          TenantCreated{"", false}, PrincipalCreated{principal("boss")},
                          AssignmentCreated{assignment("owner", "boss", "owner", "/")}}));
}

TEST_F(TenantCommands, CreateWithAnOwnerDefinesTheRoleWhereTheStoreHasNone) {
    const auto events = allow(command(CreateTenant{"", false, "boss"}, "new"));

    Role owner = role("owner", {"/"}, {"*"});
    owner.name = "Owner";
    owner.built_in = true;
    ASSERT_EQ(events.size(), 4U);
    EXPECT_EQ(events[2], EventBody{RoleDefined{owner}});
    EXPECT_EQ(events[3], (EventBody{AssignmentCreated{assignment("owner", "boss", "owner", "/")}}));
}

TEST_F(TenantCommands, CreateRefusesATakenId) {
    refused(CreateTenant{}, Errc::already_exists, "tenant", {"'t'"});
}

TEST_F(TenantCommands, CreateRefusesIdsThatDoNotFitAUrl) {
    for (const std::string_view id : {"", ".a", "-a", "a/b", "a b", "ä", "a\n"})
        refused(command(CreateTenant{}, id), Errc::invalid_argument, "tenant");
    const std::string longest(limits::tenant_id_length_max, 'a');
    allow(command(CreateTenant{}, longest));
    refused(command(CreateTenant{}, longest + "a"), Errc::limit_exceeded, "tenant");
}

TEST_F(TenantCommands, CreateRefusesEverybodyAsOwner) {
    refused(command(CreateTenant{"", false, "*"}, "new"), Errc::invalid_argument, "data.owner");
}

TEST_F(TenantCommands, SealEndsImportOnce) {
    EXPECT_EQ(allow(SealTenant{}), (std::vector<EventBody>{TenantSealed{}}));
    refused(SealTenant{}, Errc::conflict, "tenant", {"'t'", "not open for import"});
}

TEST_F(TenantCommands, NeedATenantThatExists) {
    refused(command(CreatePrincipal{principal("u")}, "other"), Errc::not_found, "tenant",
            {"'other'", "tenant.create"});
    refused(command(SealTenant{}, "T"), Errc::not_found, "tenant");  // ids are not folded
}

TEST_F(TenantCommands, StoreHoldsOnlyBuiltInRolesAndSettings) {
    built_in("reader");
    allow(command(ChangeSettings{{{"log.retention", "10y"}}}, store_tenant));
    refused(command(CreatePrincipal{principal("u")}, store_tenant), Errc::invalid_argument,
            "tenant", {"principal.create"});
    refused(command(DefineRole{role("own")}, store_tenant), Errc::invalid_argument, "data.builtIn");
}

TEST_F(TenantCommands, NeedAnActor) {
    Command nobody = command(CreatePrincipal{principal("u")});
    nobody.actor.clear();
    refused(nobody, Errc::invalid_argument, "actor");
}

TEST_F(TenantCommands, LimitReasonAndTicket) {
    Command wordy = command(CreatePrincipal{principal("u")});
    wordy.reason = std::string(limits::reason_length_max, 'r');
    wordy.ticket = std::string(limits::ticket_length_max, 't');
    EXPECT_TRUE(check_form(wordy));
    wordy.reason += 'r';
    refused(wordy, Errc::limit_exceeded, "reason");
    wordy.reason = "two\nlines";
    EXPECT_TRUE(check_form(wordy));
    wordy.ticket += 't';
    refused(wordy, Errc::limit_exceeded, "ticket");
}

TEST_F(TenantCommands, SourceBelongsToImportedHistory) {
    Command sourced = command(CreatePrincipal{principal("u")});
    sourced.source = "backup";
    refused(sourced, Errc::invalid_argument, "source", {"'backup'"});
    sourced.source.clear();
    sourced.imported_by = "ada";
    refused(sourced, Errc::invalid_argument, "importedBy");
}

TEST_F(TenantCommands, EventsCannotBeRecordedLive) {
    refused(RecordEvent{PrincipalCreated{principal("u")}}, Errc::invalid_argument, "type",
            {"principal.created", "imported"});
}

TEST_F(TenantCommands, SettingsChangeAsGiven) {
    const std::vector<Setting> settings{{"Guests.access", "limited"}, {"a", ""}};
    EXPECT_EQ(allow(ChangeSettings{settings}), (std::vector<EventBody>{SettingsChanged{settings}}));
    EXPECT_EQ(state.setting("t", "Guests.access"), "limited");
}

TEST_F(TenantCommands, SettingsNameTheRoleOfInvitationsWithoutOne) {
    const std::string setting{invitation_default_role_setting};
    built_in("owner");
    defined(role("elsewhere", {"/elsewhere"}));
    Invitation i;
    i.id = "i";
    i.principal = "guest";
    i.email = "guest@partner.example";

    refused(ChangeSettings{{{setting, "x"}}}, Errc::not_found, "data.settings." + setting);
    refused(ChangeSettings{{{setting, "elsewhere"}}}, Errc::conflict, "data.settings." + setting);
    allow(ChangeSettings{{{setting, "owner"}}});
    const auto events = allow(CreateInvitation{i});

    ASSERT_EQ(events.size(), 3U);
    EXPECT_EQ(std::get<InvitationCreated>(events[1]).invitation.roles,
              (std::vector<RoleAtScope>{{"owner", "/"}}));
    EXPECT_EQ(std::get<AssignmentCreated>(events[2]).assignment,
              assignment("i/1", "guest", "owner", "/"));

    i.id = "j";
    i.principal = "other";
    allow(ChangeSettings{{{setting, ""}}});
    EXPECT_EQ(allow(CreateInvitation{i}).size(), 2U);
}

TEST_F(TenantCommands, SettingsMustBeSane) {
    refused(ChangeSettings{}, Errc::invalid_argument, "data.settings");
    refused(ChangeSettings{{{"", "x"}}}, Errc::invalid_argument, "data.settings");
    refused(ChangeSettings{{{"a b", "x"}}}, Errc::invalid_argument, "data.settings", {"'a b'"});
    refused(ChangeSettings{{{"a", "x"}, {"a", "y"}}}, Errc::invalid_argument, "data.settings");
    refused(ChangeSettings{{{"a", "\xFF"}}}, Errc::invalid_argument, "data.settings.a");
    const std::string longest(limits::setting_value_length_max, 'v');
    allow(ChangeSettings{{{"a", longest}}});
    refused(ChangeSettings{{{"a", longest + "v"}}}, Errc::limit_exceeded, "data.settings.a");
    std::vector<Setting> many;
    for (std::size_t i = 0; i < limits::settings_max; ++i)
        many.push_back({"s" + std::to_string(i), ""});
    allow(ChangeSettings{many});
    many.push_back({"more", ""});
    refused(ChangeSettings{many}, Errc::limit_exceeded, "data.settings");
}

}  // namespace
}  // namespace tenure::domain
