#include "support/running_server.h"

#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <sstream>

#include "base/invariant.h"
#include "base/text.h"
#include "codec/json_lines.h"
#include "server/store_token.h"

namespace tenure::testing {
namespace {

namespace net = boost::asio;
namespace http = boost::beast::http;

net::ip::tcp::socket connected(net::io_context& context, std::uint16_t port) {
    net::ip::tcp::socket socket{context};
    socket.connect({net::ip::address_v4::loopback(), port});
    return socket;
}

// Address space is scarce under TSan.
node::Options small_maps() {
    node::Options options;
    options.log_map_bytes = std::uint64_t{1} << 30U;
    options.index_map_bytes = std::uint64_t{1} << 30U;
    return options;
}

}  // namespace

std::string Answered::header(const std::string& name) const {
    for (const auto& [known, value] : headers)
        if (equal_folded(known, name)) return value;
    return {};
}

// As a server's own socket, which may then be bound to it as well.
HeldPort::HeldPort() {
    const net::ip::tcp::endpoint anyone{net::ip::address_v4::loopback(), 0};
    socket_.open(anyone.protocol());
    socket_.set_option(net::ip::tcp::acceptor::reuse_address{true});
    socket_.bind(anyone);
}

RunningServer::RunningServer(Change change) : change_{std::move(change)} {
    INVARIANT(node::Node::create(store_, {"default", "owner"}, clock_, random_, small_maps())
                  .has_value());
    start({});
    owner_token_ = issue("owner", {});
}

RunningServer::~RunningServer() { stop(); }

void RunningServer::start(const std::function<void(node::Options&)>& change) {
    observer_ = std::make_unique<server::Observer>();
    node::Options options = small_maps();
    server::Observer& observer = *observer_;
    options.committed = [&observer](const node::Committed& group) { observer.committed(group); };
    if (change) change(options);
    auto opened = node::Node::open(store_, clock_, random_, options);
    INVARIANT(opened.has_value());
    node_ = std::move(opened.value());
    server::Settings settings;
    settings.store = store_;
    settings.port = port_;
    settings.threads = 2;
    settings.log_level = "error";
    settings.limits.wait_max_ms = 200;
    if (change_) change_(settings);
    server_ =
        std::make_unique<server::Server>(std::move(settings), *node_, *observer_, clock_, random_);
    const auto started = server_->start();
    INVARIANT(started.has_value());
    port_ = server_->port();
}

void RunningServer::stop() {
    if (server_) server_->stop();
    if (node_) node_->stop();
    server_.reset();
    node_.reset();
    observer_.reset();
}

void RunningServer::restart(const std::function<void(node::Options&)>& change) {
    stop();
    start(change);
}

std::string RunningServer::issue(const std::string& principal, std::vector<std::string> actions) {
    std::string secret = server::make_store_token(random_);
    domain::Token token;
    token.principal = principal;
    token.secret_hash = server::hash_of(secret);
    token.id = domain::token_id_of(token.secret_hash);
    token.actions = std::move(actions);
    domain::Batch batch;
    domain::Command& command = batch.commands.emplace_back();
    command.tenant = "default";
    command.actor = domain::system_actor;
    command.body = domain::IssueToken{std::move(token)};
    INVARIANT(node_->submit(std::move(batch)).has_value());
    return secret;
}

std::string RunningServer::token_of(const std::string& principal,
                                    std::vector<std::string> actions) {
    return issue(principal, std::move(actions));
}

Revision RunningServer::record(const std::string& lines) {
    domain::Batch batch;
    std::istringstream input{lines};
    std::string line;
    codec::LineDefaults defaults;
    defaults.tenant = "default";
    defaults.actor = domain::system_actor;
    while (std::getline(input, line)) {
        if (line.empty()) continue;
        auto command = codec::parse_command_line(line, defaults);
        if (!command) std::fprintf(stderr, "%s\n", command.error().detail.c_str());
        INVARIANT(command.has_value());
        batch.commands.push_back(std::move(command.value()));
    }
    const auto receipt = node_->submit(std::move(batch));
    if (!receipt) std::fprintf(stderr, "%s\n", receipt.error().detail.c_str());
    INVARIANT(receipt.has_value());
    return receipt.value().last;
}

Answered RunningServer::ask(const Asked& asked) const {
    http::request<http::string_body> request;
    request.version(11);
    request.method_string(asked.method);
    request.target(asked.target);
    request.set(http::field::host, "localhost");
    request.set(http::field::connection, "close");
    const std::string& token = asked.token.empty() ? owner_token_ : asked.token;
    if (token != "-") request.set(http::field::authorization, "Bearer " + token);
    if (!asked.body.empty()) request.set(http::field::content_type, "application/json");
    for (const auto& [name, value] : asked.headers) request.set(name, value);
    request.body() = asked.body;
    request.prepare_payload();

    net::io_context context;
    auto socket = connected(context, port_);
    boost::system::error_code failed;
    http::write(socket, request, failed);
    boost::beast::flat_buffer buffer;
    http::response_parser<http::string_body> parser;
    parser.body_limit(std::uint64_t{1} << 30U);
    if (asked.method == "HEAD") parser.skip(true);
    http::read(socket, buffer, parser, failed);
    Answered answered;
    if (failed) return answered;
    auto response = parser.release();
    answered.status = response.result_int();
    for (const auto& field : response)
        answered.headers.emplace_back(field.name_string(), field.value());
    answered.body = std::move(response.body());
    return answered;
}

Answered RunningServer::get(const std::string& target, const std::string& token) const {
    Asked asked;
    asked.target = target;
    asked.token = token;
    return ask(asked);
}

Answered RunningServer::post(const std::string& target, const std::string& body,
                             const std::string& token) const {
    Asked asked;
    asked.method = "POST";
    asked.target = target;
    asked.body = body;
    asked.token = token;
    return ask(asked);
}

std::string RunningServer::exchange(const std::string& bytes, const std::string& ends) const {
    net::io_context context;
    auto socket = connected(context, port_);
    boost::system::error_code failed;
    net::write(socket, net::buffer(bytes), failed);
    std::string got;
    std::vector<char> part(65'536);
    while (!failed && (ends.empty() || got.find(ends) == std::string::npos)) {
        const std::size_t count = socket.read_some(net::buffer(part), failed);
        got.append(part.data(), count);
    }
    return got;
}

}  // namespace tenure::testing
