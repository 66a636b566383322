// Any bytes as a JWT, and as the header and the claims of one: only what a key of the rules has signed proves a subject, for the issuer and
// the audience of the rules, and not beyond its end.
#include <string>

#include "auth/jwt.hpp"
#include "core/auth/compact_token.hpp"
#include "core/auth/jwt.hpp"
#include "target.hpp"

namespace gateway {
namespace {

// Takes each signature that is called good.
struct stand_in final : signature_check {
  [[nodiscard]] bool passes(std::string_view text, std::string_view signature) const override {
    claim(text.size() < max_token_size, "what is signed is bounded");
    return signature == "good";
  }
};

}  // namespace
}  // namespace gateway

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gateway;
  using namespace std::literals;
  static auto const check = std::make_shared<const stand_in>();
  static jwt_rules const rules{"i", "a", 30s, {{"k", jwt_algorithm::es256, 4, check}, {"", jwt_algorithm::rs256, 4, check}}, {}};
  static jwt_rules const of_another{"other", "a", 30s, rules.keys, {}};
  constexpr wall_time now{1'000s};
  auto const text = std::string{text_of(data, size)};
  auto const dot = text.find('\n');  // header and claims
  auto const head = text.substr(0, dot);
  auto const rest = dot == std::string::npos ? std::string{} : text.substr(dot + 1);
  auto const good = base64url("good");
  auto const made = base64url(head) + "." + base64url(rest) + ".";
  for (auto const& token : {text, made + good, base64url(R"({"alg":"ES256","kid":"k"})") + "." + base64url(text) + "." + good}) {
    auto const proof = prove(token, rules, now);
    if (!proof) continue;
    claim(token.size() <= max_token_size && token.ends_with("." + good), "it is bounded and signed");
    claim(!proof->subject.empty() && proof->until > now, "somebody is proved, for some time");
    claim(!prove(token, rules, proof->until), "it ends");
    claim(!prove(token, of_another, now), "another issuer's is no proof");
    claim(!prove(token.substr(0, token.rfind('.') + 1) + base64url("evil"), rules, now), "without its signature it is no proof");
  }
  return 0;
}
