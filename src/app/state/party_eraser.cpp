#include "app/state/party_eraser.hpp"

#include <algorithm>
#include <utility>

#include "io/process_limits.hpp"

namespace gateway {
namespace {

// Entries for which a table is locked in one step.
constexpr std::size_t searched_at_once = 32;

}  // namespace

std::optional<std::uint64_t> party_eraser::begin(const digest& who, mono_time now, ended then) {
  {
    std::lock_guard const lock{mutex_};
    if (waiting_.size() >= most_waiting) return std::nullopt;  // defence: erasures-bounded
  }
  // In this order: what is stored or loaded from now on is judged, and what was stored before is found by the walk.
  if (!parties_.arm(who, now)) return std::nullopt;
  auto const ticket = disk_.begin_search();
  std::lock_guard const lock{mutex_};
  waiting_.push_back({who, std::move(then)});
  if (!thread_.joinable()) thread_ = std::thread{[this] { run(); }};
  woken_.notify_all();
  return ticket;
}

void party_eraser::stop() {
  std::thread running;
  {
    std::lock_guard const lock{mutex_};
    stopping_ = true;
    woken_.notify_all();
    running.swap(thread_);
  }
  if (running.joinable()) running.join();
}

void party_eraser::run() {
  step_back();
  while (true) {
    std::vector<job> jobs;
    {
      std::unique_lock lock{mutex_};
      woken_.wait(lock, [&] { return stopping_ || !waiting_.empty(); });
      if (stopping_) return;
      jobs.swap(waiting_);
    }
    if (!walk(jobs)) return;
    for (auto const& one : jobs) {
      disk_.end_search();
      one.then(one.taken);
    }
  }
}

bool party_eraser::walk(std::vector<job>& jobs) {
  std::ranges::sort(jobs, {}, &job::who);
  shared_cache::place from;
  while (auto const some = cache_.walk_all(from, searched_at_once)) {
    {
      std::lock_guard const lock{mutex_};
      if (stopping_) return false;
    }
    for (auto const& one : *some) erase_if_held(one, jobs);
  }
  return true;
}

// A newer answer that has taken the entry's place meanwhile goes, too: it costs a fetch.
void party_eraser::erase_if_held(const lru_store::walked& one, std::vector<job>& jobs) {
  ++looked_at_;
  bool is_held = false;
  parties_.each_hash(one.state.stored->plain.body(), [&](const digest& who) {
    for (auto each = std::ranges::lower_bound(jobs, who, {}, &job::who); each != jobs.end() && each->who == who; ++each) {
      is_held = true;
      if (std::exchange(each->last, looked_at_) != looked_at_) ++each->taken;
    }
  });
  if (is_held) cache_.erase(one.key, eviction::purged);
}

}  // namespace gateway
