// What a replica tells the engine and believes of it, beside what the model shows (tier_model_test).
#include "app/fleet/shared_tier.hpp"

#include <gtest/gtest.h>

#include <list>

#include "io/runtime/spawn.hpp"

namespace gateway::test::shared_tier_test {
namespace {

using namespace std::chrono_literals;

// Replies when the test says so.
class held_engine final : public engine {
public:
  explicit held_engine(executor where) : where_(where) {}
  task<engine_answer> run(executor, script_call) override {
    ++asked;
    waiting_.push_back(std::make_shared<sleeper>(where_));
    auto const mine = waiting_.back();
    co_await mine->sleep_until(mono_time::max());
    co_return reply;
  }
  void release() {
    for (auto const& one : waiting_) one->wake();
    waiting_.clear();
  }
  std::size_t asked = 0;
  engine_answer reply{engine_trouble::late};

private:
  executor where_;
  std::list<std::shared_ptr<sleeper>> waiting_;
};

class fixed_marks final : public fleet_marks {
public:
  bool is_current() const override { return true; }
  std::uint64_t version() const override { return 5; }
  std::uint64_t newest(const cache_key&, const std::optional<account_sid>&) const override { return 4; }
  std::string replica() const override { return "ab"; }
};

struct shared_tier_test : testing::Test {
  asio::io_context loop;
  held_engine link{loop.get_executor()};
  fixed_marks marks;
  fleet_keys keys = *fleet_keys::parse(std::string(64, 'a') + "\n", "upstream.test");
  shared_tier tier{link, keys, marks, "sg", tier_rules()};
  partition owner;
  call_sid call = *call_sid::parse("CA" + std::string(32, '1'));
  tier_question asked = tier.question_of(call, std::array{owner}, processing_state::absent);
  live_tasks live;
  std::size_t alone = 0;
  std::size_t to_give_back = 0;

  task<void> claim(bool proved) {
    auto terms = tier.terms(false, 16s);
    auto claiming = tier.claim(loop.get_executor(), asked, terms, proved);
    auto const got = co_await std::move(claiming);
    if (!got) ++alone;
    if (!got && !terms.token.empty()) ++to_give_back;
  }
  void claims(std::size_t count, bool proved) {
    for (std::size_t i = 0; i < count; ++i) spawn(loop.get_executor(), live, "claim", claim(proved));
    loop.restart();
    loop.poll();
  }
};

TEST_F(shared_tier_test, the_unproved_do_not_fill_the_queue_to_the_engine) {
  claims(500, false);
  EXPECT_EQ(link.asked, 64U);
  EXPECT_EQ(alone, 436U) << "the others go on alone at once";
  claims(10, true);
  EXPECT_EQ(link.asked, 74U) << "the proved are not held up";
  link.release();
  loop.restart();
  loop.poll();
  claims(1, false);
  EXPECT_EQ(link.asked, 75U) << "places come back";
  link.release();
  loop.restart();
  loop.poll();
  EXPECT_EQ(live.count(), 0U);
}

TEST_F(shared_tier_test, a_claim_that_may_still_be_carried_out_is_to_be_given_back) {
  for (auto const why : {engine_trouble::away, engine_trouble::busy, engine_trouble::refused, engine_trouble::late}) {
    claims(1, true);
    link.reply = engine_answer{why};
    link.release();
    loop.restart();
    loop.poll();
    EXPECT_EQ(to_give_back, why == engine_trouble::late ? 1U : 0U);
  }
  EXPECT_EQ(alone, 4U);
}

TEST_F(shared_tier_test, an_engine_cannot_make_an_answer_immune_to_later_marks) {
  tier_claim got;
  got.version = 1'000'000;
  claim_terms terms;
  EXPECT_EQ(tier.lease_of(got, terms, mono_time{}).version, 5U);
  got.version = 3;
  EXPECT_EQ(tier.lease_of(got, terms, mono_time{}).version, 3U);
}

TEST_F(shared_tier_test, what_is_older_than_a_mark_or_beside_an_unread_one_is_not_believed) {
  cache_key const at{owner, call, short_hash_key{}};
  tier_claim got;
  got.version = 5;
  shared_answer one;
  one.version = 3;
  EXPECT_FALSE(tier.is_believed(one, got, at, std::nullopt));
  one.version = 4;
  EXPECT_TRUE(tier.is_believed(one, got, at, std::nullopt));
  got.version = 6;
  EXPECT_FALSE(tier.is_believed(one, got, at, std::nullopt)) << "a mark that is not read yet may concern it";
}

TEST_F(shared_tier_test, what_is_sealed_opens_at_its_place_only) {
  auto const packed = pack(4, wall_time{}, wall_time{}, upstream_answer{200, {}, "body"});
  tier_settlement leaves;
  tier.add(leaves, asked, asked.owners.front(), true, packed, 1h);
  ASSERT_EQ(leaves.values.size(), 1U);
  tier_claim got;
  got.is = tier_claim::kind::summary;
  got.sealed = leaves.values.front().sealed;
  ASSERT_TRUE(tier.open(asked, got));
  EXPECT_EQ(tier.open(asked, got)->answer.body, "body");
  auto elsewhere = asked;
  elsewhere.call = tier.question_of(*call_sid::parse("CA" + std::string(32, '2')), std::array{owner}, processing_state::absent).call;
  EXPECT_FALSE(tier.open(elsewhere, got));
  partition other;
  other.id[0] = std::byte{1};
  EXPECT_FALSE(tier.open(tier.question_of(call, std::array{other}, processing_state::absent), got));
  got.is = tier_claim::kind::refusal;
  EXPECT_FALSE(tier.open(asked, got));
}

TEST_F(shared_tier_test, no_readable_word_of_a_call_or_owner_is_a_name) {
  EXPECT_EQ(asked.call.size(), 32U);
  EXPECT_EQ(asked.call.find(call.view().substr(2, 8)), std::string::npos);
  auto const message = asked.message();
  EXPECT_EQ(message.find("CA1"), std::string::npos);
  auto const other = tier.question_of(*call_sid::parse("CA" + std::string(31, '1') + "2"), std::array{owner}, processing_state::absent);
  EXPECT_NE(asked.call, other.call);
  EXPECT_EQ(asked.owners, other.owners);
}

TEST_F(shared_tier_test, only_the_message_of_a_question_wakes_those_who_wait_for_it) {
  cache_key const at{owner, call, short_hash_key{}};
  shared_tier::waiting place{tier, loop.get_executor(), at, asked};
  EXPECT_FALSE(tier.is_waiting(owner, call)) << "it only asks";
  place.begin();
  EXPECT_TRUE(tier.is_waiting(owner, call));
  bool woken = false;
  auto const wait = [](sleeper& wakes, bool& flag) -> task<void> {
    co_await wakes.sleep_until(mono_time::max());
    flag = true;
  };
  spawn(loop.get_executor(), live, "wait", wait(place.wakes(), woken));
  auto other = asked;
  other.question = "all";
  for (auto const& message : {std::string{}, std::string{"call"}, other.message(), asked.message() + " "}) {
    tier.heard(message);
    loop.restart();
    loop.poll();
    EXPECT_FALSE(woken) << message;
  }
  tier.heard(asked.message());
  loop.restart();
  loop.poll();
  EXPECT_TRUE(woken);
}

}  // namespace
}  // namespace gateway::test::shared_tier_test
