#pragma once
// Kinds of errors by the names that answers give them (name_of in base/result.h).

#include <optional>
#include <string_view>

#include "base/result.h"

namespace tenure::codec {

std::optional<Errc> error_code_named(std::string_view name);

}  // namespace tenure::codec
