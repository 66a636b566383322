// Any bytes as a file of keys: what is taken is bounded, strong enough and told apart, and a reason leaves no key.
#include "core/auth/jwk_set.hpp"

#include <set>

#include "target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gateway;
  auto const set = parse_jwk_set(text_of(data, size));
  claim(set.keys.empty() || set.why_not.empty(), "a file is taken as a whole or not at all");
  claim(set.keys.size() <= max_jwks_keys, "keys are bounded");
  std::set<std::string_view> ids;
  for (auto const& one : set.keys) {
    claim(one.id.empty() || ids.insert(one.id).second, "a kid is one key's");
    bool const is_rsa = one.algorithm == jwt_algorithm::rs256;
    claim(is_rsa ? one.first.size() >= 256 && one.first.size() <= 1024 : one.first.size() == 32, "a key has a sound size");
    claim(one.signature_size() >= 64, "so have its signatures");
  }
  return 0;
}
