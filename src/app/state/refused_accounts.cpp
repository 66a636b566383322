#include "app/state/refused_accounts.hpp"

#include <algorithm>

namespace gateway {

void refused_accounts::set_policy(const backoff_policy& probing) {
  std::lock_guard const lock{mutex_};
  probing_ = probing;
}

bool refused_accounts::refuses(const partition& owner, resource what, mono_time now) const {
  if (!any_.load(std::memory_order_acquire)) return false;
  std::lock_guard const lock{mutex_};
  return std::ranges::any_of(rows_, [&](const row& one) { return one.is_about(owner, what) && !one.circuit.lets_pass(now); });
}

bool refused_accounts::send(const partition& owner, resource what, mono_time now) {
  if (!any_.load(std::memory_order_acquire)) return true;
  std::lock_guard const lock{mutex_};
  auto const about = [&](const row& one) { return one.is_about(owner, what); };
  if (std::ranges::any_of(rows_, [&](const row& one) { return about(one) && !one.circuit.lets_pass(now); })) return false;
  for (auto& one : rows_) {
    if (about(one)) one.circuit.send(now);
  }
  return true;
}

bool refused_accounts::hides(const partition& owner) const {
  if (!any_.load(std::memory_order_acquire)) return false;
  std::lock_guard const lock{mutex_};
  return std::ranges::any_of(rows_, [&](const row& one) { return one.is_about(owner, resource::summary) && one.is_refused(); });
}

std::optional<credential_circuit::state> refused_accounts::note_refusal(const partition& owner, refusal_scope scope, resource what,
                                                                        mono_time asked_at, mono_time now) {
  auto const kind = scope == refusal_scope::kind ? what : resource::none;
  std::lock_guard const lock{mutex_};
  auto& circuit = row_of(owner, kind).circuit;
  bool const changed = circuit.note_refusal(asked_at, std::uniform_real_distribution<double>{}(chance_), now);
  count_refused();
  return changed ? std::optional{circuit.is()} : std::nullopt;
}

bool refused_accounts::note_success(const partition& owner, resource what, mono_time asked_at) {
  if (!any_.load(std::memory_order_acquire)) return false;
  std::lock_guard const lock{mutex_};
  bool healed = false;
  for (auto& one : rows_) {
    if (one.is_about(owner, what) && one.circuit.note_success(asked_at)) healed = true;
  }
  count_refused();
  return healed;
}

void refused_accounts::try_now(const partition& owner, mono_time now) {
  std::lock_guard const lock{mutex_};
  row_of(owner, resource::none);
  for (auto& one : rows_) {
    if (one.owner == owner) one.circuit.try_now(now);
  }
}

void refused_accounts::forget(const partition& owner) {
  std::lock_guard const lock{mutex_};
  std::erase_if(rows_, [&](const row& one) { return one.owner == owner; });
  count_refused();
}

void refused_accounts::keep_only(std::span<const partition> owners) {
  std::lock_guard const lock{mutex_};
  std::erase_if(rows_, [&](const row& one) { return std::ranges::find(owners, one.owner) == owners.end(); });
  count_refused();
}

std::size_t refused_accounts::count() const {
  std::lock_guard const lock{mutex_};
  std::vector<partition> owners;
  for (auto const& one : rows_) {
    if (one.is_refused() && std::ranges::find(owners, one.owner) == owners.end()) owners.push_back(one.owner);
  }
  return owners.size();
}

refused_accounts::row& refused_accounts::row_of(const partition& owner, resource what) {
  auto known = std::ranges::find_if(rows_, [&](const row& one) { return one.owner == owner && one.what == what; });
  if (known == rows_.end()) known = rows_.insert(rows_.end(), {owner, what, credential_circuit{probing_}});
  return *known;
}

void refused_accounts::count_refused() { any_.store(std::ranges::any_of(rows_, &row::is_refused), std::memory_order_release); }

}  // namespace gateway
