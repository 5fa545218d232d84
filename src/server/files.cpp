#include "server/files.h"

#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/x509err.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/text.h"
#include "server/jwt_issuers.h"

namespace tenure::server {
namespace {

namespace fs = std::filesystem;
namespace ssl = boost::asio::ssl;

Result<std::string> text_of(const std::string& path) {
    std::ifstream file{path, std::ios::binary};
    std::ostringstream text;
    text << file.rdbuf();
    if (!file) return Error{Errc::storage_failed, "cannot read " + tenure::quoted(path)};
    return text.str();
}

// "cannot use key 'server.key': No such file or directory; it is ..."
Error unusable(const std::string& setting, std::string_view what, const std::string& path,
               const boost::system::error_code& why, std::string_view wanted) {
    return Error{Errc::storage_failed,
                 "cannot use " + std::string(what) + ' ' + tenure::quoted(path) + ": " +
                     why.message() + "; " + std::string(wanted),
                 setting};
}

// By the process's effective user.
bool may(const fs::path& path, int how) {
    return ::faccessat(AT_FDCWD, path.c_str(), how, AT_EACCESS) == 0;
}

// Of the store's directory or the decision log.
Error wrong(const std::string& setting, const std::string& path, const std::string& what) {
    const std::string name = setting == "store" ? "store" : "decision log";
    return Error{Errc::storage_failed, name + ' ' + tenure::quoted(path) + ' ' + what, setting};
}

// Whether the directory can be made: the nearest one above it that is there takes new entries.
Result<void> check_makeable(const std::string& directory) {
    std::error_code failed;
    fs::path above = fs::absolute(directory, failed).lexically_normal();
    while (!failed && !fs::exists(above, failed) && above.has_relative_path())
        above = above.parent_path();
    if (!fs::is_directory(above, failed))
        return wrong("store", directory,
                     "cannot be made: " + tenure::quoted(above.string()) + " is not a directory");
    if (!may(above, W_OK | X_OK))
        return wrong("store", directory,
                     "cannot be made: " + tenure::quoted(above.string()) + " cannot be written to");
    return success();
}

Result<void> check_store(const std::string& directory) {
    std::error_code failed;
    if (!fs::exists(directory, failed)) return check_makeable(directory);
    if (!fs::is_directory(directory, failed))
        return wrong("store", directory, "is not a directory; a store is one");
    if (!may(directory, R_OK | W_OK | X_OK))
        return wrong("store", directory, "cannot be read and written by who runs this");
    if (fs::is_empty(directory, failed)) return success();
    const fs::path data = fs::path{directory} / "log" / "data.mdb";
    if (!fs::exists(data, failed))
        return wrong("store", directory,
                     "is not a store and not empty: a store needs a directory of its own");
    if (!may(data, R_OK | W_OK))
        return wrong("store", directory,
                     "has a log that cannot be read and written by who runs this");
    return success();
}

Result<void> check_decision_log(const std::string& path) {
    if (path.empty()) return success();
    const std::string setting = "decision_log.file";
    std::error_code failed;
    if (fs::is_directory(path, failed))
        return wrong(setting, path, "is a directory; the log is a file in one");
    // Also what is no file: /dev/stdout, a pipe. Where there is one it is only written to.
    if (fs::exists(path, failed)) {
        if (may(path, W_OK)) return success();
        return wrong(setting, path, "cannot be written by who runs this");
    }
    fs::path directory = fs::path{path}.parent_path();
    if (directory.empty()) directory = ".";
    if (!fs::is_directory(directory, failed))
        return wrong(
            setting, path,
            "cannot be written: there is no directory " + tenure::quoted(directory.string()));
    if (!may(directory, W_OK | X_OK))
        return wrong(setting, path,
                     "cannot be written: its directory takes no files of who runs this");
    return success();
}

Result<void> load_authority(ssl::context& context, const std::string& path) {
    boost::system::error_code failed;
    context.load_verify_file(path, failed);
    if (!failed) return success();
    return unusable("replication.ca_file", "certificates of", path, failed,
                    "it is PEM, the certificates of the cluster's authority");
}

Result<void> check_authority(const std::string& path) {
    if (path.empty()) return success();
    ssl::context trust{ssl::context::tls_client};
    return load_authority(trust, path);
}

}  // namespace

Result<std::shared_ptr<ssl::context>> read_tls(const Settings& settings) {
    std::shared_ptr<ssl::context> context;
    if (!settings.tls.on()) return context;
    const TlsSettings& tls = settings.tls;
    context = std::make_shared<ssl::context>(ssl::context::tls_server);
    boost::system::error_code failed;
    context->set_options(ssl::context::default_workarounds | ssl::context::no_sslv2 |
                             ssl::context::no_sslv3 | ssl::context::no_tlsv1 |
                             ssl::context::no_tlsv1_1 | ssl::context::single_dh_use,
                         failed);
    // An encrypted key is an error; OpenSSL would ask the terminal for its password.
    context->set_password_callback(
        [](std::size_t, ssl::context::password_purpose) { return std::string{}; }, failed);
    context->use_certificate_chain_file(tls.certificate_file, failed);
    if (failed)
        return unusable("tls.certificate_file", "certificate", tls.certificate_file, failed,
                        "it is PEM, the server's certificate and its chain");
    const Error mixed{Errc::invalid_argument,
                      "key " + tenure::quoted(tls.key_file) + " does not belong to certificate " +
                          tenure::quoted(tls.certificate_file),
                      "tls.key_file"};
    context->use_private_key_file(tls.key_file, ssl::context::pem, failed);
    // Said here of keys of the certificate's kind, and below of others.
    if (failed &&
        ERR_GET_REASON(static_cast<unsigned long>(failed.value())) == X509_R_KEY_VALUES_MISMATCH)
        return mixed;
    if (failed)
        return unusable("tls.key_file", "key", tls.key_file, failed,
                        "it is PEM, the certificate's private key without a password");
    if (SSL_CTX_check_private_key(context->native_handle()) != 1) return mixed;
    const ReplicationSettings& replication = settings.replication;
    if (replication.copies.empty() || replication.ca_file.empty()) return context;
    // Copies of the log show certificates of an authority of their own.
    TRY(load_authority(*context, replication.ca_file));
    // Others need show none; what is shown has to be of this authority.
    context->set_verify_mode(ssl::verify_peer, failed);
    // Without it OpenSSL refuses to go on with a session whose peer may have shown something.
    static constexpr std::array<unsigned char, 6> sessions{'t', 'e', 'n', 'u', 'r', 'e'};
    SSL_CTX_set_session_id_context(context->native_handle(), sessions.data(), sessions.size());
    return context;
}

Result<std::vector<std::optional<KeySet>>> read_key_sets(const Settings& settings) {
    std::vector<std::optional<KeySet>> all(settings.issuers.size());
    for (std::size_t i = 0; i < all.size(); ++i) {
        const std::string& path = settings.issuers[i].jwks_file;
        if (path.empty()) continue;
        const auto text = text_of(path);
        if (!text)
            return Error{Errc::storage_failed, text.error().detail + "; it is an issuer's JWK Set",
                         "issuers.jwks_file"};
        auto keys = KeySet::parse(text.value());
        if (!keys)
            return invalid("issuers.jwks_file", tenure::quoted(path) + ": " + keys.error().detail);
        all[i] = std::move(keys.value());
    }
    return all;
}

Result<void> check_files(const Settings& settings) {
    TRY(check_store(settings.store));
    TRY(read_tls(settings));
    TRY(check_authority(settings.replication.ca_file));
    TRY(read_key_sets(settings));
    return check_decision_log(settings.decision_log.file);
}

}  // namespace tenure::server
