#include "core/telemetry/stats_json.hpp"

#include <gtest/gtest.h>
#include <simdjson.h>

#include <string>
#include <vector>

#include "telemetry/pasts.hpp"

namespace gateway::stats_json_test {
namespace {

using namespace std::chrono_literals;
namespace dom = simdjson::dom;

// The parsed text, valid for the lifetime of the parser.
class parsed {
public:
  explicit parsed(const std::string& text) {
    auto const error = parser_.parse(text).get(root_);
    EXPECT_FALSE(error) << error << " in " << text;
  }
  [[nodiscard]] dom::element at(std::string_view pointer) const {
    dom::element found;
    EXPECT_FALSE(root_.at_pointer(pointer).get(found)) << pointer;
    return found;
  }
  [[nodiscard]] std::int64_t number(std::string_view pointer) const {
    std::int64_t value = -1;
    EXPECT_FALSE(at(pointer).get(value)) << pointer;
    return value;
  }
  [[nodiscard]] std::string list(std::string_view pointer) const { return simdjson::minify(at(pointer)); }
  [[nodiscard]] bool has(std::string_view pointer) const { return !root_.at_pointer(pointer).error(); }

private:
  dom::parser parser_;
  dom::element root_;
};

parsed stats(const past& p, std::uint64_t after = 0, std::string_view clients = "") {
  return parsed{stats_json({*p.counted, *p.kept, p.now.wall, after, clients})};
}

TEST(stats_json, of_a_gateway_that_has_just_started_is_complete) {
  past p;
  p.look();
  auto const said = stats(p);
  for (auto const* one : {"/now_ms", "/started_ms", "/version", "/uptime_s", "/state/ready", "/totals/requests/hit",
                          "/totals/faults/internal", "/totals/upstream/throttled", "/totals/sheds/busy", "/bounds_us/19",
                          "/durations/miss/buckets/20", "/hops/write/sum_us", "/profiles/0/window_s", "/cache/max_bytes", "/upstream/queue",
                          "/connections", "/history/interval_ms", "/history/latency_us/upstream/p99", "/history/requests/shed"})
    EXPECT_TRUE(said.has(one)) << one;
  EXPECT_EQ(said.number("/history/first"), 1);
  EXPECT_EQ(said.list("/history/at_ms"), "[]");
  EXPECT_EQ(said.list("/profiles/1/ranks"), "[]");
  EXPECT_FALSE(said.has("/clients"));
}

TEST(stats_json, says_which_gateway_it_is) {
  past p;
  p.look();
  parsed const said{stats_json({*p.counted, *p.kept, p.now.wall, 0, "", {"edge-1", "insights.twilio.com", "inject"}})};
  EXPECT_EQ(said.list("/gateway"), R"({"host":"edge-1","upstream":"insights.twilio.com","mode":"inject"})");
}

TEST(stats_json, has_the_accounts) {
  past p;
  p.look();
  EXPECT_EQ(stats(p).list("/accounts"), R"({"known":0,"ways":[],"shown":[]})");
  account_report accounts;
  upstream_limiter::busiest those;
  those.accounts.push_back({7, 12, 3, 0, {}});
  accounts.add("", those, [](std::uint64_t) { return account_report::about{"main"}; });
  parsed const said{stats_json({*p.counted, *p.kept, p.now.wall, 0, "", {}, accounts})};
  EXPECT_EQ(said.list("/accounts/shown/0/account"), R"("main")");
  EXPECT_EQ(said.number("/accounts/shown/0/limit"), 12);
}

TEST(stats_json, has_the_deliveries_to_the_webhook) {
  past p;
  p.look();
  EXPECT_FALSE(stats(p).has("/webhook")) << "there is no such listener";
  auto& events = p.counted->events.emplace();
  EXPECT_EQ(stats(p).number("/webhook/last_noted_ms"), 0);
  events.count(delivery_result::accepted);
  events.count(delivery_result::wrong_signature);
  for (std::size_t type = 0; type < event_type_count; ++type) events.count(static_cast<event_type>(type), event_result::noted);
  events.count(event_type{}, event_result::duplicate);
  events.last_noted_seconds = 1'767'918'880.25;
  auto const said = stats(p);
  EXPECT_EQ(said.number("/webhook/deliveries/accepted"), 1);
  EXPECT_EQ(said.number("/webhook/deliveries/wrong_signature"), 1);
  EXPECT_EQ(said.number("/webhook/deliveries/unreadable"), 0);
  EXPECT_EQ(said.number("/webhook/noted"), static_cast<std::int64_t>(event_type_count));
  EXPECT_EQ(said.number("/webhook/last_noted_ms"), 1'767'918'880'250);
}

TEST(stats_json, of_a_member_of_a_fleet) {
  past p;
  p.look();
  EXPECT_FALSE(stats(p).has("/fleet")) << "it has none";
  p.counted->engine.emplace().why_not = "Connection refused";
  auto& marks = p.counted->marks.emplace();
  marks.replica = "c639757c5ca84f14";
  marks.members = {"c639757c5ca84f14", "bf6362f9c8458554"};
  marks.pending = 1;
  EXPECT_EQ(stats(p).list("/fleet"), R"({"engine":"away","why":"Connection refused","shares_limit":false,"replica":"c639757c5ca84f14",)"
                                     R"("members":2,"marks_pending":1})");
  p.counted->engine->state = link_state::connected;
  p.counted->budget.emplace();
  EXPECT_EQ(stats(p).list("/fleet/shares_limit"), "true");
  EXPECT_EQ(stats(p).list("/fleet/circuits"), "[]");
  using name = circuit_name;
  using probe = circuit_word::prober;
  p.counted->budget->circuits = {
      {"", {name{}, false, std::chrono::milliseconds{1900}, probe::none}},
      {"ab12", {name{name::sort::cool_down, 7}, true, std::chrono::seconds{25}, probe::self}},
      {"ab12", {name{name::sort::breaker, 7, resource::summary}, true, std::chrono::seconds{3}, probe::another}},
  };
  EXPECT_EQ(
      stats(p).list("/fleet/circuits"),
      R"([{"circuit":"host","state":"open","since_s":1,"probe":"none","probe_in_ms":0},)"
      R"({"account":"ab12","circuit":"cool_down","state":"half_open","since_s":25,"probe":"this","probe_in_ms":0},)"
      R"({"account":"ab12","resource":"summary","circuit":"breaker","state":"half_open","since_s":3,"probe":"another","probe_in_ms":0}])");
  p.counted->budget->alone = true;
  EXPECT_EQ(stats(p).list("/fleet/shares_limit"), "false");
}

TEST(stats_json, says_what_was_counted) {
  past p;
  p.look();
  p.answer(outcome::hit, 20us, 3);
  p.answer(outcome::miss, 1500ms);
  p.counted->cache.bytes = 123'456'789'012;
  p.counted->cache_max_bytes = 200'000'000'000;
  p.counted->limiter.limit = 7;
  p.counted->limiter.cooling_down = 1;
  p.counted->credentials_refused = 2;
  p.counted->polled_calls = 4;
  p.counted->held_readers = 9;
  p.counted->upstream_max_in_flight = 40;
  p.counted->ready = true;
  p.counted->version = "1.2.3";
  p.counted->start_time_seconds = 1'767'918'880.5;
  p.look();
  auto const said = stats(p);
  EXPECT_EQ(said.number("/now_ms"), 1'767'918'893'000);
  EXPECT_EQ(said.number("/started_ms"), 1'767'918'880'500);
  EXPECT_EQ(said.number("/uptime_s"), 12);
  EXPECT_EQ(said.list("/version"), R"("1.2.3")");
  EXPECT_EQ(said.list("/state"), R"({"ready":true,"cooling_down":1,"circuit_open":0,"credentials_refused":2})");
  EXPECT_EQ(said.number("/totals/requests/hit"), 3);
  EXPECT_EQ(said.number("/durations/hit/sum_us"), 60);
  EXPECT_EQ(said.list("/durations/hit/buckets"), "[0,3,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0]");
  EXPECT_EQ(said.number("/bounds_us/0"), 10);
  EXPECT_EQ(said.number("/bounds_us/19"), 30'000'000);
  EXPECT_EQ(said.list("/cache"), R"({"bytes":123456789012,"max_bytes":200000000000,"entries":0})");
  EXPECT_EQ(said.list("/polling"), R"({"calls":4,"held_readers":9})");
  EXPECT_EQ(said.number("/upstream/limit"), 7);
  EXPECT_EQ(said.number("/upstream/max_in_flight"), 40);
  EXPECT_EQ(said.list("/history/requests/hit"), "[3]");
  EXPECT_EQ(said.list("/history/upstream_avoided"), "[3]");
  EXPECT_EQ(said.number("/totals/upstream_avoided/hit"), 3);
  EXPECT_EQ(said.list("/history/latency_us/memory/p50"), "[18]");
  EXPECT_EQ(said.list("/history/span_ms"), "[2000]");
}

TEST(stats_json, has_null_where_there_is_no_percentile) {
  past p;
  p.look();
  p.look();
  p.answer(outcome::miss, 90ms);
  p.look();
  EXPECT_EQ(stats(p).list("/history/latency_us/upstream/p90"), "[null,95000]");
  EXPECT_EQ(stats(p).list("/history/latency_us/memory/p90"), "[null,null]");
}

TEST(stats_json, tells_where_the_median_and_the_slowest_spent_their_time) {
  past p;
  p.look();
  p.answer(outcome::hit, 20us, 99);
  p.answer(outcome::failed, 40s);
  p.look();
  auto const said = stats(p);
  EXPECT_EQ(said.list("/profiles/0/ranks/0/of"), R"("p50")");
  EXPECT_EQ(said.number("/profiles/0/ranks/0/requests"), 99);
  EXPECT_EQ(said.number("/profiles/0/ranks/0/hops_us/lookup"), 20);
  EXPECT_EQ(said.list("/profiles/1/ranks/2/of"), R"("slowest")");
  EXPECT_EQ(said.number("/profiles/1/ranks/2/from_us"), 30'000'000);
  EXPECT_TRUE(said.at("/profiles/1/ranks/2/to_us").is_null());
  EXPECT_EQ(said.number("/profiles/1/ranks/2/hops_us/lookup"), 40'000'000);
}

TEST(stats_json, leaves_out_what_is_known_already) {
  past p;
  for (int i = 0; i < 11; ++i) p.look();
  auto const said = stats(p, 8);
  EXPECT_EQ(said.number("/history/first"), 9);
  EXPECT_EQ(said.list("/history/span_ms"), "[2000,2000]");
  EXPECT_EQ(stats(p, 10).number("/history/first"), 11);
}

// A listener's address is the only text from outside; it must not end its JSON string.
TEST(stats_json, escapes_texts) {
  past p;
  p.counted->connections = {{"unix:/a\"b\\c\n\x1b[31m</script>", 1}};
  auto const said = stats(p);
  std::string_view name;
  EXPECT_FALSE(said.at("/connections/0/listener").get(name));
  EXPECT_EQ(name, "unix:/a\"b\\c\n\x1b[31m</script>");
}

TEST(stats_json, takes_over_who_the_clients_are) {
  past p;
  EXPECT_EQ(stats(p, 0, R"([{"client":"other","requests":3}])").number("/clients/0/requests"), 3);
}

// Ten minutes of a busy gateway make an answer of moderate size, and the last two seconds a small one.
TEST(stats_json, stays_small) {
  past p;
  p.look();
  for (int i = 0; i < 400; ++i) {
    for (std::size_t o = 0; o < outcome_count; ++o) p.answer(static_cast<outcome>(o), std::chrono::milliseconds{i}, 30);
    p.look();
  }
  EXPECT_LT(stats_json({*p.counted, *p.kept, p.now.wall}).size(), 64u * 1024);
  EXPECT_LT(stats_json({*p.counted, *p.kept, p.now.wall, 399}).size(), 12u * 1024);
}

}  // namespace
}  // namespace gateway::stats_json_test
