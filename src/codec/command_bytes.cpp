#include "codec/command_bytes.h"

#include <cstring>
#include <type_traits>

#include "codec/event_codec.h"

namespace tenure::codec {
namespace {

// Every field is written with its length or as one word, so no two field lists run into each other.
class Canonical {
public:
    std::string take() { return std::move(bytes_); }

    void word(std::uint64_t value) {
        char raw[sizeof value];
        std::memcpy(raw, &value, sizeof value);
        bytes_.append(raw, sizeof value);
    }

    template <class... T>
    void all(const T&... fields) {
        (put(fields), ...);
    }

    void put(const std::string& text) {
        word(text.size());
        bytes_ += text;
    }

    void put(bool value) { word(value ? 1 : 0); }

    void put(Instant t) { word(static_cast<std::uint64_t>(t.us)); }

    void put(Revision r) { word(r.value); }
    template <class E>
    requires std::is_enum_v<E>

    void put(E value) { word(static_cast<std::uint64_t>(value)); }

    template <class T>
    void put(const std::optional<T>& value) {
        word(value ? 1 : 0);
        if (value) put(*value);
    }

    template <class T>
    void put(const std::vector<T>& values) {
        word(values.size());
        for (const T& value : values) put(value);
    }

    void put(std::int64_t value) { word(static_cast<std::uint64_t>(value)); }

    void put(const domain::Attribute& a) {
        put(a.name);
        word(a.values.index());
        std::visit([&](const auto& values) { put(values); }, a.values);
    }

    void put(const domain::Condition& c) { all(c.text, c.version); }

    void put(const domain::Window& w) { all(w.start, w.end); }

    void put(const domain::Setting& s) { all(s.name, s.value); }

    // Values that have a stored form are compared by it.
    void put(const domain::Principal& p) { put(encode_principal(p)); }

    void put(const domain::Role& r) { put(encode_role(r)); }

    void put(const domain::Assignment& a) { put(encode_assignment(a)); }

    void put(const domain::DenyAssignment& d) { put(encode_deny(d)); }

    void put(const domain::Invitation& i) { put(encode_invitation(i)); }

    void put(const Buffer& buffer) {
        word(buffer.size());
        bytes_.append(reinterpret_cast<const char*>(buffer.data()), buffer.size());
    }

    void put(const domain::CreateTenant& c) { all(c.display_name, c.open_for_import, c.owner); }

    void put(const domain::SealTenant&) {}

    void put(const domain::CreatePrincipal& c) { put(c.principal); }

    void put(const domain::UpdatePrincipal& c) {
        all(c.principal, c.display_name, c.email, c.user_type, c.attributes);
    }

    void put(const domain::DisablePrincipal& c) { put(c.principal); }

    void put(const domain::EnablePrincipal& c) { put(c.principal); }

    void put(const domain::DeletePrincipal& c) { all(c.principal, c.remove_all); }

    void put(const domain::AddMember& c) { all(c.group, c.member); }

    void put(const domain::RemoveMember& c) { all(c.group, c.member); }

    void put(const domain::CreateScope& c) { all(c.scope, c.parent, c.display_name); }

    void put(const domain::MoveScope& c) { all(c.scope, c.parent); }

    void put(const domain::DeleteScope& c) { put(c.scope); }

    void put(const domain::DefineRole& c) { put(c.role); }

    void put(const domain::UpdateRole& c) { put(c.role); }

    void put(const domain::DeleteRole& c) { put(c.role); }

    void put(const domain::CreateAssignment& c) { put(c.assignment); }

    void put(const domain::ChangeAssignmentRole& c) { all(c.assignment, c.role); }

    void put(const domain::UpdateAssignment& c) {
        all(c.assignment, c.condition, c.window, c.description);
    }

    void put(const domain::RevokeAssignment& c) { put(c.assignment); }

    void put(const domain::CreateDeny& c) { put(c.deny); }

    void put(const domain::DeleteDeny& c) { put(c.deny); }

    void put(const domain::CreateEligibility& c) { put(encode_eligibility(c.eligibility)); }

    void put(const domain::ExtendEligibility& c) { all(c.eligibility, c.as, c.end); }

    void put(const domain::RemoveEligibility& c) { put(c.eligibility); }

    void put(const domain::ActivateEligibility& c) {
        all(c.eligibility, c.principal, c.duration, c.scope, c.justification);
    }

    void put(const domain::DeactivateEligibility& c) { all(c.eligibility, c.principal); }

    void put(const domain::CreateInvitation& c) { all(c.invitation, c.user_type); }

    void put(const domain::ResendInvitation& c) { all(c.invitation, c.secret_hash, c.expires_at); }

    void put(const domain::AcceptInvitation& c) { all(c.invitation, c.secret_hash); }

    void put(const domain::ResetInvitation& c) { all(c.invitation, c.secret_hash, c.expires_at); }

    void put(const domain::RevokeInvitation& c) { put(c.invitation); }

    void put(const domain::ExpireInvitation& c) { put(c.invitation); }

    void put(const domain::IssueToken& c) {
        const domain::Token& t = c.token;
        all(t.id, t.principal, t.name, t.secret_hash, t.actions, t.expires_at);
    }

    void put(const domain::RevokeToken& c) { put(c.token); }

    void put(const domain::ChangeSettings& c) { put(c.settings); }

    void put(const domain::ApplyCatalog& c) {
        put(c.catalog);
        word(c.version);
        put(c.roles);
    }

    void put(const domain::RecordEvent& c) {
        domain::Event event;
        event.body = c.body;
        put(encode_event(event));
    }

private:
    std::string bytes_;
};

}  // namespace

std::string canonical_bytes(const domain::Batch& batch) {
    Canonical canonical;
    canonical.all(batch.expected_revision);
    canonical.word(batch.commands.size());
    for (const domain::Command& command : batch.commands) {
        canonical.all(command.tenant, command.actor, command.reason, command.ticket, command.source,
                      command.effective_at, command.imported_by);
        canonical.word(command.body.index());
        std::visit([&](const auto& body) { canonical.put(body); }, command.body);
    }
    return canonical.take();
}

}  // namespace tenure::codec
