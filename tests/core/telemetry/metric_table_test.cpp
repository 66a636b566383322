// The rules that every metric follows, and its reference page.
#include "core/telemetry/metric_table.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <set>
#include <sstream>
#include <string>

#include "core/telemetry/prometheus.hpp"
#include "documents.hpp"
#include "plain_text.hpp"

namespace gateway::metric_table_test {
namespace {

bool is_name(std::string_view text) {
  auto const good = [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; };
  return !text.empty() && std::ranges::all_of(text, good);
}

TEST(metric_table, every_row_keeps_the_rules_of_its_trade) {
  std::set<std::string_view> names;
  for (auto const& row : metric_table()) {
    EXPECT_TRUE(is_name(row.name) && names.insert(row.name).second) << row.name;
    EXPECT_TRUE(row.name.starts_with("summary_gateway_") || row.name.starts_with("process_")) << row.name;
    EXPECT_TRUE(row.kind == "counter" || row.kind == "gauge" || row.kind == "histogram") << row.name;
    EXPECT_EQ(row.kind == "counter", row.name.ends_with("_total")) << row.name;
    EXPECT_TRUE(row.kind != "histogram" || row.name.ends_with("_seconds")) << row.name << ": a base unit";
    EXPECT_TRUE(row.prose.ends_with('.') && row.prose.front() >= 'A' && row.prose.front() <= 'Z') << row.name << ": a sentence";
    EXPECT_EQ(row.prose.find_first_of("|\n\\"), row.prose.npos) << row.name;
    EXPECT_EQ(hard_to_read(row.prose), "") << row.name << ": " << row.prose;
    EXPECT_TRUE(words_of(std::string{row.prose}).size() >= 4) << row.name << ": understood alone: " << row.prose;
  }
}

TEST(metric_table, labels_are_those_that_a_row_names) {
  auto snapshot = std::make_unique<metrics_snapshot>();
  snapshot->connections = {{"127.0.0.1:8080", 1}};
  snapshot->certificates = {{"127.0.0.1:8443", {}}};
  snapshot->totals.requests[0][0] = 1;
  snapshot->clock_skew.emplace(0);
  snapshot->engine.emplace();
  snapshot->marks.emplace().is_shared = true;
  snapshot->budget.emplace();
  snapshot->events.emplace();
  snapshot->tokens.emplace();
  snapshot->upstreams.push_back({"eu", {}});
  snapshot->accounts.push_back({"main", {}});
  snapshot->quotas.push_back({"billing"});
  for (auto const& row : metric_table()) {
    std::string text;
    metric_family family{text, row.name};
    row.write(family, *snapshot);
    ASSERT_FALSE(text.empty()) << row.name;
    std::istringstream in{text};
    for (std::string line; std::getline(in, line);) {
      std::string labels;
      for (auto at = line.find('{'); at != line.npos && line[at] != '}';
           at = line.find_first_of(",}", line.find("\"", line.find('"', at) + 1))) {
        auto const name = line.substr(at + 1, line.find('=', at) - at - 1);
        if (row.kind == "histogram" && name == "le") continue;
        labels.append(labels.empty() ? "" : ", ").append(name);
      }
      EXPECT_EQ(labels, row.labels) << line;
    }
  }
}

// A table renders only if its rows have the columns of its header.
TEST(metric_table, each_row_of_the_page_has_the_columns_of_its_header) {
  std::istringstream lines{metrics_reference()};
  std::ptrdiff_t columns = 0;  // in the current table
  for (std::string line; std::getline(lines, line);) {
    auto const bars = std::ranges::count(line, '|');
    if (bars != 0 && columns == 0) columns = bars;
    EXPECT_EQ(bars, line.starts_with("|") ? columns : 0) << line;
    if (bars == 0) columns = 0;
  }
}

TEST(metric_table, the_reference_page_is_made_from_it) {
  auto const page = metrics_reference();
  EXPECT_EQ(shipped("deploy/docs/metrics.md", page), page)
      << "GATEWAY_WRITE_REFERENCE=1 core_tests --gtest_filter=metric_table.* writes it";
}

}  // namespace
}  // namespace gateway::metric_table_test
