#include "core/cache/erasure_log.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cache/entries.hpp"

namespace gateway::erasure_log_test {
namespace {

using testing::ElementsAre;
using copy = erasure_record::copy;
using state = erasure_record::state;

const std::string some_hash(32, 'a');

erasure_record& whole_record(erasure_log& log) {
  auto& one = log.begin(some_hash, wall_epoch);
  one.memory = 3;
  one.others = 4;
  one.under_way = 1;
  one.is_walked = true;
  one.snapshot = copy::gone;
  one.tier = copy::gone;
  one.confirmed = {"b1"};
  one.is = state::complete;
  return one;
}

TEST(erasure_log, a_record_is_complete_when_every_place_has_confirmed) {
  erasure_record one;
  EXPECT_FALSE(one.is_complete()) << "the walk has not ended";
  one.is_walked = true;
  EXPECT_TRUE(one.is_complete());
  one.snapshot = copy::pending;
  EXPECT_FALSE(one.is_complete());
  one.snapshot = copy::gone;
  one.tier = copy::pending;
  EXPECT_FALSE(one.is_complete());
  one.tier = copy::gone;
  one.unconfirmed = {"b1", "b2"};
  EXPECT_FALSE(one.is_complete());
  EXPECT_TRUE(one.confirm("b2", 5));
  EXPECT_FALSE(one.confirm("b2", 5)) << "a message that comes twice counts once";
  EXPECT_FALSE(one.confirm("b3", 5)) << "nobody waited for it";
  EXPECT_TRUE(one.confirm("b1", 2));
  EXPECT_TRUE(one.is_complete());
  EXPECT_EQ(one.others, 7U);
  EXPECT_THAT(one.confirmed, ElementsAre("b2", "b1"));
}

TEST(erasure_log, is_written_and_read_back) {
  erasure_log log;
  whole_record(log);
  whole_record(log).unconfirmed = {"c1", "c2"};
  auto const again = erasure_log::parse(log.text());
  EXPECT_EQ(again.text(), log.text());
  EXPECT_EQ(again.last(), 2U);
  EXPECT_EQ(
      json_of(again.all().back()),
      R"({"erasure":1,"hash":")" + some_hash +
          R"(","at":"2026-03-31T00:00:00.000Z","state":"complete","memory":3,"under_way":1,"snapshot":"gone","tier":"gone","others":4,)" +
          R"("confirmed":["b1"],"unconfirmed":[]})");
  EXPECT_EQ(json_of(erasure_log{}, false), R"({"kept_on_disk":false,"erasures":[]})");
}

TEST(erasure_log, what_had_not_ended_with_its_process_is_incomplete) {
  erasure_log log;
  log.begin(some_hash, wall_epoch);
  EXPECT_EQ(erasure_log::parse(log.text()).all().front().is, state::incomplete);
}

TEST(erasure_log, a_line_that_is_no_record_is_left_out) {
  erasure_log log;
  whole_record(log);
  auto const good = log.text();
  auto const with = [&](std::string_view what, std::string_view instead) {
    auto text = good;
    return text.replace(text.find(what), what.size(), instead);
  };
  for (auto const& bad : {std::string{"no JSON\n"}, std::string{"{}\n"}, with(some_hash, "+4930123456"), with("complete", "done"),
                          with(R"("memory":3)", R"("memory":-3)"), with(R"("memory":3)", R"("memory":"3")"), with(R"(["b1"])", R"("b1")"),
                          with("2026", "never"), with(R"("erasure":1)", R"("erasure":0)"), good.substr(0, 40)})
    EXPECT_TRUE(erasure_log::parse(bad).all().empty()) << bad;
  EXPECT_EQ(erasure_log::parse("no JSON\n" + good).all().size(), 1U);
  EXPECT_EQ(erasure_log::parse(good + good).all().size(), 1U) << "each number once";
}

TEST(erasure_log, keeps_the_last_ones) {
  erasure_log log;
  for (std::size_t i = 0; i < erasure_log::most + 3; ++i) log.begin(some_hash, wall_epoch);
  EXPECT_EQ(log.all().size(), erasure_log::most);
  EXPECT_EQ(log.all().front().number, erasure_log::most + 3);
  EXPECT_EQ(log.find(3), nullptr);
  EXPECT_NE(log.find(4), nullptr);
  EXPECT_EQ(erasure_log::parse(log.text()).all().size(), erasure_log::most);
}

}  // namespace
}  // namespace gateway::erasure_log_test
