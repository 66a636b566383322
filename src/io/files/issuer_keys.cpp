#include "io/files/issuer_keys.hpp"

#include "core/auth/jwk_set.hpp"
#include "io/files/guarded_file.hpp"
#include "io/files/public_key.hpp"

namespace gateway {
namespace {

// Checks the numbers of the keys, too; the reason stands without the file's name.
jwk_set read_keys(std::string_view text, std::vector<jwt_key>& keys) {
  auto set = parse_jwk_set(text);
  for (auto& one : set.keys) {
    auto check = make_check(one);
    if (check == nullptr) {
      set.why_not = "holds a key (number " + std::to_string(keys.size() + 1) + " of those that could be used) whose numbers are no key";
      break;
    }
    keys.push_back({one.id, one.algorithm, one.signature_size(), std::move(check)});
  }
  return set;
}

}  // namespace

access_look::issuer read_issuer(const jwt_settings& from, const fingerprint_key& key) {
  static constexpr std::string_view setting = "credentials.jwt.jwks_file: ";
  access_look::issuer seen;
  auto const refuse = [&](const std::string& why_not, file_state as) {
    seen.is = as;
    seen.why_not = std::string{setting} + why_not;
    seen.keys.clear();
    return seen;
  };
  plain_file file{from.jwks_file};
  if (!file.why_not().empty()) return refuse(file.why_not(), file.is_missing() ? file_state::missing : file_state::unusable);
  // Who can write it can make tokens for every client.
  auto const open = why_not_kept(from.jwks_file, file.mode(), kept_from::writers);
  if (!open.empty()) return refuse(open, file_state::unusable);  // defence: jwks-kept
  auto const text = file.read(max_jwks_bytes);
  if (!file.why_not().empty()) return refuse(file.why_not(), file_state::unusable);
  seen.content = fingerprint(key, text);
  auto const set = read_keys(text, seen.keys);
  if (!set.why_not.empty()) return refuse(shown(from.jwks_file) + " " + set.why_not, file_state::unusable);
  return seen;
}

}  // namespace gateway
