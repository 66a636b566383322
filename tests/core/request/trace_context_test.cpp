#include "core/request/trace_context.hpp"

#include <gtest/gtest.h>

#include <string>

#include "core/request/head.hpp"

namespace gateway::trace_context_test {
namespace {

using namespace std::string_literals;

constexpr std::string_view good = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

std::string with(std::size_t at, char c) {
  std::string text{good};
  text[at] = c;
  return text;
}

TEST(trace_context, a_traceparent_is_read_as_the_standard_s_example_says) {
  auto const place = parse_traceparent(good);
  ASSERT_TRUE(place);
  EXPECT_EQ(text_of(place->trace), "0af7651916cd43dd8448eb211c80319c");
  EXPECT_EQ(text_of_span(place->parent), "b7ad6b7169203331");
  EXPECT_EQ(place->span, 0U);
  EXPECT_TRUE(place->sampled);
}

TEST(trace_context, what_is_not_exactly_right_counts_as_absent) {
  auto const without = [](std::size_t at, std::size_t count) { return std::string{good}.erase(at, count); };
  std::string const zero_trace = "00-" + std::string(32, '0') + "-b7ad6b7169203331-01";
  std::string const zero_parent = "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01";
  struct row {
    std::string value;
    bool good;
  };
  static const row rows[] = {
      {std::string{good}, true},
      {with(54, '0'), true},
      {with(53, 'f'), true},  // flags that are not defined yet
      {with(18, '0'), true},
      {"", false},
      {without(54, 1), false},
      {std::string{good} + "0", false},
      {std::string{good} + "-", false},  // version 00 ends there
      {std::string{good} + " ", false},
      {zero_trace, false},
      {zero_parent, false},
      {with(0, 'f') + "", true},                         // version f0 with the size of version 00
      {"ff" + std::string{good.substr(2)}, false},       // not a valid version
      {"cc" + std::string{good.substr(2)}, true},        // a later version
      {"cc" + std::string{good.substr(2)} + "-", true},  // may be longer
      {"cc" + std::string{good.substr(2)} + "-what-comes", true},
      {"cc" + std::string{good.substr(2)} + ".what", false},
      {with(2, '_'), false},
      {with(35, '.'), false},
      {with(52, ' '), false},
      {with(5, 'A'), false},
      {with(40, 'F'), false},
      {with(5, 'g'), false},
      {with(54, '/'), false},
      {with(54, ':'), false},
      {with(10, '\0'), false},
      {with(10, '\xff'), false},
      {"0" + std::string{good}, false},
  };
  for (auto const& r : rows) EXPECT_EQ(parse_traceparent(r.value).has_value(), r.good) << r.value;
}

TEST(trace_context, what_goes_upstream_is_the_same_trace_with_a_parent_of_its_own) {
  auto const place = *parse_traceparent(good);
  EXPECT_EQ(traceparent_of(place, 0xff), "00-0af7651916cd43dd8448eb211c80319c-00000000000000ff-01");
  EXPECT_EQ(traceparent_of(*parse_traceparent(with(54, '2')), 1), "00-0af7651916cd43dd8448eb211c80319c-0000000000000001-00")
      << "only the flag that we know";
}

TEST(trace_context, what_a_client_does_not_say_is_made_up_once) {
  std::uint64_t next = 0;
  auto const random = [&] { return next++; };
  trace_place place;
  complete_trace(place, random);
  EXPECT_TRUE(place.trace.is_set());
  EXPECT_NE(place.span, 0U);
  EXPECT_EQ(place.parent, 0U);
  auto const once = place;
  complete_trace(place, random);
  EXPECT_EQ(place, once);
  auto brought = *parse_traceparent(good);
  complete_trace(brought, random);
  EXPECT_EQ(text_of(brought.trace), good.substr(3, 32));
  EXPECT_EQ(text_of_span(brought.parent), good.substr(36, 16));
  EXPECT_NE(brought.span, 0U);
}

TEST(trace_context, nothing_made_up_is_zero_whatever_chance_says) {
  trace_place place;
  complete_trace(place, [] { return std::uint64_t{0}; });
  EXPECT_TRUE(parse_traceparent(traceparent_of(place, place.span)));
}

TEST(trace_context, a_tracestate_is_sent_upstream_if_it_is_sane) {
  auto const many = [](int count) {
    std::string text;
    for (int i = 0; i < count; ++i) text.append(i == 0 ? "" : ",").append("k").append(std::to_string(i)).append("=v");
    return text;
  };
  struct row {
    std::string value;
    std::string expected;
  };
  static const row rows[] = {
      {"", ""},
      {"rojo=00f067aa0ba902b7", "rojo=00f067aa0ba902b7"},
      {"rojo=00f067aa0ba902b7 ,\tcongo=t61rcWkgMzE", "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE"},
      {"a=1,,b=2", "a=1,b=2"},  // empty members are allowed
      {"tenant-1@system=x y!", "tenant-1@system=x y!"},
      {"0tenant@s=1", "0tenant@s=1"},
      {"0k=1", ""},
      {"K=1", ""},
      {"k=", ""},
      {"k", ""},
      {"=v", ""},
      {"k=a=b", ""},
      {"a@b@c=1", ""},
      {"@s=1", ""},
      {"t@=1", ""},
      {"t@averylongsystem=1", ""},
      {"good=1,Bad=2", ""},
      {"k=\x7f", ""},
      {"k=\xc3\xa9", ""},
      {"k=a\tb", ""},
      {std::string(257, 'k') + "=1", ""},
      {"k=" + std::string(257, 'v'), ""},
      {"k=" + std::string(256, 'v'), "k=" + std::string(256, 'v')},
      {many(32), many(32)},
      {many(33), ""},
      {"k=" + std::string(250, 'v') + ",l=" + std::string(250, 'v') + ",m=12345678", ""},
  };
  for (auto const& r : rows) EXPECT_EQ(sane_tracestate(std::string_view{r.value}), r.expected) << r.value;
  field_lines two{"a=1"};
  two.add("b=2");
  EXPECT_EQ(sane_tracestate(two), "a=1,b=2") << "several lines are one list";
}

TEST(trace_context, a_head_has_one_traceparent_or_none) {
  auto const read = [](std::string fields) {
    static std::string bytes;
    bytes = "GET / HTTP/1.1\r\nHost: h\r\n" + fields + "\r\n";
    return *parse_head(bytes, {});
  };
  auto const line = "TraceParent: " + std::string{good} + "\r\n";
  EXPECT_EQ(read(line).traceparent, good);
  EXPECT_EQ(read(line + line).traceparent, "") << "of two, nobody can say which is right";
  EXPECT_EQ(read(line + line + line).traceparent, "");
  EXPECT_EQ(read("traceparent:\r\n" + line).traceparent, "");
  EXPECT_EQ(read("").traceparent, "");
  EXPECT_EQ(sane_tracestate(read("tracestate: a=1\r\nTracestate: b=2\r\n").tracestate), "a=1,b=2");
}

}  // namespace
}  // namespace gateway::trace_context_test
