// The credential a client sent, taken apart only as far as needed to tell one from another. Never printable.
// Source: RFC 7617 (Basic), RFC 6750 (Bearer); Twilio takes both.
// Thread rule: values.
#pragma once

#include <boost/system/result.hpp>
#include <string_view>

#include "core/base/fault.hpp"
#include "core/base/secret.hpp"

namespace gateway {

struct credentials {
  // "basic:user:password" or "bearer:token": equal for equal credentials however they were spelt on the wire.
  secret canonical;

  // What proves a client to this gateway itself: the bearer token, or the password of Basic, whoever the user is said to be (SDKs
  // insist on an account sid there).
  [[nodiscard]] std::string_view token() const;
  // Of Basic; "" of a bearer token. No secret: an account sid, or an API key's.
  [[nodiscard]] std::string_view user() const;
};

// An Authorization field's value; "" stands for no such field.
boost::system::result<credentials, fault> parse_authorization(std::string_view value);

// The field's value for a credential as it stands in a file: "sid:secret" or a bearer token. Empty if it is neither.
secret compose_authorization(std::string_view credential);

}  // namespace gateway
