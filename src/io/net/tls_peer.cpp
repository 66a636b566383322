#include "io/net/tls_peer.hpp"

#include <openssl/x509v3.h>
#include <sys/socket.h>

#include <algorithm>
#include <memory>
#include <string_view>

namespace gateway {
namespace {

constexpr std::size_t max_name = 255;

int watch_index() {
  static int const index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= max_name && std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f; });
}

std::string_view text_of(const GENERAL_NAME& name) {
  if (name.type != GEN_DNS && name.type != GEN_URI && name.type != GEN_EMAIL) return {};
  auto const* const text = name.d.ia5;
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)), static_cast<std::size_t>(ASN1_STRING_length(text))};
}

struct free_names {
  void operator()(GENERAL_NAMES* names) const { GENERAL_NAMES_free(names); }
};

}  // namespace

std::string certificate_name(SSL* ssl) {
  auto const* const certificate = SSL_get0_peer_certificate(ssl);
  if (certificate == nullptr) return {};
  std::unique_ptr<GENERAL_NAMES, free_names> const names{
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr))};
  for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    auto const text = text_of(*sk_GENERAL_NAME_value(names.get(), i));
    if (is_name(text)) return std::string{text};
  }
  return {};
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
