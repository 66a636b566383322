#include "app/state/upstream_tokens.hpp"

#include <algorithm>
#include <utility>

namespace gateway {

upstream_tokens::authorization upstream_tokens::current(const partition& owner, mono_time now) const {
  std::lock_guard const lock{mutex_};
  auto const* const one = find(owner);
  return one != nullptr && one->schedule.has_token(now) ? one->token : nullptr;
}

upstream_tokens::look upstream_tokens::wait(const partition& owner, mono_time now, const std::shared_ptr<sleeper>& waits) {
  std::lock_guard const lock{mutex_};
  auto* const one = find(owner);
  if (one == nullptr) return {};  // the account has gone from the settings
  if (one->schedule.has_token(now)) return {state::ready};
  if (one->schedule.is_awaited(now)) {
    one->waiting.push_back(waits);
    return {state::awaited};
  }
  bool const refused = one->last == token_result::client_refused || one->schedule.is_refused();
  return {refused ? state::client_refused : state::unavailable, one->schedule.due() - now};
}

bool upstream_tokens::note_refused(const partition& owner, mono_time asked_at, mono_time now) {
  if (!any_.load(std::memory_order_acquire)) return false;
  std::lock_guard const lock{mutex_};
  auto* const one = find(owner);
  if (one == nullptr) return false;
  auto const what = one->schedule.note_refused(asked_at, roll(), now);
  one->keeper->wake();
  return what == token_schedule::refusal::ended;
}

void upstream_tokens::note_accepted(const partition& owner, mono_time asked_at) {
  if (!any_.load(std::memory_order_acquire)) return;
  std::lock_guard const lock{mutex_};
  if (auto* const one = find(owner)) one->schedule.note_accepted(asked_at);
}

void upstream_tokens::put(const partition& owner, client with, const std::shared_ptr<sleeper>& keeper, mono_time now) {
  std::lock_guard const lock{mutex_};
  if (auto* const one = find(owner)) {
    bool const is_another = !one->with->same_as(*with);
    one->with = std::move(with);
    one->keeper = keeper;
    if (is_another) one->schedule.try_now(now);
    return;
  }
  rows_.push_back({owner, std::move(with), keeper, token_schedule{now}, nullptr, token_result::issued, {}});
  any_.store(true, std::memory_order_release);
}

void upstream_tokens::remove(const partition& owner) {
  std::lock_guard const lock{mutex_};
  auto const gone = std::ranges::find(rows_, owner, &row::owner);
  if (gone == rows_.end()) return;
  for (auto const& one : gone->waiting) one->wake();
  rows_.erase(gone);
  any_.store(!rows_.empty(), std::memory_order_release);
}

upstream_tokens::client upstream_tokens::begin(const partition& owner, mono_time now, mono_time& due) {
  std::lock_guard const lock{mutex_};
  auto* const one = find(owner);
  due = one == nullptr ? mono_time::max() : one->schedule.due();
  if (now < due) return nullptr;  // defence: one-refresh
  one->schedule.begin(now);
  return one->with;
}

void upstream_tokens::note(const partition& owner, const token_answer& answer, mono_time now) {
  std::lock_guard const lock{mutex_};
  auto* const one = find(owner);
  if (one == nullptr) return;
  one->last = answer.is;
  if (answer.is == token_result::issued) {
    one->token = std::make_shared<const secret>(answer.authorization);
    one->schedule.note_issued(answer.lifetime, roll(), now);
  } else {
    one->schedule.note_failed(answer.pause, roll(), now);
  }
  for (auto const& each : std::exchange(one->waiting, {})) each->wake();
}

upstream_tokens::figures upstream_tokens::count(mono_time now) const {
  std::lock_guard const lock{mutex_};
  figures all;
  all.accounts = rows_.size();
  all.first_end = rows_.empty() ? std::chrono::nanoseconds{0} : std::chrono::nanoseconds::max();
  for (auto const& one : rows_) {
    if (one.last != token_result::issued || one.schedule.is_refused()) ++all.failing;
    auto const left = one.schedule.has_token(now) ? one.schedule.until() - now : std::chrono::nanoseconds{0};
    all.first_end = std::min<std::chrono::nanoseconds>(all.first_end, left);
  }
  return all;
}

const upstream_tokens::row* upstream_tokens::find(const partition& owner) const {
  auto const found = std::ranges::find(rows_, owner, &row::owner);
  return found == rows_.end() ? nullptr : &*found;
}

upstream_tokens::row* upstream_tokens::find(const partition& owner) { return const_cast<row*>(std::as_const(*this).find(owner)); }

}  // namespace gateway
