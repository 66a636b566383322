// Which requests a fault script hits, and into which steps a delivery turns.
#include <gtest/gtest.h>
#include <boost/json/parse.hpp>

#include <numeric>

#include "accounts.hpp"
#include "fault_script.hpp"

namespace simulator::script_test {

using namespace std::chrono_literals;

namespace {

route asked(unsigned call, const std::string& query = "") {
  return route::parse("/v1/Voice/" + numbered_sid("CA", call) + "/Summary" + query);
}

fault_script loaded(const std::string& list) {
  fault_script script;
  EXPECT_EQ(script.load(boost::json::parse(list)), std::nullopt);
  return script;
}

answer plain(std::string body) {
  answer made;
  made.headers.emplace_back("Content-Type", "application/json");
  made.body = std::move(body);
  return made;
}

std::string written(const std::vector<step>& steps) {
  return std::accumulate(steps.begin(), steps.end(), std::string{},
                         [](std::string all, const step& next) { return std::move(all) + next.bytes; });
}

}  // namespace

TEST(fault_script, counts_skips_and_times) {
  fault_script script = loaded(R"([{"skip": 1, "times": 2, "action": "close_after"}])");
  EXPECT_FALSE(script.take("GET", asked(1)));
  EXPECT_TRUE(script.take("GET", asked(1)));
  EXPECT_TRUE(script.take("GET", asked(1)));
  EXPECT_FALSE(script.take("GET", asked(1)));
}

TEST(fault_script, goes_on_for_ever_when_told_so) {
  fault_script script = loaded(R"([{"times": 0, "action": "chunked"}])");
  for (int i = 0; i < 50; ++i) EXPECT_TRUE(script.take("GET", asked(1)));
}

TEST(fault_script, matches_call_state_and_method) {
  fault_script script = loaded(R"([{"match": {"call_sid": ")" + numbered_sid("CA", 1) + R"("}, "times": 0, "action": "garbage", "bytes": 3},
    {"match": {"processing_state": "partial"}, "times": 0, "action": "latency", "ms": 5},
    {"match": {"processing_state": null, "method": "POST"}, "times": 0, "action": "wrong_body"}])");
  EXPECT_TRUE(std::holds_alternative<garbage>(script.take("GET", asked(1))->front()));
  EXPECT_TRUE(std::holds_alternative<added_latency>(script.take("GET", asked(2, "?ProcessingState=partial"))->front()));
  EXPECT_TRUE(std::holds_alternative<other_call>(script.take("POST", asked(2))->front()));
  EXPECT_FALSE(script.take("GET", asked(2)));
  EXPECT_FALSE(script.take("POST", asked(2, "?ProcessingState=all")));
}

TEST(fault_script, plays_its_rules_one_after_another) {
  fault_script script = loaded(R"([{"action": "status", "status": 500}, {"action": "status", "status": 503}])");
  EXPECT_EQ(std::get<replace_answer>(script.take("GET", asked(1))->front()).status, 500U);
  EXPECT_EQ(std::get<replace_answer>(script.take("GET", asked(1))->front()).status, 503U);
  EXPECT_FALSE(script.take("GET", asked(1)));
}

TEST(fault_script, combines_actions_with_also) {
  fault_script script =
      loaded(R"([{"action": "chunked", "also": [{"action": "drip", "bytes_per_second": 10}, {"action": "close_after"}]}])");
  EXPECT_EQ(script.take("GET", asked(1))->size(), 3U);
}

TEST(fault_script, refuses_mistakes_and_keeps_what_it_had) {
  fault_script script = loaded(R"([{"times": 0, "action": "chunked"}])");
  for (const char* bad :
       {R"({})", R"([1])", R"([{}])", R"([{"action": "explode"}])", R"([{"action": "cut"}])", R"([{"action": "cut", "after_byte": 1}])",
        R"([{"action": "stall", "at": "nowhere", "seconds": 1}])", R"([{"action": "chunked", "times": -1}])",
        R"([{"action": "chunked", "match": {"sid": "x"}}])", R"([{"action": "drip", "bytes_per_second": 0}])",
        R"([{"action": "status", "status": 500, "headers": 5}])", R"([{"action": "chunked", "also": {}}])",
        R"([{"action": "raw", "base64": "?"}])", R"([{"action": "huge", "bytes": 1.5}])"})
    EXPECT_NE(script.load(boost::json::parse(bad)), std::nullopt) << bad;
  EXPECT_TRUE(script.take("GET", asked(1)));
}

