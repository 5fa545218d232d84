# tenure.query.v1: checks over a WebSocket, many in a message, many messages under way. One binary
# message is one frame in Cap'n Proto's standard framing (segment table, unpacked).
#
# Numbers (@n) are for ever; new fields come at the end, and their default means what their absence
# always meant. Instants are microseconds since 1970-01-01T00:00:00Z. Texts are UTF-8.

@0xd1c26cb1d2b5a7f3;

using Cxx = import "/capnp/c++.capnp";
using Attribute = import "event.capnp".Attribute;
$Cxx.namespace("tenure::schema");

# From the client.
struct Questions {
  id @0 :UInt64;       # Chosen by the client; comes back with the answers.
  atLeast @1 :UInt64;  # Answer when the store has this revision; 0: at once.
  checks @2 :List(Check);
}

struct Check {
  principal @0 :Text;
  action @1 :Text;
  scope @2 :Text;
  dataPlane @3 :Bool;
  hasKnownAt @4 :Bool;
  knownAt @5 :Int64;
  # When it is asked about.
  when :union {
    now @6 :Void;
    at @7 :Int64;
    revision @8 :UInt64;
  }
  given @9 :Given;  # What conditions may read; mostly null.
}

struct Given {
  subOperation @0 :Text;
  request @1 :List(Attribute);
  resource @2 :List(Attribute);
  environment @3 :List(Attribute);
}

# From the server, in the order of the frames.
struct Answers {
  id @0 :UInt64;
  # Of the frame as a whole; then there are no answers.
  problem @1 :Problem;
  answers @2 :List(Answer);  # In the order of the checks.
}

struct Answer {
  decision @0 :Decision;
  final @1 :Bool;      # No later event can change it.
  hasClock @2 :Bool;
  revision @3 :UInt64; # It was computed at.
  clock @4 :Int64;
  problem @5 :Problem; # Of decision none.

  enum Decision {
    none @0;  # It could not be answered.
    deny @1;
    allow @2;
  }
}

struct Problem {
  code @0 :Text;    # Such as "invalid_argument".
  detail @1 :Text;
  field @2 :Text;
}
