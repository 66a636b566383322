#include "core/telemetry/client_counters.hpp"

#include <algorithm>
#include <map>
#include <tuple>

#include "core/base/json_writer.hpp"
#include "core/telemetry/client_rates.hpp"

namespace gateway {

client_figures& client_figures::operator+=(const client_figures& more) {
  requests += more.requests;
  hits += more.hits;
  coalesced += more.coalesced;
  upstream_calls += more.upstream_calls;
  wasted_polls += more.wasted_polls;
  throttled += more.throttled;
  status_4xx += more.status_4xx;
  status_5xx += more.status_5xx;
  return *this;
}

client_figures figures_of(const request_record& record) {
  bool const refused_from_memory = record.ended == outcome::negative_hit;
  client_figures one;
  one.requests = 1;
  one.hits = record.ended == outcome::hit || record.ended == outcome::stale || refused_from_memory ? 1 : 0;
  one.coalesced = record.ended == outcome::coalesced ? 1 : 0;
  one.wasted_polls = record.status == 304 || refused_from_memory ? 1 : 0;
  one.throttled = record.status == 429 ? 1 : 0;
  one.status_4xx = record.status / 100 == 4 ? 1 : 0;
  one.status_5xx = record.status / 100 == 5 ? 1 : 0;
  return one;
}

void client_counters::count(const client_name& who, std::size_t& hint, const client_figures& more) {
  hint = find(who, hint);
  auto& at = mine_[hint];
  at.row.figures += more;
  at.weight += more.requests + weight_of_call * more.upstream_calls;
  shown_[hint].put(at.row);
}

void client_counters::count_calls(const client_name& who, std::uint64_t calls) {
  std::size_t anywhere = 0;
  client_figures more;
  more.upstream_calls = calls;
  count(who, anywhere, more);
}

std::size_t client_counters::find(const client_name& who, std::size_t hint) {
  if (mine_[hint].row.who == who) return hint;
  auto const found = std::ranges::find_if(mine_, [&](const place& one) { return one.row.who == who; });
  if (found != mine_.end()) return static_cast<std::size_t>(found - mine_.begin());
  auto const lightest = std::ranges::min_element(mine_, {}, &place::weight);  // an empty one if there is any
  if (!lightest->row.who.empty()) {
    rest_ += lightest->row.figures;
    shown_.back().put({{}, rest_});
  }
  lightest->row = {who, {}};
  return static_cast<std::size_t>(lightest - mine_.begin());
}

void client_counters::collect(std::vector<client_row>& into) const {
  for (auto const& each : shown_) {
    if (auto const row = each.get()) into.push_back(*row);
  }
}

std::vector<client_row> merge_clients(const std::vector<client_row>& rows, std::size_t most) {
  std::map<std::string_view, client_figures> sums;
  for (auto const& one : rows) sums[one.who.view()] += one.figures;
  std::vector<client_row> merged;
  client_row rest;
  for (auto const& [who, figures] : sums) {
    if (who.empty()) {
      rest.figures += figures;
    } else {
      merged.push_back({who, figures});
    }
  }
  auto const causes = [](const client_row& one) { return std::tuple{one.figures.upstream_calls, one.figures.requests}; };
  std::ranges::stable_sort(merged, std::ranges::greater{}, causes);
  for (auto i = most; i < merged.size(); ++i) rest.figures += merged[i].figures;
  if (merged.size() > most) merged.resize(most);
  if (rest.figures.requests + rest.figures.upstream_calls > 0) merged.push_back(rest);
  return merged;
}

std::string clients_json(std::span<const client_row> rows, const client_rates& rates, mono_time now, const client_standings& named) {
  std::string out;
  json_list(out, rows, [&](const client_row& one) {
    json_object row{out};
    row.text("client", one.who.empty() ? "other" : one.who.view());
    row.number("requests", one.figures.requests);
    row.number("hits", one.figures.hits);
    row.number("upstream_calls", one.figures.upstream_calls);
    row.number("avoided", one.figures.hits + one.figures.coalesced);
    row.number("wasted_polls", one.figures.wasted_polls);
    row.number("throttled", one.figures.throttled);
    row.number("status_4xx", one.figures.status_4xx);
    row.number("status_5xx", one.figures.status_5xx);
    auto const tenths = rates.in_ten_seconds(one, now);
    row.number("per_second", tenths / 10);
    out += '.';
    append_number(out, tenths % 10);
    auto const known = named.find(one.who.view());
    if (known == named.end()) return;
    append_standing(row, known->second);
    auto const& quota = known->second.quota;
    if (!quota) return;
    row.number("quota_used", quota->used());
    row.number("quota_of", quota->rule.calls);
    row.number("quota_resets_in", std::chrono::ceil<std::chrono::seconds>(quota->resets_in).count());
  });
  return out;
}

}  // namespace gateway
