// The certificate authorities that a TLS context trusts, read from a PEM file or from the system's store.
// Thread rule: pure functions but for the files that they read.
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <optional>
#include <string>

#include "core/base/keyed_hash.hpp"

namespace gateway {

// Makes the context trust what `file` contains; "system": what OpenSSL trusts on this machine. Every certificate in it is an anchor, also
// an intermediate authority or a single leaf. Returns a digest of what is trusted, which tells whether that has changed. Nothing if the
// file cannot be used; `why_not` then says why.
std::optional<digest> trust_authorities(boost::asio::ssl::context& context, const std::string& file, std::string& why_not);

}  // namespace gateway
