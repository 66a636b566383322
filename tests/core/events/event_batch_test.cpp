#include "core/events/event_batch.hpp"

#include <gtest/gtest.h>

#include "core/events/seen_events.hpp"
#include "events/deliveries.hpp"

namespace gateway::event_batch_test {
namespace {

using namespace deliveries;

constexpr std::string_view call = "CA0000000000000000000000000000000a";
constexpr std::string_view time = "2026-06-10T06:02:54.377Z";

// "type of account", or "type -" for an event that is about no call.
std::string in_words(std::string_view body) {
  auto const events = event_reader{}.read(body);
  if (!events) return "unreadable";
  std::string words;
  for (auto const& one : *events) {
    words.append(words.empty() ? "" : ", ").append(name_of(one.type));
    if (!one.about) words += " -";
    if (one.about && one.about->account) words += " of " + std::string{one.about->account->view().substr(33)};
  }
  return words;
}

TEST(event_batch, the_known_answer_is_a_test_event) { EXPECT_EQ(in_words(known_body), "test -"); }

TEST(event_batch, each_event_says_what_it_is_about) {
  EXPECT_EQ(in_words("[" + event("partial", "EZ1", call, time) + "," + event("predicted-complete", "EZ2", call, time) + " , " +
                     event("complete", "EZ3", call, time) + "," + event("deleted", "EZ4", call, time) + "]"),
            "partial of 1, predicted_complete of 1, complete of 1, other -");
  auto const read = event_reader{}.read("[" + event("complete", "EZ3", call, time) + "]");
  ASSERT_TRUE(read && read->size() == 1 && read->front().about);
  auto const& one = *read->front().about;
  EXPECT_EQ(one.kind, event_kind::complete);
  EXPECT_EQ(one.call.view(), call);
  EXPECT_EQ(one.time, *parse_rfc3339(time));
}

TEST(event_batch, data_may_be_a_text) {
  EXPECT_EQ(in_words(R"([{"type":"com.twilio.voice.insights.call-summary.complete","id":"EZ1","source":"s","time":"2026-06-10T06:02:54Z",)"
                     R"("data":"{\"call_sid\":\"CA0000000000000000000000000000000a\",\"end_time\":null}"}])"),
            "complete");
}

TEST(event_batch, what_is_no_array_is_unreadable) {
  for (auto const* const body : {"", "{}", "1", "[", "[{}", "[1,]", "\xef\xbb\xbf[]", "[] x", "null"})
    EXPECT_EQ(in_words(body), "unreadable") << body;
  EXPECT_EQ(in_words("[]"), "");
}

TEST(event_batch, an_event_that_cannot_be_read_harms_no_other) {
  EXPECT_EQ(in_words("[1,null,[],{}," + event("complete", "EZ1", "CA1", time) + "," + event("complete", "EZ2", call, "yesterday") + "," +
                     event("partial", "EZ3", call, time) + "]"),
            "other -, other -, other -, other -, complete -, complete -, partial of 1");
}

TEST(event_batch, an_identity_is_id_and_source) {
  auto const read = event_reader{}.read("[" + event("partial", "EZ1", call, time) + "," + event("complete", "EZ1", call, time) + "," +
                                        event("partial", "EZ2", call, time) + "]");
  ASSERT_TRUE(read && read->size() == 3);
  EXPECT_EQ((*read)[0].identity, (*read)[1].identity);
  EXPECT_NE((*read)[0].identity, (*read)[2].identity);
}

TEST(seen_events, an_event_counts_once_until_it_is_forgotten) {
  seen_events seen{3};
  for (std::uint64_t const id : {1, 2, 3}) EXPECT_TRUE(seen.note(id));
  for (std::uint64_t const id : {3, 1, 2}) EXPECT_FALSE(seen.note(id));
  EXPECT_TRUE(seen.note(4));
  EXPECT_EQ(seen.size(), 3u);
  EXPECT_TRUE(seen.note(1)) << "the oldest was forgotten";
  EXPECT_FALSE(seen.note(4));
}

}  // namespace
}  // namespace gateway::event_batch_test
