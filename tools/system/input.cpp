#include "system/input.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "base/text.h"
#include "codec/json_lines.h"
#include "system/signals.h"

namespace tenure::system {
namespace {

constexpr std::size_t buffer_bytes = std::size_t{1} << 18U;

}  // namespace

Result<std::unique_ptr<Input>> Input::open(const std::string& path) {
    const bool standard = path == "-";
    const int file = standard ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) return invalid("", "cannot read " + quoted(path) + ": " + std::strerror(errno));

    struct stat status {};

    std::uint64_t bytes_total = 0;
    if (::fstat(file, &status) == 0) {
        if (S_ISDIR(status.st_mode)) {
            if (!standard) ::close(file);
            return invalid("", "cannot read " + quoted(path) + ": it is a directory");
        }
        if (S_ISREG(status.st_mode)) bytes_total = static_cast<std::uint64_t>(status.st_size);
    }
    return std::unique_ptr<Input>{new Input{path, file, bytes_total}};
}

Input::Input(std::string path, int file, std::uint64_t bytes_total)
    : path_{std::move(path)},
      file_{file},
      bytes_total_{bytes_total},
      bytes_(buffer_bytes),
      buffer_{*this},
      stream_{&buffer_} {}

Input::~Input() {
    if (file_ != STDIN_FILENO) ::close(file_);
}

Input::Buffer::int_type Input::Buffer::underflow() {
    for (;;) {
        if (stop_signal() != 0) {
            input_.stopped_ = true;
            break;
        }
        const ssize_t got = ::read(input_.file_, input_.bytes_.data(), input_.bytes_.size());
        if (got > 0) {
            input_.bytes_read_.fetch_add(static_cast<std::uint64_t>(got),
                                         std::memory_order_relaxed);
            setg(input_.bytes_.data(), input_.bytes_.data(), input_.bytes_.data() + got);
            return traits_type::to_int_type(*gptr());
        }
        if (got == 0) return traits_type::eof();
        if (errno != EINTR) {
            input_.error_ = errno;
            break;
        }
    }
    input_.stream_.setstate(std::ios::badbit);
    return traits_type::eof();
}

bool Input::next_line(std::string& line) {
    line.clear();
    bool any = false;
    for (;;) {
        const int c = buffer_.sbumpc();
        if (c == std::char_traits<char>::eof()) break;
        any = true;
        if (c == '\n') {
            ++line_number_;
            return true;
        }
        if (line.size() <= codec::json_line_length_max) line += static_cast<char>(c);
    }
    if (!any || stream_.bad()) return false;
    ++line_number_;
    return true;
}

Result<void> Input::whole() const {
    if (stopped_) return Error{Errc::unavailable, "stopped by a signal"};
    if (error_ != 0)
        return Error{Errc::storage_failed,
                     "cannot read " + quoted(path_) + ": " + std::strerror(error_)};
    return success();
}

}  // namespace tenure::system
