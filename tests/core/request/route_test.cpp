#include "core/request/route.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace gateway::route_test {
namespace {

#define SID "CA0123456789abcdefABCDEF0123456789"

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
      // The resource is known, but the call is not valid: a later check refuses it.
      {"/v1/Voice/CA123/Annotation", resource::annotation, "CA123"},
      {"/v1/Voice//Annotation", resource::annotation, ""},
      {"/v1/Voice/Summaries/Summary", resource::summary, "Summaries"},

      {"", resource::none, ""},
      {"/", resource::none, ""},
      {"/v1/Voice", resource::none, ""},
      {"/v1/Voice/", resource::none, ""},
      {"/v1/Voice/Settings", resource::none, ""},
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
  };
  for (auto const& r : rows) {
    auto const found = parse_route(r.path);
    EXPECT_EQ(found.what, r.what) << r.path;
    EXPECT_EQ(found.call, r.call) << r.path;
  }
}

TEST(route, a_path_of_ours_leads_back) {
  auto const call = *call_sid::parse(SID);
  for (auto const what : {resource::call, resource::events, resource::metrics, resource::annotation, resource::summary}) {
    auto const path = path_of(what, call);
    auto const found = parse_route(path);
    EXPECT_EQ(found.what, what) << path;
    EXPECT_EQ(found.call, SID) << path;
  }
  EXPECT_EQ(path_of(resource::summaries, std::nullopt), "/v1/Voice/Summaries");
  EXPECT_EQ(parse_route(path_of(resource::summaries, std::nullopt)).what, resource::summaries);
}

TEST(route, the_words_of_the_setting_are_the_names) {
  for (std::size_t i = 0; i < passthrough_names.size(); ++i) EXPECT_EQ(name_of(static_cast<resource>(i)), passthrough_names[i]);
  std::set<std::string_view> names;
  for (std::size_t i = 0; i <= static_cast<std::size_t>(resource::none); ++i) names.insert(name_of(static_cast<resource>(i)));
  EXPECT_EQ(names.size(), 7u);
}

TEST(route, only_an_annotation_is_written) {
  EXPECT_EQ(methods_of(resource::annotation), "GET, HEAD, POST, OPTIONS");
  for (auto const what : {resource::summary, resource::call, resource::events, resource::metrics, resource::summaries, resource::none})
    EXPECT_EQ(methods_of(what), "GET, HEAD, OPTIONS");
}

}  // namespace
}  // namespace gateway::route_test
