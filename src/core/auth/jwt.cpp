#include "core/auth/jwt.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <optional>
#include <set>

#include "core/auth/compact_token.hpp"
#include "core/base/text.hpp"

namespace gateway {
namespace {

using boost::system::result;

constexpr std::array<std::string_view, jwt_algorithm_count> algorithm_names{"RS256", "ES256", "EdDSA"};

// Calls see(name, value) for each member. False: the part is no JSON object, or one in which a name stands twice.
bool each_member_once(std::string_view part, const std::function<void(std::string_view, const json_value&)>& see) {
  auto const json = decode_base64url(part);
  if (!json) return false;
  json_reader reader;
  auto const object = reader.parse(*json);
  std::set<std::string, std::less<>> seen;
  bool once = true;
  auto const take = [&](std::string_view name, json_value value) {
    bool const is_new = seen.emplace(name).second;
    once = once && is_new;  // defence: jwt-member-once
    see(name, value);
  };
  return object && object->each_member(take) && once;
}

// RFC 8725 §3.11: a JWT of another kind, such as a proof for another protocol, is no token of access.
bool is_access_type(std::string_view type) {
  return iequals(type, "JWT") || iequals(type, "at+jwt") || iequals(type, "application/at+jwt");
}

// What a token's header says: which key is meant. A key that it brings along (jwk, x5c) or points at (jku, x5u) is not looked at.
struct token_header {
  bool sound = true;
  std::optional<std::string> algorithm;  // nothing: none, or no text
  std::optional<std::string> key_id;

  void take(std::string_view name, const json_value& value) {
    auto const text = value.text();
    if (name == "alg") {
      algorithm = text;
    } else if (name == "kid") {
      key_id = text;
      sound = sound && text;
    } else if (name == "typ") {
      sound = sound && text && is_access_type(*text);  // defence: jwt-type
    } else if (name == "crit") {
      // It demands what this gateway does not know (RFC 7515 §4.1.11).
      sound = false;  // defence: jwt-crit
    }
  }
};

struct token_claims {
  bool sound = true;
  std::string issuer, subject;
  bool is_for_us = false;
  std::optional<wall_time> end;
  wall_time begin{};  // the later one of nbf and iat

  void take(std::string_view name, const json_value& value, std::string_view audience) {
    if (name == "iss") {
      take_text(value, issuer);
    } else if (name == "sub") {
      take_text(value, subject);
    } else if (name == "aud") {
      take_audience(value, audience);
    } else if (name == "exp") {
      end = date_in(value);
    } else if (name == "nbf" || name == "iat") {
      auto const date = date_in(value);
      sound = sound && date;
      if (date) begin = std::max(begin, *date);
    }
  }
  [[nodiscard]] bool is_whole() const { return sound && end && !issuer.empty() && !subject.empty(); }

private:
  void take_text(const json_value& value, std::string& to) {
    auto const text = value.text();
    sound = sound && text;
    if (text) to = *text;
  }
  void take_audience(const json_value& value, std::string_view audience) {
    auto const take = [&](const json_value& one) {
      auto const text = one.text();
      sound = sound && text;
      is_for_us = is_for_us || text == audience;
    };
    if (!value.each_item(take)) take(value);
  }
};

// The one key that the header means. Its algorithm is the key's own, so that no token can choose another one for it (RFC 8725 §3.1).
result<const jwt_key*, proof_refusal> key_for(const token_header& header, const std::vector<jwt_key>& keys) {
  auto const known = std::ranges::find(algorithm_names, std::string_view{header.algorithm.value_or("")});
  if (known == algorithm_names.end()) return proof_refusal::jwt_algorithm;
  auto const algorithm = static_cast<jwt_algorithm>(known - algorithm_names.begin());
  const jwt_key* found = nullptr;
  for (auto const& one : keys) {
    if (one.algorithm != algorithm || (header.key_id && one.id != *header.key_id)) continue;  // defence: jwt-key-algorithm
    if (found != nullptr) return proof_refusal::jwt_key;  // without a kid nobody can say which one is meant
    found = &one;
  }
  if (found == nullptr) return proof_refusal::jwt_key;
  return found;
}

bool is_signed(const token_parts& parts, const jwt_key& by) {
  auto const signature = decode_base64url(parts.signature);
  return signature && signature->size() == by.signature_size && by.check->passes(parts.signed_text, *signature);
}

}  // namespace

std::string_view name_of(jwt_algorithm one) { return algorithm_names[static_cast<std::size_t>(one)]; }

bool is_jwt(std::string_view token) { return std::ranges::count(token, '.') == 2; }

result<jwt_proof, proof_refusal> prove(std::string_view token, const jwt_rules& rules, wall_time now) {
  auto const parts = split_token(token);
  if (!parts) return proof_refusal::jwt_malformed;
  token_header header;
  bool const has_header = each_member_once(parts->header, [&](auto name, auto const& value) { header.take(name, value); });
  if (!has_header || !header.sound) return proof_refusal::jwt_malformed;
  auto const key = key_for(header, rules.keys);
  if (!key) return key.error();
  if (!is_signed(*parts, **key)) return proof_refusal::jwt_signature;  // defence: jwt-signature
  token_claims claims;
  bool const has_claims = each_member_once(parts->payload, [&](auto name, auto const& value) { claims.take(name, value, rules.audience); });
  if (!has_claims || !claims.is_whole()) return proof_refusal::jwt_malformed;
  if (claims.issuer != rules.issuer) return proof_refusal::jwt_issuer;           // defence: jwt-issuer
  if (!claims.is_for_us) return proof_refusal::jwt_audience;                     // defence: jwt-audience
  if (now >= *claims.end + rules.clock_skew) return proof_refusal::jwt_expired;  // defence: jwt-expired
  if (claims.begin - rules.clock_skew > now) return proof_refusal::jwt_early;    // defence: jwt-early
  return jwt_proof{std::move(claims.subject), *claims.end + rules.clock_skew};
}

}  // namespace gateway
