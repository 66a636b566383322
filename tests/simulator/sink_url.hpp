#pragma once
// The http or https URL of a webhook sink, in the parts that a request needs.
#include <optional>
#include <string>
#include <string_view>

namespace simulator {

struct sink_url {
  bool tls = false;
  std::string host;       // without the brackets of an IPv6 address
  std::string port;       // "443" and "80" when the URL has none
  std::string authority;  // as written, for the Host field
  std::string target;     // path and query, "/" at least

  static std::optional<sink_url> parse(std::string_view url);
  std::string with_port() const;  // the whole URL again, its port written out
};

}  // namespace simulator
