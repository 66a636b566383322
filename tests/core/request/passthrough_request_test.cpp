#include "core/request/passthrough_request.hpp"

#include <gtest/gtest.h>

#include <string>

namespace gateway::passthrough_request_test {
namespace {

#define SID "CA0123456789abcdefABCDEF0123456789"

constexpr std::string_view form_type = "application/x-www-form-urlencoded";
// Each word but `all`.
constexpr passthrough_set all{true, true, true, true, true, true, true, true, true, false, true, true, true};

request_head head_of(std::string_view method, std::string_view target) {
  request_head head;
  head.method = method;
  auto const mark = target.find('?');
  head.path = target.substr(0, mark);
  if (mark != std::string_view::npos) head.query = target.substr(mark + 1);
  return head;
}

// "get events ?a=b", or the fault's name.
std::string understood(const request_head& head, const passthrough_set& allowed) {
  static constexpr std::string_view methods[] = {"get ", "head ", "post ", "options "};
  auto const request = parse_passthrough_request(head, parse_route(head.path), allowed);
  if (!request) return std::string{name_of(request.error())};
  EXPECT_EQ(request->call.has_value(), is_about_call(request->what));
  EXPECT_EQ(request->path, head.path);
  if (request->call) {
    EXPECT_EQ(request->call->view(), SID);
  }
  std::string text{methods[static_cast<std::size_t>(request->method)]};
  text += name_of(request->what);
  return request->query ? text.append(" ?").append(*request->query) : text;
}

struct row {
  std::string_view method;
  std::string_view target;
  std::string_view expected;
};

TEST(passthrough_request, an_annotation_is_read_and_written) {
  static constexpr row rows[] = {
      {"GET", "/v1/Voice/" SID "/Annotation", "get annotation"},
      {"HEAD", "/v1/Voice/" SID "/Annotation", "head annotation"},
      {"POST", "/v1/Voice/" SID "/Annotation", "post annotation"},
      {"OPTIONS", "/v1/Voice/" SID "/Annotation", "options annotation"},
      {"GET", "/v1/Voice/" SID "/Annotation?", "get annotation"},

      {"PUT", "/v1/Voice/" SID "/Annotation", "method_not_allowed"},
      {"DELETE", "/v1/Voice/" SID "/Annotation", "method_not_allowed"},
      {"post", "/v1/Voice/" SID "/Annotation", "method_not_allowed"},
      {"GET", "/v1/Voice/CA123/Annotation", "invalid_call_sid"},
      {"POST", "/v1/Voice//Annotation", "invalid_call_sid"},
      {"GET", "/v1/Voice/" SID "/Annotation?x=1", "unknown_parameter"},
      {"POST", "/v1/Voice/" SID "/Annotation?Comment=x", "unknown_parameter"},
      {"GET", "/v1/Voice/" SID "/Annotation?ProcessingState=partial", "unknown_parameter"},
  };
  for (auto const& r : rows) {
    EXPECT_EQ(understood(head_of(r.method, r.target), {}), r.expected) << r.method << " " << r.target;
    EXPECT_EQ(understood(head_of(r.method, r.target), all), r.expected) << "whatever else is allowed";
  }
}

TEST(passthrough_request, the_rest_only_if_it_is_allowed_and_with_its_query) {
  static constexpr row rows[] = {
      {"GET", "/v1/Voice/" SID, "get call"},
      {"HEAD", "/v1/Voice/" SID, "head call"},
      {"OPTIONS", "/v1/Voice/" SID, "options call"},
      {"GET", "/v1/Voice/" SID "/Events?Edge=sdk_edge&PageSize=5", "get events ?Edge=sdk_edge&PageSize=5"},
      {"GET", "/v1/Voice/" SID "/Metrics?", "get metrics ?"},
      {"GET", "/v1/Voice/Summaries?From=%2B1555&a=%20/?:@", "get summaries ?From=%2B1555&a=%20/?:@"},
      {"GET", "/v1/Voice/Settings?SubaccountSid=AC1", "get settings ?SubaccountSid=AC1"},
      {"HEAD", "/v1/Conferences?PageSize=50", "head conferences ?PageSize=50"},
      {"GET", "/v1/Conferences/CF0123456789abcdefABCDEF0123456789/Participants", "get conferences"},
      {"GET", "/v1/Video/Rooms/RM1", "get video_rooms"},
      {"GET", "/v2/Voice/Reports/report_1", "get reports"},
      {"GET", "/v3/InsightsDomains/Conversations/Metadata", "get v3"},
      {"DELETE", "/v1/Conferences", "method_not_allowed"},
      {"POST", "/v1/Video/Rooms", "method_not_allowed"},
      {"POST", "/v1/Voice/Summaries", "method_not_allowed"},
      {"POST", "/v1/Voice/" SID "/Events", "method_not_allowed"},
      {"GET", "/v1/Voice/CA123/Events", "invalid_call_sid"},
  };
  for (auto const& r : rows) {
    auto const head = head_of(r.method, r.target);
    EXPECT_EQ(understood(head, all), r.expected) << r.method << " " << r.target;
    auto others = all;
    others[static_cast<std::size_t>(parse_route(head.path).what)] = false;
    EXPECT_EQ(understood(head, others), "route_not_enabled") << r.method << " " << r.target;
    EXPECT_EQ(understood(head, {}), "route_not_enabled") << r.method << " " << r.target;
  }
}

TEST(passthrough_request, a_write_needs_its_own_word) {
  struct write_row {
    std::string_view path;
    std::string_view type;
    std::string_view content;
    std::string_view expected;
  };
  static constexpr write_row rows[] = {
      {"/v1/Voice/Settings", form_type, "VoiceTrace=true", "post settings"},
      {"/v1/Voice/Settings", "application/json", "{}", "unsupported_content_type"},
      {"/v2/Voice/Reports", "application/json; charset=utf-8", "{}", "post reports"},
      {"/v2/Voice/Reports/PhoneNumbers/Inbound", "application/json", "{}", "post reports"},
      {"/v2/Voice/Reports", form_type, "a=b", "unsupported_content_type"},
      {"/v3/InsightsDomains/Conversations/Query", "application/json", "{}", "post v3"},
  };
  auto without_writes = all;
  for (auto i = without_writes.end() - 3; i != without_writes.end(); ++i) *i = false;
  without_writes[9] = true;
  passthrough_set only_writes{};
  for (auto i = only_writes.end() - 3; i != only_writes.end(); ++i) *i = true;
  for (auto const& r : rows) {
    auto head = head_of("POST", r.path);
    head.content_type = r.type;
    head.content = r.content;
    EXPECT_EQ(understood(head, only_writes), r.expected) << r.path;
    EXPECT_EQ(understood(head, without_writes), "route_not_enabled") << r.path;
    EXPECT_EQ(understood(head_of("GET", r.path), only_writes), "route_not_enabled") << r.path;
    EXPECT_TRUE(understood(head_of("OPTIONS", r.path), only_writes).starts_with("options ")) << "a page asks before it writes";
    EXPECT_EQ(understood(head_of("OPTIONS", r.path), {}), "route_not_enabled") << r.path;
  }
}

TEST(passthrough_request, content_is_a_form_and_comes_with_a_post) {
  struct content_row {
    std::string_view method;
    std::string_view type;
    bool coded;
    std::string_view content;
    std::string_view expected;
  };
  static constexpr content_row rows[] = {
      {"POST", form_type, false, "Comment=x", "post annotation"},
      {"POST", "Application/X-WWW-Form-UrlEncoded ; charset=utf-8", false, "Comment=x", "post annotation"},
      {"POST", form_type, false, "", "post annotation"},
      {"POST", "", false, "", "post annotation"},
      {"POST", "", false, "Comment=x", "unsupported_content_type"},
      {"POST", "application/json", false, "{}", "unsupported_content_type"},
      {"POST", "application/json", false, "", "unsupported_content_type"},
      {"POST", "multipart/form-data; boundary=x", false, "--x--", "unsupported_content_type"},
      {"POST", "application/x-www-form-urlencodedx", false, "Comment=x", "unsupported_content_type"},
      {"POST", "text/plain, application/x-www-form-urlencoded", false, "Comment=x", "unsupported_content_type"},
      {"POST", form_type, true, "Comment=x", "unsupported_content_type"},
      {"GET", form_type, false, "Comment=x", "unexpected_body"},
      {"HEAD", "", false, "x", "unexpected_body"},
      {"OPTIONS", "", false, "x", "unexpected_body"},
      {"GET", "application/json", true, "", "get annotation"},  // Go's SDK sends a Content-Type with every GET
  };
  for (auto const& r : rows) {
    auto head = head_of(r.method, "/v1/Voice/" SID "/Annotation");
    head.content_type = r.type;
    head.content_coded = r.coded;
    head.content = r.content;
    EXPECT_EQ(understood(head, {}), r.expected) << r.method << " " << r.type << " " << r.content;
  }
}

}  // namespace
}  // namespace gateway::passthrough_request_test
