// Random stories of clients with shares beside a small model. Whatever comes, goes, joins, fails, goes again or is set anew: each request
// is granted once an attempt or not at all, no client has more in flight than its bound, bulk goes before what is interactive only as often
// as its least share says and no less, no place stays free that somebody could use, and who waits has the share that was set last: its
// client's, but for what an interactive client has joined, which is interactive.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "core/limit/upstream_limiter.hpp"

namespace gateway::test::shares_model_test {
namespace {

using namespace std::chrono_literals;
using outcome = exchange_outcome;
using state = permit_request::state;

constexpr std::uint64_t clients = 6;
constexpr std::uint64_t fails = 6;  // the last client: its exchanges fail, so it has a circuit of its own
constexpr std::uint64_t places = 5;

class shares_story {
public:
  explicit shares_story(unsigned seed) : random_(seed), limiter_(policy_, seed) {
    for (std::uint64_t client = 1; client <= clients; ++client) shares_[client] = some_share();
    EXPECT_TRUE(limiter_.set_shares(shares_, now_).empty());
  }

  void play(int steps) {
    for (int i = 0; i < steps && !testing::Test::HasFatalFailure(); ++i) step();
  }
  std::uint64_t grants = 0, sheds = 0, both_waited = 0, bulk_before = 0, held_up = 0, moved = 0, again = 0, raised = 0;

private:
  static limiter_policy policy_of(std::uint64_t percent) {
    return {.max_in_flight = places, .max_queued = 40, .failures_to_break = 3, .bulk_share = percent};
  }
  client_share some_share() {
    client_share one;
    one.weight = 1 + random_() % 5;
    one.group = random_() % 3 == 0 ? client_class::bulk : client_class::interactive;
    one.max_in_flight = random_() % 2 == 0 ? 0 : 1 + random_() % 3;
    return one;
  }
  requester asker() {
    requester who;
    who.account = 1;
    who.named = 1 + random_() % clients;
    who.client = who.named * 10 + (who.named == fails ? 0 : random_() % 2);  // at one of two addresses
    who.share = random_() % 8 == 0 ? some_share() : shares_[who.named];      // it may have been read before the settings changed
    return who;
  }

  void step() {
    now_ += std::chrono::milliseconds{random_() % 50};
    before_ = waiting_;
    wake_list woken;
    switch (random_() % 13) {
      case 12:
      case 0:
      case 1:
      case 2:
      case 3:
        woken = come();
        break;
      case 4: {
        auto const named = 1 + random_() % clients;
        shares_[named] = some_share();
        woken = limiter_.set_shares(shares_, now_);
        break;
      }
      case 5:
        if (waiting_.empty()) return;
        woken = limiter_.abandon(some_of(waiting_), now_);
        break;
      case 6: {
        auto const& those = random_() % 3 == 0 ? under_way_ : waiting_;
        if (those.empty()) return;
        auto const one = some_of(those);
        auto const who = asker();
        woken = limiter_.join(one, who, one->until, now_);
        if (!shares_[who.named].is_bulk()) wanted_.insert(one);
        moved += one->who.named == who.named ? 1 : 0;
        break;
      }
      case 7:
        for (auto const& one : waiting_) {
          auto const more = limiter_.recheck(one, now_);
          woken.insert(woken.end(), more.begin(), more.end());
          woken.push_back(one);
        }
        break;
      default:
        if (under_way_.empty()) return;
        woken = finish(some_of(under_way_));
    }
    take(std::move(woken));
    if (!testing::Test::HasFatalFailure()) compare();
  }

  wake_list come() { return enter(std::make_shared<permit_request>(asker(), now_ + 1h, 4s)); }
  wake_list enter(const permit_request_ptr& one) {
    auto woken = limiter_.enter(one, random_() % 8 == 0 ? fair_queue::position::first : fair_queue::position::last, now_);
    before_.push_back(one);
    waiting_.push_back(one);
    woken.push_back(one);
    return woken;
  }
  wake_list finish(const permit_request_ptr& one) {
    std::erase(under_way_, one);
    --in_flight_[one->who.named];
    exchange_feedback feedback;
    feedback.is = one->who.named == fails ? outcome::failed : random_() % 10 == 0 ? outcome::unknown : outcome::accepted;
    auto woken = limiter_.finish(one, feedback, now_);
    if (feedback.is != outcome::unknown || random_() % 2 == 0) return woken;
    take(std::move(woken));
    ++again;
    return enter(one);
  }
  permit_request_ptr some_of(const std::vector<permit_request_ptr>& those) { return those[random_() % those.size()]; }

