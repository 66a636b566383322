// Any upstream answer, from its fields to what readers get: no line that the upstream did not send as a field of its own, the exact
// body, and nothing kept beyond 30 days. Input: STATUS|NAME|VALUE|NAME|VALUE||BODY.
#include <algorithm>
#include <charconv>
#include <string>

#include "core/cache/upstream_cache_control.hpp"
#include "core/reply/reply.hpp"
#include "core/upstream/remember.hpp"
#include "reply/response.hpp"
#include "target.hpp"

namespace gateway {
namespace {

std::string_view take_piece(std::string_view& rest) {
  auto const piece = rest.substr(0, rest.find('|'));
  rest.remove_prefix(std::min(rest.size(), piece.size() + 1));
  return piece;
}

upstream_answer answer_in(std::string_view rest) {
  upstream_answer answer;
  auto const status = take_piece(rest);
  std::from_chars(status.data(), status.data() + status.size(), answer.status);
  for (auto name = take_piece(rest); !name.empty(); name = take_piece(rest)) {
    answer.fields.push_back({name, take_piece(rest)});
  }
  answer.body = rest;
  return answer;
}

// What a reader gets, taken apart; claims what holds for every answer.
response checked(const std::string& bytes, std::string_view body, std::size_t fields) {
  auto r = take_apart(bytes);
  claim(r.well_formed, "the response is well-formed");
  claim(r.body == body, "the body is the upstream's, byte by byte");
  claim(r.fields.size() == fields, "no field was split, lost or invented");
  return r;
}

void check_delivery(const upstream_answer& answer, const remembered& made, bool not_ready, const instant& now) {
  passthrough_fields const passes{answer};
  auto const passthrough = [&](const answer_field& f) { return passes.has(f.name) && !(not_ready && iequals(f.name, "retry-after")); };
  auto const lasting = [&](const answer_field& f) { return passthrough(f) && passes.use_of(f.name) != field_use::waiting; };
  auto const all = static_cast<std::size_t>(std::ranges::count_if(answer.fields, passthrough));
  auto const kept = static_cast<std::size_t>(std::ranges::count_if(answer.fields, lasting));
  upstream_cache_control said;
  for (auto const& field : answer.fields) said.add(field.name, field.value, now.wall);
  // Date, Cache-Status, X-Request-Id; Vary, Content-Length; ETag, Cache-Control
  std::size_t const own = 3 + 2 + (answer.status == 200 ? 2 : said.says_no_store() ? 1 : 0);
  auto const for_pages = static_cast<std::size_t>(
      std::ranges::count_if(answer.fields, [&](const answer_field& f) { return lasting(f) && is_for_pages(f.name); }));
  bool const has_origin = !answer.field("twilio-request-id").empty() && passes.has("twilio-request-id");
  std::size_t const origin = has_origin ? 1 : 0;

  reply_context context;
  context.date = "Sun, 06 Nov 1994 08:49:37 GMT";
  context.request_id = "1";
  for (bool const head_only : {false, true}) {
    context.head_only = head_only;
    auto const body = head_only ? std::string_view{} : std::string_view{answer.body};
    std::string first;
    std::string hit;
    claim(append_first(first, *made.made, made.fresh_fields, context) == answer.status, "the status is the upstream's");
    claim(append_hit(hit, *made.made, std::chrono::seconds{1}, context) == answer.status, "for a hit, too");
    claim(checked(first, body, own + all).field("Content-Length") == std::to_string(answer.body.size()), "the length is right");
    claim(checked(hit, body, own + 1 + origin + kept).field("Age") == "1", "a hit has an age");
  }
  if (answer.status != 200) return;
  std::string unchanged;
  context.if_none_match = field_lines{made.made->plain.etag()};
  claim(append_hit(unchanged, *made.made, std::chrono::seconds{1}, context) == 304, "its own tag is known");
  checked(unchanged, "", 3 + 3 + for_pages);
}

}  // namespace
}  // namespace gateway

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gateway;
  using namespace std::chrono_literals;
  static body_reader reader;
  static auto const asked = *call_sid::parse("CA0000000000000000000000000000000a");
  static const instant now{mono_time{1000h}, wall_time{std::chrono::sys_days{std::chrono::year{2026} / 1 / 10}}};
  auto const answer = answer_in(text_of(data, size));
  auto const meaning = judge_answer(answer, asked, reader);
  if (meaning.is == verdict_kind::broken) {
    claim(!meaning.storable(), "what is broken is not kept");
    return 0;
  }
  auto const made = remember(answer, meaning, now, freshness_policy{});
  claim(!made.is_stored() || meaning.storable(), "only what may be kept is kept");
  claim(!made.is_stored() || made.made->gone_at - now.mono <= 30 * 24h, "nothing lives longer than the record");
  claim(!made.is_stored() || (fresh_until(*made.made, {}) <= made.made->gone_at && made.made->gone_at > now.mono), "lives end in order");
  claim(!made.is_stored() || (answer.status != 401 && answer.status != 403 && answer.status != 429 && answer.status < 500),
        "no such status is kept");
  check_delivery(answer, made, meaning.is == verdict_kind::not_ready, now);
  return 0;
}
