#include "cli/problem.h"

#include <algorithm>

#include "api/display.h"
#include "api/json_text.h"

namespace tenure::cli {
namespace {

std::string title_of(Errc code) {
    std::string title = name_of(code);
    std::replace(title.begin(), title.end(), '_', ' ');
    return title;
}

}  // namespace

std::string problem_line(const Error& error) {
    std::string line = "tenure: " + title_of(error.code) + ": " + error.detail;
    // The place inside a line of a file; the name of an argument says nothing the detail does not.
    if (error.field.find('.') != std::string::npos) line += " (" + error.field + ')';
    return api::printable(line);
}

std::string problem_json(const Error& error, Exit exit) {
    api::JsonText json;
    json.begin_object();
    json.member("title", title_of(error.code));
    json.member("code", name_of(error.code));
    json.member("detail", error.detail);
    if (!error.field.empty()) json.member("field", error.field);
    json.member("exit", static_cast<std::uint64_t>(exit));
    json.end_object();
    return json.take();
}

}  // namespace tenure::cli
