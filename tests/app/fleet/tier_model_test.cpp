// Threats 48 and 49 as a model: three replicas with caches of their own and one second tier, whose engine is away, forgets, repeats,
// exchanges and damages what it holds. Clients ask at any of them in random order while the upstream answers, waits and revokes. Nobody
// gets a byte that the upstream never gave to that credential, or an edition from before a purge; everybody gets an answer. Without faults,
// the fleet asks the upstream once.
#include <gtest/gtest.h>

#include <list>
#include <random>

#include "fleet/replicas.hpp"

namespace gateway::test::tier_model_test {
namespace {

struct tally {
  std::uint64_t summaries = 0, from_fleet = 0, refused = 0, purges = 0, unusable = 0, waits = 0, lied = 0, away = 0;
};

class model {
public:
  model(mode how, unsigned seed, bool faulty, tally& sum)
      : how_(how),
        faulty_(faulty),
        random_(seed),
        sum_(sum),
        askers_(askers_of(how, world_)),
        at_(1, settings_of(how, 1)),
        upstream_(at_.get_executor(), world_),
        engine_(seed, faulty) {
    world_.complete.fill(true);
    if (how == mode::inject)
      for (std::size_t i = 0; i < tenant_count; ++i) upstream_.expected[i] = i == parent || i == subaccount || i == revocable;
    for (std::size_t i = 0; i < replicas; ++i) {
      all_.push_back(std::make_unique<replica>(at_, upstream_, engine_, keys_, marks_, rules_of(how, world_, 0), i));
      engine_.replicas.insert(all_.back()->marks.replica());
    }
    engine_.publish = [this](const std::string& message) {
      for (auto const& one : all_) one->tier.heard(message);
    };
  }

  void run(int steps) {
    for (int i = 0; i < steps && !testing::Test::HasFatalFailure(); ++i) {
      step();
      settle();
    }
    upstream_.holds = false;
    engine_.lies = engine_.away = false;
    // Those who wait for a message that was lost look again.
    for (int i = 0; i < 100 && (!waiting_.empty() || at_.live.count() > 0); ++i) {
      upstream_.release_all();
      at_.loop.restart();
      at_.loop.run_for(std::chrono::milliseconds{50});
      settle();
    }
    EXPECT_TRUE(waiting_.empty()) << "somebody was never answered";
    EXPECT_EQ(at_.live.count(), 0U);
    EXPECT_TRUE(upstream_.complaints.empty()) << upstream_.complaints.front();
    counter_totals totals;
    add_to(totals, at_.counters);
    sum_.unusable += totals.tier[static_cast<std::size_t>(tier_result::unusable)];
    sum_.waits += totals.tier[static_cast<std::size_t>(tier_result::wait)];
    sum_.lied += engine_.lied;
    sum_.away += engine_.refused;
  }

  [[nodiscard]] std::uint64_t asked_upstream() const { return upstream_.requests; }
  // Each credential's for each call.
  [[nodiscard]] std::size_t questions() const { return questions_.size(); }

private:
  void step() {
    if (random_() % 8 == 0) recover();
    switch (random_() % 16) {
      case 0:
        upstream_.holds = !upstream_.holds;
        break;
      case 1:
      case 2:
      case 3:
        if (upstream_.held() > 0) upstream_.release(random_() % upstream_.held());
        break;
      case 4:
        if (faulty_) fault();
        break;
      case 5:
        if (faulty_ && random_() % 4 == 0) purge();
        break;
      default:
        ask();
    }
  }

  void recover() {
    engine_.away = false;
    for (auto const& one : all_) {
      one->marks.current = true;
      engine_.replicas.insert(one->marks.replica());
    }
  }

  void fault() {
    switch (random_() % 6) {
      case 0:
        engine_.away = !engine_.away;
        break;
      case 1:
        engine_.lies = !engine_.lies;
        break;
      case 2:
        engine_.flush();
        break;
      case 3: {  // a replica that does not live any more, for the others
        auto const name = all_[random_() % replicas]->marks.replica();
        if (engine_.replicas.erase(name) == 0) engine_.replicas.insert(name);
        break;
      }
      case 4:
        all_[random_() % replicas]->marks.current ^= true;
        break;
      default:
        world_.all[revocable].revoked = !world_.all[revocable].revoked;
    }
  }

  // The call of each purge has another edition from then on. The engine's counter, the marks and the caches of all replicas follow.
  void purge() {
    auto const call = random_() % tenants::calls;
    bool const all = random_() % 4 == 0;
    for (std::size_t i = 0; i < tenants::calls; ++i)
      if (all || i == call) ++world_.edition[i];
    engine_.version = ++marks_.version;
    purge_scope scope;
    if (!all) scope.call = call_sid::parse(tenants::sid("CA", call));
    marks_.all.emplace_back(marks_.version, scope.call);
    for (auto const& one : all_) one->shared.cache.purge(scope, purge_depth::hard);
    ++sum_.purges;
  }

