// Any bytes as a snapshot of the cache: as a file from its lead on, and, since no search finds checksums, as the entries of a chunk.
// Whatever comes out could have been filed by a fetch: every place within its bytes, its time not over and not too long.
#include "core/cache/snapshot_entry.hpp"
#include "core/cache/snapshot_format.hpp"
#include "core/reply/reply.hpp"
#include "core/upstream/remember.hpp"
#include "target.hpp"

namespace gateway {
namespace {

using namespace std::chrono_literals;

const instant now{mono_time{1000h}, wall_time{std::chrono::sys_days{std::chrono::year{2026} / 1 / 10}}};

void check_form(const representation& form) {
  claim(form.for_first(true).ends_with(form.body()), "the body is the end of every answer");
  claim(form.for_hit(false).ends_with("\r\n\r\n"), "it stands behind the empty line");
  claim(form.etag().size() >= 2, "there is a tag");
  claim(form.for_pages().size() <= form.wire.size(), "fields for pages are within it");
}

void check(recalled_entry& found, body_reader& reader) {
  auto& made = *found.made;
  check_form(made.plain);
  if (made.gzip) check_form(*made.gzip);
  claim(!made.is_gone(now), "its time is not over");
  claim(made.gone_by <= now.wall + record_lifetime && made.gone_at <= now.mono + record_lifetime, "it lives no longer than its record");
  claim(made.asked_at <= now.mono && made.stored_at <= now.mono && fresh_until(made, {}) <= made.gone_at, "lives end in order");
  if (!recognise(made, found.call, now, {}, reader)) return;
  claim(made.plain.body().find(found.call.view()) != std::string_view::npos, "it is about its call");
  std::string out;
  reply_context context;
  context.date = "Sun, 06 Nov 1994 08:49:37 GMT";
  context.request_id = "1";
  claim(append_hit(out, made, 1s, context) == 200, "it can be sent");
}

void read_entries(std::string_view rest, body_reader& reader) {
  while (!rest.empty()) {
    auto const before = rest.size();
    if (auto found = take_entry(rest, now)) check(*found, reader);
    claim(rest.size() < before, "it gets on");
  }
}

}  // namespace
}  // namespace gateway

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gateway;
  static body_reader reader;
  auto rest = text_of(data, size);
  read_entries(rest, reader);
  std::string why_not;
  auto const lead = snapshot_lead::parse(rest.substr(0, snapshot_lead::size), why_not);
  claim(lead.has_value() == why_not.empty(), "a reason for each refusal");
  if (!lead) return 0;
  rest.remove_prefix(snapshot_lead::size);
  checksum_guard guard;
  snapshot_decoder decoder{*lead, guard, 1 << 20};
  while (decoder.wanted() > 0 && decoder.wanted() <= rest.size()) {
    auto const piece = rest.substr(0, decoder.wanted());
    rest.remove_prefix(piece.size());
    auto const what = decoder.take(std::string{piece});
    if (what == snapshot_decoder::event::damaged) break;
    if (what == snapshot_decoder::event::entries) read_entries(decoder.content(), reader);
  }
  return 0;
}
