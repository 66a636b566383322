// The second half of snapshot_keeper: every entry that may outlive the process goes into a new file, which then replaces the old one.
#include <numeric>
#include <utility>

#include "app/snapshot/snapshot_keeper.hpp"
#include "io/files/settings_file.hpp"
#include "io/runtime/clock.hpp"
#include "io/runtime/log.hpp"

namespace gateway {
namespace {

// Entries at a time: few, so that no request waits long for a shard of the cache.
constexpr std::size_t written_at_once = 32;

// A number that changes whenever an entry is stored or dropped.
std::uint64_t movement(const store_counts& counts) {
  return std::accumulate(std::begin(counts.evictions), std::end(counts.evictions), counts.entries,
                         [](std::uint64_t sum, std::uint64_t one) { return sum + 2 * one; });
}

}  // namespace

bool snapshot_keeper::has_changed() const { return movement(parts_.cache.counts()) != seen_; }

// When the end comes, a regular write stops: the last snapshot replaces it anyway.
bool snapshot_keeper::gives_up(bool last) const { return abandoned_.load(std::memory_order_relaxed) || (!last && guard_.is_to_end()); }

snapshot_keeper::written snapshot_keeper::write(bool last) {
  auto const began = mono_now();
  auto const counts = movement(parts_.cache.counts());
  guard_.begin_write();
  std::string why_not;
  auto const came = write_file(last, why_not);
  guard_.end_write();
  last_took_ = mono_now() - began;
  switch (came) {
    case written::yes:
      seen_ = counts;
      logged_.clear();
      ++written_;
      took_seconds_ = std::chrono::duration<double>(last_took_).count();
      written_seconds_ = std::chrono::duration<double>(now().wall.time_since_epoch()).count();
      log_entry(last ? logbook_kind::snapshot_last : logbook_kind::snapshot_written,
                {{"entries", entries_.load()}, {"bytes", bytes_.load()}, {"took_ms", last_took_}});
      break;
    case written::overtaken:
      log_debug("snapshot: an entry was erased from the cache meanwhile: it is written again");
      break;
    case written::failed:
      ++failures_;
      if (std::exchange(logged_, why_not) != why_not) log_entry(logbook_kind::snapshot_failed, {{"cause", why_not}});
      break;
  }
  return came;
}

snapshot_keeper::written snapshot_keeper::write_file(bool last, std::string& why_not) {
  snapshot_lead lead;
  lead.sealed = seal_key_.has_value();
  fill_with_random(lead.salt.data(), lead.salt.size());
  auto const vouching = guard_for(lead, seal_key_);
  snapshot_encoder encoder{lead, *vouching};
  snapshot_output to{values_.file};
  snapshot_marks held;
  now_written_ = 0;
  bool const whole = to.open(why_not) && to.write(encoder.begin(parts_.owners), why_not) &&
                     write_entries(encoder, to, held, last, why_not) && to.write(encoder.end(), why_not) && to.sync(why_not);
  if (!whole) return why_not.empty() ? written::overtaken : written::failed;
  held.finish();
  auto const came = guard_.place(std::move(held), to, last && for_successor_, why_not);
  if (came == snapshot_guard::placing::failed) return written::failed;
  // Also after an erasure during the write: the removal of the old file must reach the disk.
  sync_folder_of(values_.file);
  if (came == snapshot_guard::placing::overtaken) return written::overtaken;
  entries_ = now_written_;
  bytes_ = to.bytes();
  return written::yes;
}

bool snapshot_keeper::write_entries(snapshot_encoder& encoder, snapshot_output& to, snapshot_marks& held, bool last, std::string& why_not) {
  std::string content;
  std::string one;
  auto const put = [&] { return content.empty() || to.write(encoder.entries(std::exchange(content, {})), why_not); };
  shared_cache::place at;
  while (auto const some = parts_.cache.walk(at, written_at_once)) {
    if (gives_up(last)) return last ? (why_not = "there was no time left", false) : false;
    auto const moment = now();
    for (auto const& each : *some) {
      auto const& stored = *each.state.stored;
      if (!is_lasting(stored) || stored.is_gone(moment) || !parts_.visible.may_serve(each.key.owner, stored)) continue;
      one.clear();
      append_entry(one, each.key.owner, each.key.call, stored, moment);
      if (content.size() + one.size() > snapshot_chunk_bytes && !put()) return false;
      content += one;
      held.add(each.key);
      ++now_written_;
    }
  }
  return put();
}

}  // namespace gateway
