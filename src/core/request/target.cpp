#include "core/request/target.hpp"

#include "core/base/text.hpp"
#include "core/request/framing.hpp"

namespace gateway {
namespace {

constexpr char_set is_uri_char{"-._~!$&'()*+,;=:@/?", is_alnum};

// RFC 3986 pchar, "/" and "?"; percent signs only before two hexadecimal digits.
bool is_path_and_query(std::string_view text) {
  if (is_uri_char.holds_all(text)) return true;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char const c = text[i];
    if (c == '%') {
      if (i + 2 >= text.size() || !is_hex(text[i + 1]) || !is_hex(text[i + 2])) return false;
      i += 2;
    } else if (!is_uri_char(c)) {
      return false;
    }
  }
  return true;
}

}  // namespace

boost::system::result<target_form, fault> parse_target(std::string_view text, std::string_view method) {
  target_form target;
  if (method == "CONNECT") {
    return is_host(text) && !text.empty() ? fault::used_as_proxy : fault::malformed_target;
  }
  if (text == "*") {
    if (method != "OPTIONS") return fault::malformed_target;
    target.asterisk = true;
    return target;
  }
  for (std::string_view const scheme : {"http://", "https://"}) {
    if (!iequals(text.substr(0, scheme.size()), scheme)) continue;
    text.remove_prefix(scheme.size());
    auto const end = text.find_first_of("/?");
    target.authority = text.substr(0, end);
    if (target.authority->empty() || !is_host(*target.authority)) return fault::malformed_target;
    text = end == std::string_view::npos ? std::string_view{"/"} : text.substr(end);
    break;
  }
  bool const begins_right = text.starts_with('/') || (target.authority && text.starts_with('?'));
  if (!begins_right || !is_path_and_query(text)) return fault::malformed_target;  // defence: target-syntax
  auto const mark = text.find('?');
  target.path = text.substr(0, mark);
  if (mark != std::string_view::npos) target.query = text.substr(mark + 1);
  return target;
}

}  // namespace gateway
