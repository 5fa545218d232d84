#include "codec/error_codes.h"

#include <array>

namespace tenure::codec {
namespace {

constexpr std::array all_codes{Errc::invalid_argument, Errc::not_found,     Errc::already_exists,
                               Errc::conflict,         Errc::forbidden,     Errc::limit_exceeded,
                               Errc::unavailable,      Errc::storage_full,  Errc::storage_damaged,
                               Errc::storage_too_new,  Errc::storage_failed};

}  // namespace

std::optional<Errc> error_code_named(std::string_view name) {
    for (const Errc each : all_codes)
        if (name == name_of(each)) return each;
    return std::nullopt;
}

}  // namespace tenure::codec
