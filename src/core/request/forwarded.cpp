#include "core/request/forwarded.hpp"

#include <array>
#include <utility>

#include "core/base/text.hpp"

namespace gateway {
namespace {

// Walks one field's hops from the right.
class walk {
public:
  explicit walk(const address_list& trusted) : trusted_(trusted) {}

  [[nodiscard]] bool is_over() const { return over_; }
  void take(const std::optional<ip_address>& hop) {
    over_ = !hop || ++seen_ > max_hops;  // defence: unread-hop
    if (over_) return;
    client_ = hop;
    over_ = !trusted_.contains(hop);
  }
  // The head has such a field.
  bool present = false;
  [[nodiscard]] const std::optional<ip_address>& client() const { return client_; }

private:
  const address_list& trusted_;
  std::optional<ip_address> client_;
  std::size_t seen_ = 0;
  bool over_ = false;
};

// The position of the first `ends` outside a quoted string (RFC 9110 §5.6.4); nothing if a string does not end.
std::optional<std::size_t> find_unquoted(std::string_view text, char ends) {
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') {
      quoted = !quoted;
    } else if (quoted && text[i] == '\\') {
      ++i;
    } else if (!quoted && text[i] == ends) {
      return i;
    }
  }
  return quoted ? std::nullopt : std::optional{text.size()};
}

// forwarded-element: pairs, one of which is "for" (RFC 7239 §4).
std::optional<ip_address> hop_of(std::string_view element) {
  std::optional<ip_address> hop;
  bool said = false;
  while (!element.empty()) {
    auto const end = find_unquoted(element, ';').value_or(element.size());
    auto const pair = trim_ows(element.substr(0, end));
    element.remove_prefix(std::min(element.size(), end + 1));
    if (pair.empty()) continue;
    auto const equals = pair.find('=');
    if (equals == std::string_view::npos || !is_token(pair.substr(0, equals))) return std::nullopt;
    if (!iequals(pair.substr(0, equals), "for")) continue;
    if (std::exchange(said, true)) return std::nullopt;
    auto value = pair.substr(equals + 1);
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"') value = value.substr(1, value.size() - 2);
    hop = parse_hop(value);
  }
  return hop;
}

// Quoted strings can be recognized only from the left, but the hops count from the right.
void walk_forwarded(std::string_view line, walk& on) {
  std::array<std::string_view, max_hops + 1> last;
  std::size_t count = 0;
  while (!line.empty()) {
    auto const end = find_unquoted(line, ',');
    if (!end) return on.take(std::nullopt);
    if (auto const element = trim_ows(line.substr(0, *end)); !element.empty()) last[count++ % last.size()] = element;
    line.remove_prefix(std::min(line.size(), *end + 1));
  }
  for (std::size_t back = 1; back <= std::min(count, last.size()) && !on.is_over(); ++back)
    on.take(hop_of(last[(count - back) % last.size()]));
}

void walk_x_forwarded_for(std::string_view line, walk& on) {
  while (!line.empty() && !on.is_over()) {
    auto const comma = line.rfind(',');
    auto const element = trim_ows(line.substr(comma + 1));  // npos + 1 is the beginning
    line = comma == std::string_view::npos ? std::string_view{} : line.substr(0, comma);
    if (!element.empty()) on.take(parse_hop(element));
  }
}

}  // namespace

std::optional<ip_address> client_behind(std::string_view fields, const address_list& trusted) {
  static constexpr std::string_view crlf = "\r\n";
  walk forwarded{trusted}, x_forwarded_for{trusted};
  while (!fields.empty()) {
    fields.remove_suffix(std::min(fields.size(), crlf.size()));
    auto const before = fields.rfind(crlf);
    auto const line = before == std::string_view::npos ? fields : fields.substr(before + crlf.size());
    fields.remove_suffix(line.size());
    auto const colon = std::min(line.find(':'), line.size());
    auto const name = line.substr(0, colon);
    auto const value = trim_ows(line.substr(std::min(line.size(), colon + 1)));
    if (iequals(name, "forwarded")) {
      forwarded.present = true;
      if (!forwarded.is_over()) walk_forwarded(value, forwarded);
    } else if (iequals(name, "x-forwarded-for")) {
      x_forwarded_for.present = true;
      walk_x_forwarded_for(value, x_forwarded_for);
    }
  }
  if (!forwarded.present) return x_forwarded_for.client();
  if (!x_forwarded_for.present || forwarded.client() == x_forwarded_for.client()) return forwarded.client();  // defence: differing-fields
  return std::nullopt;
}

}  // namespace gateway
