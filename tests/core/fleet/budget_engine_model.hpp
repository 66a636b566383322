// What the budget's script does in the engine, as a model with injected time for simulations. The script itself runs in a real engine in
// the scenarios.
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/limit/budget_share.hpp"

namespace gateway::test {

class budget_engine_model {
public:
  using gateway_id = int;
  static constexpr gateway_id everybody = -1;

  // Returns the reply; the gateways that must report are appended to `handed`.
  budget_word run(gateway_id me, const budget_report& report, mono_time now, std::vector<gateway_id>& handed) {
    if (now >= sweep_at_) sweep(now);
    learn(report, now, handed);
    gateways_ += holders_.contains(me) ? 0 : 1;
    hear(me, report, now);
    auto& mine = holders_[me];
    auto const handed_before = mine.handed;
    mine.handed = {};
    mine.seen = now;
    mine.reserve = report.reserve;
    for (std::size_t kind = 0; kind < slot_kinds; ++kind) {
      auto const kept = std::min(report.in_use[kind] + handed_before[kind], report.wanted[kind]);
      mine.slots[kind] = std::max(report.in_use[kind], kept);
    }
    for (std::size_t kind = 0; kind < slot_kinds; ++kind) wait(me, kind, report, now);
    if (learns(now)) {
      give_part(me, report, now);
    } else {
      give_all(me, report, now, handed);
    }
    return reply(me, report);
  }

  [[nodiscard]] std::uint64_t limit() const { return limit_; }
  void forget() { *this = {}; }

private:
  struct holder {
    slot_counts slots{}, handed{};
    mono_time seen{};
    std::chrono::nanoseconds reserve{};
    [[nodiscard]] std::uint64_t held() const { return slots[0] + slots[1]; }
  };
  static constexpr std::chrono::seconds lease{2};

  void sweep(mono_time now) {
    std::erase_if(holders_, [&](const auto& one) { return now > one.second.seen + lease + one.second.reserve; });
    for (auto& queue : waiting_) std::erase_if(queue, [&](const auto& one) { return !lives(one.first, now); });
    gateways_ = static_cast<std::uint64_t>(std::ranges::count_if(holders_, [&](const auto& one) { return lives(one.first, now); }));
    sweep_at_ = now + std::chrono::milliseconds{250};
  }

  // It has lost what it knew, and does not know yet what all gateways use.
  [[nodiscard]] bool learns(mono_time now) const { return now < quiet_until_; }
  void hear(gateway_id me, const budget_report& report, mono_time now) {
    if (!learns(now)) return;
    auto const before = holders_.find(me);
    heard_ += before == holders_.end() || before->second.seen < quiet_since_ ? 1 : 0;
    expected_ = std::max(expected_, report.gateways);
    if (expected_ > 0 && heard_ >= expected_ && report.epoch <= epoch_) quiet_until_ = {};
  }

  [[nodiscard]] bool lives(gateway_id which, mono_time now) const {
    auto const found = holders_.find(which);
    return found != holders_.end() && now <= found->second.seen + lease;
  }

  void learn(const budget_report& report, mono_time now, std::vector<gateway_id>& handed) {
    if (report.epoch > epoch_) {
      if (!learns(now)) {
        quiet_since_ = now;
        heard_ = expected_ = 0;
        handed.push_back(everybody);
      }
      quiet_until_ = now + std::chrono::milliseconds{600};
    }
    if (report.proposal && report.epoch >= epoch_) {
      if (report.proposed_limit < limit_) handed.push_back(everybody);
      epoch_ = report.epoch + 1;
      limit_ = report.proposed_limit;
      learnt_ = *report.proposal;
      again_at_ = now + learnt_->try_again_in;
      seen_ = {};
    } else if (report.epoch == epoch_ && report.seen.accepted > 0) {
      seen_.accepted += report.seen.accepted;
      seen_.in_flight = std::max(seen_.in_flight, report.seen.in_flight);
      if (report.seen.elsewhere) seen_.elsewhere = std::min(seen_.elsewhere.value_or(*report.seen.elsewhere), *report.seen.elsewhere);
    }
  }

