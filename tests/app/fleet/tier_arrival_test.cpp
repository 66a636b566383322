// What comes from the second tier is judged as if the upstream had just sent it: what is sealed and at its place may still be of no use.
#include <gtest/gtest.h>

#include "core/fleet/fleet_mark.hpp"
#include "fleet/replicas.hpp"

namespace gateway::test::tier_arrival_test {
namespace {

using namespace std::chrono_literals;

struct tier_arrival : testing::Test {
  tenants world;
  worker at{1, settings_of(mode::grants, 1)};
  scripted_upstream upstream{at.get_executor(), world};
  model_engine link{1, false};
  fleet_keys keys = keys_of_all();
  marks_of_all marks;
  replica one{at, upstream, link, keys, marks, rules_of(mode::grants, world, 0), 0};

  tier_arrival() { world.complete.fill(true); }

  // Puts an answer where the parent's, or all who have a grant for `granted`, look for that call.
  void put(std::size_t call, upstream_answer answer, std::optional<account_sid> granted = std::nullopt) {
    auto const owner =
        granted ? shared_partition(*granted, credential_key) : identity_of(world.authorization(parent), credential_key)->owner;
    auto const own = std::array{owner};
    auto const asked = one.tier.question_of(*call_sid::parse(tenants::sid("CA", call)), own, processing_state::absent);
    auto const now = wall_time{std::chrono::milliseconds{link.now}};
    tier_settlement leaves;
    one.tier.add(leaves, asked, asked.owners.front(), true, pack(0, now, now, answer), 1h);
    link.put("{sg}:c:" + asked.call, leaves.values.front());
  }

  // The body that the parent gets for the call.
  std::string read(std::size_t call) {
    asker const who{world.authorization(parent), parent};
    reader asking{at, one, 0, who, call, ""};
    auto what = one.service.answer_now(*asking.one);
    if (what) at.start_task("request", wait(*std::move(what), asking));
    at.loop.restart();
    at.loop.poll();
    auto const body = asking.out.find("\r\n\r\n");
    return body == std::string::npos ? "" : asking.out.substr(body + 4);
  }
  task<void> wait(data_service::pending what, reader& asking) {
    auto waiting = one.service.answer_later(std::move(what), *asking.one);
    co_await std::move(waiting);
  }
  [[nodiscard]] std::string truth(std::size_t call) const { return world.says(parent, call, false).body; }
};

TEST_F(tier_arrival, a_good_answer_is_used) {
  put(0, world.says(parent, 0, false));
  EXPECT_EQ(read(0), truth(0));
  EXPECT_EQ(upstream.requests, 0U);
}

TEST_F(tier_arrival, an_answer_about_another_call_is_not) {
  put(0, world.says(parent, 1, false));
  EXPECT_EQ(read(0), truth(0));
  EXPECT_EQ(upstream.requests, 1U);
}

TEST_F(tier_arrival, a_partial_is_not) {
  world.complete[0] = false;
  put(0, world.says(parent, 0, true));
  world.complete[0] = true;
  EXPECT_EQ(read(0), truth(0));
  EXPECT_EQ(upstream.requests, 1U);
}

TEST_F(tier_arrival, a_record_that_is_over_is_not) {
  auto old = world.says(parent, 0, false);
  old.body.insert(1, R"("end_time":"2020-01-01T00:00:00Z",)");
  put(0, std::move(old));
  EXPECT_EQ(read(0), truth(0));
  EXPECT_EQ(upstream.requests, 1U);
}

// A replica with other settings may have stored it.
TEST_F(tier_arrival, what_the_upstream_forbids_to_store_is_not) {
  auto forbidden = world.says(parent, 0, false);
  forbidden.fields.push_back({"Cache-Control", "no-store"});
  put(0, std::move(forbidden));
  EXPECT_EQ(read(0), truth(0));
  EXPECT_EQ(upstream.requests, 1U);
}

TEST_F(tier_arrival, a_failure_is_not) {
  put(0, upstream_answer{503, {}, "busy"});
  EXPECT_EQ(read(0), truth(0));
  EXPECT_EQ(upstream.requests, 1U);
}

// A mark about the call removes what the engine has of it, in whatever spelling it was stored.
TEST_F(tier_arrival, the_engine_knows_a_call_by_one_name_and_its_spellings_apart) {
  auto const lower = *call_sid::parse("CA" + std::string(32, 'a'));
  auto const upper = *call_sid::parse("CA" + std::string(32, 'A'));
  auto const own = std::array{identity_of(world.authorization(parent), credential_key)->owner};
  auto const one_spelling = one.tier.question_of(lower, own, processing_state::absent);
  auto const other = one.tier.question_of(upper, own, processing_state::absent);
  EXPECT_EQ(one_spelling.call, other.call);
  EXPECT_NE(one_spelling.owners, other.owners);
  for (auto const& call : {lower, upper}) EXPECT_EQ(keys.name_of("call", fleet_mark::of_change(call).subject), one_spelling.call);
}

// Two of the parent's own calls: the first one earns the grant.
TEST_F(tier_arrival, a_shared_copy_must_be_of_its_account) {
  auto const account = *account_sid::parse(tenants::sid("AC", 1));
  ASSERT_EQ(read(0), truth(0));
  put(4, world.says(parent, 4, false), account);
  EXPECT_EQ(read(4), truth(4));
  EXPECT_EQ(upstream.requests, 1U) << "found by its grant";
  one.shared.cache.purge({}, purge_depth::hard);
  put(1, world.says(parent, 1, false), account);  // account 2's
  EXPECT_EQ(read(1), truth(1));
  EXPECT_EQ(upstream.requests, 2U);
}

}  // namespace
}  // namespace gateway::test::tier_arrival_test
