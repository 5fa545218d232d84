#pragma once
// The API's description (openapi.json), as served.

#include <string_view>

namespace tenure::schema {

extern const std::string_view openapi;

}  // namespace tenure::schema
