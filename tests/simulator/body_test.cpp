// The bodies: valid JSON, true to the call, reproducible, and as large as Twilio's.
#include <gtest/gtest.h>
#include <boost/json.hpp>

#include <cstdio>
#include <set>

#include "accounts.hpp"
#include "summary_body.hpp"

namespace simulator::body_test {

namespace json = boost::json;

namespace {

constexpr std::uint64_t seed = 7;

call_facts call_number(unsigned n) {
  char digits[40];
  std::snprintf(digits, sizeof digits, "%032x", n * 2654435761U);
  const call_registry registry{seed, *parse_rfc3339("2026-03-01T12:00:00Z"), 0};
  return registry.find(std::string{"CA"} + digits);
}

json::object parsed(const std::string& body) { return json::parse(body).as_object(); }

}  // namespace

TEST(summary_body, tells_the_truth_about_its_call) {
  for (unsigned n = 0; n < 300; ++n) {
    const call_facts call = call_number(n);
    const json::object summary = parsed(summary_body(seed, call, {stage::complete}));
    EXPECT_EQ(summary.at("call_sid").as_string(), call.sid);
    EXPECT_EQ(summary.at("account_sid").as_string(), numbered_sid("AC", 1));
    EXPECT_EQ(summary.at("processing_state").as_string(), "complete");
    EXPECT_EQ(summary.at("end_time").as_string(), "2026-03-01T11:00:00Z");
    EXPECT_GE(summary.size(), 22U);
  }
}

TEST(summary_body, is_the_same_for_the_same_seed_and_another_for_another) {
  const call_facts call = call_number(1);
  EXPECT_EQ(summary_body(seed, call, {stage::complete}), summary_body(seed, call, {stage::complete}));
  EXPECT_NE(summary_body(seed, call, {stage::complete}), summary_body(seed + 1, call, {stage::complete}));
}

TEST(summary_body, has_the_sizes_of_the_benchmark_mix) {
  int small = 0, medium = 0, large = 0;
  constexpr int calls = 2000;
  for (unsigned n = 0; n < calls; ++n) {
    const std::size_t size = summary_body(seed, call_number(n), {stage::complete}).size();
    EXPECT_GE(size, 1000U);
    EXPECT_LE(size, 8192U);
    ++(size <= 2000 ? small : size <= 5000 ? medium : large);
  }
  EXPECT_NEAR(small, calls * 70 / 100, calls * 4 / 100);
  EXPECT_NEAR(medium, calls * 25 / 100, calls * 4 / 100);
  EXPECT_NEAR(large, calls * 5 / 100, calls * 2 / 100);
}

TEST(summary_body, comes_in_every_call_type_and_in_several_key_orders) {
  std::set<std::string> types, first_keys;
  for (unsigned n = 0; n < 500; ++n) {
    const json::object summary = parsed(summary_body(seed, call_number(n), {stage::complete}));
    types.emplace(summary.at("call_type").as_string());
    first_keys.emplace(summary.begin()->key());
  }
  EXPECT_EQ(types, (std::set<std::string>{"carrier", "sip", "client", "trunking", "whatsapp"}));
  EXPECT_GT(first_keys.size(), 5U);
}

TEST(summary_body, takes_an_exact_size) {
  for (unsigned n = 0; n < 20; ++n)
    for (const std::size_t bytes :
         {smallest_summary, std::size_t{300}, std::size_t{900}, std::size_t{1500}, std::size_t{4096}, std::size_t{65536}})
      for (const life when : {life{stage::complete}, life{stage::partial, 0}, life{stage::partial, 2}}) {
        call_facts call = call_number(n);
        call.bytes = bytes;
        const std::string body = summary_body(seed, call, when);
        EXPECT_EQ(body.size(), bytes);
        EXPECT_EQ(parsed(body).at("call_sid").as_string(), call.sid);
      }
}

TEST(summary_body, keeps_partial_versions_apart) {
  const call_facts call = call_number(3);
  std::set<std::string> versions;
  for (int version = 0; version < 3; ++version) {
    const std::string body = summary_body(seed, call, {stage::partial, version});
    EXPECT_EQ(parsed(body).at("processing_state").as_string(), "partial");
    versions.insert(body);
  }
  EXPECT_GE(versions.size(), 2U);
}

TEST(summary_body, shows_the_annotation) {
  call_facts call = call_number(4);
  EXPECT_EQ(call.noted.apply_form("Comment=two+words%21&CallScore=4&QualityIssues=echo,latency&Spam=true"), std::nullopt);
  const json::object noted = parsed(summary_body(seed, call, {stage::complete})).at("annotation").as_object();
  EXPECT_EQ(noted.at("comment").as_string(), "two words!");
  EXPECT_EQ(noted.at("call_score").as_int64(), 4);
  EXPECT_EQ(noted.at("quality_issues").as_array().size(), 2U);
  EXPECT_TRUE(noted.at("spam").as_bool());
}

TEST(annotation, refuses_a_bad_value_and_changes_nothing) {
  annotation noted;
  EXPECT_EQ(noted.apply_form("Comment=x&CallScore=9"), "CallScore");
  EXPECT_TRUE(noted.empty());
}

}  // namespace simulator::body_test
