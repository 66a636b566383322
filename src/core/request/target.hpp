// Splits the request target into its parts, for the forms of RFC 9112 §3.2. Anything else is refused, and nothing is decoded.
// Thread rule: values; the views live as long as the text.
#pragma once

#include <boost/system/result.hpp>
#include <optional>
#include <string_view>

#include "core/base/fault.hpp"

namespace gateway {

struct target_form {
  std::string_view path;
  std::optional<std::string_view> query;
  std::optional<std::string_view> authority;  // absolute-form only
  bool asterisk = false;
};

// CONNECT's authority-form is refused for what it is: the client takes the gateway for a forward proxy.
boost::system::result<target_form, fault> parse_target(std::string_view text, std::string_view method);

}  // namespace gateway