  void wait(gateway_id me, std::size_t kind, const budget_report& report, mono_time now) {
    auto& queue = waiting_[kind];
    auto const held = holders_[me].held();
    auto const known = queue.find(me);
    if (holders_[me].slots[kind] >= report.wanted[kind]) {
      queue.erase(me);
    } else if (known == queue.end() || known->second.first != held) {
      queue[me] = {held, now};
    }
  }

  [[nodiscard]] std::uint64_t total(std::size_t kind) const {
    std::uint64_t sum = 0;
    for (auto const& [which, one] : holders_) sum += one.slots[kind];
    return sum;
  }
  [[nodiscard]] bool may(std::size_t kind) const {
    auto const others = limit_ > 1 ? limit_ - 1 : limit_;
    return total(0) + total(1) < limit_ && (kind == 0 || total(1) < others);
  }

  // The one that holds least, and of equals the one that waits longest.
  [[nodiscard]] std::optional<gateway_id> first_of(std::size_t kind, mono_time now, std::optional<gateway_id> without = {}) const {
    std::optional<gateway_id> best;
    for (auto const& [which, rank] : waiting_[kind]) {
      if (which == without || !lives(which, now)) continue;
      if (!best || rank < waiting_[kind].at(*best)) best = which;
    }
    return best;
  }

  bool give(gateway_id me, std::size_t kind, const budget_report& report, mono_time now, std::vector<gateway_id>& handed) {
    auto const who = may(kind) ? first_of(kind, now) : std::nullopt;
    if (!who) return false;
    ++holders_[*who].slots[kind];
    if (*who == me) {
      for (std::size_t each = 0; each < slot_kinds; ++each) wait(me, each, report, now);
    } else {
      ++holders_[*who].handed[kind];
      waiting_[kind].erase(*who);
      handed.push_back(*who);
    }
    return true;
  }

  void give_all(gateway_id me, const budget_report& report, mono_time now, std::vector<gateway_id>& handed) {
    while (give(me, turn_, report, now, handed) || give(me, 1 - turn_, report, now, handed)) turn_ = 1 - turn_;
    for (std::size_t kind = 0; kind < slot_kinds; ++kind) {
      for (std::uint64_t more = 0; more < report.spare[kind] && may(kind); ++more) ++holders_[me].slots[kind];
    }
  }

  void give_part(gateway_id me, const budget_report& report, mono_time now) {
    auto& mine = holders_[me];
    for (std::size_t kind = 0; kind < slot_kinds; ++kind) {
      while (mine.slots[kind] < report.wanted[kind] && mine.held() < report.part && may(kind)) ++mine.slots[kind];
    }
    for (std::size_t kind = 0; kind < slot_kinds; ++kind) wait(me, kind, report, now);
  }

  [[nodiscard]] budget_word reply(gateway_id me, const budget_report& report) const {
    auto const& mine = holders_.at(me);
    budget_word word;
    word.slots = mine.slots;
    for (std::size_t kind = 0; kind < slot_kinds; ++kind) {
      auto const other = first_of(kind, mine.seen, me);
      word.yields[kind] = total(0) + total(1) > limit_ || (other && waiting_[kind].at(*other).first < mine.held());
    }
    word.in_flight = total(0) + total(1);
    word.epoch = epoch_;
    word.seen = seen_;
    word.gateways = learns(mine.seen) ? 0 : gateways_;
    if (epoch_ == report.epoch) return word;
    word.learnt = learnt_;
    if (word.learnt) {
      auto const left = std::max<std::chrono::nanoseconds>(again_at_ - mine.seen, {});
      word.learnt->try_again_in = std::chrono::ceil<std::chrono::milliseconds>(left);
    }
    return word;
  }

  std::map<gateway_id, holder> holders_;
  std::array<std::map<gateway_id, std::pair<std::uint64_t, mono_time>>, slot_kinds> waiting_;  // what each holds, and since when it waits
  mono_time sweep_at_{}, quiet_since_{}, quiet_until_{}, again_at_{};
  std::uint64_t gateways_ = 0, heard_ = 0, expected_ = 0;
  std::uint64_t epoch_ = 0, limit_ = 0;
  std::optional<concurrency_limit::memory> learnt_;
  budget_evidence seen_;
  std::size_t turn_ = 0;
};

}  // namespace gateway::test
