// Any bytes as what gateways of a fleet read of each other once the seal is off: an answer, a mark, a journal. What is read says what was
// written, an age is within its bounds, and an answer is judged as the upstream's own.
#include "core/base/keyed_hash.hpp"
#include "core/cache/freshness.hpp"
#include "core/fleet/fleet_mark.hpp"
#include "core/fleet/mark_journal.hpp"
#include "core/fleet/shared_answer.hpp"
#include "core/upstream/remember.hpp"
#include "target.hpp"

namespace gateway {
namespace {

using namespace std::chrono_literals;

const instant now{mono_time{1000h}, wall_time{std::chrono::sys_days{std::chrono::year{2026} / 1 / 10}}};

void check_answer(std::string_view plain) {
  static body_reader reader;
  static const auto call = *call_sid::parse("CA00000000000000000000000000000001");
  auto const one = unpack(std::string{plain});
  if (!one) return;
  claim(pack(one->version, one->asked_at, one->came_at, one->answer, one->has_partial) == plain, "it says what was written");
  auto const arrived = arrival_of(*one, now.wall, now);
  claim(arrived.came.mono <= now.mono && now.mono - arrived.came.mono <= record_lifetime, "its age is within bounds");
  claim(arrived.came.wall <= now.wall && now.wall - arrived.came.wall <= record_lifetime, "by both clocks");
  claim(arrived.asked_at <= arrived.came.mono, "it was asked for before it came");
  auto const meaning = judge_answer(one->answer, call, reader);
  auto const made = remember(one->answer, meaning, arrived.came, {}, true, arrived.asked_at);
  if (!made.made) return;
  claim(made.made->gone_by <= now.wall + record_lifetime && made.made->gone_at <= now.mono + record_lifetime,
        "it lives no longer than its record");
  bool const is_about_it = made.made->kind != answer_kind::complete || one->answer.body.find(call.view()) != std::string::npos;
  claim(made.why_not || is_about_it, "a summary is about its call");
}

void check_mark(std::string_view plain) {
  auto const one = fleet_mark::parse(plain);
  if (!one) return;
  claim(one->text() == plain, "it says what was written");
  if (one->is_about_call()) claim(one->scope().call.has_value(), "a mark about a call has one");
  if (one->kind == mark_kind::refused) claim(fleet_mark::of_refusal(one->owner()) == *one, "a refusal has its owner");
}

void check_journal(std::string_view text) {
  auto const one = mark_journal::parse(text);
  if (one) claim(mark_journal::parse(one->text()) == one, "it says what was written");
}

}  // namespace
}  // namespace gateway

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gateway;
  auto const bytes = text_of(data, size);
  check_answer(bytes);
  check_mark(bytes);
  check_journal(bytes);
  // No search finds a checksum.
  auto const sum = content_digest(bytes);
  check_journal(std::string{bytes}.append(view_of(sum)));
  return 0;
}
