#include "app/fleet/shared_quotas.hpp"

#include <boost/asio/post.hpp>
#include <utility>

#include "io/runtime/clock.hpp"

namespace gateway {

shared_quotas::shared_quotas(worker& at, engine& link, client_quotas& quotas, const fleet_keys& keys, quota_place where)
    : at_(at),
      link_(link),
      quotas_(quotas),
      keys_(keys),
      where_(std::move(where)),
      pause_(std::make_shared<sleeper>(at.get_executor())),
      last_talk_(std::make_shared<sleeper>(at.get_executor())) {}

void shared_quotas::begin(std::chrono::nanoseconds patience) {
  patient_until_ = mono_now() + patience;
  quotas_.on_news([this] {
    if (!heard_.exchange(true)) asio::post(at_.loop, [this] { hear(); });
  });
  quotas_.set_fleet({fleet_state::is::shared, 1});
  at_.start_task("quotas", beat());
}

void shared_quotas::end(mono_time latest, std::function<void()> then) {
  asio::post(at_.loop, [this, latest, then = std::move(then)]() mutable {
    ends_ = true;
    pause_->wake();
    quotas_.leave();
    at_.start_task("quotas' farewell", leave(latest, std::move(then)));
  });
}

void shared_quotas::set_fleet(const fleet_state& fleet) {
  members_ = fleet.members;
  has_met_engine_ = has_met_engine_ || fleet.now == fleet_state::is::shared;
  if (has_met_engine_ || mono_now() >= patient_until_) quotas_.set_fleet(fleet);  // defence: quota-patience
}

void shared_quotas::hear() {
  heard_ = false;
  for (auto& client : quotas_.with_news()) {
    auto const [place, is_new] = talks_.insert(client);
    if (is_new) at_.start_task("quota", speak(std::move(client)));
  }
}

// Until the quota has nothing more to say.
task<void> shared_quotas::speak(std::string client) {
  auto where = where_;
  while (!over_) {
    auto const asked = quotas_.report_of(client);
    if (!asked) break;
    where.client = quota_name(keys_, client, asked->rule);
    auto const asked_at = mono_now();
    auto asking = link_.run(at_.get_executor(), quota_call(where, asked->rule, asked->what, ++order_));
    auto const answer = co_await std::move(asking);
    auto const word = answer.why == engine_trouble::none ? read_quota_word(answer.reply) : std::nullopt;
    if (!word) {
      set_fleet({fleet_state::is::alone, members_});  // until the next beat of the budgets finds the engine
      break;
    }
    quotas_.take_word(client, asked->rule, *word, asked_at);
  }
  talks_.erase(client);
  if (ends_) last_talk_->wake();
}

task<void> shared_quotas::leave(mono_time latest, std::function<void()> then) {
  hear();
  while (!talks_.empty() && mono_now() < latest) co_await last_talk_->sleep_until(latest);  // defence: quota-farewell
  over_ = true;
  then();
}

task<void> shared_quotas::beat() {
  while (!ends_) {
    co_await pause_->sleep_until(next_second());
    quotas_.beat();
  }
}

}  // namespace gateway
