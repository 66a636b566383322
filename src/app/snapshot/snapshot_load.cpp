// The first half of snapshot_keeper: the entries of the snapshot go into the cache, except those that were erased meanwhile.
#include <vector>

#include "app/snapshot/snapshot_keeper.hpp"
#include "core/upstream/remember.hpp"
#include "io/runtime/clock.hpp"
#include "io/runtime/log.hpp"

namespace gateway {
namespace {

// Entries at a time: few, so that an erasure does not wait for long.
constexpr std::size_t loaded_at_once = 16;

}  // namespace

void snapshot_keeper::ignore(const std::string& why_not) {
  if (!why_not.empty()) {
    ++failures_;
    log_entry(logbook_kind::snapshot_ignored, {{"file", values_.file}, {"cause", why_not}});
  } else {
    log_info("snapshot: there is none at '{}' yet", values_.file);
  }
  guard_.end_load(erasures::load_end::unusable, {});
}

void snapshot_keeper::load() {
  snapshot_reader reader;
  std::string why_not;
  bool const usable = reader.open(values_.file, seal_key_, why_not);
  guard_.opened();
  if (!usable) return ignore(why_not);
  if (reader.key() != parts_.owners) return ignore("its owners have been fingerprinted with another key");
  log_info("snapshot: '{}', {} bytes, is being loaded", values_.file, reader.size());
  auto const began = mono_now();
  snapshot_marks held;
  auto what = reader.next();
  while (what == snapshot_reader::event::entries && load_entries(reader.entries(), held)) what = reader.next();
  load_is_partial_ = what == snapshot_reader::event::entries;
  bool const damaged = what == snapshot_reader::event::damaged;
  held.finish();
  using load_end = erasures::load_end;
  guard_.end_load(damaged ? load_end::unusable : load_is_partial_ ? load_end::partial : load_end::whole, std::move(held));
  if (damaged) {
    ++failures_;
    log_entry(logbook_kind::snapshot_damaged);
  }
  log_entry(logbook_kind::snapshot_loaded, {{"entries", loaded_.load()}, {"took_ms", mono_now() - began}, {"left_out", dropped_}});
}

// False: the process is about to end.
bool snapshot_keeper::load_entries(std::string_view entries, snapshot_marks& held) {
  std::vector<snapshot_guard::candidate> some;
  while (!entries.empty()) {
    if (guard_.is_to_end()) return false;
    auto const moment = now();
    some.clear();
    for (std::size_t taken = 0; taken < loaded_at_once && !entries.empty(); ++taken) {
      auto read = take_entry(entries, moment);
      if (!read || !recognise(*read->made, read->call, moment, freshness_, bodies_)) {
        ++dropped_;
        continue;
      }
      cache_key const key{read->owner, read->call, parts_.table_key};
      held.add(key);
      some.push_back({key, std::move(read->made)});
    }
    std::uint64_t filed = 0;
    guard_.bring_back(some, [&](const snapshot_guard::candidate& one) {
      if (parts_.cache.restore(one.key, one.made, moment) != lru_store::restored::stored) return;
      parts_.visible.learn_restored(one.key.owner, *one.made);
      ++filed;
    });
    loaded_ += filed;
    dropped_ += some.size() - filed;
  }
  return true;
}

}  // namespace gateway
