#include "core/telemetry/client_counters.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <random>
#include <string>

#include "core/telemetry/client_rates.hpp"

namespace gateway::client_counters_test {
namespace {

client_name named(std::string_view name) { return name; }
client_name named(std::uint64_t number) { return named("client-" + std::to_string(number)); }

client_figures request() {
  client_figures one;
  one.requests = 1;
  return one;
}

std::vector<client_row> rows_of(const client_counters& clients) {
  std::vector<client_row> rows;
  clients.collect(rows);
  return rows;
}

// Ten seconds after the first request.
std::string json_of(const std::vector<client_row>& rows) {
  return clients_json(rows, client_rates{mono_time{}}, mono_time{std::chrono::seconds{10}});
}

client_figures sum(const std::vector<client_row>& rows) {
  client_figures all;
  for (auto const& one : rows) all += one.figures;
  return all;
}

TEST(client_counters, what_one_request_adds) {
  struct row {
    outcome ended;
    int status;
    std::string_view adds;  // in addition to itself
  };
  static constexpr row rows[] = {
      {outcome::hit, 200, "hit"},
      {outcome::hit, 304, "hit wasted"},
      {outcome::stale, 200, "hit"},
      {outcome::negative_hit, 404, "hit wasted 4xx"},
      {outcome::miss, 200, ""},
      {outcome::miss, 304, "wasted"},
      {outcome::coalesced, 200, "coalesced"},
      {outcome::coalesced, 304, "coalesced wasted"},
      {outcome::bypass, 200, ""},
      {outcome::rejected, 401, "4xx"},
      {outcome::shed, 429, "throttled 4xx"},
      {outcome::miss, 429, "throttled 4xx"},
      {outcome::failed, 504, "5xx"},
  };
  for (auto const& r : rows) {
    request_record record;
    record.ended = r.ended;
    record.status = r.status;
    auto const figures = figures_of(record);
    EXPECT_EQ(figures.requests, 1U);
    EXPECT_EQ(figures.upstream_calls, 0U) << "counted when they are made";
    std::string adds;
    if (figures.hits == 1) adds += "hit ";
    if (figures.coalesced == 1) adds += "coalesced ";
    if (figures.wasted_polls == 1) adds += "wasted ";
    if (figures.throttled == 1) adds += "throttled ";
    if (figures.status_4xx == 1) adds += "4xx ";
    if (figures.status_5xx == 1) adds += "5xx ";
    if (!adds.empty()) adds.pop_back();
    EXPECT_EQ(adds, r.adds) << name_of(r.ended) << " " << r.status;
  }
}

TEST(client_counters, rows_add_up_to_everything_whoever_comes_and_goes) {
  auto const clients = std::make_unique<client_counters>();
  std::mt19937_64 random{1};
  client_figures all;
  for (int i = 0; i < 50'000; ++i) {
    std::size_t hint = random() % client_counters::places;  // any position, right or wrong
    auto one = request();
    one.hits = random() % 2;
    clients->count(named(random() % 300), hint, one);
    all += one;
    if (random() % 10 == 0) {
      clients->count_calls(named(random() % 300), 2);
      all.upstream_calls += 2;
    }
  }
  auto const rows = rows_of(*clients);
  EXPECT_EQ(rows.size(), client_counters::places + 1);
  EXPECT_TRUE(rows.back().who.empty());
  auto const told = sum(rows);
  EXPECT_EQ(told.requests, all.requests);
  EXPECT_EQ(told.hits, all.hits);
  EXPECT_EQ(told.upstream_calls, all.upstream_calls);
}

TEST(client_counters, a_client_is_found_again_with_its_hint_and_without) {
  auto const clients = std::make_unique<client_counters>();
  for (std::uint64_t i = 0; i < client_counters::places; ++i) {
    std::size_t hint = 0;
    clients->count(named(i), hint, request());
    clients->count(named(i), hint, request());
    hint = 5;
    clients->count(named(i), hint, request());
  }
  auto const rows = rows_of(*clients);
  EXPECT_EQ(rows.size(), client_counters::places);
  for (auto const& one : rows) EXPECT_EQ(one.figures.requests, 3U) << one.who.view();
}

TEST(client_counters, who_causes_much_stays_however_many_strangers_come) {
  auto const clients = std::make_unique<client_counters>();
  std::size_t heavy_hint = 0;
  std::size_t caller_hint = 0;
  std::uint64_t strangers = 1'000;
  for (int i = 0; i < 20'000; ++i) {
    std::size_t hint = 0;
    for (int j = 0; j < 9; ++j) clients->count(named(strangers++), hint, request());
    clients->count(named(1), heavy_hint, request());  // a tenth of all requests
    if (i % 20 == 0) {                                // few requests, each of which goes upstream
      clients->count(named(2), caller_hint, request());
      clients->count_calls(named(2), 1);
    }
  }
  std::uint64_t requests = 0;
  std::uint64_t calls = 0;
  for (auto const& one : rows_of(*clients)) {
    if (one.who == named(1)) requests = one.figures.requests;
    if (one.who == named(2)) calls = one.figures.upstream_calls;
  }
  EXPECT_GT(requests, 19'900U);
  EXPECT_GT(calls, 990U);
}

// A newcomer inherits a handicap: without it, the next newcomer would replace it each time.
TEST(client_counters, who_comes_late_and_causes_much_gets_a_place) {
  auto const clients = std::make_unique<client_counters>();
  std::size_t hint = 0;
  for (std::uint64_t i = 0; i < client_counters::places; ++i) {
    for (int j = 0; j < 10; ++j) clients->count(named(i), hint, request());
  }
  std::uint64_t strangers = 1'000;
  for (int i = 0; i < 1'000; ++i) {
    clients->count(named("late"), hint, request());
    clients->count(named(strangers++), hint, request());
  }
  auto const rows = rows_of(*clients);
  auto const found = std::ranges::find(rows, named("late"), &client_row::who);
  ASSERT_NE(found, rows.end());
  EXPECT_GT(found->figures.requests, 900U);
}

TEST(client_counters, workers_are_merged_by_name_and_what_is_too_much_joins_the_rest) {
  auto const figures = [](std::uint64_t requests, std::uint64_t calls) {
    client_figures one;
    one.requests = requests;
    one.hits = requests / 2;
    one.coalesced = 1;
    one.upstream_calls = calls;
    return one;
  };
  std::vector<client_row> const rows{{named("a"), figures(10, 1)}, {named("b"), figures(2, 7)},  {{}, figures(4, 0)},
                                     {named("a"), figures(10, 1)}, {named("c"), figures(30, 2)}, {{}, figures(4, 0)}};
  EXPECT_EQ(json_of(merge_clients(rows, 2)),
            R"([{"client":"b","requests":2,"hits":1,"upstream_calls":7,"avoided":2,"wasted_polls":0,"throttled":0,)"
            R"("status_4xx":0,"status_5xx":0,"per_second":0.2},)"
            R"({"client":"c","requests":30,"hits":15,"upstream_calls":2,"avoided":16,"wasted_polls":0,"throttled":0,)"
            R"("status_4xx":0,"status_5xx":0,"per_second":3.0},)"
            R"({"client":"other","requests":28,"hits":14,"upstream_calls":2,"avoided":18,"wasted_polls":0,"throttled":0,)"
            R"("status_4xx":0,"status_5xx":0,"per_second":2.8}])");
  EXPECT_EQ(json_of(merge_clients({{named("a"), figures(1, 1)}}, 2)).find("other"), std::string::npos);
  EXPECT_EQ(json_of(merge_clients({}, 2)), "[]");
}

TEST(client_counters, a_client_of_the_settings_stands_with_its_share) {
  quota_figures const quota{"b", {10, std::chrono::hours{1}}, 3, std::chrono::milliseconds{1500}};
  auto const text = clients_json(std::vector<client_row>{{named("a"), request()}, {named("b"), request()}}, client_rates{mono_time{}},
                                 mono_time{}, {{"b", {{4, client_class::bulk, 9}, 2, quota}}, {"c", {}}});
  EXPECT_NE(text.find(R"("class":"bulk","weight":4,"in_flight":2,"max_in_flight":9,"quota_used":7,"quota_of":10,"quota_resets_in":2})"),
            std::string::npos)
      << text;
  EXPECT_EQ(text.find("weight"), text.rfind("weight")) << "of clients without settings nothing is known";
}

TEST(client_counters, a_name_cannot_leave_its_quotes) {
  std::vector<client_row> const rows{{named("<script>\"\n"), {}}};
  EXPECT_NE(json_of(rows).find(R"("client":"<script>\"\u000a")"), std::string::npos);
}

}  // namespace
}  // namespace gateway::client_counters_test
