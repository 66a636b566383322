// A credential that a client sent, parsed only as far as needed to tell two credentials apart. Never printable.
// Source: RFC 7617 (Basic), RFC 6750 (Bearer); Twilio takes both.
// Thread rule: values.
#pragma once

#include <boost/system/result.hpp>
#include <string>
#include <string_view>

#include "core/base/fault.hpp"
#include "core/base/secret.hpp"

namespace gateway {

struct credentials {
  // "basic:user:password" or "bearer:token": equal for equal credentials, in whatever spelling they were sent.
  secret canonical;

  // The client's proof to this gateway: the bearer token, or the password of Basic. The user name is ignored here, because SDKs insist on
  // an account sid there.
  [[nodiscard]] std::string_view token() const;
  // The user name of Basic; "" for a bearer token. It is no secret: an account sid, or the sid of an API key.
  [[nodiscard]] std::string_view user() const;
};

// Takes the value of an Authorization field; "" means that the field is absent.
boost::system::result<credentials, fault> parse_authorization(std::string_view value);

// The field's value for a credential as written in a file: "sid:secret" or a bearer token. Empty if it is neither.
secret compose_authorization(std::string_view credential);

// The field's value for a bearer token. Empty if no field could carry it (RFC 6750 §2.1).
secret compose_bearer(std::string_view token);

// The value of Proxy-Authorization for "user:password"; the password may be empty (RFC 7617 §2).
secret compose_proxy_authorization(std::string_view credential);

}  // namespace gateway
