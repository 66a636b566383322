#include "core/auth/certificate_names.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <optional>

#include "core/base/text.hpp"

namespace gateway {
namespace {

constexpr std::size_t max_dns_name = 253;
constexpr std::size_t max_label = 63;
constexpr std::size_t max_email = 254;
constexpr std::size_t max_local_part = 64;
constexpr std::size_t max_uri = 2048;
constexpr std::string_view spiffe = "spiffe://";
constexpr std::array<std::string_view, 3> type_prefixes{"dns:", "uri:", "email:"};

constexpr char_set is_label_char{"-_", is_alnum};
constexpr char_set is_atom_char{"!#$%&'*+-/=?^_`{|}~.", is_alnum};  // RFC 5322 §3.2.3, without quoted strings
constexpr char_set is_scheme_char{"+-.", is_alnum};
constexpr char_set is_uri_char{"-._~:/?#[]@!$&'()*+,;=", is_alnum};  // RFC 3986 §2, without "%"
constexpr char_set is_id_char{"-._", is_alnum};
constexpr char_set is_domain_char{"-._", [](char c) { return is_alnum(c) && c == lower(c); }};

std::string in_lower_case(std::string_view text) {
  std::string made{text};
  std::ranges::transform(made, made.begin(), lower);
  return made;
}

// A trailing dot, an empty label or a foreign byte makes it malformed; so does a wildcard.
bool is_dns_name(std::string_view text) {
  if (text.empty() || text.size() > max_dns_name) return false;
  while (true) {
    auto const label = text.substr(0, text.find('.'));
    if (label.empty() || label.size() > max_label || !is_label_char.holds_all(label)) return false;
    if (label.size() == text.size()) return true;
    text.remove_prefix(label.size() + 1);
  }
}

bool is_wildcard(std::string_view text) { return text.starts_with("*.") && is_dns_name(text.substr(2)); }

// The domain in lower case; the part before it may differ in case (RFC 5280 §7.5).
std::optional<std::string> email_of(std::string_view text) {
  auto const at = text.find('@');
  if (at == 0 || at == std::string_view::npos || at > max_local_part || text.size() > max_email) return std::nullopt;
  if (!is_atom_char.holds_all(text.substr(0, at)) || !is_dns_name(text.substr(at + 1))) return std::nullopt;
  return std::string{text.substr(0, at + 1)} + in_lower_case(text.substr(at + 1));
}

bool is_segment(std::string_view text) { return !text.empty() && text != "." && text != ".." && is_id_char.holds_all(text); }

// SPIFFE-ID §2: a trust domain in lower case and a path of plain segments. No percent-encoding, port, query or fragment.
bool is_spiffe_id(std::string_view text) {
  if (!text.starts_with(spiffe)) return false;
  text.remove_prefix(spiffe.size());
  auto const domain = text.substr(0, text.find('/'));
  if (domain.empty() || domain.size() > 255 || !is_domain_char.holds_all(domain)) return false;
  text.remove_prefix(domain.size());
  while (!text.empty()) {
    text.remove_prefix(1);  // the "/"
    auto const segment = text.substr(0, text.find('/'));
    if (!is_segment(segment)) return false;
    text.remove_prefix(segment.size());
  }
  return true;
}

bool is_percent_encoded(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      if (!is_uri_char(text[i])) return false;
    } else if (i + 2 >= text.size() || !is_hex(text[i + 1]) || !is_hex(text[i + 2])) {
      return false;
    } else {
      i += 2;
    }
  }
  return true;
}

// The scheme in lower case; the rest byte by byte (RFC 3986 §6.2.1): "%41" is not "A".
std::optional<std::string> uri_of(std::string_view text) {
  auto const colon = text.find(':');
  if (text.size() > max_uri || colon == std::string_view::npos || colon == 0 || colon + 1 == text.size()) return std::nullopt;
  bool const is_scheme = !is_digit(text.front()) && is_scheme_char.holds_all(text.substr(0, colon)) && is_alnum(text.front());
  if (!is_scheme || !is_percent_encoded(text.substr(colon + 1))) return std::nullopt;
  auto made = in_lower_case(text.substr(0, colon)).append(text.substr(colon));
  if (made.starts_with("spiffe:") && !is_spiffe_id(made)) return std::nullopt;
  return made;
}

