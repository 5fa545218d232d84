# Events as bytes, at rest and on the wire, and the values that index tables keep.
#
# A message is one segment, unpacked, without a segment table; docs/FORMAT.md, "Events", has the kinds
# as a table and the rules of evolution. In short:
#
#   - Numbers (@n) are for ever: never changed, never used again, also not for something removed.
#   - New fields come at the end of a struct, and their default means what their absence always meant.
#   - New kinds come at the end of Event.body. A program that does not know a kind refuses the event.
#   - What an older program must not overlook is a new kind, never a new field.
#
# Instants are microseconds since 1970-01-01T00:00:00Z. Texts are UTF-8. "May be absent" is always
# explicit: a null pointer, or a union with a member that says so.

@0xbde3c05efb22d97f;

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("tenure::schema");

# The body of a log entry. Revision, term and recording time are in the entry's header, not here.
struct Event {
  effectiveAt @0 :Int64;  # When it took effect: the recording time, unless imported.
  imported @1 :Bool;      # From another system's history.
  tenant @2 :Text;        # Empty: the store's own tenant.
  actor @3 :Text;         # Who asked for it; of imported history, who did it there.
  importedBy @4 :Text;    # Who imported it; empty unless imported.
  commandId @5 :Text;     # Idempotency key of its batch; empty if none was given.
  cause :group {
    command @6 :Text;     # The command's type, such as "assignment.create".
    reason @7 :Text;      # Free text of the actor; may be empty.
    ticket @8 :Text;      # Of the change management in use; may be empty.
    source @9 :Text;      # Of imported history: where it was found; may be empty.
  }

  # The kind of an event is its place in this union, counted from 0.
  body :union {
    tenantCreated @10 :TenantCreated;                    #  0: a tenant begins.
    tenantSealed @11 :TenantSealed;                      #  1: its import of history ends.
    principalCreated @12 :Principal;                     #  2: a principal, as created.
    principalUpdated @13 :Principal;                     #  3: the principal, whole, as it is from now on.
    principalDisabled @14 :PrincipalDisabled;            #  4: it may do nothing any more.
    principalEnabled @15 :PrincipalEnabled;              #  5: it may do again what it was granted.
    principalDeleted @16 :PrincipalDeleted;              #  6: it is gone; its id is never used again.
    memberAdded @17 :MemberAdded;                        #  7: a principal joins a group.
    memberRemoved @18 :MemberRemoved;                    #  8: a principal leaves a group.
    scopeCreated @19 :ScopeCreated;                      #  9: a scope gets a name or an explicit parent.
    scopeMoved @20 :ScopeMoved;                          # 10: its explicit parent changes.
    scopeDeleted @21 :ScopeDeleted;                      # 11: it is no longer listed.
    roleDefined @22 :Role;                               # 12: a role, as defined.
    roleUpdated @23 :Role;                               # 13: the role, whole, as it is from now on.
    roleDeleted @24 :RoleDeleted;                        # 14: it grants nothing any more.
    assignmentCreated @25 :Assignment;                   # 15: a principal holds a role at a scope.
    assignmentRoleChanged @26 :AssignmentRoleChanged;    # 16: the same assignment, another role.
    assignmentUpdated @27 :AssignmentUpdated;            # 17: new condition, window and description.
    assignmentRevoked @28 :AssignmentRevoked;            # 18: it ends; its id is never used again.
    denyCreated @29 :DenyAssignment;                     # 19: a deny assignment begins.
    denyDeleted @30 :DenyDeleted;                        # 20: it ends.
    eligibilityCreated @31 :Eligibility;                 # 21: a principal may activate a role.
    eligibilityActivated @32 :EligibilityActivated;      # 22: it did.
    eligibilityDeactivated @33 :EligibilityDeactivated;  # 23: it stopped before the window's end.
    eligibilityRemoved @34 :EligibilityRemoved;          # 24: it may no longer.
    invitationCreated @35 :Invitation;                   # 25: a person is invited.
    invitationResent @36 :InvitationResent;              # 26: with a new secret and a new term.
    invitationAccepted @37 :InvitationAccepted;          # 27: the person took it.
    invitationRevoked @38 :InvitationRevoked;            # 28: it is taken back.
    invitationExpired @39 :InvitationExpired;            # 29: its term ran out.
    settingsChanged @40 :SettingsChanged;                # 30: named settings get new values.
    tokenIssued @41 :Token;                              # 31: a bearer token begins.
    tokenRevoked @42 :TokenRevoked;                      # 32: it ends.
  }
}

# ---- values that several events, and the index, hold ----

struct Attribute {
  name @0 :Text;
  values :union {
    boolean @1 :Bool;
    integers @2 :List(Int64);
    texts @3 :List(Text);
  }
}

struct Principal {
  enum Kind {
    user @0;
    group @1;
    servicePrincipal @2;
    managedIdentity @3;
  }
  enum UserType {
    member @0;
    guest @1;
  }
  # Of an invited user: pending until the invitation is accepted. Everybody else: none.
  enum Redemption {
    none @0;
    pending @1;
    accepted @2;
  }

