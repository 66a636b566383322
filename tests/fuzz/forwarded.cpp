// Any fields, 10.0.0.0/8 trusted: whoever is found stands there, and what a proxy appends decides.
#include "core/request/forwarded.hpp"
#include "target.hpp"

#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gateway;
  auto const said = text_of(data, size);
  std::string why_not;
  address_list trusted;
  trusted.ranges = {*address_range::parse("10.0.0.0/8", why_not)};
  auto const seen = ip_address::parse("192.0.2.1");
  static_cast<void>(client_behind(said, trusted));
  if (said.find('\r') != std::string_view::npos || said.find('\n') != std::string_view::npos) return 0;  // no head holds such a value
  std::string const value{said};
  claim(client_behind("X-Forwarded-For: " + value + ", 192.0.2.1\r\n", trusted) == seen, "who is appended is the client");
  claim(client_behind("X-Forwarded-For: " + value + "\r\nX-Forwarded-For: 192.0.2.1, 10.1.1.1\r\n", trusted) == seen,
        "on a line of its own, too");
  claim(client_behind("Forwarded: " + value + "\r\nForwarded: for=192.0.2.1\r\n", trusted) == seen, "in the other field, too");
  auto const joined = client_behind("Forwarded: " + value + ", for=192.0.2.1\r\n", trusted);
  claim(!joined || joined == seen, "an open string makes nobody else of it");
  auto const both = client_behind("Forwarded: " + value + "\r\nX-Forwarded-For: 192.0.2.1\r\n", trusted);
  claim(!both || both == seen, "a field that the proxy passes on names nobody");
  return 0;
}
