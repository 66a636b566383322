#include "core/upstream/tunnel.hpp"

#include <sodium.h>

#include <algorithm>

#include "core/base/text.hpp"
#include "core/upstream/answer.hpp"

namespace gateway {
namespace {

constexpr std::string_view line_end = "\r\n";
constexpr std::string_view head_end = "\r\n\r\n";
constexpr std::string_view version = "HTTP/1.";

// The status of "HTTP/1.1 200 Connection established"; 0: this is no status line. The reason may be missing, with or without its space.
int status_of(std::string_view line) {
  constexpr std::size_t status_at = version.size() + 2, status_size = 3;
  if (line.size() < status_at + status_size || !line.starts_with(version)) return 0;
  char const minor = line[version.size()];
  auto const rest = line.substr(status_at + status_size);
  bool const well_formed =
      (minor == '0' || minor == '1') && line[status_at - 1] == ' ' && (rest.empty() || rest.front() == ' ') && is_field_value(rest);
  auto const number = parse_decimal(line.substr(status_at, status_size));
  return well_formed && number && *number >= 100 && *number < 600 ? static_cast<int>(*number) : 0;
}

bool is_field_line(std::string_view line) {
  auto const colon = line.find(':');
  return colon != std::string_view::npos && is_token(line.substr(0, colon)) && is_field_value(line.substr(colon + 1));
}

// `head`: its lines, each with its end. 0: it is malformed.
int status_of_head(std::string_view head) {
  int status = 0;
  for (bool first = true; !head.empty(); first = false) {
    auto const end = head.find(line_end);
    auto const line = head.substr(0, end);
    head.remove_prefix(end + line_end.size());
    if (first) status = status_of(line);
    if (first ? status == 0 : !is_field_line(line)) return 0;
  }
  return status;
}

}  // namespace

secret compose_connect(std::string_view authority, std::string_view authorization) {
  std::string text;
  text.reserve(128 + 2 * authority.size() + authorization.size());  // a string that grows leaves a copy of the credential behind
  text.append("CONNECT ").append(authority).append(" HTTP/1.1\r\nHost: ").append(authority);
  if (!authorization.empty()) text.append("\r\nProxy-Authorization: ").append(authorization);
  text.append("\r\nUser-Agent: summary-gateway\r\n\r\n");
  secret request{text};
  sodium_memzero(text.data(), text.size());
  return request;
}

std::optional<fault> fault_of(tunnel_state state) {
  if (state == tunnel_state::open) return std::nullopt;
  return state == tunnel_state::wants_credential ? fault::egress_auth : fault::egress_refused;
}

// Whether the bytes so far may be the beginning of a status line. Anything else is refused at once, without waiting for its end.
bool tunnel_answer::may_become_http() const {
  auto const begun = std::string_view{received_}.substr(head_, version.size());
  return version.starts_with(begun);
}

tunnel_state tunnel_answer::take(std::string_view bytes) {
  if (received_.size() + bytes.size() > max_bytes_) return tunnel_state::refused;  // defence: tunnel-head-size
  received_.append(bytes);
  while (true) {
    if (!may_become_http()) return tunnel_state::refused;
    auto const end = received_.find(head_end, searched_);
    if (end == std::string::npos) {
      auto const tail = std::min(received_.size(), head_end.size() - 1);  // it may hold the beginning of the end
      searched_ = std::max(searched_, received_.size() - tail);
      return tunnel_state::unfinished;
    }
    status_ = status_of_head(std::string_view{received_}.substr(head_, end + line_end.size() - head_));
    head_ = searched_ = end + head_end.size();
    if (status_ == 0) return tunnel_state::refused;
    if (is_interim(status_) && ++interim_ <= max_interim_answers) continue;  // defence: tunnel-interim
    break;
  }
  // Some proxies answer 401 to a wrong credential (tinyproxy 1.11). Only the proxy can have sent it: there is no tunnel.
  if (status_ == 407 || status_ == 401) return tunnel_state::wants_credential;
  // A 2xx has no content, whatever its fields say. Bytes after the head would be read as the upstream's, which speaks second.
  bool const is_open = status_ / 100 == 2 && head_ == received_.size();  // defence: tunnel-head-only
  return is_open ? tunnel_state::open : tunnel_state::refused;
}

}  // namespace gateway
