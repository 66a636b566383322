// What a gateway reports about a budget, and what the engine's reply means.
#include "core/fleet/shared_budget.hpp"

#include <gtest/gtest.h>

namespace gateway::test::shared_budget_test {
namespace {

using namespace std::chrono_literals;
using kind = engine_reply::kind;

engine_reply number(std::int64_t value) {
  engine_reply made;
  made.is = kind::integer;
  made.number = value;
  return made;
}
engine_reply text(std::string value) {
  engine_reply made;
  made.is = kind::text;
  made.text = std::move(value);
  return made;
}
engine_reply reply() {
  engine_reply made;
  made.is = kind::array;
  for (auto const each : {3, 4, 1, 1, 0, 9, 6, 10}) made.items.push_back(number(each));
  made.items.push_back(text("2"));
  made.items.push_back(text("1 10 9 1 2 12 11 2 4000"));
  made.items.push_back(number(1500));
  made.items.push_back(number(8));
  made.items.push_back(number(5));
  return made;
}

TEST(shared_budget, all_keys_have_the_tag_of_the_fleet) {
  auto const call = budget_call({engine_keys{"sg"}, "ab12", "me"}, {});
  ASSERT_EQ(call.keys.size(), 4U);
  for (auto const& each : call.keys) EXPECT_TRUE(each.starts_with("{sg}:")) << each;
  EXPECT_EQ(call.keys[0], "{sg}:b:ab12");
  EXPECT_EQ(call.values[0], "{sg}:feed");
}

TEST(shared_budget, a_report_is_written_in_the_order_of_the_script) {
  budget_report report;
  report.in_use = {1, 2};
  report.wanted = {3, 4};
  report.spare = {5, 6};
  report.reserve = 700ms;
  report.epoch = 8;
  report.part = 3;
  report.gateways = 20;
  report.seen = {9, 10, 11};
  report.proposed_limit = 12;
  report.proposal = concurrency_limit::memory{.limit = 12,
                                              .proven = 11,
                                              .step = 1,
                                              .elsewhere = 2,
                                              .account_limit = 13,
                                              .refused_at = 14,
                                              .refused_mark = 7,
                                              .try_again_in = 5s,
                                              .pause = 2s};
  auto const call = budget_call({engine_keys{"sg"}, "ab12", "me"}, report);
  std::vector<std::string> const expected{"{sg}:feed", "ab12", "me", "1", "2",  "3",  "4",  "5",
                                          "6",         "700",  "8",  "9", "10", "11", "12", "1 12 11 1 2 13 14 7 2000",
                                          "5000",      "3",    "20"};
  EXPECT_EQ(call.values, expected);
}

TEST(shared_budget, a_reply_is_read) {
  auto const read = read_budget_answer(reply());
  ASSERT_TRUE(read);
  EXPECT_EQ(read->word.epoch, 3U);
  EXPECT_EQ(read->word.slots, (slot_counts{4, 1}));
  EXPECT_TRUE(read->word.yields[0]);
  EXPECT_FALSE(read->word.yields[1]);
  EXPECT_EQ(read->word.in_flight, 9U);
  EXPECT_EQ(read->word.seen.accepted, 6U);
  EXPECT_EQ(read->word.seen.in_flight, 10U);
  EXPECT_EQ(read->word.seen.elsewhere, 2U);
  EXPECT_EQ(read->members, 8U);
  EXPECT_EQ(read->word.gateways, 5U);
  ASSERT_TRUE(read->word.learnt);
  concurrency_limit::memory const learnt{.limit = 10,
                                         .proven = 9,
                                         .step = 1,
                                         .elsewhere = 2,
                                         .account_limit = 12,
                                         .refused_at = 11,
                                         .refused_mark = 2,
                                         .try_again_in = 1500ms,
                                         .pause = 4s};
  EXPECT_EQ(*read->word.learnt, learnt);
}

TEST(shared_budget, what_is_known_already_is_not_sent_again) {
  auto same = reply();
  same.items[8].text.clear();
  same.items[9].text.clear();
  auto const read = read_budget_answer(same);
  ASSERT_TRUE(read);
  EXPECT_FALSE(read->word.learnt);
  EXPECT_FALSE(read->word.seen.elsewhere);
}

TEST(shared_budget, a_reply_of_another_form_is_none) {
  EXPECT_FALSE(read_budget_answer(number(1)));
  auto few = reply();
  few.items.pop_back();
  EXPECT_FALSE(read_budget_answer(few));
  for (std::size_t i = 0; i < reply().items.size(); ++i) {
    auto wrong = reply();
    wrong.items[i] = wrong.items[i].is == kind::integer ? number(-1) : number(1);
    EXPECT_FALSE(read_budget_answer(wrong)) << i;
  }
  auto huge = reply();
  huge.items[1] = number(std::int64_t{1} << 60);
  EXPECT_FALSE(read_budget_answer(huge));
  for (auto const* const learnt :
       {"2 10 9 1 2 12 11 2 4000", "1 10 9", "1 0 9 1 2 12 11 2 4000", "1 10 9 1 2 12 11 3 4000", "1 x 9 1 2 12 11 2 4000"}) {
    auto wrong = reply();
    wrong.items[9].text = learnt;
    EXPECT_FALSE(read_budget_answer(wrong)) << learnt;
  }
}

TEST(shared_budget, the_reply_to_a_beat_is_the_number_of_gateways) {
  auto const call = presence_call({engine_keys{"sg"}, "", "me"});
  EXPECT_EQ(call.keys, (std::vector<std::string>{"{sg}:bg"}));
  EXPECT_EQ(call.values, (std::vector<std::string>{"me"}));
  EXPECT_EQ(read_presence(number(3)), 3U);
  EXPECT_FALSE(read_presence(text("3")));
  EXPECT_FALSE(read_presence(number(-3)));
}

TEST(shared_budget, a_gateway_reports_when_its_slots_have_changed) {
  EXPECT_EQ(changed_account("slots me ab12", "me"), "ab12");
  EXPECT_EQ(changed_account("slots * ab12", "me"), "ab12");
  EXPECT_FALSE(changed_account("slots other ab12", "me"));
  EXPECT_FALSE(changed_account("mark me ab12", "me"));
  EXPECT_FALSE(changed_account("slots me", "me"));
}

}  // namespace
}  // namespace gateway::test::shared_budget_test
