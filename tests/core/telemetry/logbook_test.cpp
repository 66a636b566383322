// What operators can read later of what happened, however much happens.
#include "core/telemetry/logbook.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "core/base/json_reader.hpp"
#include "core/telemetry/log_line.hpp"
#include "documents.hpp"

namespace gateway::logbook_test {
namespace {

using namespace std::chrono_literals;
using kind = logbook_kind;

instant at(std::chrono::nanoseconds span) { return {mono_time{1h} + span, *parse_rfc3339("2026-01-01T00:00:00Z") + span}; }

std::vector<std::uint64_t> numbers_in(const std::string& json) {
  json_reader reader;
  std::vector<std::uint64_t> found;
  auto const whole = reader.parse(json);
  EXPECT_TRUE(whole) << json;
  if (!whole) return found;
  whole->each_member([&](std::string_view, json_value list) {
    list.each_item([&](json_value entry) {
      entry.each_member([&](std::string_view name, json_value value) {
        if (name == "number") found.push_back(value.whole_number().value_or(0));
      });
    });
  });
  return found;
}

TEST(logbook, each_kind_has_a_name_and_a_sentence_whose_fields_are_closed) {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < logbook_kind_count; ++i) {
    auto const& row = row_of(static_cast<kind>(i));
    EXPECT_TRUE(names.insert(row.name).second) << row.name;
    EXPECT_EQ(std::ranges::count(row.sentence, '{'), std::ranges::count(row.sentence, '}')) << row.name;
    EXPECT_EQ(std::ranges::count(row.sentence, '['), std::ranges::count(row.sentence, ']')) << row.name;
  }
  EXPECT_EQ(name_of(kind::task_failed), "task_failed") << "the rows are in the order of the enum";
  EXPECT_EQ(name_of(kind::certificate_ends), "certificate_ends");
}

TEST(logbook, readers_continue_where_they_were) {
  logbook book;
  EXPECT_EQ(book.json(0), R"({"events":[]})");
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(book.add({kind::limit_raised, {}}, at(0s)));
  EXPECT_EQ(numbers_in(book.json(0)), (std::vector<std::uint64_t>{1, 2, 3, 4, 5}));
  EXPECT_EQ(numbers_in(book.json(3)), (std::vector<std::uint64_t>{4, 5}));
  EXPECT_TRUE(numbers_in(book.json(5)).empty());
  EXPECT_EQ(numbers_in(book.json(6)).size(), 5U) << "the reader has read another process's";
}

TEST(logbook, debug_is_for_the_log_alone) {
  logbook book;
  EXPECT_TRUE(book.add({kind::snapshot_written, {}}, at(0s)));
  EXPECT_EQ(book.json(0), R"({"events":[]})");
  EXPECT_EQ(book.counts()[static_cast<std::size_t>(kind::snapshot_written)], 1U);
}

TEST(logbook, an_operators_changes_are_all_logged) {
  logbook book;
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(book.add({kind::purged, {}}, at(0s)));
  EXPECT_EQ(numbers_in(book.json(0)).size(), logbook::pace.tokens) << "they do not push the rest out";
}

// Kinds, times and texts at random, from drops to storms.
TEST(logbook, a_storm_costs_neither_memory_nor_lines_and_nothing_is_lost_from_the_counts) {
  std::minstd_rand random{7};
  logbook book;
  logbook_counts came{}, entered{}, reported_missing{};
  std::map<std::size_t, std::vector<std::chrono::nanoseconds>> times;
  std::chrono::nanoseconds now{0};
  std::uint64_t last = 0;
  for (int i = 0; i < 20'000; ++i) {
    auto const which = static_cast<kind>(random() % logbook_kind_count);
    auto const row = static_cast<std::size_t>(which);
    ++came[row];
    auto const entry = book.add({which, {{"cause", std::string(random() % 2000, 'x')}}}, at(now));
    if (entry) {
      ++entered[row];
      if (entry->number != 0) {
        EXPECT_EQ(entry->number, ++last) << "numbers grow by one";
      }
      for (auto const& one : entry->fields) {
        if (one.name == "left_out_before") reported_missing[row] += std::get<std::uint64_t>(one.value);
      }
      if (!row_of(which).is_audit) times[row].push_back(now);
    }
    now += random() % 3 == 0 ? 200ms * static_cast<int>(random() % 20) : 0ms;
    if (i % 500 == 0) {
      ASSERT_LT(book.json(0).size(), logbook::capacity * 2 * (logbook::longest_text + 300));
    }
  }
  for (auto const& [row, all] : times) {
    for (std::size_t i = logbook::pace.tokens; i < all.size(); ++i)
      EXPECT_GE(all[i] - all[i - logbook::pace.tokens], logbook::pace.cost()) << "more than the pace lets through at once";
    EXPECT_LE(entered[row] + reported_missing[row], came[row]);
  }
  EXPECT_EQ(book.counts(), came);
  EXPECT_EQ(numbers_in(book.json(0)).size(), logbook::capacity);
}

TEST(logbook, the_next_one_has_the_number_of_those_left_out) {
  logbook book;
  for (std::uint64_t i = 0; i < logbook::pace.tokens; ++i) ASSERT_TRUE(book.add({kind::circuit_opened, {}}, at(0s)));
  for (int i = 0; i < 7; ++i) EXPECT_FALSE(book.add({kind::circuit_opened, {}}, at(1s)));
  EXPECT_TRUE(book.add({kind::circuit_closed, {}}, at(1s))) << "another kind";
  auto const next = book.add({kind::circuit_opened, {}}, at(10min));
  ASSERT_TRUE(next);
  EXPECT_TRUE(next->message.ends_with(" (7 more of this kind came before)")) << next->message;
}

TEST(logbook, a_text_from_elsewhere_begins_no_line_and_is_cut) {
  logbook book;
  auto const entry = book.add({kind::egress_failed, {{"authority", "a\nb\r\x7f"}, {"cause", std::string(3000, 'x')}}}, at(0s));
  ASSERT_TRUE(entry);
  auto const line = log_line_of(log_format::text, *entry);
  EXPECT_EQ(line.find('\n'), line.size() - 1);
  EXPECT_NE(line.find("a?b??: "), std::string::npos) << line;
  EXPECT_LT(line.size(), 700U);
}

TEST(log_line, has_the_sentence_with_the_fields_that_are_there) {
  auto const said = [](kind which, logbook_fields fields) { return message_of({0, {}, which, std::move(fields), {}}); };
  EXPECT_EQ(said(kind::circuit_opened, {{"cause", "upstream_timeout"}}),
            "circuit breaker open: the upstream failed several times in a row; the last time: upstream_timeout");
  EXPECT_EQ(said(kind::circuit_closed, {{"account", "main"}, {"resource", "summary"}, {"lasted_ms", 45'400ms}}),
            "circuit breaker closed for account main, summary after 45 s");
  EXPECT_EQ(said(kind::circuit_closed, {{"lasted_ms", 7'450ms}}), "circuit breaker closed after 7.4 s");
  EXPECT_EQ(said(kind::name_resolved, {{"host", "a.example"}, {"lasted_ms", 999ms}}), "host a.example can be resolved again after 999 ms");
  EXPECT_EQ(said(kind::reload_refused, {{"cause", "[no {field}"}, {"by", "SIGHUP"}}), "reload refused: [no {field}; asked for by SIGHUP")
      << "values are not patterns";
}

TEST(log_line, is_text_or_one_json_object) {
  logbook_entry entry{3, at(62'005ms).wall, kind::limit_lowered, {{"account", "ma\"in"}, {"from", 40U}, {"to", 12U}}, {}};
  entry.message = message_of(entry);
  EXPECT_EQ(log_line_of(log_format::text, entry),
            "2026-01-01T00:01:02.005Z warning the learnt concurrency limit of account ma\"in fell from 40 to 12\n");
  EXPECT_EQ(log_line_of(log_format::json, entry),
            R"({"time":"2026-01-01T00:01:02.005Z","level":"warning","event":"limit_lowered","message":"the learnt )"
            R"(concurrency limit of account ma\"in fell from 40 to 12","account":"ma\"in","from":40,"to":12})"
            "\n");
  EXPECT_EQ(log_line_of(log_format::text, log_level::debug, at(0s).wall, "hello"), "2026-01-01T00:00:00.000Z debug hello\n");
  EXPECT_EQ(log_line_of(log_format::json, log_level::error, at(0s).wall, "a\nb"),
            R"({"time":"2026-01-01T00:00:00.000Z","level":"error","message":"a\u000ab"})"
            "\n");
}

// The page ends with the table of events. After a change of the table, run: GATEWAY_WRITE_REFERENCE=1 core_tests
// --gtest_filter='logbook.*'
TEST(logbook, every_event_is_in_the_document_as_it_is_here) {
  std::string table = "| event | level | message |\n|---|---|---|\n";
  for (std::size_t i = 0; i < logbook_kind_count; ++i) {
    auto const& row = row_of(static_cast<kind>(i));
    table.append("| `").append(row.name).append("` | ").append(name_of(row.level)).append(" | `").append(row.sentence).append("` |\n");
  }
  auto const page = document("deploy/docs/log.md");
  auto const expected = page.substr(0, page.find("| event |")) + table;
  EXPECT_EQ(shipped("deploy/docs/log.md", expected), expected) << "the page must end with just this table";
}

}  // namespace
}  // namespace gateway::logbook_test
