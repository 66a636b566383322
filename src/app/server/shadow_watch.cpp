#include "app/server/shadow_watch.hpp"

#include <algorithm>

#include "core/shadow/shadow_report.hpp"
#include "io/runtime/clock.hpp"

namespace gateway {
namespace {

constexpr std::chrono::milliseconds between_looks{100};
// A sighting is shown later than its moment; another lane's may be earlier. So the newest ones wait for the next look.
constexpr std::chrono::milliseconds latest_sighting{20};
// Looked at in one step of the control worker, which takes some ten milliseconds for so many.
constexpr std::size_t most_at_once = 32'768;
constexpr std::chrono::seconds between_forgetting{10};

}  // namespace

void shadow_watch::take_over(const settings& values) {
  auto const policies = shadow_policies(values);
  since_ = now();
  waiting_.clear();
  sample_.reset();
  if (!policies.empty()) sample_.emplace(policies, since_.mono);
  for (auto* const one : feeds_) {
    one->take_all([](const sighting&) {});
    sample_ ? one->set_sample(sample_->threshold(), sample_->repeats_within()) : one->set_sample(0, {});
  }
  before_ = counted();
  if (sample_ && !std::exchange(runs_, true)) control_.start_task("shadow", run());
}

task<void> shadow_watch::run() {
  while (sample_ && !control_.is_ending()) {
    timer_.expires_at(mono_now() + between_looks);
    co_await timer_.async_wait(use_op);
    if (sample_) look();
  }
  runs_ = false;
}

void shadow_watch::look() {
  auto const began = mono_now();
  if (waiting_.size() < most_at_once) {
    for (auto* const one : feeds_) one->take_all([&](const sighting& seen) { waiting_.push_back(seen); });
    std::ranges::stable_sort(waiting_, {}, &sighting::at);
  }
  auto const known_until = std::ranges::upper_bound(waiting_, began - latest_sighting, {}, &sighting::at);
  auto const end = std::min(known_until, waiting_.begin() + std::min<std::ptrdiff_t>(std::ssize(waiting_), most_at_once));
  for (auto at = waiting_.begin(); at != end; ++at) {
    if (at->at >= since_.mono) sample_->take(*at);
  }
  waiting_.erase(waiting_.begin(), end);
  if (began >= forgets_at_) {
    sample_->forget_unheld();
    forgets_at_ = began + between_forgetting;
  }
  for (auto* const one : feeds_) one->set_sample(sample_->threshold(), sample_->repeats_within());
}

void shadow_watch::purge(const purge_scope& what, purge_depth how, const short_hash_key& table_key) {
  if (!sample_ || how == purge_depth::soft) return;
  look();
  // What was stored before the purge must not come after it.
  for (auto const& one : waiting_) {
    if (one.at >= since_.mono) sample_->take(one);
  }
  waiting_.clear();
  if (what.call) {
    sample_->purge(cache_key::call_bits(*what.call, table_key));
  } else if (!what.account) {
    sample_->purge_all();
  }
}

std::string shadow_watch::report() {
  if (!sample_) return shadow_json(nullptr, {}, {});
  look();
  auto const counts = counted() - before_;
  return shadow_json(&*sample_, {counts.requests, counts.answered, counts.calls, counts.repeated, counts.lost}, since_.wall);
}

shadow_feed::counts shadow_watch::counted() const {
  shadow_feed::counts sum;
  for (auto const* const one : feeds_) sum += one->counted();
  return sum;
}

}  // namespace gateway
