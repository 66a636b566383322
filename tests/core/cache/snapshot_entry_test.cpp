#include "core/cache/snapshot_entry.hpp"

#include <gtest/gtest.h>

#include "cache/snapshots.hpp"
#include "core/base/fixed_fields.hpp"

namespace gateway::snapshot_entry_test {
namespace {

using namespace std::chrono_literals;

std::optional<recalled_entry> recall(std::string_view record, const instant& now) { return take_entry(record, now); }

TEST(snapshot_entry, gives_back_the_very_bytes_to_the_same_owner) {
  auto const kept = summary_entry(R"({"call_sid":1})");
  auto const found = recall(record_of(3, 7, *kept, both(10s)), both(20s));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->owner, key_number(3, 7).owner);
  EXPECT_EQ(found->call, call_number(3));
  auto const& made = *found->made;
  EXPECT_EQ(made.kind, answer_kind::complete);
  EXPECT_EQ(made.status, 200);
  auto const same = [](const representation& one, const representation& other) {
    EXPECT_EQ(one.wire, other.wire);
    EXPECT_EQ(one.for_first(true), other.for_first(true));
    EXPECT_EQ(one.for_pages(), other.for_pages());
    EXPECT_EQ(one.etag(), other.etag());
    EXPECT_EQ(one.body(), other.body());
  };
  same(made.plain, kept->plain);
  same(*made.gzip, *kept->gzip);
  EXPECT_EQ(recall(record_of(3, 7, *summary_entry("{}", {}, false), both(1s)), both(2s))->made->gzip, nullptr);
}

TEST(snapshot_entry, its_time_goes_on_in_another_process) {
  auto const kept = summary_entry("{}", 0s);
  kept->asked_at = at(-3s);
  kept->fresh_at_most = 40min;
  auto const record = record_of(1, 1, *kept, both(10min));
  // In the other process, the monotonic clock starts again; 5 minutes have passed.
  instant const now{mono_time{1s}, wall_epoch + 15min};
  freshness_policy policy;
  policy.fresh_for = 20min;
  auto const found = recall(record, now);
  auto const& made = *found->made;
  EXPECT_EQ(judge(made, now, policy).age, 15min);
  EXPECT_EQ(judge(made, now, policy).ttl, 5min);
  EXPECT_FALSE(made.is_gone({now.mono + 45min - 1ns, now.wall}));
  EXPECT_TRUE(made.is_gone({now.mono + 45min, now.wall}));
  EXPECT_TRUE(made.is_gone({now.mono, wall_epoch + 1h}));
  EXPECT_EQ(made.asked_at, now.mono - 15min - 3s);
  EXPECT_EQ(made.fresh_at_most, 40min);
  EXPECT_FALSE(made.ask_first);
  kept->ask_first = true;
  EXPECT_TRUE(recall(record_of(1, 1, *kept, both(10min)), now)->made->ask_first);
}

TEST(snapshot_entry, what_is_over_stays_away) {
  auto const record = record_of(1, 1, *summary_entry("{}", 0s), both(10min));
  EXPECT_TRUE(recall(record, both(1h - 1ns)));
  EXPECT_FALSE(recall(record, both(1h)));
  EXPECT_FALSE(recall(record, both(24h)));
}

TEST(snapshot_entry, thirty_days_are_the_longest) {
  auto kept = summary_entry("{}", 0s);
  kept->gone_by = wall_epoch + 30 * 24h;
  kept->gone_at = at(30 * 24h);
  EXPECT_TRUE(recall(record_of(1, 1, *kept, both(1s)), both(30 * 24h - 1s)));
  EXPECT_FALSE(recall(record_of(1, 1, *kept, both(1s)), both(30 * 24h)));
  kept->gone_by = wall_epoch + 31 * 24h;
  kept->gone_at = at(31 * 24h);
  EXPECT_FALSE(recall(record_of(1, 1, *kept, both(1s)), both(2s))) << "nobody was ever allowed that";
}

TEST(snapshot_entry, moments_that_cannot_be_are_not_believed) {
  auto const kept = summary_entry("{}", 0s);
  auto const record = record_of(1, 1, *kept, both(1s));
  EXPECT_TRUE(recall(record, both(-59s))) << "a clock that was set a little";
  EXPECT_FALSE(recall(record, both(-61s))) << "stored in the future";
  constexpr std::size_t asked_at = 4 + 16 + 34;
  for (auto const hostile : {std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max(), std::int64_t{0}}) {
    for (auto const place : {asked_at, asked_at + 8, asked_at + 16}) {
      std::string bytes;
      append_fixed(bytes, hostile);
      auto changed = record;
      EXPECT_FALSE(recall(changed.replace(place, 8, bytes), both(1s))) << hostile;
    }
  }
}

TEST(snapshot_entry, a_word_of_the_upstream_that_cannot_be_is_not_believed) {
  auto const kept = summary_entry("{}", 0s);
  EXPECT_TRUE(recall(record_of(1, 1, *kept, both(1s)), both(2s)));
  kept->fresh_at_most = -1ns;
  EXPECT_FALSE(recall(record_of(1, 1, *kept, both(1s)), both(2s)));
}

// An answer that came with an Age is older than its request.
TEST(snapshot_entry, an_age_of_before_goes_on) {
  auto const kept = summary_entry("{}", 0s);
  kept->stored_at = at(-5 * 24h);
  auto const found = recall(record_of(1, 1, *kept, both(1s)), both(2s));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->made->stored_at, at(-5 * 24h));
  kept->stored_at = at(-31 * 24h);
  EXPECT_FALSE(recall(record_of(1, 1, *kept, both(1s)), both(2s)));
}

