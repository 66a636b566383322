// The rounds of the marks' exchange with the engine: a beat, catching up, telling, reading. Each step that the engine does not take ends
// the round; the next beat tries again.
#include <algorithm>

#include "app/fleet/mark_exchange.hpp"
#include "io/files/settings_file.hpp"
#include "io/runtime/clock.hpp"
#include "io/runtime/log.hpp"

namespace gateway {
namespace {

constexpr std::chrono::milliseconds beat_interval{500};
constexpr std::chrono::milliseconds lease{2000};

}  // namespace

task<void> mark_exchange::run() {
  auto next = mono_now();
  while (!home_.is_ending()) {
    auto const now = mono_now();
    bool const beats = now >= next;
    if (beats) next = std::max<mono_time>(next + beat_interval, now);
    auto round = take_round(beats);
    co_await std::move(round);
    keep_journal();
    co_await woken_->sleep_until(next);
  }
}

task<void> mark_exchange::take_round(bool beats) {
  std::uint64_t wanted = 0;
  {
    std::lock_guard const lock{mutex_};
    wanted = pending_.last();
  }
  bool good = true;
  if (beats) good = co_await beat();
  if (!shares_) co_return;
  if (good && must_catch_up_) good = co_await catch_up();
  if (good && wanted > 0) good = co_await tell_pending();
  if (good) good = co_await tell_events();
  if (good && is_behind_.exchange(false)) good = co_await read_above(version(), incarnation_);
  if (good && must_sweep_) begin_sweep();
  if (good) co_await tell_erased(beats);
  if (good && beats) co_await ask_others();
  std::lock_guard const lock{mutex_};
  if (!good) failed_ = std::max(failed_, wanted);
}

task<bool> mark_exchange::beat() {
  auto asking = link_.run(home_.get_executor(), beat_call(names_, replica_, lease));
  auto const answer = co_await std::move(asking);
  auto const found = answer.why == engine_trouble::none ? read_beat(answer.reply) : std::nullopt;
  if (!found) co_return false;
  {
    std::lock_guard const lock{mutex_};
    members_ = found->members;
  }
  if (found->incarnation != incarnation_ || found->version < version()) {
    lose_track();  // defence: lost-writes-noticed
  } else if (found->version > version()) {
    is_behind_ = true;  // defence: version-looked-at
  } else {
    looked_at_.store(mono_now().time_since_epoch().count(), std::memory_order_release);
  }
  co_return true;
}

// Writes what the engine may have lost, and then reads everything.
task<bool> mark_exchange::catch_up() {
  must_catch_up_ = false;
  auto writing = write_again();
  auto const incarnation = co_await std::move(writing);
  bool good = !incarnation.empty();
  is_behind_ = false;
  if (good) good = co_await read_above(0, incarnation);
  if (!good) must_catch_up_ = true;
  bool const is_still_needed = must_catch_up_;  // perhaps there is another connection by now
  caught_up_.store(!is_still_needed, std::memory_order_release);
  co_return good;
}

// Page by page, at least one: the engine compares its version with this gateway's, too. Returns its incarnation, or nothing.
task<std::string> mark_exchange::write_again() {
  auto const other = another_incarnation();
  std::string incarnation;
  std::uint64_t above = 0;
  std::size_t written = marks_per_page;
  while (written == marks_per_page) {
    auto const page = known_above(above);
    written = page.size();
    if (written > 0) above = page.back().version;
    auto asking = link_.run(home_.get_executor(), tell_call(names_, other, version(), page));
    auto const answer = co_await std::move(asking);
    auto const told = answer.why == engine_trouble::none ? read_told(answer.reply) : std::nullopt;
    if (!told) co_return std::string{};
    incarnation = told->now.incarnation;
    // What was erased from the engine may be back in it.
    if (incarnation == other) must_sweep_ = must_sweep_ || std::ranges::any_of(page, &told_mark::needs_sweep);
  }
  co_return incarnation;
}

std::string mark_exchange::another_incarnation() const { return replica_ + "-" + random_id(); }

task<bool> mark_exchange::tell_pending() {
  std::uint64_t last = 0;
  for (auto page = first_pending(last); !page.empty(); page = first_pending(last)) {
    auto asking = link_.run(home_.get_executor(), tell_call(names_, another_incarnation(), version(), page));
    auto const answer = co_await std::move(asking);
    auto const told = answer.why == engine_trouble::none ? read_told(answer.reply) : std::nullopt;
    if (!told || told->versions.size() != page.size()) co_return false;
    settle(*told, last);
    if (told->now.incarnation != incarnation_) lose_track();
    if (std::ranges::any_of(page, &told_mark::needs_sweep)) {
      must_sweep_ = true;
      must_sweep_for_ = last;
    }
    is_behind_ = true;  // the version moves on by reading
  }
  co_return true;
}

task<bool> mark_exchange::read_above(std::uint64_t above, std::string incarnation) {
  // In another incarnation, a mark may have any version: what is known counts, not its number.
  auto const applied = incarnation == incarnation_ ? version() : 0;
  std::size_t got = marks_per_page;
  while (got == marks_per_page) {
    auto asking = link_.run(home_.get_executor(), read_call(names_, above));
    auto const answer = co_await std::move(asking);
    auto const page = answer.why == engine_trouble::none ? read_marks(answer.reply) : std::nullopt;
    if (!page) {
      is_behind_ = true;
      co_return false;
    }
    if (page->now.incarnation != incarnation) {
      lose_track();
      co_return false;
    }
    got = page->marks.size();
    if (got > 0) above = page->marks.back().version;
    take(*page, applied);
    if (got < marks_per_page) end_reading(page->now);
  }
  co_return true;
}

void mark_exchange::take(const read_answer& page, std::uint64_t applied) {
  for (auto const& one : page.marks) {
    auto const plain = keys_.seal().open(seal_kind, one.name, one.sealed);
    auto const what = plain ? fleet_mark::parse(*plain) : std::nullopt;
    bool is_news = false;
    {
      std::lock_guard const lock{mutex_};
      if (what) {
        is_news = table_.merge(one, *what) && !pending_.holds(one.sealed);
      } else {
        table_.raise({one.version, 0});  // defence: unreadable-mark-counts
      }
    }
    if (!what && unreadable_.fetch_add(1, std::memory_order_relaxed) == 0) log_entry(logbook_kind::mark_unreadable);
    if (!is_news || one.version <= applied) continue;
    apply(*what);
    applied_[static_cast<std::size_t>(subject_of(what->kind))].fetch_add(1, std::memory_order_relaxed);
  }
}

// Every mark of the engine has been applied.
void mark_exchange::end_reading(const mark_state& now) {
  if (now.floors.complete > version()) apply_missed(now.floors);  // defence: missed-marks
  {
    std::lock_guard const lock{mutex_};
    table_.raise(now.floors);
  }
  incarnation_ = now.incarnation;
  version_.store(now.version, std::memory_order_release);
  looked_at_.store(mono_now().time_since_epoch().count(), std::memory_order_release);
}

// A sweep that is under way may have passed what a later mark is about: another one follows it.
void mark_exchange::begin_sweep() {
  if (std::exchange(sweeps_, true)) return;
  must_sweep_ = false;
  home_.start_task("fleet sweep", sweep());
}

// Nothing in the engine is believed that an erasure is about; now it goes from there, too. A part at a time, so that the engine serves.
task<void> mark_exchange::sweep() {
  auto const wanted = must_sweep_for_;
  std::string cursor = "0";
  bool is_whole = true;
  do {
    auto asking = link_.run(home_.get_executor(), sweep_call(names_, cursor));
    auto const answer = co_await std::move(asking);
    auto next = answer.why == engine_trouble::none ? read_sweep(answer.reply) : std::nullopt;
    is_whole = is_whole && next;
    cursor = next.value_or("0");
  } while (cursor != "0" && !home_.is_ending());
  must_sweep_ = must_sweep_ || !is_whole;
  if (is_whole && cursor == "0") swept_.store(std::max(swept_.load(), wanted), std::memory_order_release);
  sweeps_ = false;
}

void mark_exchange::keep_journal() {
  // The order matters: what is applied after this look is not in the version that was read before it.
  auto const applied = version();
  if (parts_.disk.is_clean()) {
    safe_.incarnation = incarnation_;
    safe_.version = applied;
  }
  std::uint64_t number = 0;
  auto now = safe_;
  {
    std::lock_guard const lock{mutex_};
    number = pending_.last();
    for (auto const& one : pending_.all()) now.pending.push_back({one.name, one.sealed});
  }
  bool const soon = !now.pending.empty();
  journal_.offer(now, number, soon, woken_);
}

}  // namespace gateway
