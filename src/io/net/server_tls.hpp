// The TLS side of a listener: TLS 1.2 and 1.3 with AEAD suites, ALPN http/1.1, optionally client certificates.
// Thread rule: made on one thread, then shared read-only, and replaced as a whole when its files change.
#pragma once

#include <atomic>
#include <boost/asio/ssl/context.hpp>
#include <memory>
#include <string>

#include "core/base/certificate_life.hpp"
#include "core/base/keyed_hash.hpp"
#include "core/settings/settings.hpp"
#include "io/runtime/published.hpp"
#include "io/runtime/task.hpp"

namespace gateway {

// Null if a file cannot be used; `why_not` then names it.
std::shared_ptr<asio::ssl::context> make_server_tls(const tls_settings& settings, std::string& why_not);

// The TLS of a listener's new connections; open connections keep the earlier one.
struct listener_tls {
  std::shared_ptr<asio::ssl::context> context;  // null: plaintext
  certificate_life life;                        // of its certificate
  digest client_authorities{};                  // zero: clients are not asked for certificates
  // Set once other authorities have taken its place: a connection that was verified by it gives one more answer at most.
  std::shared_ptr<std::atomic<bool>> withdrawn = std::make_shared<std::atomic<bool>>(false);
};
using published_tls = published<listener_tls>;

// Fails like make_server_tls.
published_tls::pointer make_listener_tls(const tls_settings& settings, std::string& why_not);

// Puts `next` in the place of what is published, which is withdrawn if it trusts other authorities.
void replace_tls(published_tls& published, published_tls::pointer next);

}  // namespace gateway
