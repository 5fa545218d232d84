#pragma once
// The rules of the source tree that a compiler does not know. Each looks at one file and says what
// is wrong with it, one line a finding: "path:line: what".

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "tidy/source_tree.h"

namespace tenure::tidy {

using Findings = std::vector<std::string>;

// What each folder of src/ may include, besides itself.
const std::map<std::string, std::set<std::string>>& layers();

// Includes in src/ follow the layers; nothing in src/ includes tools/ or tests/.
Findings includes_follow_the_layers(const SourceFile& file);
// The headers whose opening comment says whom they are private to, by the names they are included
// by.
std::set<std::string> private_headers(const std::vector<SourceFile>& files);
// None of `headers` is included from another folder of src/ or tools/; tests may look inside.
Findings private_headers_stay_in_their_folder(const SourceFile& file,
                                              const std::set<std::string>& headers);
// Libraries stay where they are wrapped: Cap'n Proto, LMDB, Asio.
Findings libraries_stay_in_their_layer(const SourceFile& file);
// The program's parts learn the time, chance and the environment from what they are given.
Findings no_hidden_inputs(const SourceFile& file);
Findings no_empty_names(const SourceFile& file);
Findings headers_are_guarded(const SourceFile& file);
Findings todos_have_a_kind(const SourceFile& file);
Findings no_machine_paths(const SourceFile& file);
Findings no_trailing_blanks(const SourceFile& file);

// The text with comments, and the insides of strings and character literals, blanked out; lines
// stay where they are.
std::string code_only(std::string_view text);

}  // namespace tenure::tidy
