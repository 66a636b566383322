#include "core/telemetry/prometheus.hpp"

#include <array>
#include <cstdio>
#include <functional>

#include "core/base/text.hpp"

namespace gateway {
namespace {

// Writes the samples of one metric family.
class family {
public:
  family(std::string& out, std::string_view name) : out_(out), name_(name) {}

  void sample(std::string_view labels, std::uint64_t value) {
    begin("", labels);
    append_number(out_, value);
    out_ += '\n';
  }

  void sample(std::string_view labels, double value) {
    begin("", labels);
    number(value);
    out_ += '\n';
  }

  void histogram(std::string_view labels, const histogram_of<std::uint64_t>& h) {
    std::uint64_t below = 0;
    for (std::size_t i = 0; i < h.buckets.size(); ++i) {
      below += h.buckets[i];
      std::string bucket{labels};
      bucket += ",le=\"";
      if (i == duration_bounds.size()) {
        bucket += "+Inf";
      } else {
        std::array<char, 32> text{};
        std::snprintf(text.data(), text.size(), "%g", static_cast<double>(duration_bounds[i]) / 1e9);
        bucket += text.data();
      }
      bucket += '"';
      begin("_bucket", bucket);
      append_number(out_, below);
      out_ += '\n';
    }
    begin("_sum", labels);
    number(static_cast<double>(h.sum_ns) / 1e9);
    out_ += '\n';
    begin("_count", labels);
    append_number(out_, below);
    out_ += '\n';
  }

private:
  void begin(std::string_view suffix, std::string_view labels) {
    out_.append(name_).append(suffix);
    if (!labels.empty()) out_.append("{").append(labels).append("}");
    out_ += ' ';
  }
  void number(double value) {
    std::array<char, 32> text{};
    // The shortest text that reads back as the same number.
    out_.append(text.data(), std::to_chars(text.data(), text.data() + text.size(), value).ptr);
  }

