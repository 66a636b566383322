// Known sequences: what one imagined cache makes of requests.
#include "core/shadow/policy_replay.hpp"

#include <gtest/gtest.h>

#include "shadow/played_gateway.hpp"

namespace gateway::shadow_test {
namespace {

using namespace std::chrono_literals;

struct replaying : testing::Test {
  explicit replaying(const shadow_policy& policy = policy_of(1 * mib)) : replay(policy) {}

  sighting of(sighting::event what, std::uint64_t call, std::chrono::nanoseconds when, std::uint64_t owner = 1) const {
    sighting seen;
    seen.is = what;
    seen.call = call;
    seen.owner = seen.place = owner;
    seen.all = all;
    seen.at = at(when);
    seen.answer.cost = cost;
    seen.answer.kind = kind;
    seen.answer.stored_at = at(when);
    seen.answer.gone_at = kind == answer_kind::complete ? at(1'000h) : at(when + 5s);
    return seen;
  }
  void miss(std::uint64_t call, std::chrono::nanoseconds when, std::uint64_t owner = 1) {
    replay.look(of(sighting::event::missed, call, when, owner), 1);
  }
  void hit(std::uint64_t call, std::chrono::nanoseconds when, std::uint64_t owner = 1) {
    replay.look(of(sighting::event::answered, call, when, owner), 1);
  }
  void bring(std::uint64_t call, std::chrono::nanoseconds when, std::uint64_t owner = 1) {
    replay.note(of(sighting::event::stored, call, when, owner));
  }
  void fetch(std::uint64_t call, std::chrono::nanoseconds when, std::uint64_t owner = 1) {
    miss(call, when, owner);
    bring(call, when, owner);
  }
  // answered, calls
  [[nodiscard]] std::pair<double, double> so_far() const { return {replay.counted().answered, replay.counted().calls}; }
  using pair = std::pair<double, double>;

  policy_replay replay;
  std::uint32_t cost = 1000;
  answer_kind kind = answer_kind::complete;
  std::uint64_t all = 0;
};

TEST_F(replaying, the_first_request_is_a_call_and_the_next_a_hit) {
  fetch(1, 0s);
  EXPECT_EQ(so_far(), pair(0, 1));
  hit(1, 1s);
  miss(1, 2s);
  EXPECT_EQ(so_far(), pair(2, 1)) << "it does not matter what the real cache held";
  hit(1, 1s, 2);
  EXPECT_EQ(so_far(), pair(2, 2)) << "another credential's";
}

TEST_F(replaying, the_least_recently_used_leaves) {
  cost = mib / 2;
  fetch(1, 0s);
  fetch(2, 1s);
  hit(1, 2s);
  fetch(3, 3s);
  hit(1, 4s);
  EXPECT_EQ(so_far(), pair(2, 3));
  hit(2, 5s);
  EXPECT_EQ(so_far(), pair(2, 4)) << "what the real cache gave, this one would have fetched";
  hit(2, 6s);
  EXPECT_EQ(so_far(), pair(3, 4)) << "and stored";
}

TEST_F(replaying, requests_that_wait_for_one_fetch_cost_one_call) {
  miss(1, 0s);
  miss(1, 1ms);
  miss(1, 2ms, 2);
  EXPECT_EQ(so_far(), pair(0, 2));
  bring(1, 100ms);
  hit(1, 101ms);
  EXPECT_EQ(so_far(), pair(1, 2));
}

TEST_F(replaying, what_is_not_stored_is_asked_for_again) {
  miss(1, 0s);
  replay.note(of(sighting::event::unstored, 1, 100ms));
  miss(1, 1s);
  EXPECT_EQ(so_far(), pair(0, 2));
}

TEST_F(replaying, a_fetch_whose_end_was_not_seen_is_given_up) {
  miss(1, 0s);
  miss(1, 59s);
  EXPECT_EQ(so_far(), pair(0, 1));
  miss(1, 61s);
  EXPECT_EQ(so_far(), pair(0, 2));
}

TEST_F(replaying, a_stale_hit_costs_a_call_and_is_fresh_then) {
  fetch(1, 0s);
  hit(1, 65min);
  EXPECT_EQ(so_far(), pair(1, 2));
  hit(1, 66min);
  EXPECT_EQ(so_far(), pair(2, 2));
  hit(1, 200min);
  EXPECT_EQ(so_far(), pair(2, 3)) << "overdue: the client would have waited";
}

TEST_F(replaying, a_not_ready_ends_and_makes_room_first) {
  cost = mib / 2;
  kind = answer_kind::not_ready;
  fetch(1, 0s);
  hit(1, 4s);
  EXPECT_EQ(so_far(), pair(1, 1));
  kind = answer_kind::complete;
  fetch(2, 1s);
  fetch(3, 6s);
  EXPECT_EQ(replay.size(), 2u);
  hit(2, 7s);
  EXPECT_EQ(so_far(), pair(2, 3)) << "the ended one left, though it was used later";
}

TEST_F(replaying, a_complete_summary_replaces_a_not_ready_that_it_comes_beside) {
  kind = answer_kind::not_ready;
  fetch(1, 0s);
  kind = answer_kind::complete;
  bring(1, 1s);
  hit(1, 30s);
  EXPECT_EQ(so_far(), pair(1, 1));
}

TEST_F(replaying, what_a_purge_made_old_is_fetched_by_all_policies) {
  fetch(1, 0s);
  auto seen = of(sighting::event::missed, 1, 1s);
  seen.is_old = true;
  replay.look(seen, 1);
  EXPECT_EQ(so_far(), pair(0, 2));
}

TEST_F(replaying, a_client_that_demands_a_newer_answer_waits) {
  fetch(1, 0s);
  auto seen = of(sighting::event::missed, 1, 1s);
  seen.wants_newer = true;
  replay.look(seen, 1);
  EXPECT_EQ(so_far(), pair(0, 2));
}

TEST_F(replaying, a_refused_credential_loses_what_it_had) {
  fetch(1, 0s);
  fetch(2, 0s, 2);
  replay.note(of(sighting::event::refused, 3, 1s));
  hit(1, 2s);
  hit(2, 2s, 2);
  EXPECT_EQ(so_far(), pair(1, 3));
}

TEST_F(replaying, what_is_too_large_is_not_stored) {
  cost = 2 * mib;
  fetch(1, 0s);
  miss(1, 1s);
  EXPECT_EQ(so_far(), pair(0, 2));
  EXPECT_EQ(replay.size(), 0u);
}

shadow_policy with_grants() {
  auto made = policy_of(1 * mib);
  made.sharing = sharing_mode::grants;
  made.place = shadow_place::granted;
  return made;
}

struct replaying_grants : replaying {
  replaying_grants() : replaying(with_grants()) { all = 77; }
};

TEST_F(replaying_grants, a_summary_is_for_all_that_were_shown_its_account) {
  fetch(1, 0s, 1);
  fetch(2, 0s, 2);
  EXPECT_EQ(replay.size(), 2u);
  miss(1, 1s, 2);
  EXPECT_EQ(so_far(), pair(1, 2)) << "the second one was shown a call of the account";
  miss(1, 1s, 3);
  EXPECT_EQ(so_far(), pair(1, 3)) << "the third was not";
  bring(1, 1s, 3);
  miss(2, 2s, 3);
  EXPECT_EQ(so_far(), pair(2, 3));
  EXPECT_EQ(replay.size(), 2u) << "stored once";
}

TEST_F(replaying_grants, a_grant_ends_and_its_renewal_is_one_call_for_the_whole_account) {
  fetch(1, 0s, 1);
  fetch(2, 0s, 2);
  // Each request stands for ten: the first of them renews the grant.
  replay.look(of(sighting::event::missed, 1, 6min, 2), 10);
  EXPECT_EQ(so_far(), pair(9, 3));
}

TEST_F(replaying_grants, refusals_are_not_shared) {
  kind = answer_kind::not_ready;
  fetch(1, 0s, 1);
  miss(1, 1s, 2);
  EXPECT_EQ(so_far(), pair(0, 2));
}

}  // namespace
}  // namespace gateway::shadow_test
