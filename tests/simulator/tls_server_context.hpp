#pragma once
// The TLS settings of the simulated upstream: 1.2 and 1.3, http/1.1 by ALPN, resumption by tickets.
#include <boost/asio/ssl/context.hpp>

#include <string>

namespace simulator {

boost::asio::ssl::context tls_server_context(const std::string& chain_pem, const std::string& key_pem);

}  // namespace simulator
