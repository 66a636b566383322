// Certificates for tests, signed by each other, valid from a moment ago on.
#pragma once

#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>

#include "net/tls_client.hpp"

namespace gateway::test {

struct made_certificate {
  std::unique_ptr<EVP_PKEY, freed_by<EVP_PKEY_free>> key{EVP_EC_gen("P-256")};
  std::unique_ptr<X509, freed_by<X509_free>> certificate{X509_new()};

  // Self-signed without an issuer.
  static made_certificate authority(const char* name, std::chrono::seconds valid_for, const made_certificate* issuer = nullptr) {
    made_certificate made{name, valid_for, issuer};
    made.add(NID_basic_constraints, "critical,CA:TRUE");
    made.add(NID_key_usage, "critical,keyCertSign,cRLSign");
    made.sign(issuer);
    return made;
  }
  // `names`: subject alternative names, such as "DNS:localhost"; "" for none.
  static made_certificate leaf(const char* names, const made_certificate& issuer, std::chrono::seconds valid_for,
                               const char* common_name = "a leaf") {
    made_certificate made{common_name, valid_for, &issuer};
    if (*names != '\0') made.add(NID_subject_alt_name, names);
    made.add(NID_basic_constraints, "CA:FALSE");
    made.sign(&issuer);
    return made;
  }

  [[nodiscard]] std::string pem() const {
    return written([&](BIO* to) { PEM_write_bio_X509(to, certificate.get()); });
  }
  [[nodiscard]] std::string der() const {
    return written([&](BIO* to) { i2d_X509_bio(to, certificate.get()); });
  }
  [[nodiscard]] std::string key_pem() const {
    return written([&](BIO* to) { PEM_write_bio_PrivateKey(to, key.get(), nullptr, nullptr, 0, nullptr, nullptr); });
  }
  [[nodiscard]] std::string empty_revocation_list() const {
    std::unique_ptr<X509_CRL, freed_by<X509_CRL_free>> const list{X509_CRL_new()};
    X509_CRL_set_issuer_name(list.get(), X509_get_subject_name(certificate.get()));
    X509_CRL_set1_lastUpdate(list.get(), X509_get0_notBefore(certificate.get()));
    X509_CRL_set1_nextUpdate(list.get(), X509_get0_notAfter(certificate.get()));
    X509_CRL_sign(list.get(), key.get(), EVP_sha256());
    return written([&](BIO* to) { PEM_write_bio_X509_CRL(to, list.get()); });
  }

private:
  made_certificate(const char* name, std::chrono::seconds valid_for, const made_certificate* issuer) {
    static long serial = 0;
    auto* const raw = certificate.get();
    X509_set_version(raw, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(raw), ++serial);
    X509_gmtime_adj(X509_getm_notBefore(raw), -60);
    X509_gmtime_adj(X509_getm_notAfter(raw), valid_for.count());
    X509_set_pubkey(raw, key.get());
    auto* const subject = X509_get_subject_name(raw);
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>(name), -1, -1, 0);
    X509_set_issuer_name(raw, issuer == nullptr ? subject : X509_get_subject_name(issuer->certificate.get()));
  }
  void add(int what, const char* value) {
    std::unique_ptr<X509_EXTENSION, freed_by<X509_EXTENSION_free>> const extension{X509V3_EXT_conf_nid(nullptr, nullptr, what, value)};
    X509_add_ext(certificate.get(), extension.get(), -1);
  }
  void sign(const made_certificate* issuer) {
    auto* const by = issuer == nullptr ? key.get() : issuer->key.get();
    if (X509_sign(certificate.get(), by, EVP_sha256()) == 0) throw std::runtime_error{"no certificate could be made"};
  }
  template <class Write>
  static std::string written(Write write) {
    std::unique_ptr<BIO, freed_by<BIO_free_all>> const to{BIO_new(BIO_s_mem())};
    write(to.get());
    char* bytes = nullptr;
    auto const size = BIO_get_mem_data(to.get(), &bytes);
    return {bytes, static_cast<std::size_t>(size)};
  }
};

}  // namespace gateway::test
