#include "app/snapshot/snapshot_keeper.hpp"

#include <algorithm>
#include <stdexcept>

#include "io/files/snapshot_seal.hpp"
#include "io/process_limits.hpp"
#include "io/runtime/clock.hpp"
#include "io/runtime/log.hpp"

namespace gateway {
namespace {

constexpr std::chrono::milliseconds lock_poll_interval{50};
// Pauses after an erasure and between writes, so that many erasures at once cost one write, and many in a row one write a second.
constexpr std::chrono::milliseconds gathering{50};
constexpr std::chrono::nanoseconds settling = std::chrono::seconds{1};
// Endless erasures keep the disk busy for at most a tenth of the time.
constexpr int rest_per_write = 10;
// Pause before a failed removal is tried again.
constexpr std::chrono::seconds retry_removal{1};
// Pauses while an erasure searches the cache.
constexpr std::chrono::milliseconds search_pause{10};
// Attempts at the last snapshot: a purge during a write makes it invalid.
constexpr int last_attempts = 3;

std::optional<fingerprint_key> seal_key_of(const snapshot_settings& from) {
  if (from.file.empty() || from.key_file.empty()) return std::nullopt;
  std::string why_not;
  auto const key = read_seal_key(from.key_file, why_not);
  if (!key) throw std::runtime_error{"snapshot.key_file: " + why_not};
  return key;
}

}  // namespace

std::optional<fingerprint_key> key_in_snapshot(const snapshot_settings& from) {
  if (from.file.empty()) return std::nullopt;
  snapshot_reader reader;
  std::string why_not;  // load() reports it
  return reader.open(from.file, seal_key_of(from), why_not) ? std::optional{reader.key()} : std::nullopt;
}

snapshot_keeper::snapshot_keeper(const settings& values, const snapshot_parts& parts, bool succeeds)
    : parts_(parts),
      guard_(parts.guard),
      values_(values.snapshot),
      freshness_(values.cache.freshness),
      seal_key_(seal_key_of(values.snapshot)),
      succeeds_(succeeds) {}

void snapshot_keeper::start(std::function<void()> ended) {
  if (values_.file.empty()) return;
  on_end_ = std::move(ended);
  ended_ = false;
  thread_ = std::thread{[this] { run(); }};
}

void snapshot_keeper::end(bool for_successor) {
  for_successor_ = for_successor_ || for_successor;
  guard_.ask_end();
}

void snapshot_keeper::join() {
  if (thread_.joinable()) thread_.join();
}

// Loading and regular writes run on a thread of low priority, so that requests do not feel them. The process waits for the last write, so
// that one runs at normal priority on this thread: a thread may lower its priority but not raise it again. A third thread removes erased
// snapshots at once, whatever the others are doing.
void snapshot_keeper::run() {
  bool in_charge = false;
  std::thread removing{[&] { guarded([&] { remove_erased(); }); }};
  std::thread background{[&] {
    step_back();
    guarded([&] {
      in_charge = take_charge();
      if (!in_charge) return;
      load();
      keep();
    });
  }};
  background.join();
  guarded([&] {
    if (in_charge) write_last();
  });
  // Also without a last snapshot, purged entries must go from the disk.
  guard_.remove_erased();
  if (for_successor_) guard_.leave();  // defence: predecessor-done
  guard_.end_removals();
  removing.join();
  ended_.store(true, std::memory_order_release);
  on_end_();
}

void snapshot_keeper::remove_erased() {
  while (guard_.wait_for_removal()) {
    if (guard_.remove_erased()) continue;
    ++failures_;
    if (!guard_.pause_removals(mono_now() + retry_removal)) return;
  }
}

void snapshot_keeper::guarded(const std::function<void()>& work) {
  try {
    work();
  } catch (const std::exception& error) {
    ++failures_;
    log_error("snapshot: {}", error.what());
  }
}

bool snapshot_keeper::take_charge() {
  std::string logged;
  while (true) {
    std::string why_not;
    auto const got = guard_.take_charge(why_not);
    if (got == snapshot_lock::attempt::taken) return true;
    if (got == snapshot_lock::attempt::held && !succeeds_) {
      ++failures_;
      log_entry(logbook_kind::snapshot_unused,
                {{"cause", "another gateway has '" + values_.file +
                               ".lock': that file is neither read nor written here. Give each gateway its own"}});
      guard_.leave();
      return false;
    }
    if (got == snapshot_lock::attempt::failed && logged != why_not) {
      ++failures_;
      log_entry(logbook_kind::snapshot_unused, {{"cause", "none is read or written: " + why_not}});
      logged = why_not;
    }
    last_missing_ = got == snapshot_lock::attempt::failed;
    auto const pause = got == snapshot_lock::attempt::held ? std::chrono::nanoseconds{lock_poll_interval} : values_.every;
    if (guard_.wait(mono_now() + pause, false) == snapshot_guard::wake::end) return false;
  }
}

void snapshot_keeper::keep() {
  bool failed = false;
  auto next = guard_.has_snapshot() ? mono_now() + values_.every : mono_now();
  auto rested = mono_now();
  while (true) {
    // After a failed write, an erasure does not cause another one before its time.
    auto const why = guard_.wait(next, !failed);
    if (why == snapshot_guard::wake::end) return;
    if (why == snapshot_guard::wake::erased) {
      auto const soon = std::max<mono_time>(mono_now() + gathering, rested);
      if (guard_.wait(soon, false) == snapshot_guard::wake::end) return;
    }
    auto const came = has_changed() || !guard_.has_snapshot() || guard_.is_outdated() ? write(false) : written::yes;
    failed = came == written::failed;
    rested = mono_now() + std::max(rest_per_write * last_took_, std::min(settling, values_.every));
    next = std::max(mono_now() + (came == written::overtaken ? std::min(settling, values_.every) : values_.every), rested);
  }
}

void snapshot_keeper::write_last() {
  last_missing_ = false;
  // A snapshot that was not fully loaded holds more than the cache does.
  if (load_is_partial_ && guard_.has_snapshot()) return log_info("snapshot: it was not fully loaded, so the file stays as it is");
  last_missing_ = true;
  for (int i = 0; i < last_attempts && last_missing_; ++i) {
    // An erasure that is under way would make it invalid; it goes on while this thread waits.
    while (guard_.is_searching() && !gives_up(true)) guard_.pause_removals(mono_now() + search_pause);
    auto const came = write(true);
    last_missing_ = came != written::yes;
    if (came == written::failed) return;
  }
}

snapshot_figures snapshot_keeper::figures() const {
  snapshot_figures now;
  now.entries = entries_;
  now.bytes = bytes_;
  now.written_seconds = written_seconds_;
  now.took_seconds = took_seconds_;
  now.written = written_;
  now.failures = failures_;
  now.loaded = loaded_;
  return now;
}

}  // namespace gateway