  std::string& out_;
  std::string_view name_;
};

std::string label(std::string_view name, std::string_view value) {
  std::string text{name};
  text += "=\"";
  for (char const c : value) {  // exposition format: backslash, quote and newline are escaped
    if (c == '\\' || c == '"') text += '\\';
    text += c == '\n' ? ' ' : c;
  }
  return text += '"';
}

// One labelled sample for each value of an enum.
template <class Enum, class Cells>
void each(family& f, std::string_view label_name, const Cells& cells) {
  for (std::size_t i = 0; i < cells.size(); ++i) f.sample(label(label_name, name_of(static_cast<Enum>(i))), cells[i]);
}

void requests(family& f, const metrics_snapshot& now) {
  for (std::size_t o = 0; o < outcome_count; ++o) {
    for (std::size_t s = 0; s < status_slots; ++s) {
      auto const count = now.totals.requests[o][s];
      if (count == 0) continue;  // a series appears with its first request; there are at most outcomes × statuses
      std::string status = s < counted_statuses.size() ? std::to_string(counted_statuses[s]) : "other";
      f.sample(label("outcome", name_of(static_cast<outcome>(o))) + "," + label("status", status), count);
    }
  }
}

void durations(family& f, const metrics_snapshot& now) {
  for (std::size_t o = 0; o < outcome_count; ++o) f.histogram(label("outcome", name_of(static_cast<outcome>(o))), now.totals.durations[o]);
}

void hops(family& f, const metrics_snapshot& now) {
  for (std::size_t h = 0; h < hop_count; ++h) f.histogram(label("hop", name_of(static_cast<hop>(h))), now.totals.hops[h]);
}

using write_samples = void (*)(family&, const metrics_snapshot&);

struct metric_row {
  std::string_view name;
  std::string_view kind;
  std::string_view prose;
  write_samples write;
};

using snapshot = const metrics_snapshot&;

// clang-format off
constexpr std::array metric_table{
    metric_row{"summary_gateway_requests_total", "counter", "Answered requests of the data listeners, by outcome and status.", requests},
    metric_row{"summary_gateway_request_duration_seconds", "histogram", "From the request's first byte to the answer's last byte handed to the kernel.", durations},
    metric_row{"summary_gateway_hop_duration_seconds", "histogram", "Where requests spent their time; the hops of one request are disjoint and sum to its duration.", hops},
    metric_row{"summary_gateway_faults_total", "counter", "Faults by name, as in the Gateway-Fault header.",
               [](family& f, snapshot now) { each<fault>(f, "fault", now.totals.faults); }},
    metric_row{"summary_gateway_cache_bytes", "gauge", "Memory held by cached answers, keys and overhead included.",
               [](family& f, snapshot now) { f.sample("", now.cache.bytes); }},
    metric_row{"summary_gateway_cache_entries", "gauge", "Cached answers.",
               [](family& f, snapshot now) { f.sample("", now.cache.entries); }},
    metric_row{"summary_gateway_cache_evictions_total", "counter", "Cached answers dropped, by reason.",
               [](family& f, snapshot now) { each<eviction>(f, "reason", std::to_array(now.cache.evictions)); }},
    metric_row{"summary_gateway_not_stored_total", "counter", "Upstream answers that were not kept, by reason; never: refusals, throttling and failures.",
               [](family& f, snapshot now) { each<not_stored>(f, "reason", now.totals.not_stored); }},
    metric_row{"summary_gateway_upstream_requests_total", "counter", "Exchanges with the upstream by what came of them.",
               [](family& f, snapshot now) { each<upstream_result>(f, "result", now.totals.upstream); }},
    metric_row{"summary_gateway_upstream_retries_total", "counter", "Exchanges repeated: a reused connection died before its answer, or the upstream said 429.",
               [](family& f, snapshot now) { each<retry_reason>(f, "reason", now.totals.retries); }},
    metric_row{"summary_gateway_upstream_in_flight", "gauge", "Upstream exchanges under way.",
               [](family& f, snapshot now) { f.sample("", now.shield.in_flight); }},
    metric_row{"summary_gateway_upstream_limit", "gauge", "Upstream exchanges allowed at once, as learnt: of the account that is allowed the fewest.",
               [](family& f, snapshot now) { f.sample("", now.shield.limit); }},
    metric_row{"summary_gateway_upstream_queue", "gauge", "Requests waiting for a turn upstream.",
               [](family& f, snapshot now) { f.sample("", now.shield.waiting); }},
    metric_row{"summary_gateway_upstream_sheds_total", "counter", "Requests that got no turn upstream, by reason.",
               [](family& f, snapshot now) { each<shed_reason>(f, "reason", now.shield.sheds); }},
    metric_row{"summary_gateway_upstream_cool_downs_total", "counter", "Times that an account was left alone after 429.",
               [](family& f, snapshot now) { f.sample("", now.shield.cool_downs); }},
    metric_row{"summary_gateway_upstream_breaks_total", "counter", "Times that an account was broken off after failures in a row.",
               [](family& f, snapshot now) { f.sample("", now.shield.breaks); }},
    metric_row{"summary_gateway_upstream_accounts", "gauge", "Accounts in trouble: cooling down after 429, or broken off after failures, the last probe included.",
               [](family& f, snapshot now) {
                 f.sample(label("state", "cooling_down"), now.shield.cooling_down);
                 f.sample(label("state", "broken_off"), now.shield.broken);
               }},
    metric_row{"summary_gateway_upstream_reported_concurrency", "gauge", "The last Twilio-Concurrent-Requests seen: the account's load, other clients included.",
               [](family& f, snapshot now) { f.sample("", now.upstream_reported_concurrency); }},
    metric_row{"summary_gateway_upstream_connections", "gauge", "Connections to the upstream by state.",
               [](family& f, snapshot now) {
                 f.sample(label("state", "idle"), now.upstream_idle);
                 f.sample(label("state", "active"), now.upstream_active);
               }},
    metric_row{"summary_gateway_upstream_tls_handshakes_total", "counter", "TLS handshakes with the upstream by kind.",
               [](family& f, snapshot now) { each<handshake_kind>(f, "kind", now.totals.handshakes); }},
    metric_row{"summary_gateway_flights", "gauge", "Fetches under way, each shared by everybody who asked for the same call.",
               [](family& f, snapshot now) { f.sample("", now.flights); }},
    metric_row{"summary_gateway_grants", "gauge", "Pairs of credential and account remembered for sharing: grants.",
               [](family& f, snapshot now) { f.sample("", now.grants); }},
    metric_row{"summary_gateway_credential_reloads_total", "counter", "Changed credential and token files, read again: taken over, or unusable and the old ones kept.",
               [](family& f, snapshot now) {
                 f.sample(label("result", "taken_over"), now.access_reloads);
                 f.sample(label("result", "unusable"), now.access_failures);
               }},
    metric_row{"summary_gateway_connections", "gauge", "Open client connections by listener.",
               [](family& f, snapshot now) {
                 for (auto const& l : now.connections) f.sample(label("listener", l.listener), l.open);
               }},
    metric_row{"summary_gateway_connections_accepted_total", "counter", "Client connections accepted.",
               [](family& f, snapshot now) { f.sample("", now.totals.connections_accepted); }},
    metric_row{"summary_gateway_connections_refused_total", "counter", "Client connections closed at once because so many were open in all, or of one address.",
               [](family& f, snapshot now) { each<connection_refusal>(f, "reason", now.totals.connections_refused); }},
    metric_row{"summary_gateway_connections_displaced_total", "counter", "Idle client connections closed to make room for new ones.",
               [](family& f, snapshot now) { f.sample("", now.totals.connections_displaced); }},
    metric_row{"summary_gateway_client_tls_handshakes_total", "counter", "TLS handshakes with clients, by how they ended.",
               [](family& f, snapshot now) { each<handshake_kind>(f, "kind", now.totals.client_handshakes); }},
    metric_row{"summary_gateway_connection_deadlines_total", "counter", "Client connections closed because a header, idle or write deadline passed.",
               [](family& f, snapshot now) { f.sample("", now.totals.connection_deadlines); }},
    metric_row{"summary_gateway_ready", "gauge", "1 while listening and not draining.",
               [](family& f, snapshot now) { f.sample("", std::uint64_t{now.ready}); }},
    metric_row{"summary_gateway_build_info", "gauge", "Always 1; the version is a label.",
               [](family& f, snapshot now) { f.sample(label("version", now.version), std::uint64_t{1}); }},
    metric_row{"process_start_time_seconds", "gauge", "Start time of the process since the Unix epoch.",
               [](family& f, snapshot now) { f.sample("", now.start_time_seconds); }},
    metric_row{"process_cpu_seconds_total", "counter", "User and system CPU time spent.",
               [](family& f, snapshot now) { f.sample("", now.cpu_seconds); }},
    metric_row{"process_resident_memory_bytes", "gauge", "Resident memory.",
               [](family& f, snapshot now) { f.sample("", now.resident_bytes); }},
    metric_row{"process_open_fds", "gauge", "Open file descriptors.",
               [](family& f, snapshot now) { f.sample("", now.open_fds); }},
};
// clang-format on

}  // namespace

std::string prometheus_text(const metrics_snapshot& now) {
  std::string out;
  out.reserve(48 * 1024);
  for (auto const& row : metric_table) {
    out.append("# HELP ")
        .append(row.name)
        .append(" ")
        .append(row.prose)
        .append("\n# TYPE ")
        .append(row.name)
        .append(" ")
        .append(row.kind)
        .append("\n");
    family f{out, row.name};
    row.write(f, now);
  }
  return out;
}

}  // namespace gateway
