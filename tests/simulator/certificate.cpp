#include "certificate.hpp"

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <memory>
#include <stdexcept>

namespace simulator {
namespace {

template <auto Free>
struct freer {
  template <class T>
  void operator()(T* value) const {
    Free(value);
  }
};
using key_ptr = std::unique_ptr<EVP_PKEY, freer<EVP_PKEY_free>>;
using x509_ptr = std::unique_ptr<X509, freer<X509_free>>;
using bio_ptr = std::unique_ptr<BIO, freer<BIO_free_all>>;
using extension_ptr = std::unique_ptr<X509_EXTENSION, freer<X509_EXTENSION_free>>;

constexpr long seconds_of_day = 24 * 60 * 60;

void require(bool good, const char* what) {
  if (!good) throw std::runtime_error(std::string{"cannot make a certificate: "} + what);
}

struct certificate_plan {
  const char* common_name;
  const char* alternative_names;  // null: none
  bool authority;
  long from, until;  // seconds from now
};

void add_extension(X509* certificate, X509* issuer, int nid, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const extension_ptr extension{X509V3_EXT_conf_nid(nullptr, &context, nid, value)};
  require(extension && X509_add_ext(certificate, extension.get(), -1) == 1, value);
}

x509_ptr make_certificate(const certificate_plan& plan, EVP_PKEY* key, X509* issuer, EVP_PKEY* issuer_key) {
  x509_ptr made{X509_new()};
  require(made && X509_set_version(made.get(), X509_VERSION_3) == 1, "no memory");
  unsigned char serial[16];
  require(RAND_bytes(serial, sizeof serial) == 1, "no random serial number");
  serial[0] &= 0x7f;
  const std::unique_ptr<BIGNUM, freer<BN_free>> number{BN_bin2bn(serial, sizeof serial, nullptr)};
  require(number && BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(made.get())) != nullptr, "serial number");
  X509_gmtime_adj(X509_getm_notBefore(made.get()), plan.from);
  X509_gmtime_adj(X509_getm_notAfter(made.get()), plan.until);
  X509_NAME* name = X509_get_subject_name(made.get());
  const auto add_name = [&](const char* field, const char* text) {
    require(X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(text), -1, -1, 0) == 1, text);
  };
  add_name("O", "twilio-simulator");
  add_name("CN", plan.common_name);
  X509* const signer = issuer != nullptr ? issuer : made.get();
  require(X509_set_issuer_name(made.get(), X509_get_subject_name(signer)) == 1 && X509_set_pubkey(made.get(), key) == 1, "names and key");
  add_extension(made.get(), signer, NID_basic_constraints, plan.authority ? "critical,CA:TRUE" : "critical,CA:FALSE");
  add_extension(made.get(), signer, NID_key_usage, plan.authority ? "critical,keyCertSign,cRLSign" : "critical,digitalSignature");
  add_extension(made.get(), signer, NID_subject_key_identifier, "hash");
  if (issuer != nullptr) add_extension(made.get(), signer, NID_authority_key_identifier, "keyid:always");
  if (!plan.authority) add_extension(made.get(), signer, NID_ext_key_usage, "serverAuth");
  if (plan.alternative_names != nullptr) add_extension(made.get(), signer, NID_subject_alt_name, plan.alternative_names);
  require(X509_sign(made.get(), issuer_key, EVP_sha256()) > 0, "signing");
  return made;
}

template <class F>
std::string pem_of(F write) {
  const bio_ptr out{BIO_new(BIO_s_mem())};
  require(out && write(out.get()) == 1, "PEM");
  char* text = nullptr;
  const long size = BIO_get_mem_data(out.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

std::string certificate_pem(X509* certificate) {
  return pem_of([&](BIO* out) { return PEM_write_bio_X509(out, certificate); });
}

}  // namespace

std::optional<leaf_kind> parse_leaf_kind(std::string_view name) {
  if (name == "good") return leaf_kind::good;
  if (name == "wrong-name") return leaf_kind::wrong_name;
  if (name == "expired") return leaf_kind::expired;
  if (name == "self-signed") return leaf_kind::self_signed;
  return {};
}

certificate_pair make_certificates(leaf_kind kind) {
  const key_ptr ca_key{EVP_EC_gen("P-256")};
  const key_ptr leaf_key{EVP_EC_gen("P-256")};
  require(ca_key && leaf_key, "no EC key");
  const x509_ptr ca = make_certificate({"Simulator test authority", nullptr, true, -2 * seconds_of_day, 825 * seconds_of_day}, ca_key.get(),
                                       nullptr, ca_key.get());
  certificate_plan plan{"localhost", "DNS:localhost,DNS:twilio-simulator,IP:127.0.0.1,IP:::1", false, -seconds_of_day,
                        397 * seconds_of_day};
  if (kind == leaf_kind::wrong_name) plan.alternative_names = "DNS:wrong.example,IP:192.0.2.1";
  if (kind == leaf_kind::wrong_name) plan.common_name = "wrong.example";
  if (kind == leaf_kind::expired) plan.until = -60;
  const bool alone = kind == leaf_kind::self_signed;
  const x509_ptr leaf = make_certificate(plan, leaf_key.get(), alone ? nullptr : ca.get(), alone ? leaf_key.get() : ca_key.get());
  return {certificate_pem(ca.get()), certificate_pem(leaf.get()),
          pem_of([&](BIO* out) { return PEM_write_bio_PrivateKey(out, leaf_key.get(), nullptr, nullptr, 0, nullptr, nullptr); })};
}

}  // namespace simulator