TEST(delivery, writes_one_piece_when_nothing_is_wrong) {
  const auto steps = steps_for(plain("{}"), {}, {});
  ASSERT_EQ(steps.size(), 1U);
  EXPECT_EQ(steps[0].bytes, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\n{}");
}

TEST(delivery, leaves_the_body_out_where_http_has_none) {
  EXPECT_FALSE(written(steps_for(plain("{}"), {}, exchange_end{.head_request = true, .keep_alive = true})).ends_with("{}"));
  answer unchanged = plain("{}");
  unchanged.status = 304;
  EXPECT_EQ(written(steps_for(std::move(unchanged), {}, {})).find("Content-Length"), std::string::npos);
}

TEST(delivery, keeps_a_scripted_content_length) {
  answer lying = plain("{}");
  lying.headers.emplace_back("content-length", "99");
  const std::string bytes = written(steps_for(std::move(lying), {}, {}));
  EXPECT_EQ(bytes.find("Content-Length"), std::string::npos);
}

TEST(delivery, cuts_at_every_byte) {
  const std::string whole = written(steps_for(plain("{\"a\":1}"), {}, {}));
  for (std::size_t n = 0; n <= whole.size() + 1; ++n) {
    delivery how;
    how.cut_after = n;
    const auto steps = steps_for(plain("{\"a\":1}"), how, {});
    EXPECT_EQ(written(steps), whole.substr(0, n));
    EXPECT_EQ(steps.back().what, step::kind::fin);
    how.cut_after.reset();
    how.reset_after = n;
    EXPECT_EQ(steps_for(plain("{\"a\":1}"), how, {}).back().what, step::kind::reset);
  }
}

TEST(delivery, stalls_where_it_is_told) {
  for (const stall_point at : {stall_point::before_headers, stall_point::after_headers, stall_point::body}) {
    delivery how;
    how.stall.emplace(at, 3s);
    const auto steps = steps_for(plain("0123456789"), how, {});
    const std::size_t wait = at == stall_point::before_headers ? 0 : 1;
    ASSERT_EQ(steps.size(), wait + 2);
    EXPECT_EQ(steps[wait].what, step::kind::wait);
    EXPECT_EQ(steps[wait].pause, 3s);
    EXPECT_EQ(at == stall_point::after_headers, steps[0].bytes.ends_with("\r\n\r\n"));
    EXPECT_EQ(at == stall_point::body, steps[0].bytes.ends_with("\r\n\r\n01234"));
  }
}

TEST(delivery, drips_at_the_rate) {
  delivery how;
  how.bytes_per_second = 100;
  const auto steps = steps_for(plain("{}"), how, {});
  std::chrono::microseconds total{};
  for (const step& next : steps) total += next.pause;
  const double seconds = static_cast<double>(written(steps).size()) / 100;
  EXPECT_NEAR(std::chrono::duration<double>(total).count(), seconds, 0.06);
}

TEST(delivery, chunks_the_body) {
  delivery how;
  how.chunked = true;
  const std::string bytes = written(steps_for(plain(std::string(1500, 'x')), how, {}));
  EXPECT_NE(bytes.find("Transfer-Encoding: chunked\r\n"), std::string::npos);
  EXPECT_NE(bytes.find("\r\n\r\n2bc\r\nxxx"), std::string::npos);
  EXPECT_TRUE(bytes.ends_with("\r\n64\r\n" + std::string(100, 'x') + "\r\n0\r\n\r\n"));
}

TEST(delivery, sends_raw_and_extra_bytes_as_they_are) {
  delivery how;
  how.raw = "HTTP/9.9 banana";
  how.extra_bytes = "!";
  how.close_after = true;
  const auto steps = steps_for(plain("{}"), how, {});
  EXPECT_EQ(written(steps), "HTTP/9.9 banana!");
  EXPECT_EQ(steps.back().what, step::kind::fin);
}

}  // namespace simulator::script_test
