// Any bytes as the answer of an OAuth token endpoint: a token that is taken can stand in a header field and has a bounded life, and nothing
// else of the answer goes on. The first byte chooses the status; "0" is 200.
#include "core/upstream/token_answer.hpp"

#include <algorithm>
#include <array>

#include "core/auth/credentials.hpp"
#include "target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gateway;
  using namespace std::chrono_literals;
  static const wall_time now{std::chrono::sys_days{std::chrono::year{2026} / 1 / 10}};
  static json_reader reader;
  upstream_answer answer;
  static constexpr std::array statuses{200, 201, 400, 401, 403, 429, 503, 302};
  answer.status = size == 0 ? 200 : statuses[data[0] % statuses.size()];
  if (size > 0) answer.body = text_of(data + 1, size - 1);
  auto const found = read_token_answer(answer, reader, now);
  bool const issued = found.is == token_result::issued;
  claim(issued == !found.authorization.empty(), "a token is issued, or there is none");
  claim(found.error.empty() || answer.body.find(found.error) != std::string::npos || answer.body.find('\\') != std::string::npos,
        "an error's name comes from the answer");
  if (!issued) return 0;
  claim(answer.status == 200 || answer.status == 201, "a token comes with a success");
  claim(found.lifetime >= 1s && found.lifetime <= longest_lifetime, "its life is bounded");
  auto const value = found.authorization.reveal();
  claim(value.size() <= longest_token + 7 && value.starts_with("Bearer "), "it is a bearer token of a bounded size");
  claim(std::ranges::all_of(value, [](char c) { return c >= 0x20 && c < 0x7f; }), "a header field can carry it");
  claim(parse_authorization(value).has_value(), "and the gateway would take it itself");
  return 0;
}
