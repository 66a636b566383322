#include "app/fleet/shared_limit.hpp"

#include <boost/asio/post.hpp>
#include <utility>

#include "io/runtime/clock.hpp"

namespace gateway {
namespace {

// A gateway that is silent for four beats has vanished.
constexpr std::chrono::milliseconds between_beats{500};

}  // namespace

shared_limit::shared_limit(worker& at, engine& link, upstream_permits& permits, const fleet_keys& keys, budget_place where,
                           const std::string& upstream)
    : at_(at),
      link_(link),
      permits_(permits),
      names_(keys, upstream),
      where_(std::move(where)),
      circuits_(at, link, permits, names_, {where_.keys, where_.replica, keys.name_of("host", upstream)}, [this] { go_alone(); }),
      pause_(std::make_shared<sleeper>(at.get_executor())) {}

void shared_limit::begin(std::chrono::nanoseconds first_beat) {
  permits_.on_news([this] {
    if (!heard_.exchange(true)) asio::post(at_.loop, [this] { hear(); });
  });
  permits_.set_fleet({fleet_state::is::shared, 1});
  at_.start_task("budgets", beat(mono_now() + first_beat));
}

void shared_limit::end() {
  asio::post(at_.loop, [this] {
    ends_ = true;
    pause_->wake();
  });
}

budget_figures shared_limit::figures() const {
  budget_figures made{alone_.load(std::memory_order_relaxed), members()};
  for (auto const& one : permits_.circuits()) {
    bool const has_account = one.whose.is != circuit_name::sort::host;
    made.circuits.push_back({has_account ? names_.shown(one.whose.account) : std::string{}, one});
  }
  return made;
}

void shared_limit::hear() {
  heard_ = false;
  circuits_.look(false);  // first: a slot is of no use while a circuit is open
  for (auto const account : permits_.take_changed()) report(account, false);
}

void shared_limit::take_message(std::string_view message) {
  auto const name = changed_account(message, where_.replica);
  if (auto const known = name ? names_.account_of(*name) : std::nullopt) report(*known, true);
  circuits_.take_message(message);
}

void shared_limit::report(std::uint64_t account, bool anyway) {
  auto const [place, is_new] = talks_.try_emplace(account);
  place->second.anyway = place->second.anyway || anyway;
  if (is_new) at_.start_task("budget", speak(account));
}

// Until the account has nothing more to say.
task<void> shared_limit::speak(std::uint64_t account) {
  auto where = where_;
  where.account = names_.name_of(account);
  while (!ends_) {
    auto const report = permits_.report_of(account, std::exchange(talks_[account].anyway, false));
    if (!report) break;
    auto asking = link_.run(at_.get_executor(), budget_call(where, *report));
    auto const answer = co_await std::move(asking);
    auto const said = answer.why == engine_trouble::none ? read_budget_answer(answer.reply) : std::nullopt;
    if (!said) {
      go_alone();
      break;
    }
    members_ = said->members;
    permits_.take_word(account, said->word);
  }
  talks_.erase(account);
}

task<void> shared_limit::beat(mono_time next) {
  while (!ends_) {
    co_await pause_->sleep_until(next);
    auto asking = link_.run(at_.get_executor(), presence_call(where_));
    auto const answer = co_await std::move(asking);
    take_beat(answer);
    next = mono_now() + between_beats;
  }
}

void shared_limit::take_beat(const engine_answer& answer) {
  auto const members = answer.why == engine_trouble::none ? read_presence(answer.reply) : std::nullopt;
  if (!members) return go_alone();
  members_ = *members;
  alone_ = false;
  tell({fleet_state::is::shared, *members});
  for (auto const account : permits_.sharing_accounts()) report(account, true);
  circuits_.look(true);
}

// Until the next beat finds the engine again.
void shared_limit::go_alone() {
  alone_ = true;
  tell({fleet_state::is::alone, members()});
}

void shared_limit::tell(const fleet_state& fleet) {
  permits_.set_fleet(fleet);
  if (on_state_) on_state_(fleet);
}

}  // namespace gateway
