#include "core/upstream/token_answer.hpp"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <string>

#include "core/auth/credentials.hpp"
#include "core/base/text.hpp"
#include "core/upstream/retry_after.hpp"

namespace gateway {
namespace {

constexpr std::chrono::seconds longest_pause{60};

// RFC 6749 §5.2.
constexpr std::array<std::string_view, 6> error_names{"invalid_request",     "invalid_client",         "invalid_grant",
                                                      "unauthorized_client", "unsupported_grant_type", "invalid_scope"};

// The members of an answer; each counts once.
struct members {
  std::optional<std::string_view> token, type, error;
  std::optional<std::int64_t> expires_in;
  bool has_lifetime = false;
  bool is_ambiguous = false;
};

std::optional<members> read_members(std::string_view body, json_reader& reader) {
  members found;
  std::array<unsigned, 4> seen{};
  auto const root = reader.parse(body);
  bool const is_object = root && root->each_member([&](std::string_view key, json_value value) {
    static constexpr std::array<std::string_view, 4> keys{"access_token", "token_type", "error", "expires_in"};
    auto const which = static_cast<std::size_t>(std::ranges::find(keys, key) - keys.begin());
    if (which == keys.size()) return;
    if (++seen[which] > 1) found.is_ambiguous = true;  // defence: token-member-twice
    if (which == 0) found.token = value.text();
    if (which == 1) found.type = value.text();
    if (which == 2) found.error = value.text();
    if (which == 3) {
      found.expires_in = value.whole_number();
      found.has_lifetime = !value.is_null();
    }
  });
  if (!is_object || found.is_ambiguous) return std::nullopt;
  return found;
}

token_result read_token(const members& found, token_answer& made) {
  if (!found.token || found.token->size() > longest_token) return token_result::unusable_token;
  if (!found.type || !iequals(*found.type, "bearer")) return token_result::wrong_type;                           // defence: bearer-only
  if (found.has_lifetime && (!found.expires_in || *found.expires_in <= 0)) return token_result::wrong_lifetime;  // defence: token-lifetime
  made.authorization = compose_bearer(*found.token);
  if (made.authorization.empty()) return token_result::unusable_token;  // defence: token-syntax
  made.lifetime =
      found.has_lifetime ? std::chrono::seconds{std::min<std::int64_t>(*found.expires_in, longest_lifetime.count())} : assumed_lifetime;
  return token_result::issued;
}

token_result refusal_of(int status, std::string_view error) {
  if (status == 429) return token_result::throttled;
  if (status == 401 || ((status == 400 || status == 403) && (error == "invalid_client" || error == "unauthorized_client")))
    return token_result::client_refused;
  return status / 100 == 4 ? token_result::refused : token_result::failed;
}

}  // namespace

std::string_view name_of(token_result what) {
  static constexpr std::array<std::string_view, token_result_count> names{
      "issued",     "client_refused", "refused",     "throttled", "failed", "unusable_answer", "unusable_token",
      "wrong_type", "wrong_lifetime", "unreachable", "timeout",   "tls",    "egress"};
  return names[static_cast<std::size_t>(what)];
}

std::string_view sentence_of(token_result what) {
  static constexpr std::array<std::string_view, token_result_count> sentences{
      "it gave one",
      "it does not take the client or its secret; check client_id and client_secret_file",
      "it refuses the request",
      "it is asked too often (429)",
      "it failed; check token_url",
      "its answer cannot be read; check token_url",
      "its answer holds no token that a request could carry",
      "its token is no bearer token",
      "expires_in of its answer is no whole number above 0",
      "it cannot be reached",
      "it did not answer in time",
      "TLS failed; check token_url and ca_file",
      "the egress proxy opens no tunnel",
  };
  return sentences[static_cast<std::size_t>(what)];
}

token_result token_result_of(fault failed) {
  switch (failed) {
    case fault::upstream_unreachable:
      return token_result::unreachable;
    case fault::upstream_timeout:
      return token_result::timeout;
    case fault::upstream_tls:
      return token_result::tls;
    case fault::egress_unreachable:
    case fault::egress_refused:
    case fault::egress_auth:
      return token_result::egress;
    default:
      return token_result::unusable_answer;
  }
}

token_answer read_token_answer(const upstream_answer& answer, json_reader& reader, wall_time now) {
  token_answer made;
  auto const found = read_members(answer.body, reader);
  if (answer.status == 200 || answer.status == 201) {  // Twilio's own descriptions name both
    made.is = found ? read_token(*found, made) : token_result::unusable_answer;
  } else {
    auto const* const name = std::ranges::find(error_names, found ? found->error.value_or("") : std::string_view{});
    if (name != error_names.end()) made.error = *name;
    made.is = refusal_of(answer.status, made.error);
    if (answer.status == 429 || answer.status == 503)
      made.pause = parse_retry_after(answer.field("retry-after"), now, longest_pause).value_or(std::chrono::seconds{0});
  }
  reader.forget();
  return made;
}

secret compose_token_request(std::string_view host, std::string_view target, std::string_view client_id, const secret& client_secret) {
  std::string content;
  content.reserve(128 + 3 * (client_id.size() + client_secret.reveal().size()));  // growing would leave a copy of the secret behind
  append_percent_encoded(content.append("grant_type=client_credentials&client_id="), client_id);
  append_percent_encoded(content.append("&client_secret="), client_secret.reveal());
  std::string text;
  text.reserve(256 + target.size() + host.size() + content.size());
  text.append("POST ").append(target).append(" HTTP/1.1\r\nHost: ").append(host);
  text.append("\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ");
  append_number(text, content.size());
  text.append("\r\nAccept: application/json\r\nAccept-Encoding: identity\r\nUser-Agent: summary-gateway\r\nConnection: close\r\n\r\n");
  text.append(content);
  secret request{text};
  sodium_memzero(content.data(), content.size());
  sodium_memzero(text.data(), text.size());
  return request;
}

}  // namespace gateway
