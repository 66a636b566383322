// The request target split into its parts, for the forms that RFC 9112 §3.2 allows; anything else is refused, nothing is decoded.
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

// CONNECT's authority-form is let through with an empty path, so that it is refused as a method, not as bad syntax.
boost::system::result<target_form, fault> parse_target(std::string_view text, std::string_view method);

}  // namespace gateway
