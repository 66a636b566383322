// The TLS side of a listener: TLS 1.2 and 1.3 with AEAD suites, ALPN http/1.1, optionally client certificates.
// Thread rule: made at start, then shared read-only.
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <memory>
#include <string>

#include "core/settings/settings.hpp"
#include "io/runtime/task.hpp"

namespace gateway {

// Null and a sentence that names the file when something does not fit.
std::shared_ptr<asio::ssl::context> make_server_tls(const tls_settings& settings, std::string& why_not);

}  // namespace gateway
