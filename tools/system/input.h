#pragma once
// Input: a file or standard input, read from front to back, line by line or as a stream. A signal
// that asks to stop, like a failing read, ends it as *bad*, so that nobody takes it for the end of
// the file.
//
// One thread reads; bytes_read() may be called from any.

#include <atomic>
#include <cstdint>
#include <istream>
#include <memory>
#include <streambuf>
#include <string>
#include <vector>

#include "base/result.h"

namespace tenure::system {

class Input {
public:
    // "-" is standard input. Error invalid_argument: it cannot be opened.
    static Result<std::unique_ptr<Input>> open(const std::string& path);
    ~Input();
    Input(const Input&) = delete;
    Input& operator=(const Input&) = delete;

    std::istream& stream() { return stream_; }

    // The next line without its end. A longer line than can be read is cut, and so refused by
    // whoever parses it. False at the end, or when the input went bad.
    bool next_line(std::string& line);

    std::uint64_t line_number() const { return line_number_; }  // of the last line; from 1

    // Success, or why reading ended before the end.
    Result<void> whole() const;

    std::uint64_t bytes_read() const { return bytes_read_.load(std::memory_order_relaxed); }

    std::uint64_t bytes_total() const { return bytes_total_; }  // 0: unknown

private:
    class Buffer final : public std::streambuf {
    public:
        explicit Buffer(Input& input) : input_{input} {}

    protected:
        int_type underflow() override;

    private:
        Input& input_;
    };

    Input(std::string path, int file, std::uint64_t bytes_total);

    std::string path_;
    int file_;
    std::uint64_t bytes_total_;
    std::atomic<std::uint64_t> bytes_read_{0};
    std::uint64_t line_number_ = 0;
    int error_ = 0;  // errno of a failed read
    bool stopped_ = false;
    std::vector<char> bytes_;
    Buffer buffer_;
    std::istream stream_;
};

}  // namespace tenure::system
