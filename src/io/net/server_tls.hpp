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

// Null and a sentence that names the file when something does not fit.
std::shared_ptr<asio::ssl::context> make_server_tls(const tls_settings& settings, std::string& why_not);

// What new connections of a listener are secured with; those that are open keep what they have.
struct listener_tls {
  std::shared_ptr<asio::ssl::context> context;  // null: plaintext
  wall_time expires;                            // the certificate
};
using published_tls = published<listener_tls>;

// As make_server_tls.
published_tls::pointer make_listener_tls(const tls_settings& settings, std::string& why_not);

}  // namespace gateway