  static constexpr std::array<std::string_view, 16> cache_control{"no-cache", "no-store", "max-age=0, no-store"};

  void ask() {
    auto& at = *all_[random_() % replicas];
    auto const connection = random_() % at.connections.size();
    for (auto const& other : waiting_)
      if (&other.one->from == &at.connections[connection]) return;  // one request at a time
    auto const& who = askers_[random_() % askers_.size()];
    auto const call = random_() % tenants::calls;
    // A refusal is stored nowhere: such a question may be asked again.
    if (!faulty_ && (who.who == tenant_count || !world_.may_read(who.who, call))) return;
    auto& one = waiting_.emplace_back(at_, at, connection, who, call, faulty_ ? cache_control[random_() % cache_control.size()] : "");
    one.edition = world_.edition[call];
    if (who.who != tenant_count) questions_.emplace(who.who, call);
    auto what = at.service.answer_now(*one.one);
    if (what) return at_.start_task("request", wait(*std::move(what), at, one));
    one.answered = true;
  }

  task<void> wait(data_service::pending what, replica& at, reader& one) {
    auto waiting = at.service.answer_later(std::move(what), *one.one);
    co_await std::move(waiting);
    one.answered = true;
  }

  void settle() {
    at_.loop.restart();
    at_.loop.poll();
    for (auto at = waiting_.begin(); at != waiting_.end();) {
      if (at->answered) judge(*at);
      at = at->answered ? waiting_.erase(at) : std::next(at);
    }
  }

  [[nodiscard]] bool was_told(std::size_t who, std::size_t call) const {
    if (upstream_.told_since(who, call, 0)) return true;
    for (std::size_t other = 0; how_ == mode::grants && other < tenants::calls; ++other)
      if (tenants::owner_of(other) == tenants::owner_of(call) && upstream_.told_since(who, other, 0)) return true;
    return false;
  }

  void judge(const reader& one) {
    auto const who = one.asking.who;
    auto const status = one.one->record.status;
    auto const about = one.text + one.out;
    for (std::size_t other = 0; other < tenants::calls; ++other) {
      if (other == one.call && status == 200) continue;
      ASSERT_EQ(one.out.find(tenants::sid("CA", other)), std::string::npos) << "another call's bytes\n" << about;
    }
    if (one.out.find("detail=fleet") != std::string::npos) ++sum_.from_fleet;
    if (status != 200) {
      ++sum_.refused;
      return;
    }
    ++sum_.summaries;
    ASSERT_NE(who, tenant_count) << about;
    ASSERT_TRUE(world_.may_read(who, one.call) || who == revocable) << "a foreign byte\n" << about;
    ASSERT_TRUE(was_told(who, one.call)) << world_.all[who].name << " was never told\n" << about;
    auto const at = one.out.find("\"edition\":");
    ASSERT_NE(at, std::string::npos) << about;
    ASSERT_GE(std::stoul(one.out.substr(at + 10)), one.edition) << "erased before it was asked for\n" << about;
  }

  mode how_;
  bool faulty_;
  std::mt19937 random_;
  tally& sum_;
  tenants world_;
  std::vector<asker> askers_;
  worker at_;
  scripted_upstream upstream_;
  model_engine engine_;
  fleet_keys keys_ = keys_of_all();
  marks_of_all marks_;
  std::vector<std::unique_ptr<replica>> all_;
  std::list<reader> waiting_;
  std::set<std::pair<std::size_t, std::size_t>> questions_;
};

class tier_model : public testing::TestWithParam<mode> {};
INSTANTIATE_TEST_SUITE_P(modes, tier_model, testing::Values(mode::partition, mode::grants, mode::inject), [](auto const& instance) {
  return instance.param == mode::partition ? "partition" : instance.param == mode::grants ? "grants" : "inject";
});

TEST_P(tier_model, no_fault_of_the_engine_gives_anybody_a_foreign_or_an_erased_byte) {
  tally sum;
  for (unsigned seed = 1; seed <= 30 && !HasFatalFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    model{GetParam(), seed, true, sum}.run(400);
  }
  EXPECT_GT(sum.summaries, 300U);
  EXPECT_GT(sum.from_fleet, 50U);
  EXPECT_GT(sum.refused, 100U);
  EXPECT_GT(sum.purges, 50U);
  EXPECT_GT(sum.unusable, 50U);
  EXPECT_GT(sum.waits, 20U);
  EXPECT_GT(sum.lied, 100U);
  EXPECT_GT(sum.away, 100U);
}

TEST_P(tier_model, without_faults_each_question_goes_upstream_once) {
  tally sum;
  for (unsigned seed = 1; seed <= 30 && !HasFatalFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    model calm{GetParam(), seed, false, sum};
    calm.run(200);
    EXPECT_LE(calm.asked_upstream(), calm.questions());
  }
  EXPECT_GT(sum.from_fleet, 150U);
  EXPECT_EQ(sum.unusable, 0U);
}

}  // namespace
}  // namespace gateway::test::tier_model_test
