// The TLS side of a listener: TLS 1.2 and 1.3 with AEAD suites, ALPN http/1.1, optionally client certificates.
// Thread rule: made on one thread, then shared read-only, and replaced as a whole when its files change.
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <memory>
#include <string>

#include "core/base/time.hpp"
#include "core/settings/settings.hpp"
#include "io/runtime/published.hpp"
#include "io/runtime/task.hpp"

namespace gateway {

// Null if a file cannot be used; `why_not` then names it.
std::shared_ptr<asio::ssl::context> make_server_tls(const tls_settings& settings, std::string& why_not);

// The TLS of a listener's new connections; open connections keep the earlier one.
struct listener_tls {
  std::shared_ptr<asio::ssl::context> context;  // null: plaintext
  wall_time expires;                            // the end of the certificate's validity
};
using published_tls = published<listener_tls>;

// Fails like make_server_tls.
published_tls::pointer make_listener_tls(const tls_settings& settings, std::string& why_not);

}  // namespace gateway
