// Answers of the admin listener, as people read them.
#include "core/telemetry/readable.hpp"

#include <gtest/gtest.h>

namespace gateway::readable_test {
namespace {

TEST(readable, members_are_lines_and_objects_are_indented) {
  EXPECT_EQ(readable(R"({"purged":3,"fleet":"done"})"), "purged  3\nfleet   done\n");
  EXPECT_EQ(readable(R"({"a":null,"long_name":true,"in":{"b":1.5,"c":[]},"list":["x","y"]})"),
            "a          -\nlong_name  true\nin\n  b  1.5\n  c  none\nlist       x, y\n");
  EXPECT_EQ(readable("{}"), "");
}

TEST(readable, a_list_of_objects_is_a_table) {
  EXPECT_EQ(readable(R"({"clients":[{"client":"billing","hits":10},{"client":"qa","hits":7,"late":{"x":1,"y":2}}]})"),
            "client   hits  late\nbilling  10    -\nqa       7     x=1 y=2\n");
  EXPECT_EQ(readable(R"({"clients":[]})"), "no clients\n");
  EXPECT_EQ(readable(R"({"n":1,"rows":[{"a":"1"}]})"), "n  1\nrows\n  a\n  1\n");
}

TEST(readable, no_text_steers_a_terminal) {
  EXPECT_EQ(readable("{\"a\":\"\\u001b[2J\\u0007\\u009b\\u202e\\n\"}"), "a  ?[2J???????\n");
  EXPECT_EQ(readable("{\"\\u001b]0;x\":1}"), "?]0;x  1\n");
}

TEST(readable, what_is_no_json_is_nothing) {
  for (auto const* const text : {"", "{", "<html>", "{\"a\":1} x"}) EXPECT_EQ(readable(text), "") << text;
  EXPECT_EQ(readable_status("{"), "");
}

TEST(readable, the_status_leaves_out_histograms_and_faults_that_did_not_happen) {
  auto const text = readable_status(
      R"({"version":"1.0","uptime_s":5,"state":{"ready":true},"totals":{"requests":{"hit":2},"faults":{"loop":0,"internal":1},"retries":{"x":9}},)"
      R"("bounds_us":[1,2],"history":{"first":0},"cache":{"bytes":10},"clients":[{"client":"a"}]})");
  EXPECT_EQ(text, "version   1.0\nuptime_s  5\nstate\n  ready  true\nrequests\n  hit  2\ncache\n  bytes  10\nfaults\n  internal  1\n");
  EXPECT_EQ(readable_status(R"({"totals":{"faults":{"loop":0}}})"), "faults: none\n");
}

TEST(readable, events_are_lines_as_in_the_log) {
  EXPECT_EQ(
      readable_events(R"({"events":[{"number":1,"time":"2026-01-01T00:00:00.000Z","level":"info","event":"drained","message":"drained"},)"
                      R"({"number":2,"time":"t","level":"warning","event":"x","message":"a\u001b b","cause":"c"}]})"),
      "2026-01-01T00:00:00.000Z info drained\nt warning a? b\n");
  EXPECT_EQ(readable_events(R"({"events":[]})"), "no events\n");
  EXPECT_EQ(readable_events("<html>"), "");
}

}  // namespace
}  // namespace gateway::readable_test
