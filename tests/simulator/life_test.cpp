// The life of a summary, who may see it, and what a request asks for.
#include <gtest/gtest.h>

#include "accounts.hpp"
#include "calls.hpp"
#include "latency.hpp"
#include "route.hpp"

namespace simulator::life_test {

using namespace std::chrono_literals;

namespace {

const sim_time ended = *parse_rfc3339("2026-03-01T12:00:00Z");

call_facts call() {
  call_facts made;
  made.ended_at = ended;
  return made;
}

}  // namespace

TEST(life, passes_through_its_stages) {
  EXPECT_EQ(life_of(call(), ended - 1s).at, stage::ongoing);
  EXPECT_EQ(life_of(call(), ended).at, stage::ended);
  EXPECT_EQ(life_of(call(), ended + 10min - 1ms).at, stage::ended);
  EXPECT_EQ(life_of(call(), ended + 10min).at, stage::partial);
  EXPECT_EQ(life_of(call(), ended + 10min).version, 0);
  EXPECT_EQ(life_of(call(), ended + 30min - 1ms).version, 2);
  EXPECT_EQ(life_of(call(), ended + 30min).at, stage::complete);
  EXPECT_EQ(life_of(call(), ended + 24h * 30 - 1ms).at, stage::complete);
  EXPECT_EQ(life_of(call(), ended + 24h * 30).at, stage::expired);
}

TEST(life, decides_the_answer_with_the_asked_state) {
  for (const auto plain : {wanted_state::unsaid, wanted_state::complete}) {
    EXPECT_EQ(refusal_for(stage::ended, plain), 17001);
    EXPECT_EQ(refusal_for(stage::partial, plain), 17001);
    EXPECT_EQ(refusal_for(stage::complete, plain), 0);
  }
  for (const auto early : {wanted_state::partial, wanted_state::all}) {
    EXPECT_EQ(refusal_for(stage::ended, early), 17001);
    EXPECT_EQ(refusal_for(stage::partial, early), 0);
    EXPECT_EQ(refusal_for(stage::complete, early), 0);
    EXPECT_EQ(refusal_for(stage::expired, early), 17002);
  }
  EXPECT_EQ(refusal_for(stage::complete, wanted_state::nonsense), 17400);
}

TEST(simulated_clock, runs_fast_and_jumps_forward_only) {
  const real_time anchor{};
  simulated_clock clock{ended, anchor, 60};
  EXPECT_EQ(clock.now(anchor + 1s), ended + 60s);
  clock.set_speed(anchor + 1s, 1);
  EXPECT_EQ(clock.now(anchor + 3s), ended + 62s);
  clock.advance(anchor + 3s, 10min);
  EXPECT_EQ(clock.now(anchor + 3s), ended + 62s + 10min);
}

TEST(simulated_clock, says_when_a_moment_will_come) {
  const real_time anchor{};
  simulated_clock clock{ended, anchor, 60};
  EXPECT_EQ(clock.real_time_of(ended + 10min, anchor), anchor + 10s);
  EXPECT_EQ(clock.real_time_of(ended - 1s, anchor), anchor);
  clock.set_speed(anchor, 0);
  EXPECT_EQ(clock.real_time_of(ended + 10min, anchor), std::nullopt);
}

TEST(times, are_written_as_twilio_and_http_do) {
  EXPECT_EQ(to_rfc3339(ended), "2026-03-01T12:00:00Z");
  EXPECT_EQ(to_rfc3339_ms(ended + 7ms), "2026-03-01T12:00:00.007Z");
  EXPECT_EQ(to_http_date(ended), "Sun, 01 Mar 2026 12:00:00 GMT");
  EXPECT_FALSE(parse_rfc3339("2026-02-30T00:00:00Z"));
  EXPECT_FALSE(parse_rfc3339("2026-03-01T12:00:00Zx"));
}

TEST(route, knows_the_resources_and_the_pattern_of_a_sid) {
  const std::string sid = "CA0123456789abcdefABCDEF0123456789";
  EXPECT_EQ(route::parse("/v1/Voice/" + sid + "/Summary").what, resource::summary);
  EXPECT_EQ(route::parse("/v1/Voice/" + sid + "/Annotation").what, resource::annotation);
  EXPECT_EQ(route::parse("/v1/Voice/" + sid + "/Events?Page=1").what, resource::events);
  EXPECT_EQ(route::parse("/v1/Voice/" + sid + "/Metrics").what, resource::metrics);
  EXPECT_EQ(route::parse("/v1/Voice/" + sid).what, resource::call);
  EXPECT_EQ(route::parse("/v1/Voice/Summaries?PageSize=5").what, resource::summaries);
  EXPECT_EQ(route::parse("/v1/Voice/Settings").what, resource::settings);
  EXPECT_EQ(route::parse("/v1/Conferences?PageSize=5").what, resource::gathering);
  EXPECT_EQ(route::parse("/v1/Video/Rooms/" + numbered_sid("RM", 1) + "/Participants").what, resource::gathering);
  EXPECT_EQ(route::parse("/v1/Conferences/" + sid).what, resource::unknown);
  EXPECT_EQ(route::parse("/v1/Sinks").what, resource::sinks);
  EXPECT_EQ(route::parse("/v1/Subscriptions").what, resource::subscriptions);
  const std::string sink = numbered_sid("DG", 7);
  EXPECT_EQ(route::parse("/v1/Sinks/" + sink + "/Test").what, resource::sink_test);
  EXPECT_EQ(route::parse("/v1/Sinks/" + sink + "/Test").sink_sid, sink);
  for (const std::string& other : {"/v1/Sinks/" + sink, "/v1/Sinks/" + sink + "0/Test", "/v1/Sinks/Test" + sink, std::string{"/v1/Sinks/"}})
    EXPECT_EQ(route::parse(other).what, resource::unknown) << other;
  const std::string path = "/v1/Voice/";
  for (const std::string& other : {path + sid + "/", path + sid + "/summary", path + sid + "/Summary/", path + "Summaries/",
                                   path + sid.substr(1) + "/Summary", path + sid + "0/Summary", std::string{"/"}, std::string{}})
    EXPECT_EQ(route::parse(other).what, resource::unknown) << other;
}

TEST(route, reads_the_processing_state) {
  const std::string path = "/v1/Voice/" + numbered_sid("CA", 5) + "/Summary";
  EXPECT_EQ(route::parse(path).state, wanted_state::unsaid);
  EXPECT_EQ(route::parse(path + "?ProcessingState=all").state, wanted_state::all);
  EXPECT_EQ(route::parse(path + "?ProcessingState=%70artial").state, wanted_state::partial);
  EXPECT_EQ(route::parse(path + "?ProcessingState=Complete").state, wanted_state::nonsense);
  EXPECT_EQ(route::parse(path + "?processingstate=all").state, wanted_state::unsaid);
  EXPECT_EQ(route::parse(path + "?ProcessingState=%zz%").processing_state, "%zz%");
}

TEST(accounts, tell_good_bad_and_forbidden_credentials_apart) {
  account_directory directory;
  EXPECT_EQ(directory.identify({}).error_code, 20003);
  EXPECT_EQ(directory.identify("Bearer bearer-token-01").who->sid, numbered_sid("AC", 1));
  EXPECT_EQ(directory.identify("bearer nonsense").error_code, 20003);
  EXPECT_EQ(directory.identify("Basic !!!").error_code, 20003);
  EXPECT_EQ(directory.identify("Basic").error_code, 20003);
  EXPECT_EQ(directory.identify("Digest x").error_code, 20003);
}

TEST(accounts, let_parents_read_their_children_and_nobody_else) {
  account_directory directory;
  const account* parent = directory.identify("Bearer bearer-token-01").who;
  EXPECT_TRUE(directory.may_read(*parent, numbered_sid("AC", 1)));
  EXPECT_TRUE(directory.may_read(*parent, numbered_sid("AC", 2)));
  EXPECT_FALSE(directory.may_read(*parent, numbered_sid("AC", 9)));
  directory.put_credential("bearer", "child", numbered_sid("AC", 2), credential_state::active);
  const account* child = directory.identify("Bearer child").who;
  EXPECT_FALSE(directory.may_read(*child, numbered_sid("AC", 1)));
  EXPECT_FALSE(directory.may_read(*child, numbered_sid("AC", 3)));
}

TEST(latency, is_read_and_thrown) {
  for (const char* bad :
       {"", "5", "5m", "-1ms", "uniform:5ms:1ms", "uniform:1ms", "lognormal:40ms:9", "lognormal:40ms", "normal:1ms:1ms", "nanms"})
    EXPECT_FALSE(latency_model::parse(bad)) << bad;
  dice chance{1};
  EXPECT_EQ(latency_model::parse("5ms")->sample(chance), 5ms);
  EXPECT_EQ(latency_model::parse("250us")->sample(chance), 250us);
  const auto uniform = *latency_model::parse("uniform:1ms:20ms");
  const auto lognormal = *latency_model::parse("lognormal:40ms:0.5");
  int below_median = 0;
  for (int i = 0; i < 4000; ++i) {
    const auto sample = uniform.sample(chance);
    EXPECT_TRUE(sample >= 1ms && sample <= 20ms);
    if (lognormal.sample(chance) < 40ms) ++below_median;
  }
  EXPECT_NEAR(below_median, 2000, 150);
}

}  // namespace simulator::life_test
