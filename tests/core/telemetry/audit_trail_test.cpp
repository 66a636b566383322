// What is left of the changes that were made and tried, however many there are and whoever tries.
#include "core/telemetry/audit_trail.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>

#include "core/base/json_reader.hpp"
#include "core/telemetry/log_line.hpp"

namespace gateway::audit_trail_test {
namespace {

using kind = logbook_kind;

// One trail behind one logbook, as in io/runtime/log.
struct both {
  logbook book;
  audit_trail trail;
  instant moment{mono_time{std::chrono::hours{1}}, *parse_rfc3339("2026-01-01T00:00:00Z")};

  // The line; "" if there is none.
  std::string enter(kind what, logbook_fields fields = {}) {
    auto const entry = book.add({what, std::move(fields)}, moment);
    return entry ? std::string{trail.add(*entry)} : "";
  }
};

struct shown {
  std::uint64_t number = 0;
  std::string event, by, outcome;
};

std::vector<shown> lines_in(const std::string& json) {
  json_reader reader;
  std::vector<shown> found;
  auto const whole = reader.parse(json);
  EXPECT_TRUE(whole) << json;
  if (!whole) return found;
  whole->each_member([&](std::string_view, json_value list) {
    list.each_item([&](json_value entry) {
      auto& one = found.emplace_back();
      entry.each_member([&](std::string_view name, json_value value) {
        if (name == "number") one.number = value.whole_number().value_or(0);
        if (name == "event") one.event = value.text().value_or("");
        if (name == "by") one.by = value.text().value_or("");
        if (name == "outcome") one.outcome = value.text().value_or("");
      });
    });
  });
  return found;
}

TEST(audit_trail, a_line_says_who_from_where_what_how_many_when_and_what_became_of_it) {
  both one;
  EXPECT_EQ(one.enter(kind::purged,
                      {{"scope", "all"}, {"depth", "hard"}, {"entries", 3U}, {"by", "alice"}, {"role", "purge"}, {"from", "10.0.0.1"}}),
            R"({"number":1,"time":"2026-01-01T00:00:00.000Z","level":"info","event":"purged",)"
            R"("message":"purge (hard) of all: 3 cached answer(s); asked for by alice from 10.0.0.1",)"
            R"("scope":"all","depth":"hard","entries":3,"by":"alice","role":"purge","from":"10.0.0.1","outcome":"done"})");
  auto const file = lines_in("{\"lines\":[" + one.enter(kind::files_changed, {{"setting", "credentials"}, {"change", "x"}}) + "]}");
  EXPECT_EQ(file.front().by, "the gateway itself");
}

TEST(audit_trail, each_operators_change_is_a_line_and_what_changes_nothing_is_none) {
  for (std::size_t i = 0; i < logbook_kind_count; ++i) {
    both one;
    auto const what = static_cast<kind>(i);
    auto const line = one.enter(what);
    EXPECT_EQ(line.empty(), part_of(what) == audit_part::none) << name_of(what);
    EXPECT_TRUE(!row_of(what).is_audit || !line.empty()) << name_of(what);
    EXPECT_EQ(line.find("\"outcome\":\"refused\"") != line.npos, name_of(what).ends_with("_refused") && !line.empty()) << name_of(what);
  }
}

TEST(audit_trail, readers_continue_where_they_were) {
  both one;
  for (int i = 0; i < 5; ++i) one.enter(kind::purged);
  EXPECT_EQ(lines_in(one.trail.json(0)).size(), 5U);
  EXPECT_EQ(lines_in(one.trail.json(3)).front().number, 4U);
  EXPECT_EQ(one.trail.json(5), R"({"lines":[]})");
  EXPECT_EQ(lines_in(one.trail.json(6)).size(), 5U) << "the reader has read another process's";
}

TEST(audit_trail, what_strangers_and_wrong_roles_try_pushes_out_nothing_that_was_done) {
  both one;
  one.enter(kind::reloaded, {{"count", 1U}, {"by", "alice"}});
  one.enter(kind::lever_set, {{"lever", "pause"}, {"by", "alice"}});
  for (int i = 0; i < 10'000; ++i) {
    one.enter(kind::stranger_refused, {{"resource", "/api/purge"}, {"from", "203.0.113.9"}, {"cause", "x"}, {"by", "a stranger"}});
    one.enter(kind::change_refused, {{"resource", "/api/purge"}, {"by", "grafana"}, {"from", "10.0.0.2"}, {"cause", "x"}});
    one.enter(kind::purged, {{"entries", 1U}, {"by", "bob"}});
    one.moment.mono += std::chrono::milliseconds{100};
  }
  std::map<std::string, std::size_t> left;
  for (auto const& line : lines_in(one.trail.json(0))) ++left[line.event];
  EXPECT_EQ(left["reloaded"], 1U);
  EXPECT_EQ(left["lever_set"], 1U);
  EXPECT_EQ(left["purged"], audit_trail::capacity);
  EXPECT_LE(left["stranger_refused"], 2 * logbook::pace.tokens) << "in 17 minutes";
  EXPECT_GE(left["stranger_refused"], logbook::pace.tokens);
}

TEST(audit_trail, no_text_begins_a_line_or_ends_its_object) {
  both one;
  std::string const evil = "x\n{\"number\":9,\"by\":\"root\"}\r\x1b[2J\",\"by\":\"root";
  auto const line =
      one.enter(kind::change_refused, {{"resource", "/api/purge"}, {"by", evil}, {"from", evil}, {"cause", std::string(5000, '"')}});
  EXPECT_EQ(line.find_first_of("\n\r\x1b"), line.npos);
  EXPECT_LT(line.size(), 8000U);
  auto const read = lines_in("{\"lines\":[" + line + "]}");
  ASSERT_EQ(read.size(), 1U);
  EXPECT_NE(read.front().by, "root");
}

// Kinds at random: each part keeps its newest, in order, and no number is given twice.
TEST(audit_trail, at_random_each_part_keeps_its_newest_lines) {
  std::minstd_rand random{5};
  for (int round = 0; round < 20; ++round) {
    both one;
    std::array<std::vector<std::uint64_t>, audit_part_count> entered;
    std::uint64_t newest = 0;
    for (auto n = random() % 3000; n > 0; --n) {
      auto const what = static_cast<kind>(random() % logbook_kind_count);
      one.moment.mono += std::chrono::seconds{random() % 20};
      if (!one.enter(what).empty()) entered[static_cast<std::size_t>(part_of(what))].push_back(++newest);
    }
    std::vector<std::uint64_t> expected;
    for (auto const& part : entered) {
      auto const left = std::min(part.size(), audit_trail::capacity);
      expected.insert(expected.end(), part.end() - static_cast<std::ptrdiff_t>(left), part.end());
    }
    std::ranges::sort(expected);
    auto const since = newest == 0 ? 0 : random() % newest;
    std::erase_if(expected, [&](std::uint64_t number) { return number <= since; });
    std::vector<std::uint64_t> found;
    for (auto const& line : lines_in(one.trail.json(since))) found.push_back(line.number);
    ASSERT_EQ(found, expected);
  }
}

}  // namespace
}  // namespace gateway::audit_trail_test
