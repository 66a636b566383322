// When the engine is asked, and when it is left alone.
#include "core/fleet/link_health.hpp"

#include <gtest/gtest.h>

#include "core/fleet/engine_script.hpp"

namespace gateway::link_health_test {
namespace {

link_health connected() {
  link_health link;
  link.note_connected();
  return link;
}

// The engine stalls once: so many commands are late, and answered in the end.
void stall(link_health& link, unsigned commands = 1) {
  for (unsigned i = 0; i < commands; ++i) link.note_late();
  EXPECT_FALSE(link.may_send());
  for (unsigned i = 0; i < commands; ++i) link.note_late_reply();
}

TEST(link_health, an_engine_that_is_not_connected_is_not_asked) {
  link_health link;
  EXPECT_FALSE(link.may_send());
  link.note_connected();
  EXPECT_TRUE(link.may_send());
  link.note_lost();
  EXPECT_FALSE(link.may_send());
}

TEST(link_health, nothing_is_sent_behind_a_late_reply) {
  auto link = connected();
  link.note_late();
  link.note_late();
  EXPECT_FALSE(link.may_send());
  link.note_late_reply();
  EXPECT_FALSE(link.may_send());
  link.note_late_reply();
  EXPECT_TRUE(link.may_send());
}

TEST(link_health, stalls_in_a_row_open_the_breaker_and_one_stall_is_one_failure) {
  auto link = connected();
  for (unsigned i = 1; i < link_health::failures_to_open; ++i) stall(link, 100);
  EXPECT_TRUE(link.may_send());
  stall(link);
  EXPECT_FALSE(link.may_send());
}

TEST(link_health, a_reply_in_time_ends_the_row) {
  auto link = connected();
  for (unsigned i = 1; i < link_health::failures_to_open; ++i) stall(link);
  link.note_in_time(false);
  stall(link);
  EXPECT_TRUE(link.may_send());
}

TEST(link_health, probes_in_a_row_close_it_and_nothing_else_does) {
  auto link = connected();
  for (unsigned i = 0; i < link_health::failures_to_open; ++i) stall(link);
  for (unsigned i = 0; i < 2 * link_health::successes_to_close; ++i) link.note_in_time(false);
  EXPECT_FALSE(link.may_send());
  for (unsigned i = 1; i < link_health::successes_to_close; ++i) link.note_in_time(true);
  stall(link);  // a late probe begins the row again
  for (unsigned i = 1; i < link_health::successes_to_close; ++i) link.note_in_time(true);
  EXPECT_FALSE(link.may_send());
  link.note_in_time(true);
  EXPECT_TRUE(link.may_send());
}

TEST(link_health, a_new_connection_begins_anew) {
  auto link = connected();
  for (unsigned i = 0; i < link_health::failures_to_open; ++i) link.note_late();
  link.note_lost();
  link.note_connected();
  EXPECT_TRUE(link.may_send());
}

TEST(engine_script, is_known_by_the_sha_1_of_its_text) {
  EXPECT_EQ(engine_script{"return 1"}.sha1(), "e0e1f9fabfc9d4800c877a703b823ac0578ff8db");
}

}  // namespace
}  // namespace gateway::link_health_test
