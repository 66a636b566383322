#include "core/telemetry/prometheus.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "core/telemetry/metric_table.hpp"
#include "telemetry/records.hpp"

namespace gateway::prometheus_test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

struct sample {
  std::string name;
  std::string labels;
  std::string value;
};

struct page {
  std::map<std::string, std::string> types;
  std::vector<sample> samples;
  bool well_formed = true;

  [[nodiscard]] std::string value(std::string_view series) const {
    for (auto const& s : samples) {
      if ((s.labels.empty() ? s.name : s.name + "{" + s.labels + "}") == series) return s.value;
    }
    return "(none)";
  }
  [[nodiscard]] std::set<std::string> series() const {
    std::set<std::string> all;
    for (auto const& s : samples) all.insert(s.name + "{" + s.labels + "}");
    return all;
  }
};

// Text format 0.0.4: each family has HELP, then TYPE, then only its own samples.
page parse(const std::string& text) {
  page p;
  std::istringstream in{text};
  std::string family;
  std::string helped;
  auto const check = [&](bool right, const std::string& line) {
    EXPECT_TRUE(right) << line;
    p.well_formed = p.well_formed && right;
  };
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("# HELP ")) {
      helped = line.substr(7, line.find(' ', 7) - 7);
      check(line.size() > 8 + helped.size(), line);
    } else if (line.starts_with("# TYPE ")) {
      family = line.substr(7, line.find(' ', 7) - 7);
      auto const type = line.substr(8 + family.size());
      check(family == helped && p.types.emplace(family, type).second, line);
      check(type == "counter" || type == "gauge" || type == "histogram", line);
      check(type != "counter" || family.ends_with("_total"), line);
    } else {
      auto const space = line.rfind(' ');
      auto const series = line.substr(0, space);
      auto const brace = series.find('{');
      sample s{series.substr(0, brace), brace == series.npos ? "" : series.substr(brace + 1, series.size() - brace - 2),
               line.substr(space + 1)};
      check(brace == series.npos || series.back() == '}', line);
      check(s.name.starts_with(family), line);
      auto const suffix = s.name.substr(family.size());
      check(p.types[family] == "histogram" ? suffix == "_bucket" || suffix == "_sum" || suffix == "_count" : suffix.empty(), line);
      std::size_t used = 0;
      (void)std::stod(s.value, &used);
      check(used == s.value.size(), line);
      p.samples.push_back(std::move(s));
    }
  }
  EXPECT_TRUE(text.ends_with('\n'));
  EXPECT_EQ(p.series().size(), p.samples.size()) << "a series twice";
  return p;
}

TEST(prometheus, an_idle_gateway_s_page_is_well_formed) {
  auto const snapshot = std::make_unique<metrics_snapshot>();
  auto const p = parse(prometheus_text(*snapshot));
  EXPECT_TRUE(p.well_formed);
  EXPECT_EQ(p.types.size(), metric_table().size());
}

TEST(prometheus, the_contract_s_metrics_are_there) {
  auto const snapshot = std::make_unique<metrics_snapshot>();
  auto const p = parse(prometheus_text(*snapshot));
  struct row {
    std::string_view name, type;
  };
  static constexpr row rows[] = {
      {"summary_gateway_requests_total", "counter"},
      {"summary_gateway_request_duration_seconds", "histogram"},
      {"summary_gateway_hop_duration_seconds", "histogram"},
      {"summary_gateway_cache_bytes", "gauge"},
      {"summary_gateway_cache_entries", "gauge"},
      {"summary_gateway_cache_evictions_total", "counter"},
      {"summary_gateway_upstream_requests_total", "counter"},
      {"summary_gateway_upstream_in_flight", "gauge"},
      {"summary_gateway_upstream_limit", "gauge"},
      {"summary_gateway_upstream_reported_concurrency", "gauge"},
      {"summary_gateway_upstream_connections", "gauge"},
      {"summary_gateway_upstream_tls_handshakes_total", "counter"},
      {"summary_gateway_connections", "gauge"},
      {"summary_gateway_faults_total", "counter"},
      {"summary_gateway_build_info", "gauge"},
  };
  for (auto const& r : rows) EXPECT_EQ(p.types.count(std::string{r.name}) ? p.types.at(std::string{r.name}) : "(none)", r.type) << r.name;
}

