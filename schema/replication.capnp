# tenure.replication.v1: what two copies of a log say to each other over a WebSocket (docs/REPLICATION.md).
# One binary message is one Message in Cap'n Proto's standard framing (segment table, unpacked).
#
# Numbers (@n) are for ever; new fields come at the end, and their default means what their absence
# always meant. Instants are microseconds since 1970-01-01T00:00:00Z. Texts are UTF-8.

@0xb5c1e2a94f0d7e68;

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("tenure::schema");

struct Message {
  union {
    hello @0 :Hello;
    welcome @1 :Welcome;
    append @2 :Append;
    beat @3 :Beat;
    ack @4 :Ack;
    ask @5 :Ask;
    told @6 :Told;
    refusal @7 :Refusal;
  }
}

struct TermStart {
  term @0 :UInt64;
  first @1 :UInt64;  # Revision of its first entry.
}

# From the copy, once, first of all.
struct Hello {
  log @0 :Data;    # 16 bytes, the log's name.
  store @1 :Data;  # 16 bytes, this copy's own.
  node @2 :Text;
  format @3 :UInt64;
  term @4 :UInt64;  # The newest it knows.
  last @5 :UInt64;
  terms @6 :List(TermStart);  # In order.
}

# From the source, in answer.
struct Welcome {
  term @0 :UInt64;
  node @1 :Text;
  distance @2 :UInt32;  # Steps to the leader, which has 0.
  keep @3 :UInt64;      # What comes after it has to go.
  root @4 :Data;        # 32 bytes, of the tree up to `keep`.
  committed @5 :UInt64;
}

struct Append {
  term @0 :UInt64;
  beforeTerm @1 :UInt64;
  before @2 :UInt64;
  last @3 :UInt64;
  terms @4 :List(TermStart);  # Those that begin among the entries.
  root @5 :Data;              # 32 bytes, of the tree up to `last`.
  committed @6 :UInt64;
  entries @7 :Data;           # As stored (docs/FORMAT.md), one after the other.
  commands @8 :List(Command);

  struct Command {
    key0 @0 :UInt64;
    key1 @1 :UInt64;
    bodyHash @2 :Data;  # 32 bytes.
    first @3 :UInt64;
    count @4 :UInt64;
  }
}

struct Beat {
  term @0 :UInt64;
  round @1 :UInt64;
  committed @2 :UInt64;
  closed @3 :Int64;
  reserved @4 :Int64;
}

# From the copy.
struct Ack {
  term @0 :UInt64;
  round @1 :UInt64;
  durable @2 :UInt64;
  applied @3 :UInt64;
  reserved @4 :Int64;
}

struct Ask {
  term @0 :UInt64;
  id @1 :UInt64;
}

struct Told {
  term @0 :UInt64;
  id @1 :UInt64;
  known @2 :Bool;
  revision @3 :UInt64;
}

struct Refusal {
  why @0 :Why;
  term @1 :UInt64;

  enum Why {
    stranger @0;
    format @1;
    term @2;
    notReady @3;
  }
}
