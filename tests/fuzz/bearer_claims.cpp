// Any bytes as a bearer token, and as the claims of one: nothing but the claims decides which tokens share, and a token that is not
// certainly a JWT shares with none.
#include "core/auth/bearer_claims.hpp"

#include <string>

#include "auth/jwt.hpp"
#include "core/auth/compact_token.hpp"
#include "target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gateway;
  static constexpr fingerprint_key key{std::byte{1}};
  auto const text = text_of(data, size);
  for (auto const& token : {std::string{text}, jwt_of(text)}) {
    auto const one = read_claims(token, key);
    if (!one) continue;
    claim(token.size() <= max_token_size, "a token is bounded");
    claim(one->expires > wall_time{}, "a token ends");
    auto const payload = token.substr(token.find('.') + 1, token.rfind('.') - token.find('.') - 1);
    auto const other = read_claims("e30." + payload + ".other", key);
    claim(other && other->subject == one->subject && other->expires == one->expires, "header and signature decide nothing");
    claim(!read_claims(payload, key) && !read_claims("." + payload + ".", key), "a part is no token");
  }
  return 0;
}
