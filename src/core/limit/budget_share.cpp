#include "core/limit/budget_share.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace gateway {
namespace {

std::uint64_t sum_of(const slot_counts& counts) { return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0}); }

}  // namespace

void budget_share::accepted(std::uint64_t sent, std::uint64_t in_flight, std::optional<std::uint64_t> reported) {
  if (sent != epoch_) return;  // defence: budget-epoch
  ++seen_.accepted;
  seen_.in_flight = std::max(seen_.in_flight, in_flight);
  if (!reported) return;
  auto const elsewhere = *reported > in_flight ? *reported - in_flight : 0;
  seen_.elsewhere = std::min(seen_.elsewhere.value_or(elsewhere), elsewhere);
}

void budget_share::refused(const concurrency_limit::observation& what) {
  if (!refused_ || refused_->sent < what.sent) refused_ = what;
}

void budget_share::ended(std::size_t kind, std::uint64_t in_use) {
  if (!yields_[kind] || slots_[kind] <= in_use) return;
  slots_[kind] = in_use;  // defence: slot-handed-on
  gave_up_ = true;
}

bool budget_share::has_changed(const needs& now) const {
  bool idle = false;
  for (std::size_t kind = 0; kind < slot_kinds; ++kind) idle = idle || slots_[kind] > std::max(now.in_use[kind], now.wanted[kind]);
  bool const learns = seen_.accepted > 0 || refused_ || round_is_over_ || engine_forgot_;
  return idle || gave_up_ || asks_ || learns || now.wanted != last_wanted_;
}

budget_report budget_share::report(const needs& what, const concurrency_limit& limit, mono_time now) {
  budget_report made;
  made.in_use = what.in_use;
  made.wanted = what.wanted;
  made.spare = what.spare;
  made.epoch = epoch_;
  made.part = part_;
  made.gateways = gateways_;  // defence: sharers-told
  made.seen = std::exchange(seen_, {});
  propose(made, limit, now);
  last_wanted_ = what.wanted;
  gave_up_ = asks_ = round_is_over_ = false;
  // The engine may give all others away.
  for (std::size_t kind = 0; kind < slot_kinds; ++kind) slots_[kind] = std::min(slots_[kind], what.in_use[kind]);
  return made;
}

// A refusal lowers the limit at once. A round ends when the whole fleet has had as many answers as the limit allows at once.
void budget_share::propose(budget_report& made, const concurrency_limit& limit, mono_time now) const {
  auto next = limit;
  bool changes = epoch_ == 0 || engine_forgot_;
  if (refused_) {
    auto what = *refused_;
    what.newest = epoch_;
    changes = next.refused(what, now) || changes;
  } else if (all_seen_.accepted > 0 && !changes) {
    concurrency_limit::observation all{epoch_, epoch_, all_seen_.in_flight, {}, all_seen_.accepted};
    if (all_seen_.elsewhere) all.reported = all_seen_.in_flight + *all_seen_.elsewhere;
    changes = next.accepted(all, now);
  }
  if (!changes) return;
  made.proposal = next.remembered(now);
  made.proposed_limit = next.now();
}

void budget_share::take(const budget_word& word, concurrency_limit& limit, mono_time now) {
  slots_ = word.slots;
  yields_ = word.yields;
  auto const mine = sum_of(word.slots);
  others_ = word.in_flight > mine ? word.in_flight - mine : 0;
  if (word.gateways > 0) {
    gateways_ = word.gateways;
    part_ = 0;
  }
  engine_forgot_ = word.epoch < epoch_;  // defence: budget-restored
  all_seen_ = {};
  if (engine_forgot_) return;
  if (word.epoch != epoch_) seen_ = {};
  epoch_ = word.epoch;
  all_seen_ = word.seen;
  if (word.learnt) limit.recall(*word.learnt, epoch_ == 0 ? 0 : epoch_ - 1, now);
  if (refused_ && is_settled(*refused_, limit, now)) refused_.reset();
  round_is_over_ = all_seen_.accepted >= limit.now();
}

bool budget_share::is_settled(const concurrency_limit::observation& refusal, concurrency_limit limit, mono_time now) const {
  auto what = refusal;
  what.newest = epoch_;
  return !limit.refused(what, now);
}

}  // namespace gateway
