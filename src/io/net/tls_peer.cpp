#include "io/net/tls_peer.hpp"

#include <openssl/x509v3.h>
#include <sys/socket.h>

#include <memory>
#include <optional>
#include <vector>

namespace gateway {
namespace {

constexpr int extension_absent = -1;  // of X509_get_ext_d2i

int watch_index() {
  static int const index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

std::optional<name_type> type_of(const GENERAL_NAME& name) {
  switch (name.type) {
    case GEN_DNS:
      return name_type::dns;
    case GEN_URI:
      return name_type::uri;
    case GEN_EMAIL:
      return name_type::email;
    default:
      return std::nullopt;
  }
}

struct free_names {
  void operator()(GENERAL_NAMES* names) const { GENERAL_NAMES_free(names); }
};

}  // namespace

boost::system::result<certificate_names, proof_refusal> names_in_certificate(const X509* certificate) {
  if (certificate == nullptr) return certificate_names();
  int found = 0;
  std::unique_ptr<GENERAL_NAMES, free_names> const all{
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, &found, nullptr))};
  if (!all && found != extension_absent) return proof_refusal::certificate_unreadable;  // defence: names-unreadable
  std::vector<raw_name> shown;
  for (int i = 0; all && i < sk_GENERAL_NAME_num(all.get()); ++i) {
    auto const& one = *sk_GENERAL_NAME_value(all.get(), i);
    auto const type = type_of(one);
    if (!type) continue;
    auto const* const text = one.d.ia5;
    auto const* const bytes = reinterpret_cast<const char*>(ASN1_STRING_get0_data(text));
    shown.push_back({*type, {bytes, static_cast<std::size_t>(ASN1_STRING_length(text))}});
  }
  return read_names(shown);
}

bool has_expired_certificate(SSL* ssl) {
  auto const* const certificate = SSL_get0_peer_certificate(ssl);
  return certificate != nullptr && X509_cmp_current_time(X509_get0_notAfter(certificate)) <= 0;
}

message_watch::message_watch(SSL* ssl, int descriptor) : descriptor_(descriptor) { SSL_set_ex_data(ssl, watch_index(), this); }

void message_watch::serve(SSL_CTX* context) { SSL_CTX_set_info_callback(context, note); }

void message_watch::note(const SSL* ssl, int where, int) {
  bool const is_work = (where & SSL_CB_ALERT) != 0 || (where & SSL_CB_LOOP) != 0;
  auto* const watch = static_cast<message_watch*>(SSL_get_ex_data(ssl, watch_index()));
  if (!is_work || watch == nullptr || ++watch->messages_ <= max_messages) return;
  // defence: key-updates
  ::shutdown(watch->descriptor_, SHUT_RDWR);  // the session's read then ends the session
}

}  // namespace gateway
