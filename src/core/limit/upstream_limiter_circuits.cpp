// The part of upstream_limiter that shares circuits with a fleet: of the accounts, and of the host that all of them use.
#include <algorithm>
#include <iterator>
#include <utility>

#include "core/limit/upstream_limiter.hpp"

namespace gateway {
namespace {

using sort = circuit_name::sort;

constexpr circuit_name host_name{};

// More opened circuits than an operator reads of in one look.
constexpr std::size_t circuits_reported = 500;

std::vector<named_word> words_about(std::uint64_t account, const std::vector<named_word>& all) {
  std::vector<named_word> those;
  std::ranges::copy_if(all, std::back_inserter(those),
                       [&](const named_word& one) { return one.whose.is != sort::host && one.whose.account == account; });
  return those;
}

std::array<bool, resource_count> kinds_of(const std::vector<permit_request_ptr>& those) {
  std::array<bool, resource_count> kinds{};
  for (auto const& one : those) kinds[static_cast<std::size_t>(one->who.what)] = true;
  return kinds;
}

}  // namespace

void upstream_limiter::share_host(bool with_fleet) {
  host_.share(with_fleet);
  troubled_.clear();
  probes_wanted_.clear();
  circuits_changed_ = with_fleet;
}

void upstream_limiter::note_circuits(const permit_request& one, exchange_outcome how) {
  if (fleet_.now != fleet_state::is::shared) return;
  auto const* const where = one.in_unproved_queue ? nullptr : find_account(one);
  if (where != nullptr && where->limits.has_circuit_report()) troubled_.insert(one.who.account);
  bool const failed = how == exchange_outcome::failed || how == exchange_outcome::unreachable;
  ask_for_circuits_ = ask_for_circuits_ || failed;
  circuits_changed_ = circuits_changed_ || failed || host_.has_report() || troubled_.contains(one.who.account);
}

// A circuit has changed: slots may be of use now, also for requests that can be left undone.
void upstream_limiter::ask_again(std::uint64_t account, known_account& where) {
  if (where.limits.is_idle() && where.optional.empty()) return;
  if (!where.optional.empty()) where.limits.ask_for_spare();
  changed_.insert(account);
}

std::optional<std::vector<named_report>> upstream_limiter::report_circuits(bool anyway, mono_time now) {
  circuits_changed_ = false;
  if (fleet_.now != fleet_state::is::shared) return std::nullopt;
  std::vector<named_report> all;
  bool const some_wait =
      queued_ + unproved_.waiting() > 0 || std::ranges::any_of(accounts_, [](const auto& one) { return !one.second->optional.empty(); });
  if (host_.has_report()) all.push_back({host_name, host_.report(some_wait, now)});
  for (auto one = troubled_.begin(); one != troubled_.end();) {
    auto const known = accounts_.find(*one);
    bool const concerns = known != accounts_.end() && known->second->limits.has_circuit_report();
    if (concerns) known->second->limits.report_circuits(*one, kinds_of(known->second->optional), now, all);
    one = concerns ? std::next(one) : troubled_.erase(one);
  }
  std::vector<circuit_name> wanted;
  bool news = std::exchange(ask_for_circuits_, false);
  for (auto const& one : all) {
    news = news || one.report.what != circuit_report::event::unchanged;
    if (one.report.wants_probe) wanted.push_back(one.whose);
  }
  std::ranges::sort(wanted);
  news = wanted != std::exchange(probes_wanted_, wanted) || news;
  return news || anyway ? std::optional{std::move(all)} : std::nullopt;
}

std::vector<circuit_figures> upstream_limiter::circuits(mono_time last, std::size_t most, mono_time now) const {
  std::vector<circuit_figures> all;
  if (host_.is_open_or_opened_after(last)) all.push_back(host_.figures(host_name, now));
  for (auto const& [account, where] : accounts_) {
    if (all.size() < most) where->limits.add_circuits(account, last, now, all);
  }
  return all;
}

upstream_limiter::changes upstream_limiter::changes_since(mono_time last, mono_time now) const {
  changes made;
  made.circuits = circuits(last, circuits_reported, now);
  made.is_complete = made.circuits.size() < circuits_reported;
  made.most = policy_.max_in_flight;
  for (auto const& [account, where] : accounts_) {
    if (where->limits.learnt_limit() < made.most) made.lowered.push_back({account, where->limits.learnt_limit()});
  }
  return made;
}

wake_list upstream_limiter::take_circuits(const std::vector<named_word>& words, mono_time now) {
  wake_list woken;
  if (fleet_.now != fleet_state::is::shared) return woken;
  auto concerned = troubled_;
  for (auto const& one : words) {
    if (one.whose.is != sort::host) concerned.insert(one.whose.account);
  }
  for (auto const account : concerned) {
    auto const known = accounts_.find(account);
    if (known == accounts_.end()) continue;
    auto& limits = known->second->limits;
    if (!limits.take_circuits(words_about(account, words), newest_, now)) continue;
    if (limits.has_circuit_report()) troubled_.insert(account);
    ask_again(account, *known->second);
    reconsider(limits.all(), now, woken);
  }
  auto const host = std::ranges::find(words, host_name, &named_word::whose);
  if (host_.take(host == words.end() ? nullptr : &host->word, newest_, now)) {
    for (auto const& [account, where] : accounts_) ask_again(account, *where);
    reconsider(all_waiting(), now, woken);
  }
  grant(now, woken);
  return woken;
}

}  // namespace gateway
