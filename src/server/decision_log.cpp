#include "server/decision_log.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "api/json_text.h"
#include "base/text.h"

namespace tenure::server {
namespace {

DecisionLog::File open_to_append(const std::string& path) {
    return DecisionLog::File{std::fopen(path.c_str(), "ae")};
}

std::uint64_t size_of(std::FILE* file) {
    std::fseek(file, 0, SEEK_END);
    const long size = std::ftell(file);
    return size < 0 ? 0 : static_cast<std::uint64_t>(size);
}

Result<DecisionLog::File> opened(const DecisionLogSettings& settings) {
    DecisionLog::File file;
    if (settings.file.empty()) return file;
    file = open_to_append(settings.file);
    if (file == nullptr)
        return Error{
            Errc::storage_failed,
            "cannot open decision log " + quoted(settings.file) + ": " + std::strerror(errno),
            "decision_log.file"};
    return file;
}

}  // namespace

Result<std::unique_ptr<DecisionLog>> DecisionLog::open(const DecisionLogSettings& settings) {
    TRY(File file, opened(settings));
    return std::unique_ptr<DecisionLog>{new DecisionLog{settings, std::move(file)}};
}

DecisionLog::DecisionLog(const DecisionLogSettings& settings, File file)
    : settings_{settings}, file_{std::move(file)} {
    if (!on()) return;
    file_bytes_ = size_of(file_.get());
    thread_ = std::thread{[this] { loop(); }};
}

DecisionLog::~DecisionLog() {
    {
        const std::lock_guard guard{mutex_};
        stopping_ = true;
    }
    wake_.notify_one();
    if (thread_.joinable()) thread_.join();
}

void DecisionLog::add(const Asking& asking, const domain::CheckQuestion& question,
                      const Result<query::CheckAnswer>& answer) {
    if (!on()) return;
    api::JsonText json;
    json.begin_object();
    json.member("time", asking.now);
    json.member("door", asking.door);
    json.member("asker", asking.asker);
    json.text_member("requestId", asking.request_id);
    json.member("tenant", question.tenant);
    json.member("principal", question.principal);
    json.member("action", question.action);
    json.member("plane", domain::name_of(question.plane));
    json.member("scope", question.scope);
    json.member("at", question.as_of.at);
    json.member("knownAt", question.as_of.known_at);
    if (answer) {
        json.member("decision", answer.value().allowed ? "allow" : "deny");
        json.member("revision", answer.value().basis.revision);
        json.member("final", answer.value().basis.final);
    } else {
        json.member("error", name_of(answer.error().code));
    }
    json.end_object();
    const std::string line = json.take() + '\n';
    const std::lock_guard guard{mutex_};
    if (waiting_.size() + line.size() > waiting_bytes_max) {
        ++dropped_;
        return;
    }
    const bool idle = waiting_.empty();
    waiting_ += line;
    if (idle) wake_.notify_one();
}

std::uint64_t DecisionLog::dropped() const {
    const std::lock_guard guard{mutex_};
    return dropped_;
}

Result<DecisionLog::File> DecisionLog::open_anew() const { return opened(settings_); }

void DecisionLog::go_on_in(File file) {
    if (file == nullptr) return;
    {
        const std::lock_guard guard{mutex_};
        next_ = std::move(file);
    }
    wake_.notify_one();
}

void DecisionLog::rotate() {
    file_.reset();
    for (std::uint32_t i = settings_.files_max; i > 1; --i)
        std::rename((settings_.file + '.' + std::to_string(i - 1)).c_str(),
                    (settings_.file + '.' + std::to_string(i)).c_str());
    std::rename(settings_.file.c_str(), (settings_.file + ".1").c_str());
    file_ = open_to_append(settings_.file);
    file_bytes_ = 0;
}

void DecisionLog::loop() {
    std::string taken;
    for (;;) {
        File next;
        {
            std::unique_lock guard{mutex_};
            wake_.wait(guard, [&] { return stopping_ || next_ != nullptr || !waiting_.empty(); });
            if (stopping_ && waiting_.empty()) return;
            taken.clear();
            taken.swap(waiting_);
            next = std::move(next_);
        }
        if (next != nullptr) {
            file_ = std::move(next);
            file_bytes_ = size_of(file_.get());
        }
        // A disk that refuses costs lines, not answers.
        if (file_ == nullptr) file_ = open_to_append(settings_.file);
        const bool written =
            file_ != nullptr &&
            std::fwrite(taken.data(), 1, taken.size(), file_.get()) == taken.size() &&
            std::fflush(file_.get()) == 0;
        if (!written && !taken.empty()) {
            const std::lock_guard guard{mutex_};
            dropped_ += static_cast<std::uint64_t>(std::ranges::count(taken, '\n'));
            continue;
        }
        file_bytes_ += taken.size();
        if (file_bytes_ >= settings_.rotate_bytes && settings_.files_max > 0) rotate();
    }
}

}  // namespace tenure::server