std::optional<std::string> canonical(name_type type, std::string_view bytes) {
  switch (type) {
    case name_type::dns:
      return is_dns_name(bytes) ? std::optional{in_lower_case(bytes)} : std::nullopt;
    case name_type::uri:
      return uri_of(bytes);
    case name_type::email:
      break;
  }
  return email_of(bytes);
}

std::string what_is_right(name_type type) {
  switch (type) {
    case name_type::dns:
      return "must be a DNS name without wildcard and trailing dot, or begin with uri: or email:";
    case name_type::uri:
      return "must be a URI such as uri:spiffe://prod.example/ns/billing/*, in lower case up to the path";
    case name_type::email:
      break;
  }
  return "must be an e-mail address such as email:billing@example.com";
}

}  // namespace

std::string_view name_of(name_type type) {
  auto const prefix = type_prefixes[static_cast<std::size_t>(type)];
  return prefix.substr(0, prefix.size() - 1);
}

std::string certificate_name::shown() const {
  return type == name_type::dns ? text : std::string{type_prefixes[static_cast<std::size_t>(type)]} + text;
}

boost::system::result<certificate_names, proof_refusal> read_names(const std::vector<raw_name>& shown) {
  if (shown.size() > max_certificate_names) return proof_refusal::certificate_names;
  certificate_names names;
  for (auto const& one : shown) {
    if (one.type == name_type::dns && is_wildcard(one.bytes)) continue;
    auto text = canonical(one.type, one.bytes);
    if (!text) return proof_refusal::certificate_malformed;  // defence: malformed-name
    names.push_back({one.type, std::move(*text)});
  }
  auto const is_uri = [](const certificate_name& one) { return one.type == name_type::uri; };
  bool const has_id = std::ranges::any_of(names, [&](const certificate_name& one) { return is_uri(one) && one.text.starts_with(spiffe); });
  if (has_id && std::ranges::count_if(names, is_uri) > 1) return proof_refusal::certificate_spiffe;  // defence: one-spiffe-id
  return names;
}

boost::system::result<name_pattern, std::string> name_pattern::parse(std::string_view setting) {
  name_pattern made;
  for (std::size_t i = 0; i < type_prefixes.size(); ++i) {
    if (!setting.starts_with(type_prefixes[i])) continue;
    made.like_.type = static_cast<name_type>(i);
    setting.remove_prefix(type_prefixes[i].size());
    break;
  }
  auto exact = setting;
  if (made.like_.type == name_type::uri && setting.find('*') != std::string_view::npos) {
    made.is_below_ = true;
    // The trust domain is always given whole, and a path by whole segments.
    if (!setting.starts_with(spiffe) || !setting.ends_with("/*"))
      return "may have a * only at its end, as in uri:spiffe://prod.example/ns/billing/*";
    exact.remove_suffix(2);
  }
  auto text = canonical(made.like_.type, exact);
  if (!text || (made.is_below_ && !is_spiffe_id(*text))) return what_is_right(made.like_.type);
  made.like_.text = std::move(*text);
  if (made.is_below_) made.like_.text += '/';
  return made;
}

std::size_t name_pattern::fit(const certificate_name& name) const {
  if (like_.text.empty() || like_.type != name.type) return 0;  // defence: names-typed
  if (!is_below_) return like_.text == name.text ? std::numeric_limits<std::size_t>::max() : 0;
  // A name ends with no "/", so a longer one has a segment there.
  return name.text.starts_with(like_.text) ? like_.text.size() : 0;
}

std::string name_pattern::text() const {
  if (like_.text.empty()) return {};
  return std::string{type_prefixes[static_cast<std::size_t>(like_.type)]} + like_.text + (is_below_ ? "*" : "");
}

}  // namespace gateway
