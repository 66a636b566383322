#include "core/request/via.hpp"

#include <algorithm>
#include <concepts>
#include <optional>

#include "core/base/text.hpp"

namespace gateway {
namespace {

// A name of a host has at most 253 characters; protocol and port come with it.
constexpr std::size_t longest_element = 300;

constexpr char_set is_received_by_char{"!#$%&'*+-.^_`|~[]:", is_alnum};
constexpr char_set is_protocol_char{"!#$%&'*+-.^_`|~/", is_alnum};

struct proxy {
  std::string_view protocol;     // "1.1", "HTTP/2"
  std::string_view received_by;  // a host or a pseudonym, perhaps with a port

  [[nodiscard]] std::string_view name() const { return received_by.substr(0, received_by.find(':')); }
};

// The size of the comment at the beginning of `text`. A comment that does not end is none: it would hide the elements after it.
std::optional<std::size_t> size_of_comment(std::string_view text) {
  std::size_t depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == '(') {
      ++depth;
    } else if (text[i] == ')' && --depth == 0) {
      return i + 1;
    }
  }
  return std::nullopt;
}

// The next element of a line, which is then shorter: a comma inside a comment ends nothing.
std::string_view take_element(std::string_view& line) {
  bool comments_end = true;  // read once: many parentheses that stay open must not cost the square of their number
  std::size_t i = 0;
  for (; i < line.size() && line[i] != ','; ++i) {
    if (line[i] != '(' || !comments_end) continue;
    auto const size = size_of_comment(line.substr(i));
    comments_end = size.has_value();
    if (size) i += *size - 1;
  }
  auto const element = trim_ows(line.substr(0, i));
  line.remove_prefix(std::min(line.size(), i + 1));
  return element;
}

// received-protocol RWS received-by [ RWS comment ]
std::optional<proxy> parse_proxy(std::string_view element) {
  auto const protocol_end = element.find_first_of(" \t");
  if (protocol_end == std::string_view::npos) return std::nullopt;
  auto const rest = trim_ows(element.substr(protocol_end));
  proxy const read{element.substr(0, protocol_end), rest.substr(0, rest.find_first_of(" \t("))};
  bool const sane = !read.protocol.empty() && !read.received_by.empty() && read.protocol.size() + read.received_by.size() < longest_element;
  if (!sane || !is_protocol_char.holds_all(read.protocol) || !is_received_by_char.holds_all(read.received_by)) return std::nullopt;
  return read;
}

// Calls see(element) for the elements of all Via lines, until it returns false.
template <std::predicate<std::string_view> F>
void for_each_proxy(const request_head& head, F&& see) {
  if (!head.has_via) return;
  for_each_field(head.fields, [&](std::string_view name, std::string_view line) {
    while (iequals(name, "via") && !line.empty()) {
      auto const element = take_element(line);
      if (!element.empty() && !see(element)) return false;
    }
    return true;
  });
}

}  // namespace

std::string via_name(std::uint64_t random) {
  std::string name = "summary-gateway-";
  append_hex(name, random);
  return name;
}

bool is_loop(const request_head& head, std::string_view own) {
  std::size_t passed = 0;
  bool found = false;
  for_each_proxy(head, [&](std::string_view element) {
    auto const one = parse_proxy(element);
    found = ++passed > most_proxies || (one && iequals(one->name(), own));
    return !found;
  });
  return found;
}

std::string received_via(const request_head& head) {
  std::string all;
  for_each_proxy(head, [&](std::string_view element) {
    auto const one = parse_proxy(element);
    if (one) all.append(all.empty() ? "" : ", ").append(one->protocol).append(" ").append(one->received_by);
    return true;
  });
  return all;
}

std::string via_field(std::string_view received, bool http_1_0, std::string_view own) {
  std::string field = "Via: ";
  if (!received.empty()) field.append(received).append(", ");
  return field.append(http_1_0 ? "1.0 " : "1.1 ").append(own).append("\r\n");
}

}  // namespace gateway