  // What the limiter decided, in the order in which it did.
  void take(wake_list woken) {
    std::ranges::sort(woken);
    woken.erase(std::unique(woken.begin(), woken.end()), woken.end());
    std::erase_if(woken, [](const permit_request_ptr& one) { return one->is == state::waiting; });
    std::ranges::sort(woken, {}, &permit_request::number);
    for (auto const& one : woken) {
      ASSERT_EQ(std::erase(waiting_, one), 1U) << "decided once, and only if it waited";
      if (one->is == state::shed) {
        ++sheds;
        std::erase(before_, one);
        continue;
      }
      ++grants;
      judge_turn(*one);
      std::erase(before_, one);
      under_way_.push_back(one);
      auto const most = one->who.share.max_in_flight;
      ASSERT_TRUE(most == 0 || in_flight_[one->who.named] < most) << "beyond its bound";
      ++in_flight_[one->who.named];
    }
  }

  // The circuit of the client that fails may be open.
  bool could_go(const permit_request& one) {
    auto const most = one.who.share.max_in_flight;
    return one.who.named != fails && (most == 0 || in_flight_[one.who.named] < most);
  }
  void judge_turn(const permit_request& granted) {
    auto const waits = [&](client_class group) {
      return std::ranges::any_of(before_, [&](const permit_request_ptr& one) { return one->who.share.group == group && could_go(*one); });
    };
    if (!waits(client_class::interactive) || !waits(client_class::bulk)) return;
    ++both_waited;
    bulk_before += granted.who.share.is_bulk() ? 1 : 0;
  }

  void compare() {
    auto const load = limiter_.now();
    ASSERT_EQ(load.in_flight, under_way_.size());
    ASSERT_EQ(load.waiting, waiting_.size());
    ASSERT_LE(load.waiting, 40U);
    std::uint64_t bulk_waits = 0;
    for (auto const& one : waiting_) bulk_waits += one->who.share.is_bulk() ? 1 : 0;
    ASSERT_EQ(load.bulk_waiting, bulk_waits);
    for (auto const& one : waiting_) {
      auto share = shares_[one->who.named];
      raised += share.is_bulk() && wanted_.contains(one) ? 1 : 0;
      if (wanted_.contains(one)) share.group = client_class::interactive;
      ASSERT_EQ(one->who.share, share);
    }
    for (std::uint64_t client = 1; client <= clients; ++client) ASSERT_EQ(limiter_.in_flight_of_client(client), in_flight_[client]);
    if (under_way_.size() >= places) return;
    for (auto const& one : waiting_) ASSERT_FALSE(could_go(*one)) << "a place is free";
    held_up += waiting_.empty() ? 0 : 1;
  }

  std::mt19937 random_;
  limiter_policy policy_ = policy_of(20);
  upstream_limiter limiter_;
  mono_time now_{1h};
  client_shares shares_;
  std::vector<permit_request_ptr> waiting_, under_way_;
  std::vector<permit_request_ptr> before_;  // who waited when the turn was given
  std::set<permit_request_ptr> wanted_;     // an interactive client has joined
  std::map<std::uint64_t, std::uint64_t> in_flight_;
};

TEST(shares_model, whatever_happens_beside) {
  std::uint64_t grants = 0, sheds = 0, both_waited = 0, bulk_before = 0, held_up = 0, moved = 0, again = 0, raised = 0;
  for (unsigned seed = 1; seed <= 300 && !testing::Test::HasFatalFailure(); ++seed) {
    SCOPED_TRACE(seed);
    shares_story one{seed};
    one.play(500);
    grants += one.grants;
    sheds += one.sheds;
    both_waited += one.both_waited;
    bulk_before += one.bulk_before;
    held_up += one.held_up;
    moved += one.moved;
    again += one.again;
    raised += one.raised;
  }
  // Otherwise the test would prove nothing.
  EXPECT_GT(grants, 20'000U);
  EXPECT_GT(sheds, 1'000U);
  EXPECT_GT(both_waited, 2'000U);
  EXPECT_GT(held_up, 1'000U);
  EXPECT_GT(moved, 500U);
  EXPECT_GT(again, 500U);
  EXPECT_GT(raised, 500U);
  auto const share = static_cast<double>(bulk_before) / static_cast<double>(both_waited);
  EXPECT_NEAR(share, 0.2, 0.04) << "of the turns while both could have gone";
}

}  // namespace
}  // namespace gateway::test::shares_model_test
