#include "core/settings/secret_file.hpp"

#include <algorithm>
#include <array>

#include "core/auth/admin_rules.hpp"
#include "core/auth/token.hpp"
#include "core/base/text.hpp"
#include "core/cache/snapshot_format.hpp"
#include "core/events/delivery_check.hpp"
#include "core/fleet/fleet_keys.hpp"
#include "core/settings/endpoint.hpp"

namespace gateway {
namespace {

constexpr std::size_t shortest_open_token = 16;
constexpr std::size_t shortest_event_token = 16;
constexpr std::size_t most_admin_tokens = 64;

constexpr char_set is_letter_or_digit{"", is_alnum};
constexpr char_set is_hex_digit{"", is_hex};

bool is_any(std::string_view) { return true; }

bool is_admin_token(std::string_view line) { return parse_admin_token(line).has_value(); }

// A hash does not tell how long its token is.
bool is_open_admin_token(std::string_view line) {
  auto const one = parse_admin_token(line);
  return one && (one->token.empty() || one->token.size() >= shortest_open_token);
}

// An account sid or the sid of an API key, and its secret. Twilio takes neither alone.
bool is_account_credential(std::string_view text) {
  auto const colon = text.find(':');
  if (colon == std::string_view::npos) return is_bearer_token(text);
  auto const secret = text.substr(colon + 1);
  return colon > 0 && is_letter_or_digit.holds_all(text.substr(0, colon)) && !secret.empty() && secret.find(' ') == std::string_view::npos;
}

// RFC 6749 appendix A.2 lets it hold any printable character; Twilio's have no blanks.
bool is_client_secret(std::string_view text) { return text.find(' ') == std::string_view::npos; }

bool is_proxy_credential(std::string_view text) {
  auto const colon = text.find(':');
  return colon != std::string_view::npos && colon > 0;
}

bool is_token_hash(std::string_view text) { return parse_token_hash(text).has_value(); }
bool is_event_token(std::string_view text) { return text.size() >= shortest_event_token && is_letter_or_digit.holds_all(text); }
bool is_fleet_key(std::string_view text) { return text.size() == 2 * sizeof(fingerprint_key) && is_hex_digit.holds_all(text); }
bool is_snapshot_key(std::string_view text) { return parse_snapshot_key(text).has_value(); }

struct form_row {
  std::string_view expected;
  std::size_t most_lines;
  kept_from others;
  bool (*is_good)(std::string_view line);
};

constexpr std::array<form_row, secret_form_count> forms{{
    {"SID:SECRET or a bearer token", 1, kept_from::readers_and_writers, is_account_credential},
    {"the secret of an OAuth client, without blanks", 1, kept_from::readers_and_writers, is_client_secret},
    {"only lines that summary-gateway --hash-token printed: sha256: and 64 digits", 10'000, kept_from::writers, is_token_hash},
    {"USER:PASSWORD", 1, kept_from::readers_and_writers, is_proxy_credential},
    {"a token of letters, digits or -._~+/, or lines ROLE NAME TOKEN; openssl rand -hex 32 makes a token", most_admin_tokens,
     kept_from::none, is_admin_token},
    {"a token of 16 or more letters, digits or -._~+/, or lines ROLE NAME TOKEN; openssl rand -hex 32 makes a token", most_admin_tokens,
     kept_from::readers_and_writers, is_open_admin_token},
    {"an auth token a line, of 16 or more letters and digits", event_signers::most, kept_from::readers_and_writers, is_event_token},
    {"a password", 1, kept_from::readers_and_writers, is_any},
    {"1 to 16 lines of 64 hexadecimal digits; openssl rand -hex 32 makes one", fleet_keys::max_lines, kept_from::readers_and_writers,
     is_fleet_key},
    {"32 random bytes as 64 hexadecimal digits or as base64; openssl rand -hex 32 makes them", 1, kept_from::readers_and_writers,
     is_snapshot_key},
}};

static_assert(fleet_keys::max_lines == 16 && shortest_open_token == 16 && shortest_event_token == 16, "the rows say so");

const form_row& row_of(secret_form form) { return forms[static_cast<std::size_t>(form)]; }

bool is_printable(char c) { return c >= 0x20 && c < 0x7f; }

// NAME=VALUE, as in an env file. A password may hold "=", so a name is upper case or says that it names a secret; "=" alone is base64.
bool has_name(std::string_view line) {
  static constexpr char_set is_name_char{"_", is_alnum};
  if (line.starts_with("export ")) return true;
  auto const equals = line.find('=');
  if (equals == std::string_view::npos || line.find_first_not_of('=', equals) == std::string_view::npos) return false;
  auto const name = trim_ows(line.substr(0, equals));
  if (name.size() < 3 || !is_name_char.holds_all(name) || (name.front() >= '0' && name.front() <= '9')) return false;
  if (std::ranges::none_of(name, [](char c) { return c >= 'a' && c <= 'z'; })) return true;
  static constexpr std::array<std::string_view, 6> words{"pass", "secret", "token", "key", "auth", "credential"};
  auto const is_same = [](char a, char b) { return lower(a) == b; };
  return std::ranges::any_of(
      words, [&](std::string_view word) { return std::search(name.begin(), name.end(), word.begin(), word.end(), is_same) != name.end(); });
}

bool has_quotes(std::string_view line) {
  return line.size() > 1 && line.front() == line.back() && (line.front() == '"' || line.front() == '\'' || line.front() == '`');
}

// What is wrong with a line, in words that hold nothing of it; "": only that it has not the expected form.
std::string_view fault_in(std::string_view line, secret_form form) {
  if (!std::ranges::all_of(line, [](char c) { return is_printable(c) || c == '\t'; })) return "has bytes that are not printable ASCII";
  if (line.find('\t') != std::string_view::npos) return "has a tab in it";
  if (line.starts_with(form == secret_form::engine_password ? "# " : "#")) return "is a comment";  // a password may begin with it
  if (has_quotes(line)) return "has quotes around it";
  if (has_name(line)) return "is NAME=VALUE; write only the value";
  return {};
}

}  // namespace

kept_from others_kept_from(secret_form form) { return row_of(form).others; }

secret_form admin_token_form(const admin_settings& admin) {
  auto const where = parse_endpoint(admin.address);
  return where && where->is_loopback() ? secret_form::admin_token : secret_form::open_admin_token;
}

secret_lines parse_secret_file(std::string_view bytes, secret_form form) {
  static constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
  auto const& row = row_of(form);
  secret_lines found;
  auto const refuse = [&](std::string_view reason) {
    found.lines.clear();
    found.why_not = std::string{"must hold "}.append(row.expected);
    if (!reason.empty()) found.why_not.append(". It ").append(reason);
    return found;
  };
  if (bytes.starts_with("\xff\xfe") || bytes.starts_with("\xfe\xff")) return refuse("is UTF-16; save it as plain ASCII");
  if (bytes.starts_with(byte_order_mark)) bytes.remove_prefix(byte_order_mark.size());
  std::vector<std::size_t> places;  // of the lines in the file
  for (std::size_t place = 1; !bytes.empty(); ++place) {
    auto line = bytes.substr(0, bytes.find('\n'));
    bytes.remove_prefix(std::min(bytes.size(), line.size() + 1));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line = trim_ows(line); line.empty()) continue;
    found.lines.push_back(line);
    places.push_back(place);
  }
  found.is_empty = found.lines.empty();
  if (found.is_empty) return refuse("is empty");
  for (std::size_t i = 0; i < found.lines.size(); ++i) {
    auto const which = found.lines.size() == 1 ? std::string{} : "has a line " + std::to_string(places[i]) + " that ";
    if (auto const wrong = fault_in(found.lines[i], form); !wrong.empty()) return refuse(which + std::string{wrong});
  }
  auto const count = found.lines.size();
  if (count > row.most_lines) return refuse("has " + std::to_string(count) + " lines; " + std::to_string(row.most_lines) + " is the most");
  auto const wrong = std::ranges::find_if_not(found.lines, row.is_good);
  if (wrong == found.lines.end()) return found;
  if (count == 1) return refuse("");
  return refuse("has a line " + std::to_string(places[static_cast<std::size_t>(wrong - found.lines.begin())]) + " of another form");
}

}  // namespace gateway
