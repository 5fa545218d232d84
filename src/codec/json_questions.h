#pragma once
// Members that questions have in common, in a questions file and in a request. Private to codec/.

#include "codec/json_members.h"
#include "domain/question.h"

namespace tenure::codec {

// "time" or "at", "revision", "knownAt".
domain::AsOf read_as_of(JsonMembers& line);
// "plane", or "isDataAction".
domain::Plane read_plane(JsonMembers& line);
// "subOperation" and "attributes".
domain::AskedAttributes read_attributes(JsonMembers& line);

}  // namespace tenure::codec
