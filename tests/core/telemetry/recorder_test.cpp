#include "core/telemetry/recorder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

namespace gateway::recorder_test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

// The status serves as its number.
logged_request one(int number, std::chrono::nanoseconds at, std::chrono::nanoseconds took) {
  logged_request made;
  made.of.status = number;
  made.of.hops = hop_ledger{hop::lookup, mono_time{}};
  made.of.hops.stop(mono_time{} + took);
  made.at = wall_time{at};
  return made;
}

std::vector<int> numbers(const std::vector<logged_request>& of) {
  std::vector<int> all;
  for (auto const& each : of) all.push_back(each.of.status);
  return all;
}

record_filter at_least(std::chrono::nanoseconds min) {
  record_filter wanted;
  wanted.min = min;
  return wanted;
}

TEST(recorder, the_newest_come_first_whichever_worker_they_are_of) {
  std::vector<logged_request> const all{one(1, 10s, 1ms), one(2, 30s, 80ms), one(3, 20s, 50ms), one(4, 40s, 49ms), one(5, 30s, 9s)};
  EXPECT_THAT(numbers(newest(all, {}, 100)), ElementsAre(4, 2, 5, 3, 1));
  EXPECT_THAT(numbers(newest(all, at_least(50ms), 100)), ElementsAre(2, 5, 3));
  EXPECT_THAT(numbers(newest(all, at_least(50ms), 2)), ElementsAre(2, 5));
  EXPECT_THAT(numbers(newest(all, at_least(10s), 100)), IsEmpty());
  EXPECT_THAT(numbers(newest({}, {}, 100)), IsEmpty());
}

TEST(recorder, a_flood_of_one_kind_pushes_out_only_its_own) {
  auto const recorder = std::make_unique<request_recorder>();
  recorder->put(noteworthy::slow, one(1, 1s, 2s));
  recorder->put(noteworthy::sampled, one(2, 1s, 1ms));
  for (int i = 0; i < 10'000; ++i) recorder->put(i % 2 == 0 ? noteworthy::failed : noteworthy::refused, one(500 + i, 2s, 3s));
  std::vector<logged_request> all;
  recorder->collect(all);
  EXPECT_EQ(all.size(), failure_groups::places + 2);
  EXPECT_EQ(std::ranges::count(numbers(all), 1), 1);
  EXPECT_EQ(std::ranges::count(numbers(all), 2), 1);
}

TEST(recorder, each_filter_is_exact_and_all_of_them_count) {
  auto const with = [](int number, std::string_view client, std::optional<fault> why, outcome ended) {
    auto made = one(number, 10s, std::chrono::milliseconds{number});
    made.of.client = client;
    made.of.why = why;
    made.of.ended = ended;
    return made;
  };
  std::vector<logged_request> const all{with(1, "billing", fault::upstream_busy, outcome::shed),
                                        with(2, "billing", fault::client_limit, outcome::shed),
                                        with(3, "billing2", fault::upstream_busy, outcome::shed),
                                        with(4, "billing", std::nullopt, outcome::miss), with(5, "", fault::upstream_busy, outcome::shed)};
  auto const found = [&](const record_filter& wanted) { return numbers(newest(all, wanted, 100)); };
  EXPECT_THAT(found({0s, "billing", {}, {}}), ElementsAre(1, 2, 4));
  EXPECT_THAT(found({0s, "", fault::upstream_busy, {}}), ElementsAre(1, 3, 5));
  EXPECT_THAT(found({0s, "", {}, outcome::miss}), ElementsAre(4));
  EXPECT_THAT(found({2ms, "billing", {}, outcome::shed}), ElementsAre(2));
  EXPECT_THAT(found({0s, "Billing", {}, {}}), IsEmpty());
}

TEST(recorder, they_are_logged_as_in_the_access_log) {
  std::vector<std::string> const listeners{"a"};
  std::vector<logged_request> const all{one(200, 1s, 2s), one(404, 1s, 1s)};
  std::string first;
  append_logged(first, all[0], listeners);
  std::string second;
  append_logged(second, all[1], listeners);
  EXPECT_EQ(recorded_json(all, listeners), R"({"requests":[)" + first + "," + second + "]}");
  EXPECT_EQ(recorded_json({}, listeners), R"({"requests":[]})");
}

}  // namespace
}  // namespace gateway::recorder_test