TEST(prometheus, figures_are_in_their_own_series) {
  auto const counters = std::make_unique<worker_counters>();
  account(*counters, record(outcome::hit, 200, 20us));
  account(*counters, record(outcome::hit, 200, 1s));
  account(*counters, record(outcome::miss, 418, 1s));
  auto failed = record(outcome::failed, 502, 1ms);
  failed.why = fault::upstream_tls;
  account(*counters, failed);
  auto const snapshot = std::make_unique<metrics_snapshot>();
  add_to(snapshot->totals, *counters);
  snapshot->cache.bytes = 123'456'789'012;
  snapshot->cache.evictions[static_cast<std::size_t>(eviction::purged)] = 4;
  snapshot->upstream_idle = 3;
  snapshot->limiter.limit = 7;
  snapshot->limiter.broken = 1;
  snapshot->limiter.sheds[static_cast<std::size_t>(shed_reason::cooling_down)] = 9;
  snapshot->credentials_refused = 2;
  snapshot->ready = true;
  snapshot->version = "1.2.3";
  snapshot->connections = {{"127.0.0.1:8080", 5}};
  auto const p = parse(prometheus_text(*snapshot));
  EXPECT_EQ(p.value("summary_gateway_requests_total{outcome=\"hit\",status=\"200\"}"), "2");
  EXPECT_EQ(p.value("summary_gateway_requests_total{outcome=\"miss\",status=\"other\"}"), "1");
  EXPECT_EQ(p.value("summary_gateway_requests_total{outcome=\"failed\",status=\"502\"}"), "1");
  EXPECT_EQ(p.value("summary_gateway_faults_total{fault=\"upstream_tls\"}"), "1");
  EXPECT_EQ(p.value("summary_gateway_faults_total{fault=\"internal\"}"), "0");
  EXPECT_EQ(p.value("summary_gateway_cache_bytes"), "123456789012");
  EXPECT_EQ(p.value("summary_gateway_upstream_limit"), "7");
  EXPECT_EQ(p.value("summary_gateway_upstream_credentials_refused"), "2");
  EXPECT_EQ(p.value("summary_gateway_upstream_accounts{state=\"circuit_open\"}"), "1");
  EXPECT_EQ(p.value("summary_gateway_upstream_sheds_total{reason=\"cooling_down\"}"), "9");
  EXPECT_EQ(p.value("summary_gateway_cache_evictions_total{reason=\"purged\"}"), "4");
  EXPECT_EQ(p.value("summary_gateway_upstream_connections{state=\"idle\"}"), "3");
  EXPECT_EQ(p.value("summary_gateway_connections{listener=\"127.0.0.1:8080\"}"), "5");
  EXPECT_EQ(p.value("summary_gateway_ready"), "1");
  EXPECT_EQ(p.value("summary_gateway_build_info{version=\"1.2.3\"}"), "1");

  auto const bucket = [&](std::string_view le) {
    return p.value("summary_gateway_request_duration_seconds_bucket{outcome=\"hit\",le=\"" + std::string{le} + "\"}");
  };
  EXPECT_EQ(bucket("1e-05"), "0");
  EXPECT_EQ(bucket("2.5e-05"), "1");
  EXPECT_EQ(bucket("0.5"), "1");
  EXPECT_EQ(bucket("1"), "2");
  EXPECT_EQ(bucket("30"), "2");
  EXPECT_EQ(bucket("+Inf"), "2");
  EXPECT_EQ(p.value("summary_gateway_request_duration_seconds_count{outcome=\"hit\"}"), "2");
  EXPECT_EQ(p.value("summary_gateway_request_duration_seconds_sum{outcome=\"hit\"}"), "1.00002");
}