TEST(snapshot_entry, places_outside_the_wire_are_not_believed) {
  auto const good = summary_entry("{}", 0s, false);
  auto const refuses = [&](auto&& change) {
    entry bad;
    bad.asked_at = good->asked_at, bad.stored_at = good->stored_at, bad.gone_at = good->gone_at, bad.gone_by = good->gone_by;
    bad.plain = good->plain;
    change(bad.plain);
    return !recall(record_of(1, 1, bad, both(1s)), both(2s));
  };
  EXPECT_FALSE(refuses([](representation&) {}));
  constexpr std::uint32_t huge = std::numeric_limits<std::uint32_t>::max();
  for (auto const value : {huge, huge - 3, 100'000u}) {
    EXPECT_TRUE(refuses([&](representation& form) { form.shared_at = value; }));
    EXPECT_TRUE(refuses([&](representation& form) { form.access_control = value; }));
    EXPECT_TRUE(refuses([&](representation& form) { form.body_at = value; }));
    EXPECT_TRUE(refuses([&](representation& form) { form.etag_at = value; }));
    EXPECT_TRUE(refuses([&](representation& form) { form.etag_size = value; }));
  }
  EXPECT_TRUE(refuses([](representation& form) { form.etag_size = 0; }));
  EXPECT_TRUE(refuses([](representation& form) { ++form.etag_at; }));
  EXPECT_TRUE(refuses([](representation& form) { --form.body_at; }));
  EXPECT_TRUE(refuses([](representation& form) { form.body_at = 0; }));
  EXPECT_TRUE(refuses([](representation& form) { form.wire.back() = ']'; })) << "the tag is of another body";
}

TEST(snapshot_entry, a_cut_or_a_changed_byte_is_no_other_summary) {
  auto const kept = summary_entry(R"({"call_sid":1})");
  auto const record = record_of(3, 7, *kept, both(1s));
  for (std::size_t size = 0; size < record.size(); ++size) EXPECT_FALSE(recall(record.substr(0, size), both(2s))) << size;
  for (std::size_t i = 0; i < record.size(); ++i) {
    auto changed = record;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    auto const found = recall(changed, both(2s));
    EXPECT_TRUE(!found || found->made->plain.body() == kept->plain.body()) << i;
  }
}

TEST(snapshot_entry, one_that_is_bad_does_not_hide_the_next) {
  auto bytes = record_of(1, 1, *summary_entry("{}", -1h), both(-1s)) + record_of(2, 1, *summary_entry("{}"), both(0s));
  std::string_view rest = bytes;
  EXPECT_FALSE(take_entry(rest, both(1s))) << "its time is over";
  ASSERT_FALSE(rest.empty());
  EXPECT_EQ(take_entry(rest, both(1s))->call, call_number(2));
  EXPECT_TRUE(rest.empty());
  rest = "\xff\xff\xff\xff and nothing";
  EXPECT_FALSE(take_entry(rest, both(1s)));
  EXPECT_TRUE(rest.empty()) << "nobody knows where the next one begins";
}

}  // namespace
}  // namespace gateway::snapshot_entry_test
