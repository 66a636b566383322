#include "summary_list.hpp"

#include <algorithm>
#include <charconv>
#include <tuple>

#include "accounts.hpp"

namespace simulator {
namespace {

using namespace std::chrono_literals;

// "30m", "4h", "3d", "1w" before now, or a time.
std::optional<sim_time> moment_of(std::string_view text, sim_time now) {
  if (const auto time = parse_rfc3339(text)) return time;
  if (text.empty()) return {};
  int count = 0;
  const char* const unit = text.data() + text.size() - 1;
  const auto [end, error] = std::from_chars(text.data(), unit, count);
  if (error != std::errc{} || end != unit || count < 0) return {};
  switch (*unit) {
    case 'm':
      return now - std::chrono::minutes{count};
    case 'h':
      return now - std::chrono::hours{count};
    case 'd':
      return now - std::chrono::days{count};
    case 'w':
      return now - std::chrono::weeks{count};
    default:
      return {};
  }
}

bool read_pair(summary_filter& into, const std::string& name, const std::string& value, sim_time now) {
  if (name == "StartTime" || name == "EndTime") {
    const auto moment = moment_of(value, now);
    if (moment) (name == "StartTime" ? into.from : into.to) = *moment;
    return moment.has_value();
  }
  if (name == "ProcessingState") {
    into.partial = value == "partial" || value == "all";
    into.complete = value == "completed" || value == "all";
    return into.partial || into.complete;
  }
  if (name == "SortBy") {
    into.by_end_time = value == "end_time";
    return into.by_end_time || value == "start_time";
  }
  if (name == "Subaccount") {
    into.subaccount = value;
    return is_sid(value, "AC");
  }
  if (name == "CallType") {
    into.call_type = value;
    return parse_call_shape(value).has_value();
  }
  if (name == "CallState") into.call_state = value;
  return true;
}

}  // namespace

std::variant<summary_filter, refused_parameter> summary_filter::parse(std::string_view query, sim_time now) {
  summary_filter filter;
  filter.from = now - 4h;
  filter.to = now;
  std::optional<refused_parameter> refused;
  for_each_pair(query, [&](const std::string& name, const std::string& value) {
    if (!read_pair(filter, name, value, now) && !refused) refused = refused_parameter{name};
  });
  if (refused) return *refused;
  return filter;
}

bool summary_filter::shows(const call_outline& outline, life when) const {
  if (when.at != stage::complete && when.at != stage::partial) return false;
  if (when.at == stage::complete ? !complete : !partial) return false;
  if (call_type && *call_type != to_string(outline.shape)) return false;
  if (call_state && *call_state != "completed") return false;
  return outline.start >= from && outline.start <= to;
}

summary_page page_of(const call_registry& registry, std::uint64_t seed, std::string_view account_sid, const summary_filter& filter,
                     const page_request& asked, sim_time now) {
  struct row {
    const call_facts* call;
    sim_time at;
    life when;
  };
  std::vector<row> rows;
  registry.for_each([&](const call_facts& call) {
    if (call.account_sid != account_sid) return;
    const call_outline outline = outline_of(seed, call);
    const life when = life_of(call, now);
    if (filter.shows(outline, when)) rows.push_back({&call, filter.by_end_time ? call.ended_at : outline.start, when});
  });
  std::ranges::sort(rows, [](const row& a, const row& b) { return std::tie(b.at, a.call->sid) < std::tie(a.at, b.call->sid); });

  summary_page page;
  page.total = rows.size();
  const page_slice slice = slice_of(asked, rows.size());
  for (std::size_t i = slice.from; i < slice.to; ++i) page.calls.push_back({*rows[i].call, rows[i].when});
  return page;
}

}  // namespace simulator
