// Lists as Twilio pages them: of summaries, and of a call's Events and Metrics.
#include <gtest/gtest.h>
#include <boost/json.hpp>

#include <algorithm>
#include <set>

#include "accounts.hpp"
#include "call_records.hpp"
#include "families.hpp"
#include "summary_list.hpp"

namespace simulator::list_test {

using namespace std::chrono_literals;
namespace json = boost::json;

namespace {

const sim_time noon = *parse_rfc3339("2026-03-01T12:00:00Z");
const std::string owner = numbered_sid("AC", 1);

page_request page(std::string_view query) { return std::get<page_request>(page_request::parse(query)); }

// The lists of a call are long enough for several pages.
call_facts long_call() {
  call_facts call;
  call.account_sid = owner;
  call.ended_at = noon;
  call.shape = call_shape::client;
  unsigned number = 1;
  do call.sid = numbered_sid("CA", number++);
  while (noon - outline_of(1, call).start < 20min);
  return call;
}

// Follows next_page_url from the first page on, as an SDK does.
std::vector<json::value> followed(const call_facts& call, std::string query) {
  const std::string path = "/v1/Voice/" + call.sid + "/Metrics";
  std::vector<json::value> pages;
  for (std::string target = path + "?" + query;;) {
    pages.push_back(json::parse(std::get<std::string>(metrics_body(1, call, target))));
    const json::value& next = pages.back().at("meta").at("next_page_url");
    if (next.is_null()) return pages;
    const std::string url{std::string_view{next.as_string()}};
    EXPECT_TRUE(url.starts_with("https://insights.twilio.com" + path + "?")) << url;
    target = url.substr(twilio_origin.size());
  }
}

std::vector<std::string> listed(const std::string& query, sim_time now = noon) {
  call_registry registry{1, noon, 0};
  for (unsigned number = 1; number <= 4; ++number) {
    call_facts call;
    call.sid = numbered_sid("CA", number);
    call.account_sid = number == 4 ? numbered_sid("AC", 2) : owner;
    call.ended_at = noon - std::chrono::minutes{15} * number;  // 1: partial, 2 and 3: complete
    call.shape = number == 3 ? call_shape::sip : call_shape::carrier;
    registry.put(call);
  }
  const auto filter = std::get<summary_filter>(summary_filter::parse(query, now));
  const summary_page found = page_of(registry, 1, filter.subaccount.value_or(owner), filter, page(query), now);
  std::vector<std::string> last_digits;
  for (const listed_call& each : found.calls) last_digits.push_back(each.call.sid.substr(33));
  return last_digits;
}

using digits = std::vector<std::string>;

}  // namespace

TEST(list_page, reads_what_a_query_asks_for_and_keeps_the_rest_as_it_is) {
  const page_request asked = page("From=%2B15550100&PageSize=5&odd=a;b/c?d&Page=3&&PageToken=PT15");
  EXPECT_EQ(asked.size, 5U);
  EXPECT_EQ(asked.number, 3U);
  EXPECT_EQ(asked.first, 15U);
  EXPECT_EQ(asked.other_pairs, "From=%2B15550100&odd=a;b/c?d");
  EXPECT_EQ(page("").size, 50U);
  EXPECT_EQ(page("Page=7").first, 0U) << "only the token decides where a page begins";
  for (const char* bad :
       {"PageSize=0", "PageSize=1001", "PageSize=x", "PageSize=", "Page=-1", "PageToken=15", "PageToken=PT", "PageToken=PTx"})
    EXPECT_TRUE(std::holds_alternative<refused_parameter>(page_request::parse(bad))) << bad;
}

TEST(list_page, names_the_pages_around_it) {
  const json::value middle =
      json::parse(list_body(page("a=b&PageSize=5&Page=1&PageToken=PT5"), "/v1/Voice/Summaries", "call_summaries", 11, {}));
  const std::string base = "https://insights.twilio.com/v1/Voice/Summaries?a=b&PageSize=5&Page=";
  EXPECT_EQ(middle.at("meta").at("first_page_url").as_string(), base + "0");
  EXPECT_EQ(middle.at("meta").at("previous_page_url").as_string(), base + "0&PageToken=PT0");
  EXPECT_EQ(middle.at("meta").at("next_page_url").as_string(), base + "2&PageToken=PT10");
  EXPECT_EQ(middle.at("meta").at("url").as_string(), base + "1");
  const json::value last = json::parse(list_body(page("PageSize=5&Page=2&PageToken=PT5"), "/", "x", 10, {"{}", "1"}));
  EXPECT_TRUE(last.at("meta").at("next_page_url").is_null());
  EXPECT_EQ(last.at("x").as_array().size(), 2U);
  EXPECT_TRUE(json::parse(list_body(page(""), "/", "x", 0, {})).at("meta").at("previous_page_url").is_null());
}

TEST(call_records, come_once_each_however_they_are_paged) {
  const call_facts call = long_call();
  const auto whole = followed(call, "PageSize=1000");
  ASSERT_EQ(whole.size(), 1U);
  const auto& all = whole[0].at("metrics").as_array();
  EXPECT_GT(all.size(), 200U);
  json::array together;
  const auto pages = followed(call, "PageSize=7");
  EXPECT_EQ(pages.size(), (all.size() + 6) / 7);
  for (const json::value& each : pages) {
    const auto& metrics = each.at("metrics").as_array();
    together.insert(together.end(), metrics.begin(), metrics.end());
  }
  EXPECT_EQ(together, all);
  EXPECT_EQ(followed(call, "")[0].at("metrics").as_array().size(), 50U);
}

TEST(call_records, are_filtered_by_edge_and_direction_also_on_later_pages) {
  const call_facts call = long_call();
  for (const json::value& each : followed(call, "Edge=client_edge&Direction=inbound&PageSize=20"))
    for (const json::value& metric : each.at("metrics").as_array()) {
      EXPECT_EQ(metric.at("edge"), "client_edge");
      EXPECT_EQ(metric.at("direction"), "inbound");
      EXPECT_TRUE(metric.at("client_edge").is_object());
      EXPECT_TRUE(metric.at("sdk_edge").is_null());
    }
  EXPECT_TRUE(followed(call, "Edge=sip_edge")[0].at("metrics").as_array().empty());
  for (const char* bad : {"?Edge=edge", "?Direction=up", "?PageSize=0"}) {
    EXPECT_TRUE(std::holds_alternative<refused_parameter>(metrics_body(1, call, bad))) << bad;
  }
}

TEST(call_records, tell_the_story_of_the_call_in_order) {
  const call_facts call = long_call();
  const auto events = events_of(1, call, {});
  EXPECT_EQ(events.front().name, "initiated");
  EXPECT_EQ(events.back().name, "completed");
  EXPECT_TRUE(std::ranges::is_sorted(events, {}, [](const call_record& event) { return event.at; }));
  std::set<std::string_view> edges;
  for (const call_record& event : events) edges.insert(event.edge);
  EXPECT_EQ(edges, (std::set<std::string_view>{"client_edge", "sdk_edge"}));
  EXPECT_EQ(std::get<std::string>(events_body(1, call, "/x")), std::get<std::string>(events_body(1, call, "/x")));
}

TEST(summary_list, shows_the_complete_calls_of_the_account_last_one_first) {
  EXPECT_EQ(listed("SortBy=end_time"), (digits{"2", "3"}));
  EXPECT_EQ(listed("SortBy=end_time&ProcessingState=all"), (digits{"1", "2", "3"}));
  EXPECT_EQ(listed("ProcessingState=partial"), (digits{"1"}));
  EXPECT_EQ(listed("SortBy=end_time&ProcessingState=all", noon + 10min), (digits{"1", "2", "3"}));
  EXPECT_EQ(listed("ProcessingState=partial", noon + 15min), digits{});
}

TEST(summary_list, is_filtered_and_paged) {
  EXPECT_EQ(listed("CallType=sip"), (digits{"3"}));
  EXPECT_EQ(listed("Subaccount=" + numbered_sid("AC", 2)), (digits{"4"}));
  EXPECT_EQ(listed("CallState=busy"), digits{});
  EXPECT_EQ(listed("StartTime=2w&EndTime=1w"), digits{});
  EXPECT_EQ(listed("StartTime=2026-02-01T00:00:00Z&EndTime=2026-03-01T12:00:00Z").size(), 2U);
  EXPECT_EQ(listed("", noon + 24h), digits{}) << "the last four hours, without StartTime";
  EXPECT_EQ(listed("SortBy=end_time&PageSize=1&PageToken=PT1"), (digits{"3"}));
  for (const char* bad : {"StartTime=soon", "EndTime=h", "ProcessingState=done", "SortBy=name", "Subaccount=AC1", "CallType=fax"})
    EXPECT_TRUE(std::holds_alternative<refused_parameter>(summary_filter::parse(bad, noon))) << bad;
}

TEST(families, a_gathering_has_participants) {
  const auto shown = [](const std::string& target) { return json::parse(std::get<std::string>(gathering_body(1, target, owner))); };
  const json::value rooms = shown("/v1/Video/Rooms?PageSize=2");
  EXPECT_EQ(rooms.at("rooms").as_array().size(), 2U);
  EXPECT_TRUE(rooms.at("meta").at("next_page_url").is_string());
  const std::string room = "/v1/Video/Rooms/" + std::string{std::string_view{rooms.at("rooms").at(1).at("room_sid").as_string()}};
  EXPECT_EQ(shown(room), rooms.at("rooms").at(1));
  const json::value inside = shown(room + "/Participants");
  const json::value& first = inside.at("participants").at(0);
  EXPECT_EQ(shown(room + "/Participants/" + std::string{std::string_view{first.at("participant_sid").as_string()}}), first);
  EXPECT_TRUE(std::holds_alternative<refused_parameter>(gathering_body(1, "/v1/Conferences?PageSize=0", owner)));
}

TEST(families, settings_are_changed_as_a_whole_or_not_at_all) {
  voice_settings chosen;
  EXPECT_EQ(chosen.apply_form("VoiceTrace=true&AdvancedFeatures=maybe"), "AdvancedFeatures");
  EXPECT_FALSE(chosen.voice_trace);
  EXPECT_FALSE(chosen.apply_form("VoiceTrace=true&Other=x"));
  EXPECT_TRUE(chosen.voice_trace);
}

}  // namespace simulator::list_test
