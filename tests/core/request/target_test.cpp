#include "core/request/target.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>

namespace gateway::target_test {
namespace {

using namespace std::string_view_literals;

struct row {
  std::string_view name;
  std::string_view method;
  std::string_view text;
  std::string_view expected;  // "path=… query=… authority=…" or "malformed_target"
};

std::string taken_apart(const row& r) {
  auto const exact = std::make_unique<char[]>(r.text.size());  // no terminator after it, so ASan detects a read beyond the end
  std::ranges::copy(r.text, exact.get());
  auto const form = parse_target({exact.get(), r.text.size()}, r.method);
  if (!form) return std::string{name_of(form.error())};
  std::string out = form->asterisk ? "asterisk " : "";
  out.append("path=").append(form->path);
  if (form->query) out.append(" query=").append(*form->query);
  if (form->authority) out.append(" authority=").append(*form->authority);
  return out;
}

TEST(target, forms) {
  static constexpr row rows[] = {
      {"origin-form", "GET", "/a/b", "path=/a/b"},
      {"query", "GET", "/a?b=c&d", "path=/a query=b=c&d"},
      {"empty query is not no query", "GET", "/a?", "path=/a query="},
      {"second question mark belongs to the query", "GET", "/a?b?c", "path=/a query=b?c"},
      {"nothing is decoded", "GET", "/%41%2f%00?%26", "path=/%41%2f%00 query=%26"},
      {"dots are kept", "GET", "/a/../b/./c//d;x", "path=/a/../b/./c//d;x"},
      {"every allowed byte", "GET", "/-._~!$&'()*+,;=:@azAZ09", "path=/-._~!$&'()*+,;=:@azAZ09"},
      {"absolute-form", "GET", "http://h:80/a?b", "path=/a query=b authority=h:80"},
      {"absolute-form of https", "GET", "https://h/a", "path=/a authority=h"},
      {"scheme in capitals", "GET", "HTTPS://H/a", "path=/a authority=H"},
      {"absolute-form without a path", "GET", "http://h", "path=/ authority=h"},
      {"absolute-form with only a query", "GET", "http://h?b", "path= query=b authority=h"},
      {"asterisk-form", "OPTIONS", "*", "asterisk path="},
      {"authority-form", "CONNECT", "h:443", "used_as_proxy"},
      {"empty", "GET", "", "malformed_target"},
      {"relative", "GET", "a/b", "malformed_target"},
      {"only a query", "GET", "?a", "malformed_target"},
      {"fragment", "GET", "/a#b", "malformed_target"},
      {"raw UTF-8", "GET", "/caf\xc3\xa9", "malformed_target"},
      {"0x80", "GET", "/\x80", "malformed_target"},
      {"0xff", "GET", "/\xff", "malformed_target"},
      {"space", "GET", "/a b", "malformed_target"},
      {"tab", "GET", "/a\tb", "malformed_target"},
      {"DEL", "GET", "/\x7f", "malformed_target"},
      {"NUL", "GET", "/\0"sv, "malformed_target"},
      {"carriage return", "GET", "/\r", "malformed_target"},
      {"backslash", "GET", "/a\\b", "malformed_target"},
      {"quote", "GET", "/\"", "malformed_target"},
      {"angle brackets", "GET", "/<script>", "malformed_target"},
      {"braces", "GET", "/{CallSid}", "malformed_target"},
      {"caret, bar, backtick", "GET", "/^|`", "malformed_target"},
      {"brackets", "GET", "/[a]", "malformed_target"},
      {"lone percent sign", "GET", "/%", "malformed_target"},
      {"half an escape", "GET", "/%4", "malformed_target"},
      {"no hexadecimal", "GET", "/%4g", "malformed_target"},
      {"broken escape in the query", "GET", "/?%zz", "malformed_target"},
      {"asterisk for another method", "GET", "*", "malformed_target"},
      {"asterisk and more", "OPTIONS", "*/", "malformed_target"},
      {"another scheme", "GET", "ftp://h/a", "malformed_target"},
      {"no authority", "GET", "http:///a", "malformed_target"},
      {"nothing after the scheme", "GET", "http://", "malformed_target"},
      {"one slash", "GET", "http:/h/a", "malformed_target"},
      {"user in the authority", "GET", "http://u:p@h/a", "malformed_target"},
      {"fragment in absolute-form", "GET", "http://h/a#b", "malformed_target"},
      {"fragment without a path", "GET", "http://h#b", "malformed_target"},
      {"CONNECT to a path", "CONNECT", "/a", "malformed_target"},
      {"CONNECT to a user", "CONNECT", "u@h:443", "malformed_target"},
      {"CONNECT to nothing", "CONNECT", "", "malformed_target"},
      {"authority-form for another method", "GET", "h:443", "malformed_target"},
  };
  for (auto const& r : rows) EXPECT_EQ(taken_apart(r), r.expected) << r.name;
}

}  // namespace
}  // namespace gateway::target_test
