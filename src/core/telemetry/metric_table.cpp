#include "core/telemetry/metric_table.hpp"

#include <algorithm>

namespace gateway {
namespace {

// One labelled sample for each value of an enum.
template <class Enum, class Cells>
void each(metric_family& f, std::string_view label_name, const Cells& cells) {
  for (std::size_t i = 0; i < cells.size(); ++i) f.sample(label(label_name, name_of(static_cast<Enum>(i))), cells[i]);
}

void requests(metric_family& f, const metrics_snapshot& now) {
  for (std::size_t o = 0; o < outcome_count; ++o) {
    for (std::size_t s = 0; s < status_slots; ++s) {
      auto const count = now.totals.requests[o][s];
      if (count == 0) continue;  // a series appears with its first request; there are at most outcomes × statuses
      std::string status = s < counted_statuses.size() ? std::to_string(counted_statuses[s]) : "other";
      f.sample(label("outcome", name_of(static_cast<outcome>(o))) + "," + label("status", status), count);  // defence: status-series
    }
  }
}

void durations(metric_family& f, const metrics_snapshot& now) {
  for (std::size_t o = 0; o < outcome_count; ++o)
    f.histogram(label("outcome", name_of(static_cast<outcome>(o))), now.totals.durations[o], now.exemplars[o]);
}

void hops(metric_family& f, const metrics_snapshot& now) {
  for (std::size_t h = 0; h < hop_count; ++h) f.histogram(label("hop", name_of(static_cast<hop>(h))), now.totals.hops[h]);
}

void events(metric_family& f, const metrics_snapshot& now) {
  for (std::size_t t = 0; now.events && t < event_type_count; ++t) {
    for (std::size_t r = 0; r < event_result_count; ++r)
      f.sample(label("type", name_of(static_cast<event_type>(t))) + "," + label("result", name_of(static_cast<event_result>(r))),
               now.events->events[t][r]);
  }
}

void event_ages(metric_family& f, const metrics_snapshot& now) {
  for (auto const type : {event_type::partial, event_type::predicted_complete, event_type::complete}) {
    if (now.events) f.histogram(label("type", name_of(type)), now.events->ages[static_cast<std::size_t>(type)]);
  }
}

double in_seconds(std::chrono::nanoseconds span) { return std::chrono::duration<double>(span).count(); }

void levers_held(metric_family& f, const metrics_snapshot& now) {
  for (std::size_t kind = 0; kind < lever::kinds; ++kind) {
    auto const what = static_cast<lever::kind>(kind);
    auto const count = std::ranges::count(now.levers, what, &lever_figures::what);
    f.sample(label("lever", name_of(what)), static_cast<std::uint64_t>(count));
  }
}

using snapshot = const metrics_snapshot&;

// clang-format off
constexpr metric_row metric_rows[]{
    {"summary_gateway_requests_total", "counter", "outcome, status", "Answered requests of the data listeners, by outcome and status.", requests},
    {"summary_gateway_request_duration_seconds", "histogram", "outcome", "Time from a request's first byte to the last byte of its answer handed to the kernel, by outcome.", durations},
    {"summary_gateway_hop_duration_seconds", "histogram", "hop", "Time that requests spent in each hop. The hops of one request do not overlap, and they sum to its duration.", hops},
    {"summary_gateway_faults_total", "counter", "fault", "Requests that the gateway refused or failed, by fault, as in the Gateway-Fault header of the answer.",
     [](metric_family& f, snapshot now) { each<fault>(f, "fault", now.totals.faults); }},
    {"summary_gateway_cache_bytes", "gauge", "", "Memory of all cached answers, keys and overhead included.",
     [](metric_family& f, snapshot now) { f.sample("", now.cache.bytes); }},
    {"summary_gateway_cache_entries", "gauge", "", "Number of cached answers.",
     [](metric_family& f, snapshot now) { f.sample("", now.cache.entries); }},
    {"summary_gateway_cache_evictions_total", "counter", "reason", "Cached answers that were dropped, by reason.",
     [](metric_family& f, snapshot now) { each<eviction>(f, "reason", std::to_array(now.cache.evictions)); }},
    {"summary_gateway_not_stored_total", "counter", "reason", "Upstream answers that were not cached, by reason. Refusals, 429s and failures of the upstream are not counted.",
     [](metric_family& f, snapshot now) { each<not_stored>(f, "reason", now.totals.not_stored); }},
    {"summary_gateway_erasures_total", "counter", "result", "Erased numbers, by result. incomplete: a gateway of the fleet, its engine or the disk did not confirm it in time.",
     [](metric_family& f, snapshot now) {
       f.sample(label("result", "complete"), now.erasures.complete);
       f.sample(label("result", "incomplete"), now.erasures.incomplete);
     }},
    {"summary_gateway_erasures_running", "gauge", "", "Erasures of numbers that are under way.",
     [](metric_family& f, snapshot now) { f.sample("", now.erasures.running); }},
    {"summary_gateway_snapshot_loaded_entries", "gauge", "", "Cached answers that this process loaded from the snapshot at its start.",
     [](metric_family& f, snapshot now) { f.sample("", now.snapshot.loaded); }},
    {"summary_gateway_snapshot_entries", "gauge", "", "Cached answers in the last snapshot that was written.",
     [](metric_family& f, snapshot now) { f.sample("", now.snapshot.entries); }},
    {"summary_gateway_snapshot_bytes", "gauge", "", "Size of the last snapshot file that was written.",
     [](metric_family& f, snapshot now) { f.sample("", now.snapshot.bytes); }},
    {"summary_gateway_snapshot_last_success_timestamp_seconds", "gauge", "", "Unix time at which the last snapshot was written. 0: none was.",
     [](metric_family& f, snapshot now) { f.sample("", now.snapshot.written_seconds); }},
    {"summary_gateway_snapshot_duration_seconds", "gauge", "", "Time that it took to write the last snapshot.",
     [](metric_family& f, snapshot now) { f.sample("", now.snapshot.took_seconds); }},
    {"summary_gateway_snapshots_total", "counter", "result", "Snapshots of the cache, by result. failed: not written, or not usable at start.",
     [](metric_family& f, snapshot now) {
       f.sample(label("result", "written"), now.snapshot.written);
       f.sample(label("result", "failed"), now.snapshot.failures);
     }},
    {"summary_gateway_fleet_tier_total", "counter", "result", "Questions to the fleet's second tier and answers left there, by result. lead: this replica fetched for the fleet. alone, no_reply: it went on without the fleet. unusable: a stored answer was not believed.",
     [](metric_family& f, snapshot now) { each<tier_result>(f, "result", now.totals.tier); }},
    {"summary_gateway_looks_total", "counter", "result", "Exchanges with the upstream about calls whose summary was not ready, by result. complete: or a refusal that will not change.",
     [](metric_family& f, snapshot now) { each<look_result>(f, "result", now.totals.looks); }},
    {"summary_gateway_looks_saved_total", "counter", "", "Such exchanges that readers would have caused if each were due after cache.not_ready_for, and that the schedule did not make.",
     [](metric_family& f, snapshot now) { f.sample("", now.totals.looks_saved); }},
    {"summary_gateway_polled_calls", "gauge", "", "Calls whose summary was not ready at the last look, counted once for each credential or account that asked.",
     [](metric_family& f, snapshot now) { f.sample("", now.polled_calls); }},
    {"summary_gateway_clients_polling_in_vain", "gauge", "", "Clients most of whose requests in the last minute brought nothing new. /api/clients and the log name them.",
     [](metric_family& f, snapshot now) { f.sample("", now.clients_polling_in_vain); }},
    {"summary_gateway_upstream_requests_total", "counter", "result", "Exchanges with the upstream, by result.",
     [](metric_family& f, snapshot now) { each<upstream_result>(f, "result", now.totals.upstream); }},
    {"summary_gateway_upstream_avoided_total", "counter", "how", "Requests that were answered although nothing was sent to the upstream for them. second_tier: another gateway of the fleet had stored the answer. Refreshes and looks belong to no request.",
     [](metric_family& f, snapshot now) { each<avoided_by>(f, "how", now.totals.avoided); }},
    {"summary_gateway_upstream_retries_total", "counter", "reason", "Exchanges that were repeated, by reason: a reused connection was dead, or the upstream answered 429.",
     [](metric_family& f, snapshot now) { each<retry_reason>(f, "reason", now.totals.retries); }},
    {"summary_gateway_upstream_in_flight", "gauge", "", "Exchanges with the upstream that are under way.",
     [](metric_family& f, snapshot now) { f.sample("", now.limiter.in_flight); }},
    {"summary_gateway_upstream_limit", "gauge", "", "Learnt limit of concurrent exchanges, of the account with the lowest limit.",
     [](metric_family& f, snapshot now) { f.sample("", now.limiter.limit); }},
    {"summary_gateway_upstream_queue", "gauge", "", "Requests that wait for a permit to go upstream.",
     [](metric_family& f, snapshot now) { f.sample("", now.limiter.waiting); }},
    {"summary_gateway_upstream_bulk", "gauge", "state", "Exchanges with the upstream, and requests that wait for a permit, of clients of class bulk.",
     [](metric_family& f, snapshot now) {
       f.sample(label("state", "in_flight"), now.limiter.bulk_in_flight);
       f.sample(label("state", "waiting"), now.limiter.bulk_waiting);
     }},
    {"summary_gateway_upstream_permits_total", "counter", "class", "Permits to go upstream for accepted credentials, by the class of the client.",
     [](metric_family& f, snapshot now) { each<client_class>(f, "class", now.limiter.permits); }},
    {"summary_gateway_upstream_unproved", "gauge", "state", "Exchanges, waiting requests and addresses with an open circuit breaker, for credentials that the upstream has not accepted yet.",
     [](metric_family& f, snapshot now) {
       f.sample(label("state", "in_flight"), now.limiter.unproved_in_flight);
       f.sample(label("state", "waiting"), now.limiter.unproved_waiting);
       f.sample(label("state", "circuit_open"), now.limiter.unproved_broken);
     }},
    {"summary_gateway_upstream_detached", "gauge", "", "Exchanges under way that no client waits for any more.",
     [](metric_family& f, snapshot now) { f.sample("", now.limiter.detached); }},
    {"summary_gateway_upstream_sheds_total", "counter", "reason", "Requests that got no permit to go upstream, by reason.",
     [](metric_family& f, snapshot now) { each<shed_reason>(f, "reason", now.limiter.sheds); }},
    {"summary_gateway_upstream_cool_downs_total", "counter", "", "Times that an account began to pause after a 429 of the upstream, or a kind of resource after a 503 with Retry-After. A probe that is refused prolongs a pause.",
     [](metric_family& f, snapshot now) { f.sample("", now.limiter.cool_downs); }},
    {"summary_gateway_upstream_breaks_total", "counter", "", "Times that a circuit breaker opened after failures in a row. A failed probe is no other time, and of a fleet only one gateway counts each.",
     [](metric_family& f, snapshot now) { f.sample("", now.limiter.breaks); }},
    {"summary_gateway_upstream_accounts", "gauge", "state", "Accounts for which fewer requests are sent now, by state. cooling_down: pausing after a 429, or after a 503 with Retry-After. circuit_open: with an open or half-open circuit breaker.",
     [](metric_family& f, snapshot now) {
       f.sample(label("state", "cooling_down"), now.limiter.cooling_down);
       f.sample(label("state", "circuit_open"), now.limiter.broken);
     }},
    {"summary_gateway_levers", "gauge", "lever", "What an operator holds by hand at the moment, by lever: pauses, circuits and limits of accounts.", levers_held},
    {"summary_gateway_upstream_reported_concurrency", "gauge", "", "Last Twilio-Concurrent-Requests header seen: the account's concurrent requests, those of other programs included.",
     [](metric_family& f, snapshot now) { f.sample("", now.upstream_reported_concurrency); }},
    {"summary_gateway_clock_skew_seconds", "gauge", "", "By how much this machine's clock is ahead of the upstream's at least, by the Date of its last answer; below 0: behind. Less than a second of difference may show as 0.",
     [](metric_family& f, snapshot now) { if (now.clock_skew) f.sample("", in_seconds(*now.clock_skew)); }},
    {"summary_gateway_upstream_connections", "gauge", "state", "Open connections to the upstream, by state.",
     [](metric_family& f, snapshot now) {
       f.sample(label("state", "idle"), now.upstream_idle);
       f.sample(label("state", "active"), now.upstream_active);
     }},
    {"summary_gateway_upstreams_limit", "gauge", "upstream", "Of each upstream: the learnt limit of the account with the lowest. Only with the setting upstreams, as the rows below; default is the section upstream. Without this label, a metric counts all upstreams together.",
     [](metric_family& f, snapshot now) {
       for (auto const& one : now.upstreams) f.sample(label("upstream", one.name), one.load.limit);
     }},
    {"summary_gateway_upstreams_requests", "gauge", "upstream, state", "Of each upstream: exchanges that are under way, and requests that wait for a permit.",
     [](metric_family& f, snapshot now) {
       for (auto const& one : now.upstreams) {
         f.sample(label("upstream", one.name) + "," + label("state", "in_flight"), one.load.in_flight);
         f.sample(label("upstream", one.name) + "," + label("state", "waiting"), one.load.waiting);
       }
     }},
    {"summary_gateway_upstreams_accounts", "gauge", "upstream, state", "Of each upstream: accounts for which fewer requests are sent now, by state.",
     [](metric_family& f, snapshot now) {
       for (auto const& one : now.upstreams) {
         f.sample(label("upstream", one.name) + "," + label("state", "cooling_down"), one.load.cooling_down);
         f.sample(label("upstream", one.name) + "," + label("state", "circuit_open"), one.load.broken);
       }
     }},
    {"summary_gateway_upstreams_sheds_total", "counter", "upstream, reason", "Of each upstream: requests that got no permit, by reason.",
     [](metric_family& f, snapshot now) {
       for (auto const& one : now.upstreams) {
         for (std::size_t i = 0; i < shed_reason_count; ++i)
           f.sample(label("upstream", one.name) + "," + label("reason", name_of(static_cast<shed_reason>(i))), one.load.sheds[i]);
       }
     }},
    {"summary_gateway_account_limit", "gauge", "account", "Of each account of mode inject: its limit of concurrent exchanges, as learnt or as an operator holds it. Only the first 100 accounts of the settings, as in the rows below.",
     [](metric_family& f, snapshot now) {
       for (auto const& one : now.accounts) f.sample(label("account", one.name), one.is.limit);
     }},
    {"summary_gateway_account_requests", "gauge", "account, state", "Of each account of mode inject: exchanges that are under way, and requests that wait for a permit.",
     [](metric_family& f, snapshot now) {
       for (auto const& one : now.accounts) {
         f.sample(label("account", one.name) + "," + label("state", "in_flight"), one.is.in_flight);
         f.sample(label("account", one.name) + "," + label("state", "waiting"), one.is.waiting);
       }
     }},
    {"summary_gateway_account_trouble", "gauge", "account, state", "Of each account of mode inject, whether it is so: 1 or 0. cooling_down and circuit_open are as in summary_gateway_upstream_accounts. credential_refused: Twilio refuses its credential.",
     [](metric_family& f, snapshot now) {
       for (auto const& one : now.accounts) {
         f.sample(label("account", one.name) + "," + label("state", "cooling_down"), std::uint64_t{one.is.is_cooling_down()});
         f.sample(label("account", one.name) + "," + label("state", "circuit_open"), std::uint64_t{one.is.is_broken()});
         f.sample(label("account", one.name) + "," + label("state", "credential_refused"), std::uint64_t{one.credential_refused});
       }
     }},
    {"summary_gateway_account_probe_seconds", "gauge", "account", "Of each account of mode inject that cools down or has an open circuit: seconds until a probe may pass. 0: at once.",
     [](metric_family& f, snapshot now) {
       for (auto const& one : now.accounts) f.sample(label("account", one.name), in_seconds(one.is.probe_in()));
     }},
    {"summary_gateway_client_quota_calls", "gauge", "client, state", "Of each client with a quota: its requests to Twilio in this window, used and left. Only of the first 100 such clients of the settings.",
     [](metric_family& f, snapshot now) {
       for (auto const& one : now.quotas) {
         f.sample(label("client", one.client) + "," + label("state", "used"), one.used());
         f.sample(label("client", one.client) + "," + label("state", "left"), one.left);
       }
     }},
    {"summary_gateway_client_quota_reset_seconds", "gauge", "client", "Of each client with a quota: seconds until its next window. Only of the first 100 such clients of the settings.",
     [](metric_family& f, snapshot now) {
       for (auto const& one : now.quotas) f.sample(label("client", one.client), in_seconds(one.resets_in));
     }},
    {"summary_gateway_upstream_tls_handshakes_total", "counter", "kind", "TLS handshakes with the upstream, by kind.",
     [](metric_family& f, snapshot now) { each<handshake_kind>(f, "kind", now.totals.handshakes); }},
    {"summary_gateway_upstream_fields_dropped_total", "counter", "reason", "Header fields of the upstream's answers that clients did not get. unknown: upstream.answer_fields can add it. Each name is logged once.",
     [](metric_family& f, snapshot now) { each<dropped_field>(f, "reason", now.totals.fields_dropped); }},
    {"summary_gateway_flights", "gauge", "", "Shared fetches under way. Each serves all requests for the same answer.",
     [](metric_family& f, snapshot now) { f.sample("", now.flights); }},
    {"summary_gateway_held_readers", "gauge", "", "Readers that are held until their call is ready (Prefer: wait=N).",
     [](metric_family& f, snapshot now) { f.sample("", now.held_readers); }},
    {"summary_gateway_held_readers_total", "counter", "result", "Readers that asked to be held, by result. answered: a summary came, or a refusal that waiting does not change. waited: their time was over. left: the client left. released: by a drain, a reload or changed credentials. no_place: not held, because too many are.",
     [](metric_family& f, snapshot now) { each<hold_result>(f, "result", now.totals.held); }},
    {"summary_gateway_grants", "gauge", "", "Pairs of credential and account whose shared summaries the credential may read (credentials.sharing: grants, and bearer tokens).",
     [](metric_family& f, snapshot now) { f.sample("", now.grants); }},
    {"summary_gateway_credential_reloads_total", "counter", "result", "Changes of credentials and tokens, in their files or by a reload of the settings, by result. unusable: a file, or a token that two clients have.",
     [](metric_family& f, snapshot now) {
       f.sample(label("result", "taken_over"), now.access_reloads);
       f.sample(label("result", "unusable"), now.access_failures);
     }},
    {"summary_gateway_credential_files_unusable", "gauge", "", "Credential and token files that cannot be used now. Their previous content stays in force; only the tokens of a token_file that is gone end.",
     [](metric_family& f, snapshot now) { f.sample("", now.access_unusable); }},
    {"summary_gateway_files_last_look_timestamp_seconds", "gauge", "", "Unix time of the last look at the watched files: credentials, tokens, certificates. It stands still while a disk or the user database hangs.",
     [](metric_family& f, snapshot now) { f.sample("", now.files_seen_seconds); }},
    {"summary_gateway_upstream_credentials_refused", "gauge", "", "Accounts of mode inject whose credential Twilio refuses now, for all resources or for a kind of them.",
     [](metric_family& f, snapshot now) { f.sample("", now.credentials_refused); }},
    {"summary_gateway_oauth_refreshes_total", "counter", "result", "Requests for OAuth tokens (credentials.accounts[].oauth), by result. client_refused: the endpoint does not take the client or its secret. wrong_type, wrong_lifetime, unusable_token, unusable_answer: it answered 200, but not as OAuth wants it.",
     [](metric_family& f, snapshot now) { if (now.tokens) each<token_result>(f, "result", now.tokens->refreshes); }},
    {"summary_gateway_oauth_accounts_failing", "gauge", "", "Accounts whose last request for an OAuth token failed, or whose tokens Twilio refuses.",
     [](metric_family& f, snapshot now) { f.sample("", now.tokens ? now.tokens->failing : 0); }},
    {"summary_gateway_oauth_token_seconds", "gauge", "", "Seconds until the first OAuth token of an account ends. 0: an account has none.",
     [](metric_family& f, snapshot now) { if (now.tokens) f.sample("", now.tokens->first_end_seconds); }},
    {"summary_gateway_admin_refused_total", "counter", "reason", "Requests that the admin listener refused, by reason. missing_credentials: no known operator. not_permitted: the role is missing. cross_site: a page of another site.",
     [](metric_family& f, snapshot now) { each<admin_refusal>(f, "reason", now.admin_refused); }},
    {"summary_gateway_audit_lines_lost_total", "counter", "", "Lines of the audit trail that admin.audit_file has not got, because it could not be written. /api/audit has the last ones.",
     [](metric_family& f, snapshot now) { f.sample("", now.audit_lost); }},
    {"summary_gateway_config_reloads_total", "counter", "result", "Reloads of the settings, by result. refused: the previous settings stay.",
     [](metric_family& f, snapshot now) {
       f.sample(label("result", "applied"), now.logbook[static_cast<std::size_t>(logbook_kind::reloaded)]);
       f.sample(label("result", "refused"), now.logbook[static_cast<std::size_t>(logbook_kind::reload_refused)]);
     }},
    {"summary_gateway_config_last_reload_successful", "gauge", "", "Whether the last reload of the settings was applied. 1: it was, or none happened. 0: it was refused, the previous settings stay.",
     [](metric_family& f, snapshot now) { f.sample("", std::uint64_t{!now.config_reload_failed}); }},
    {"summary_gateway_config_last_reload_success_timestamp_seconds", "gauge", "", "Unix time at which a reload of the settings was last applied. 0: none was.",
     [](metric_family& f, snapshot now) { f.sample("", now.config_reloaded_seconds); }},
    {"summary_gateway_certificate_reloads_total", "counter", "result", "Changed certificate files of listeners that were read again, by result. unusable: the previous certificate stays in use.",
     [](metric_family& f, snapshot now) {
       f.sample(label("result", "taken_over"), now.certificate_reloads);
       f.sample(label("result", "unusable"), now.certificate_failures);
     }},
    {"summary_gateway_certificate_start_timestamp_seconds", "gauge", "listener", "Unix time from which the certificate of a TLS listener is valid.",
     [](metric_family& f, snapshot now) {
       for (auto const& one : now.certificates) f.sample(label("listener", one.listener), in_seconds(one.life.begin.time_since_epoch()));
     }},
    {"summary_gateway_certificate_expiry_timestamp_seconds", "gauge", "listener", "Unix time at which the certificate of a TLS listener expires.",
     [](metric_family& f, snapshot now) {
       for (auto const& one : now.certificates) f.sample(label("listener", one.listener), in_seconds(one.life.end.time_since_epoch()));
     }},
    {"summary_gateway_connections", "gauge", "listener", "Open client connections, by listener.",
     [](metric_family& f, snapshot now) {
       for (auto const& l : now.connections) f.sample(label("listener", l.listener), l.open);
     }},
    {"summary_gateway_connections_accepted_total", "counter", "", "Client connections that were accepted.",
     [](metric_family& f, snapshot now) { f.sample("", now.totals.connections_accepted); }},
    {"summary_gateway_connections_refused_total", "counter", "reason", "Client connections closed at once, by reason: a limit was reached, or their PROXY header was missing, malformed or too long.",
     [](metric_family& f, snapshot now) { each<connection_refusal>(f, "reason", now.totals.connections_refused); }},
    {"summary_gateway_connections_displaced_total", "counter", "", "Idle or slow client connections that were closed to make room for new ones.",
     [](metric_family& f, snapshot now) { f.sample("", now.totals.connections_displaced); }},
    {"summary_gateway_client_tls_handshakes_total", "counter", "kind", "TLS handshakes with clients, by kind.",
     [](metric_family& f, snapshot now) { each<handshake_kind>(f, "kind", now.totals.client_handshakes); }},
    {"summary_gateway_client_proofs_refused_total", "counter", "reason", "Certificates and JWTs of clients that prove nothing, by reason.",
     [](metric_family& f, snapshot now) { each<proof_refusal>(f, "reason", now.totals.proofs_refused); }},
    {"summary_gateway_connection_deadlines_total", "counter", "", "Client connections closed because a header, idle or write timeout passed.",
     [](metric_family& f, snapshot now) { f.sample("", now.totals.connection_deadlines); }},
    {"summary_gateway_access_log_dropped_total", "counter", "", "Access log lines that are missing, because the queue was full or they could not be written.",
     [](metric_family& f, snapshot now) { f.sample("", now.totals.access_log_dropped); }},
    {"summary_gateway_logbook_entries_total", "counter", "event", "What happened to the gateway as a whole, by event, as in /api/events. Also those of which there were too many for the logbook.",
     [](metric_family& f, snapshot now) { each<logbook_kind>(f, "event", now.logbook); }},
    {"summary_gateway_log_dropped_total", "counter", "", "Log lines that are missing, because the reader of standard error was too slow or they could not be written.",
     [](metric_family& f, snapshot now) { f.sample("", now.log_dropped); }},
    {"summary_gateway_spans_total", "counter", "result", "Traced requests for the OpenTelemetry collector, by result. lost: the collector was too slow or not reachable.",
     [](metric_family& f, snapshot now) {
       f.sample(label("result", "exported"), now.spans_exported);
       f.sample(label("result", "lost"), now.totals.spans_lost);
     }},
    {"summary_gateway_fleet_engine", "gauge", "state", "State of the link to the fleet's engine, one of them 1. slow: the engine does not answer in time, so nothing is asked. Only with the setting fleet.",
     [](metric_family& f, snapshot now) {
       for (auto const is : {link_state::away, link_state::connected, link_state::slow}) {
         if (now.engine) f.sample(label("state", name_of(is)), std::uint64_t{now.engine->state == is});
       }
     }},
    {"summary_gateway_fleet_commands_total", "counter", "result", "Commands for the fleet's engine, by result. away: not sent, because the engine is not there or slow. busy: not sent, because too many wait. late: no reply in fleet.timeout. refused: an error came back.",
     [](metric_family& f, snapshot now) {
       if (now.engine) each<engine_trouble>(f, "result", now.engine->commands);
     }},
    {"summary_gateway_fleet_command_duration_seconds", "histogram", "result", "Time from asking the fleet's engine to its reply.",
     [](metric_family& f, snapshot now) {
       if (now.engine) f.histogram(label("result", name_of(engine_trouble::none)), now.engine->answered);
     }},
    {"summary_gateway_fleet_members", "gauge", "", "Living gateways of the fleet that this one knows, itself included. Only with the setting fleet, as the rows below.",
     [](metric_family& f, snapshot now) {
       if (now.marks) f.sample("", std::uint64_t{now.marks->members.size()});
     }},
    {"summary_gateway_fleet_marks_applied_total", "counter", "subject", "Purges, erased numbers, refused credentials and changed calls of other gateways that were applied here, by subject.",
     [](metric_family& f, snapshot now) {
       if (now.marks) each<mark_subject>(f, "subject", now.marks->applied);
     }},
    {"summary_gateway_fleet_marks_pending", "gauge", "", "The same of this gateway, which the fleet's engine has not confirmed yet.",
     [](metric_family& f, snapshot now) {
       if (now.marks) f.sample("", now.marks->pending);
     }},
    {"summary_gateway_fleet_marks_lag_seconds", "gauge", "", "Time since this gateway last knew that it had applied all of them. Half a second is normal.",
     [](metric_family& f, snapshot now) {
       if (now.marks && now.marks->is_shared) f.sample("", now.marks->lag_seconds);
     }},
    {"summary_gateway_fleet_marks_unreadable_total", "counter", "", "Marks in the engine that no key in fleet.key_file opens.",
     [](metric_family& f, snapshot now) {
       if (now.marks) f.sample("", now.marks->unreadable);
     }},
    {"summary_gateway_fleet_budget", "gauge", "state", "State of the fleet's shared limit, one of them 1. alone: the engine cannot be asked, so the gateway goes on with its part. Only if the setting fleet.share has limit.",
     [](metric_family& f, snapshot now) {
       if (!now.budget) return;
       f.sample(label("state", "shared"), std::uint64_t{!now.budget->alone});
       f.sample(label("state", "alone"), std::uint64_t{now.budget->alone});
     }},
    {"summary_gateway_fleet_budget_gateways", "gauge", "", "Gateways that share the limit, this one included, as the engine last said.",
     [](metric_family& f, snapshot now) {
       if (now.budget) f.sample("", now.budget->gateways);
     }},
    {"summary_gateway_event_deliveries_total", "counter", "result", "Deliveries to the events listener, by result. shared_key: signed with a key that the gateway does not have. Only with the setting events, as the rows below.",
     [](metric_family& f, snapshot now) {
       if (now.events) each<delivery_result>(f, "result", now.events->deliveries);
     }},
    {"summary_gateway_events_total", "counter", "type, result", "Events of Twilio in accepted deliveries, by type and result. ignored: it says nothing of a summary.", events},
    {"summary_gateway_event_age_seconds", "histogram", "type", "Time from the moment that an event names to its arrival here: the delay of Twilio.", event_ages},
    {"summary_gateway_event_last_timestamp_seconds", "gauge", "", "Unix time at which an event about a call was last noted. 0: none was.",
     [](metric_family& f, snapshot now) {
       if (now.events) f.sample("", now.events->last_noted_seconds);
     }},
    {"summary_gateway_loop_lag_seconds", "gauge", "lane", "How late an event loop ran what was to run at once, at worst in the last half to one minute. One lane for each worker, two of which are asked every two seconds, and the control lane.",
     [](metric_family& f, snapshot now) {
       for (std::size_t i = 0; i < now.lane_lags.size(); ++i) f.sample(label("lane", std::to_string(i)), in_seconds(now.lane_lags[i]));
       f.sample(label("lane", "control"), in_seconds(now.control_lag));
     }},
    {"summary_gateway_ready", "gauge", "", "Whether the gateway takes requests, as /readyz says. 1: it listens and does not drain. 0: it drains.",
     [](metric_family& f, snapshot now) { f.sample("", std::uint64_t{now.ready}); }},
    {"summary_gateway_alert_test", "gauge", "", "Whether an operator tests the way of alerts (summary-gateway ctl alert-test): 1 for five minutes, otherwise 0.",
     [](metric_family& f, snapshot now) { f.sample("", std::uint64_t{now.alert_test}); }},
    {"summary_gateway_build_info", "gauge", "version", "Always 1. The label holds the version of the program.",
     [](metric_family& f, snapshot now) { f.sample(label("version", now.version), std::uint64_t{1}); }},
    {"process_start_time_seconds", "gauge", "", "Unix time at which the process started.",
     [](metric_family& f, snapshot now) { f.sample("", now.start_time_seconds); }},
    {"process_cpu_seconds_total", "counter", "", "CPU time of the process, user and system.",
     [](metric_family& f, snapshot now) { f.sample("", now.cpu_seconds); }},
    {"process_resident_memory_bytes", "gauge", "", "Resident memory of the process.",
     [](metric_family& f, snapshot now) { f.sample("", now.resident_bytes); }},
    {"process_virtual_memory_bytes", "gauge", "", "Virtual memory of the process.",
     [](metric_family& f, snapshot now) { f.sample("", now.virtual_bytes); }},
    {"process_open_fds", "gauge", "", "File descriptors that the process has open.",
     [](metric_family& f, snapshot now) { f.sample("", now.open_fds); }},
    {"process_max_fds", "gauge", "", "File descriptors that the process may have open at most.",
     [](metric_family& f, snapshot now) { f.sample("", now.max_fds); }},
};
// clang-format on

}  // namespace

std::span<const metric_row> metric_table() { return metric_rows; }

}  // namespace gateway
