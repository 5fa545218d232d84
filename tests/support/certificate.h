#pragma once
// Certificates for tests: made anew each time, so nothing expires and no key lies about.

#include <string>

namespace tenure::testing {

struct CertificateFiles {
    std::string certificate_file;
    std::string key_file;
};

// Writes a self-signed certificate (EC P-256, good for 127.0.0.1 and node.example, an hour) and its
// key, as PEM. With a password the key is encrypted.
void write_certificate(const CertificateFiles& files, const std::string& password = {});

}  // namespace tenure::testing
