#include "app/state/client_quotas.hpp"

#include <algorithm>
#include <utility>

#include "io/runtime/clock.hpp"

namespace gateway {
namespace {

using kind = quota_decision::kind;

// Then the request goes on as if the engine were away.
constexpr std::chrono::seconds longest_wait{1};

}  // namespace

void client_quotas::take_over(const std::vector<client_settings>& clients) {
  rows kept;
  sleepers woken;
  {
    std::lock_guard const lock{mutex_};
    for (auto const& one : clients) {
      if (!one.quota.is_on()) continue;
      auto known = rows_.extract(one.name);
      if (known.empty()) {
        kept.try_emplace(one.name, one.quota).first->second.quota.set_fleet(fleet_);
        continue;
      }
      known.mapped().quota.set_rule(one.quota);
      std::ranges::move(std::exchange(known.mapped().waiting, {}), std::back_inserter(woken));
      kept.insert(std::move(known));
    }
    for (auto& [name, gone] : rows_) std::ranges::move(gone.waiting, std::back_inserter(woken));
    rows_ = std::move(kept);
  }
  for (auto const& one : woken) one->wake();
}

quota_decision client_quotas::look(std::string_view client) const {
  if (client.empty()) return {};
  std::lock_guard const lock{mutex_};
  auto const found = rows_.find(client);
  return found == rows_.end() ? quota_decision{} : found->second.quota.look(now());
}

std::optional<quota_decision> client_quotas::refuse(std::string_view client) {
  if (client.empty()) return std::nullopt;
  std::lock_guard const lock{mutex_};
  auto const found = rows_.find(client);
  auto const moment = now();
  if (found == rows_.end() || found->second.quota.look(moment).is != kind::refused) return std::nullopt;
  return found->second.quota.take(moment);
}

task<quota_decision> client_quotas::take(executor where, std::string_view client) {
  quota_decision decided;
  if (client.empty()) co_return decided;
  std::shared_ptr<sleeper> me;
  decided = take_or_wait(client, me, where, false);
  auto const until = mono_now() + longest_wait;
  while (decided.is == kind::unknown) {
    bool const woken = co_await me->sleep_until(until);
    decided = take_or_wait(client, me, where, !woken);
  }
  co_return decided;
}

quota_decision client_quotas::take_or_wait(std::string_view client, std::shared_ptr<sleeper>& me, const executor& where, bool alone) {
  quota_decision decided;
  bool news = false;
  {
    std::lock_guard const lock{mutex_};
    auto const found = rows_.find(client);
    if (found == rows_.end()) return decided;
    auto& one = found->second;
    if (alone) std::erase(one.waiting, me);  // it asks the engine for nothing any more
    decided = one.quota.take(now(), alone);
    if (decided.is == kind::unknown) {
      if (!me) me = std::make_shared<sleeper>(where);
      one.waiting.push_back(me);
    }
    news = has_news(one);
  }
  if (news && news_) news_();
  return decided;
}

void client_quotas::give_back(std::string_view client, const quota_decision& taken) {
  if (!taken.rule.is_on()) return;
  std::lock_guard const lock{mutex_};
  auto const found = rows_.find(client);
  if (found != rows_.end() && found->second.quota.rule().per == taken.rule.per) found->second.quota.give_back(taken.window);
}

std::optional<quota_figures> client_quotas::figures_of(std::string_view client) const {
  auto const is = look(client);
  if (!is.rule.is_on()) return std::nullopt;
  return quota_figures{std::string{client}, is.rule, is.left, is.resets_in};
}

void client_quotas::set_fleet(const fleet_state& fleet) {
  sleepers woken;
  bool news = false;
  {
    std::lock_guard const lock{mutex_};
    fleet_ = fleet;
    for (auto& [name, one] : rows_) {
      one.quota.set_fleet(fleet);
      if (fleet.now != fleet_state::is::shared) std::ranges::move(std::exchange(one.waiting, {}), std::back_inserter(woken));
      news = news || has_news(one);
    }
  }
  for (auto const& one : woken) one->wake();
  if (news && news_) news_();
}

void client_quotas::beat() {
  bool news = false;
  {
    std::lock_guard const lock{mutex_};
    for (auto& [name, one] : rows_) {
      one.quota.beat();
      news = news || has_news(one);
    }
  }
  if (news && news_) news_();
}

void client_quotas::leave() {
  std::lock_guard const lock{mutex_};
  for (auto& [name, one] : rows_) one.quota.leave();
}

std::vector<std::string> client_quotas::with_news() const {
  std::vector<std::string> all;
  std::lock_guard const lock{mutex_};
  for (auto const& [name, one] : rows_) {
    if (has_news(one)) all.push_back(name);
  }
  return all;
}

std::optional<client_quotas::asked> client_quotas::report_of(std::string_view client) {
  std::lock_guard const lock{mutex_};
  auto const found = rows_.find(client);
  if (found == rows_.end() || !has_news(found->second)) return std::nullopt;
  auto& one = found->second;
  auto const waiting = one.waiting.size();
  return asked{one.quota.rule(), one.quota.report(waiting)};
}

void client_quotas::take_word(std::string_view client, const quota_rule& rule, const quota_word& word, mono_time asked_at) {
  sleepers woken;
  {
    std::lock_guard const lock{mutex_};
    auto const found = rows_.find(client);
    if (found == rows_.end()) return;
    auto& one = found->second;
    if (one.quota.rule() == rule) one.quota.take_word(word, asked_at, mono_now());
    woken = std::exchange(one.waiting, {});  // what gets none asks again
  }
  for (auto const& one : woken) one->wake();
}

}  // namespace gateway
