// Any bytes as what the upstream sends: the same answer however they are cut, never more than the bounds allow, and nothing that could
// be mistaken for a line of its own when it is relayed.
#include <optional>

#include "core/base/text.hpp"
#include "core/upstream/twilio_body.hpp"
#include "core/upstream/verdict.hpp"
#include "target.hpp"
#include "upstream/exchange_bench.hpp"

namespace gateway {
namespace {

struct outcome {
  bool failed = true;
  int status = 0;
  std::size_t fields = 0;
  std::string body;
  std::string left;
  bool keep_alive = false;
  friend bool operator==(const outcome&, const outcome&) = default;
};

// One event loop for all inputs: making one takes longer than using it.
worker& shared_worker() {
  static worker at{1};
  return at;
}

task<void> perform(test::memory_stream& stream, std::string& input, answer_limits limits, std::optional<exchange_result>& result) {
  static secret const request{"GET /x HTTP/1.1\r\nHost: h\r\n\r\n"};
  hop_ledger hops{hop::lookup, mono_now()};
  auto got = co_await exchange_over(stream, input, request, limits, hops);
  result.emplace(std::move(got));
}

std::optional<exchange_result> exchanged(std::string_view bytes, std::size_t piece, const answer_limits& limits, std::string& left) {
  auto& at = shared_worker();
  test::far_end upstream{at.get_executor()};
  test::memory_stream stream{at.loop};
  stream.limit_reads(piece);
  stream.connect(upstream);
  std::optional<exchange_result> result;
  at.start_task("exchange", perform(stream, left, limits, result));
  test::run_ready(at.loop);
  upstream.send(bytes);
  upstream.close();
  test::run_ready(at.loop);
  return result;
}

outcome checked(std::string_view bytes, std::size_t piece, const answer_limits& limits) {
  std::string left;
  auto const result = exchanged(bytes, piece, limits, left);
  claim(result.has_value(), "an upstream that has gone ends the exchange");
  if (result->failed) return {};
  auto const& answer = result->answer;
  claim(answer.status >= 0 && answer.status <= 999, "a status has three digits");
  claim(answer.body.size() <= limits.max_body_bytes, "the body is bounded");
  std::size_t header = 0;
  for (auto const& field : answer.fields) header += field.name.size() + field.value.size();
  claim(header <= limits.max_header_bytes, "the header is bounded");
  static body_reader reader;
  static auto const asked = *call_sid::parse("CA0000000000000000000000000000000a");
  if (judge_answer(answer, asked, reader).is != verdict_kind::broken) {
    claim(answer.status >= 200, "a final status");
    for (auto const& field : answer.fields) claim(is_token(field.name) && is_field_value(field.value), "fields are fields");
  }
  // What follows the answer is noticed by the caller, who compares with nothing: how much of it was read depends on the cutting.
  return {false, answer.status, answer.fields.size(), answer.body, left.empty() ? "" : "more", result->keep_alive};
}

}  // namespace
}  // namespace gateway

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gateway;
  answer_limits limits;
  limits.max_header_bytes = 2048;
  limits.max_body_bytes = 1024;
  auto const bytes = text_of(data, size);
  auto const whole = checked(bytes, size + 1, limits);
  auto cut = checked(bytes, 1 + size % 7, limits);
  cut.left = whole.left;
  // Whether a header is too large Beast decides by what it has seen at once: near the bound the cutting matters.
  if (size > limits.max_header_bytes) return 0;
  claim(cut == whole, "however it is cut it is the same answer");
  return 0;
}
