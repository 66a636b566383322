#include "core/auth/jwk_set.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <map>
#include <optional>

#include "core/auth/compact_token.hpp"

namespace gateway {
namespace {

constexpr std::size_t least_rsa_bits = 2048;
constexpr std::size_t most_rsa_bytes = 1024;  // a signature by a longer key costs too much to check
constexpr std::size_t most_exponent_bytes = 4;
constexpr std::size_t coordinate_bytes = 32;
constexpr std::size_t longest_id = 256;

// The members of one key that say what it is, and those that no public key has.
struct key_members {
  std::map<std::string, std::optional<std::string>, std::less<>> texts;  // nothing: the member is no text
  bool is_for_checking = true;
  bool once = true;

  void take(std::string_view name, const json_value& value) {
    auto const text = value.text();
    bool const is_new = texts.emplace(name, text ? std::optional<std::string>{*text} : std::nullopt).second;
    once = once && is_new;  // defence: jwk-member-once
    if (name == "use") is_for_checking = is_for_checking && text == "sig";
    if (name == "key_ops") is_for_checking = is_for_checking && lists_verify(value);
  }
  [[nodiscard]] bool has(std::string_view name) const { return texts.contains(name); }
  [[nodiscard]] std::string text(std::string_view name) const {
    auto const found = texts.find(name);
    return found == texts.end() ? std::string{} : found->second.value_or("");
  }
  // "" for what is no base64url.
  [[nodiscard]] std::string bytes(std::string_view name) const { return decode_base64url(text(name)).value_or(""); }

private:
  static bool lists_verify(const json_value& value) {
    bool found = false;
    value.each_item([&](const json_value& one) { found = found || one.text() == "verify"; });
    return found;
  }
};

std::size_t bits_of(std::string_view number) {
  return number.size() * 8 - static_cast<std::size_t>(std::countl_zero(static_cast<unsigned char>(number.front())));
}

// "" or what is wrong with the key. Numbers have no leading zeros (RFC 7518 §2, Base64urlUInt).
std::string_view fault_in_rsa(const jwk& key) {
  auto const& modulus = key.first;
  auto const& exponent = key.second;
  if (modulus.empty() || modulus.front() == '\0' || modulus.size() > most_rsa_bytes) return "whose n is no number of 8192 bits at most";
  if (bits_of(modulus) < least_rsa_bits) return "of less than 2048 bits";  // defence: jwk-rsa-size
  bool const is_odd = !exponent.empty() && (static_cast<unsigned char>(exponent.back()) & 1U) != 0;
  bool const is_number = is_odd && exponent.front() != '\0' && exponent.size() <= most_exponent_bytes && exponent != "\x01";
  return is_number ? "" : "whose e is no odd number from 3 to 2^32";
}

// What a key of a taken kind is. Nothing: it is of another kind.
std::optional<jwk> recognise(const key_members& of) {
  auto const type = of.text("kty");
  auto const curve = of.text("crv");
  auto const for_algorithm = [&](jwt_algorithm one) { return !of.has("alg") || of.text("alg") == name_of(one); };
  auto const id = of.text("kid");
  if (type == "RSA" && for_algorithm(jwt_algorithm::rs256)) return jwk{id, jwt_algorithm::rs256, of.bytes("n"), of.bytes("e")};
  if (type == "EC" && curve == "P-256" && for_algorithm(jwt_algorithm::es256))
    return jwk{id, jwt_algorithm::es256, of.bytes("x"), of.bytes("y")};
  if (type == "OKP" && curve == "Ed25519" && for_algorithm(jwt_algorithm::eddsa)) return jwk{id, jwt_algorithm::eddsa, of.bytes("x"), ""};
  return std::nullopt;
}

std::string_view fault_in(const jwk& key) {
  static constexpr std::string_view wrong_size = "whose coordinates have not 32 bytes each";
  if (key.id.size() > longest_id) return "whose kid has more than 256 bytes";
  switch (key.algorithm) {
    case jwt_algorithm::rs256:
      return fault_in_rsa(key);
    case jwt_algorithm::es256:
      return key.first.size() == coordinate_bytes && key.second.size() == coordinate_bytes ? "" : wrong_size;
    case jwt_algorithm::eddsa:
      break;
  }
  return key.first.size() == coordinate_bytes ? "" : wrong_size;
}

class set_reader {
public:
  void take(const json_value& item) {
    auto const number = "holds a key (number " + std::to_string(++count_) + ") ";
    if (count_ > max_jwks_keys) return refuse("holds more than 64 keys");  // defence: jwks-keys
    key_members of;
    if (!item.each_member([&](std::string_view name, const json_value& value) { of.take(name, value); }))
      return refuse(number + "that is no object");
    if (!of.once) return refuse(number + "with a member that is given twice");
    if (of.text("kty").empty()) return refuse(number + "without kty");
    if (of.has("kid") && of.text("kid").empty()) return refuse(number + "whose kid is no text");
    if (of.has("k") || of.has("d") || of.has("p") || of.has("q"))
      return refuse(number + "that is secret; write public keys only");  // defence: jwk-secret
    auto made = of.is_for_checking ? recognise(of) : std::nullopt;
    if (!made) return;
    if (auto const wrong = fault_in(*made); !wrong.empty()) return refuse(number + std::string{wrong});
    bool const is_known = std::ranges::find(set_.keys, made->id, &jwk::id) != set_.keys.end();
    if (is_known && !made->id.empty()) return refuse(number + "with the kid of an earlier one");
    set_.keys.push_back(std::move(*made));
  }
  void refuse(std::string why_not) {
    if (set_.why_not.empty()) set_.why_not = std::move(why_not);
  }
  jwk_set end() && {
    if (count_ > 0 && set_.keys.empty()) refuse("holds no key for RS256, ES256 or EdDSA");
    if (!set_.why_not.empty()) set_.keys.clear();
    return std::move(set_);
  }

private:
  jwk_set set_;
  std::size_t count_ = 0;
};

}  // namespace

jwk_set parse_jwk_set(std::string_view text) {
  set_reader found;
  json_reader reader;
  auto const whole = text.size() > max_jwks_bytes ? std::nullopt : reader.parse(text);
  int lists = 0;
  auto const take = [&](std::string_view name, const json_value& value) {
    if (name != "keys") return;
    ++lists;
    if (!value.each_item([&](const json_value& item) { found.take(item); })) found.refuse("holds keys that are no list");
  };
  if (!whole || !whole->each_member(take) || lists != 1) found.refuse("must hold a JSON Web Key Set: {\"keys\": […]}, up to 256 KiB");
  return std::move(found).end();
}

}  // namespace gateway