  id @0 :Text;           # Opaque, compared byte for byte.
  kind @1 :Kind;
  userType @2 :UserType;
  redemption @3 :Redemption;
  displayName @4 :Text;  # May be empty.
  email @5 :Text;        # May be empty.
  attributes @6 :List(Attribute);  # In the order given.
}

struct Condition {
  text @0 :Text;
  version @1 :Text;  # Of the language it is written in.
}

# One entry of a permission list; what it takes away, it takes away from itself only.
struct PermissionBlock {
  actions @0 :List(Text);
  notActions @1 :List(Text);
  dataActions @2 :List(Text);
  notDataActions @3 :List(Text);
  condition @4 :Condition;  # Null: none.
}

struct Role {
  id @0 :Text;           # Compared without regard to ASCII case.
  name @1 :Text;
  description @2 :Text;  # May be empty.
  builtIn @3 :Bool;
  assignableScopes @4 :List(Text);
  permissions @5 :List(PermissionBlock);
}

# In force from start (inclusive) to end (exclusive). Where a window is a field, null is "always".
struct Window {
  start :union {
    unbounded @0 :Void;  # From the beginning.
    at @1 :Int64;
  }
  end :union {
    unbounded @2 :Void;  # For ever.
    at @3 :Int64;
  }
}

struct Assignment {
  id @0 :Text;
  principal @1 :Text;
  role @2 :Text;
  scope @3 :Text;
  condition @4 :Condition;  # Null: none.
  window @5 :Window;        # Null: always.
  description @6 :Text;     # May be empty.
}

struct DenyAssignment {
  id @0 :Text;
  name @1 :Text;                # May be empty.
  description @2 :Text;         # May be empty.
  scope @3 :Text;
  notBelow @4 :Bool;            # Not at scopes below this one.
  principals @5 :List(Text);    # "*": everybody in the tenant.
  excluded @6 :List(Text);      # Principals it does not hold for.
  permissions @7 :List(PermissionBlock);
}

struct Eligibility {
  id @0 :Text;
  principal @1 :Text;
  role @2 :Text;
  scope @3 :Text;
  condition @4 :Condition;  # Null: none.
  window @5 :Window;        # Null: always.
}

struct RoleAtScope {
  role @0 :Text;
  scope @1 :Text;
}

struct Invitation {
  id @0 :Text;
  principal @1 :Text;   # Created with it, pending.
  email @2 :Text;
  name @3 :Text;        # May be empty.
  roles @4 :List(RoleAtScope);
  expiresAt :union {
    never @5 :Void;
    at @6 :Int64;
  }
  secretHash @7 :Text;  # Of the single-use secret; empty if there is none.
}

struct Setting {
  name @0 :Text;
  value @1 :Text;
}

struct Token {
  id @0 :Text;
  principal @1 :Text;
  name @2 :Text;        # May be empty.
  secretHash @3 :Text;  # The token itself is never kept.
  actions @4 :List(Text);
  expiresAt :union {
    never @5 :Void;
    at @6 :Int64;
  }
}

# ---- payloads of single kinds ----

struct TenantCreated {
  displayName @0 :Text;   # May be empty.
  openForImport @1 :Bool;
}

struct TenantSealed {
}

struct PrincipalDisabled {
  principal @0 :Text;
}

struct PrincipalEnabled {
  principal @0 :Text;
}

struct PrincipalDeleted {
  principal @0 :Text;
}

struct MemberAdded {
  group @0 :Text;
  member @1 :Text;
}

struct MemberRemoved {
  group @0 :Text;
  member @1 :Text;
}

struct ScopeCreated {
  scope @0 :Text;
  parent @1 :Text;       # Explicit parent; empty: by path.
  displayName @2 :Text;  # May be empty.
}

struct ScopeMoved {
  scope @0 :Text;
  parent @1 :Text;       # New explicit parent; empty: by path again.
}

struct ScopeDeleted {
  scope @0 :Text;
}

struct RoleDeleted {
  role @0 :Text;
}

struct AssignmentRoleChanged {
  assignment @0 :Text;
  role @1 :Text;
}

# All three as they are from now on, whether they changed or not.
struct AssignmentUpdated {
  assignment @0 :Text;
  condition @1 :Condition;  # Null: none.
  window @2 :Window;        # Null: always.
  description @3 :Text;     # May be empty.
}

struct AssignmentRevoked {
  assignment @0 :Text;
}

struct DenyDeleted {
  deny @0 :Text;
}

struct EligibilityActivated {
  eligibility @0 :Text;
  activation @1 :Assignment;  # The temporary assignment it became.
  justification @2 :Text;     # May be empty.
}

struct EligibilityDeactivated {
  eligibility @0 :Text;
  activation @1 :Text;  # Id of the temporary assignment.
}

struct EligibilityRemoved {
  eligibility @0 :Text;
}

struct InvitationResent {
  invitation @0 :Text;
  secretHash @1 :Text;  # Empty if there is none.
  expiresAt :union {
    never @2 :Void;
    at @3 :Int64;
  }
}

struct InvitationAccepted {
  invitation @0 :Text;
}

struct InvitationRevoked {
  invitation @0 :Text;
}

struct InvitationExpired {
  invitation @0 :Text;
}

struct SettingsChanged {
  settings @0 :List(Setting);  # In the order given; other settings keep their values.
}

struct TokenRevoked {
  token @0 :Text;
}
