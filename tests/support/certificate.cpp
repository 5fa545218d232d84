#include "support/certificate.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <array>
#include <cstdio>
#include <memory>

#include "base/invariant.h"

namespace tenure::testing {
namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;
using File = std::unique_ptr<std::FILE, decltype(&std::fclose)>;

File open_to_write(const std::string& path) {
    File file{std::fopen(path.c_str(), "wb"), &std::fclose};
    INVARIANT(file != nullptr);
    return file;
}

Certificate self_signed(EVP_PKEY* key) {
    constexpr long version_3 = 2;
    constexpr long lifetime_seconds = 3600;
    Certificate made{X509_new(), &X509_free};
    X509* certificate = made.get();
    X509_set_version(certificate, version_3);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -lifetime_seconds);
    X509_gmtime_adj(X509_getm_notAfter(certificate), lifetime_seconds);
    X509_set_pubkey(certificate, key);
    X509_NAME* name = X509_get_subject_name(certificate);
    // Its own: authorities are looked up by their names.
    std::array<unsigned char, EVP_MAX_MD_SIZE> print{};
    unsigned size = 0;
    X509_pubkey_digest(certificate, EVP_sha256(), print.data(), &size);
    const std::string common =
        "tenure test " + std::to_string(print[0] * 65'536 + print[1] * 256 + print[2]);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>(common.c_str()), -1, -1, 0);
    X509_set_issuer_name(certificate, name);
    X509_EXTENSION* good_for = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name,
                                                   "IP:127.0.0.1,DNS:node.example");
    INVARIANT(good_for != nullptr);
    X509_add_ext(certificate, good_for, -1);
    X509_EXTENSION_free(good_for);
    INVARIANT(X509_sign(certificate, key, EVP_sha256()) != 0);
    return made;
}

}  // namespace

void write_certificate(const CertificateFiles& files, const std::string& password) {
    const Key key{EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"), &EVP_PKEY_free};
    INVARIANT(key != nullptr);
    const Certificate certificate = self_signed(key.get());
    INVARIANT(PEM_write_X509(open_to_write(files.certificate_file).get(), certificate.get()) == 1);
    const EVP_CIPHER* cipher = password.empty() ? nullptr : EVP_aes_256_cbc();
    const int size = static_cast<int>(password.size());
    const auto* bytes = reinterpret_cast<const unsigned char*>(password.data());
    INVARIANT(PEM_write_PrivateKey(open_to_write(files.key_file).get(), key.get(), cipher, bytes,
                                   size, nullptr, nullptr) == 1);
}

}  // namespace tenure::testing