TEST(prometheus, histograms_are_cumulative_and_complete) {
  auto const counters = std::make_unique<worker_counters>();
  for (int i = 0; i < 1'000; ++i) account(*counters, record(static_cast<outcome>(i % 9), 200, std::chrono::microseconds{i * i * 37}));
  auto const snapshot = std::make_unique<metrics_snapshot>();
  add_to(snapshot->totals, *counters);
  auto const p = parse(prometheus_text(*snapshot));
  std::optional<double> below;
  std::size_t buckets = 0;
  for (auto const& s : p.samples) {
    if (s.name.ends_with("_bucket")) {
      auto const value = std::stod(s.value);
      EXPECT_GE(value, below.value_or(0)) << s.labels;
      below = value;
      ++buckets;
      if (s.labels.ends_with("le=\"+Inf\"")) {
        auto const series = s.name.substr(0, s.name.size() - 7) + "_count{" + s.labels.substr(0, s.labels.find(",le=")) + "}";
        EXPECT_EQ(p.value(series), s.value);
        EXPECT_EQ(buckets, duration_bounds.size() + 1);
        below.reset();
        buckets = 0;
      }
    }
  }
}

// A scraper computes rates from differences, so large sums and dates must keep their seconds.
TEST(prometheus, large_figures_keep_their_small_digits) {
  auto const snapshot = std::make_unique<metrics_snapshot>();
  snapshot->start_time_seconds = 1767918889.25;
  snapshot->cpu_seconds = 1234567.875;
  snapshot->totals.durations[0].sum_ns = 123'456'789'000'001'000;  // the sum of four years of waiting
  auto const p = parse(prometheus_text(*snapshot));
  EXPECT_EQ(std::stod(p.value("process_start_time_seconds")), 1767918889.25);
  EXPECT_EQ(std::stod(p.value("process_cpu_seconds_total")), 1234567.875);
  EXPECT_NEAR(std::stod(p.value("summary_gateway_request_duration_seconds_sum{outcome=\"hit\"}")), 123456789.000001, 1e-6);
}

// No client can make the page grow: not by unusual statuses, not by faults, not over time.
TEST(prometheus, the_number_of_series_is_bounded) {
  auto const counters = std::make_unique<worker_counters>();
  auto const snapshot = std::make_unique<metrics_snapshot>();
  auto const idle = parse(prometheus_text(*snapshot)).series().size();
  for (int status = -100; status < 10'000; ++status) {
    auto r = record(static_cast<outcome>(static_cast<std::size_t>(status + 100) % outcome_count), status,
                    std::chrono::microseconds{std::abs(status)});
    r.why = static_cast<fault>(static_cast<std::size_t>(status + 100) % fault_count);
    account(*counters, r);
  }
  for (std::size_t o = 0; o < outcome_count; ++o) {
    for (auto const status : counted_statuses) account(*counters, record(static_cast<outcome>(o), status, 1us));
  }
  add_to(snapshot->totals, *counters);
  auto const busy = parse(prometheus_text(*snapshot)).series().size();
  EXPECT_EQ(busy, idle + outcome_count * status_slots);
  EXPECT_LT(busy, 1'200u);
}

// The same content, except for the names of counter families, the units, and the end mark that shows a complete page.
TEST(openmetrics, says_the_same_in_its_own_way) {
  auto const snapshot = std::make_unique<metrics_snapshot>();
  auto const text = openmetrics_text(*snapshot);
  EXPECT_THAT(text, HasSubstr("# TYPE summary_gateway_faults counter\nsummary_gateway_faults_total{"));
  EXPECT_THAT(text, HasSubstr("# TYPE summary_gateway_cache_bytes gauge\n# UNIT summary_gateway_cache_bytes bytes\n"));
  EXPECT_THAT(text, HasSubstr("# UNIT process_cpu_seconds seconds\nprocess_cpu_seconds_total 0\n"));
  EXPECT_TRUE(text.ends_with("\n# EOF\n"));
  auto const samples = [](const std::string& page) {
    std::set<std::string> all;
    std::istringstream in{page};
    for (std::string line; std::getline(in, line);)
      if (!line.starts_with('#')) all.insert(line);
    return all;
  };
  EXPECT_EQ(samples(text), samples(prometheus_text(*snapshot)));
}

// The newest request of each bucket, with its duration and time.
TEST(openmetrics, buckets_have_examples_and_the_older_format_has_none) {
  auto const snapshot = std::make_unique<metrics_snapshot>();
  snapshot->exemplars[static_cast<std::size_t>(outcome::miss)] = {{300ms, wall_time{1'000s}, {"1f"}, {"older"}},
                                                                  {400ms, wall_time{2'000s + 250ms}, {"2f"}, {"newer"}},
                                                                  {3s, wall_time{1'500s}, {"3f"}, {"sl\"ow"}}};
  auto const text = openmetrics_text(*snapshot);
  auto const bucket = [](std::string_view le) {
    return "summary_gateway_request_duration_seconds_bucket{outcome=\"miss\",le=\"" + std::string{le} + "\"} 0";
  };
  EXPECT_THAT(text, HasSubstr(bucket("0.5") + " # {trace_id=\"2f\",request_id=\"newer\"} 0.4 2000.25\n"));
  EXPECT_THAT(text, HasSubstr(bucket("5") + " # {trace_id=\"3f\",request_id=\"sl\\\"ow\"} 3 1500\n"));
  EXPECT_THAT(text, HasSubstr(bucket("1") + "\n"));
  EXPECT_THAT(text, Not(HasSubstr("older")));
  EXPECT_THAT(prometheus_text(*snapshot), Not(HasSubstr("request_id")));
}

TEST(openmetrics, is_for_those_who_prefer_it) {
  struct row {
    std::initializer_list<std::string_view> accept;
    bool wanted;
  };
  static const row rows[] = {
      {{}, false},
      {{"*/*"}, false},
      {{"image/png"}, false},
      {{"text/plain;version=0.0.4;q=0.2, */*;q=0.1"}, false},
      {{"application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.2,*/*;q=0.1"}, true},
      {{"application/openmetrics-text;version=1.0.0;q=0.2,text/plain;version=0.0.4;q=0.5,*/*;q=0.1"}, false},
      {{"text/plain, Application/OpenMetrics-Text"}, true},
      {{"application/openmetrics-text"}, true},
      {{"application/openmetrics-text;q=0"}, false},
      {{"application/openmetrics-text;q=0, */*"}, false},
      {{"application/openmetrics-text; q=2"}, false},
      {{"application/openmetrics-text; version=2.0.0"}, false},
      {{"application/openmetrics-text; version=2.0.0, text/plain; q=0.1"}, false},
      {{"application/openmetrics-text; version=\"1.0.0\"; charset=utf-8"}, true},
      {{"application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,text/plain;version=1.0.0;q=0.4,*/*;q=0.1"}, true},
      {{"application/openmetrics-text;version=1.0.0;q=0.1,text/plain;version=1.0.0;q=0.9,*/*;q=0.2"}, false},
      {{"application/*"}, true},
      {{"application/*;q=0.1, text/*"}, false},
      {{"text/plain;q=0.3", "application/openmetrics-text;q=0.4"}, true},
      {{"application/openmetrics-text;q=0.3", "text/plain;q=0.4"}, false},
      {{"application/openmetrics-textual"}, false},
      {{";;, /, */, =;q=, application/openmetrics-text;=;q"}, false},
  };
  for (auto const& r : rows) {
    field_lines accept;
    for (auto const line : r.accept) accept.add(line);
    EXPECT_EQ(prefers_openmetrics(accept), r.wanted) << (accept.empty() ? "" : *accept.begin());
  }
}

TEST(prometheus, labels_cannot_break_the_page) {
  auto const snapshot = std::make_unique<metrics_snapshot>();
  snapshot->connections = {{"unix:/a\"b\\c\nd\xff", 1}};
  auto const text = prometheus_text(*snapshot);
  EXPECT_TRUE(parse(text).well_formed);
  EXPECT_THAT(text, HasSubstr("listener=\"unix:/a\\\"b\\\\c"));
  EXPECT_THAT(text, Not(HasSubstr("c\nd")));
  EXPECT_THAT(text, HasSubstr("d\xef\xbf\xbd\"")) << "the page is UTF-8";
}

}  // namespace
}  // namespace gateway::prometheus_test
