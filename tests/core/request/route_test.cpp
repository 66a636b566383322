#include "core/request/route.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace gateway::route_test {
namespace {

#define SID "CA0123456789abcdefABCDEF0123456789"
#define CF "CF0123456789abcdefABCDEF0123456789"
#define CP "CP0123456789abcdefABCDEF0123456789"

TEST(route, of_every_path) {
  struct row {
    std::string_view path;
    resource what;
    std::string_view call;
  };
  static constexpr row rows[] = {
      {"/v1/Voice/" SID "/Summary", resource::summary, SID},
      {"/v1/Voice/" SID "/Annotation", resource::annotation, SID},
      {"/v1/Voice/" SID "/Events", resource::events, SID},
      {"/v1/Voice/" SID "/Metrics", resource::metrics, SID},
      {"/v1/Voice/" SID, resource::call, SID},
      {"/v1/Voice/Summaries", resource::summaries, ""},
      {"/v1/Voice/Settings", resource::settings, ""},
      {"/v1/Conferences", resource::conferences, ""},
      {"/v1/Conferences/" CF, resource::conferences, ""},
      {"/v1/Conferences/" CF "/Participants", resource::conferences, ""},
      {"/v1/Conferences/" CF "/Participants/" CP, resource::conferences, ""},
      {"/v1/Video/Rooms", resource::video_rooms, ""},
      {"/v1/Video/Rooms/RM_any-1", resource::video_rooms, ""},
      {"/v1/Video/Rooms/RM1/Participants", resource::video_rooms, ""},
      {"/v1/Video/Rooms/RM1/Participants/PA1", resource::video_rooms, ""},
      {"/v2/Voice/Reports", resource::reports, ""},
      {"/v2/Voice/Reports/voiceinsights_report_01jmzm99cte5rrbbhv8bctd4av", resource::reports, ""},
      {"/v2/Voice/Reports/PhoneNumbers/Inbound", resource::reports, ""},
      {"/v2/Voice/Reports/PhoneNumbers/Outbound/voiceinsights_report_01", resource::reports, ""},
      {"/v3/InsightsDomains/Conversations/Metadata", resource::v3, ""},
      {"/v3/InsightsDomains/Conversations/QueryJobs/job_1/Results", resource::v3, ""},
      // The resource is known, but the call is not valid: a later check refuses it.
      {"/v1/Voice/CA123/Annotation", resource::annotation, "CA123"},
      {"/v1/Voice//Annotation", resource::annotation, ""},
      {"/v1/Voice/Summaries/Summary", resource::summary, "Summaries"},

      {"", resource::none, ""},
      {"/", resource::none, ""},
      {"/v1/Voice", resource::none, ""},
      {"/v1/Voice/", resource::none, ""},
      {"/v1/Voice/Summary", resource::none, ""},
      {"/v1/Voice/Annotation", resource::none, ""},
      {"/v1/Voice/summaries", resource::none, ""},
      {"/v1/Voice/Summaries/", resource::none, ""},
      {"/v1/Voice/CA123", resource::none, ""},
      {"/v1/Voice/" SID "0", resource::none, ""},
      {"/v1/Voice/%43A0123456789abcdefABCDEF0123456789", resource::none, ""},
      {"/v1/Voice/" SID "/", resource::none, ""},
      {"/v1/Voice/" SID "/annotation", resource::none, ""},
      {"/v1/Voice/" SID "/Annotation/", resource::none, ""},
      {"/v1/Voice/" SID "/Annotation;x", resource::none, ""},
      {"/v1/Voice/" SID "/Annotation%20", resource::none, ""},
      {"/v1/Voice/" SID "//Annotation", resource::none, ""},
      {"/v1/Voice/x/" SID "/Annotation", resource::none, ""},
      {"/v1/Voice/" SID "/Events/x", resource::none, ""},
      {"//v1/Voice/" SID, resource::none, ""},
      {"/v2/Voice/" SID, resource::none, ""},
      {"/v1/voice/" SID, resource::none, ""},
      {"/v1/Voice/" CF, resource::none, ""},
      {"/v1/Voice/Settings/", resource::none, ""},
      {"/v1/Voice/Settings/x", resource::none, ""},
      {"/v1/Conferences/", resource::none, ""},
      {"/v1/conferences", resource::none, ""},
      {"/v1/Conferences/" SID, resource::none, ""},
      {"/v1/Conferences/CF123", resource::none, ""},
      {"/v1/Conferences/" CF "/Participants/" CF, resource::none, ""},
      {"/v1/Conferences/" CF "/Participants/" CP "/x", resource::none, ""},
      {"/v1/Conferences//Participants", resource::none, ""},
      {"/v1/Video/Rooms/..", resource::none, ""},
      {"/v1/Video/Rooms/.", resource::none, ""},
      {"/v1/Video/Rooms/a.b", resource::none, ""},
      {"/v1/Video/Rooms/a%2fb", resource::none, ""},
      {"/v1/Video/Rooms/a;b", resource::none, ""},
      {"/v1/Video/Rooms//Participants", resource::none, ""},
      {"/v1/Video", resource::none, ""},
      {"/v2/Voice/Reports/", resource::none, ""},
      {"/v2/Voice/Reports/PhoneNumbers/Inbound/a/b", resource::none, ""},
      {"/v2/Voice/Summaries", resource::none, ""},
      {"/v3/InsightsDomains", resource::none, ""},
      {"/v3/InsightsDomains/", resource::none, ""},
      {"/v3/InsightsDomains/a/", resource::none, ""},
      {"/v3/InsightsDomains/a//b", resource::none, ""},
      {"/v3/InsightsDomains/a/../b", resource::none, ""},
      {"/v3/InsightsDomains/a/%2e%2e/b", resource::none, ""},
      {"/v3/InsightsDomains/1/2/3/4/5/6/7/8/9", resource::none, ""},
      {"/v3/Other/a", resource::none, ""},
  };
  for (auto const& r : rows) {
    auto const found = parse_route(r.path);
    EXPECT_EQ(found.what, r.what) << r.path;
    EXPECT_EQ(found.call, r.call) << r.path;
  }
}

TEST(route, an_identifier_has_a_longest_length) {
  EXPECT_EQ(parse_route("/v1/Video/Rooms/" + std::string(128, 'a')).what, resource::video_rooms);
  EXPECT_EQ(parse_route("/v1/Video/Rooms/" + std::string(129, 'a')).what, resource::none);
}

TEST(route, a_path_of_ours_leads_back) {
  auto const path = summary_path(*call_sid::parse(SID));
  EXPECT_EQ(parse_route(path).what, resource::summary);
  EXPECT_EQ(parse_route(path).call, SID);
}

TEST(route, each_resource_has_a_name) {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i <= static_cast<std::size_t>(resource::none); ++i) names.insert(name_of(static_cast<resource>(i)));
  EXPECT_EQ(names.size(), static_cast<std::size_t>(resource::none) + 1);
}

}  // namespace
}  // namespace gateway::route_test
