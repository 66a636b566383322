#include "core/telemetry/logbook_kind.hpp"

#include <array>

namespace gateway {
namespace {

using enum log_level;
using enum audit_part;

// In the order of the enum. What an operator should look at soon is a warning; what needs an operator to end it is an error.
// clang-format off
constexpr std::array<logbook_row, logbook_kind_count> logbook_rows{{
    {"started", info, "{workers} worker(s), upstream {upstream}[ through {proxy}], cache {cache_bytes} bytes", false, changes},
    {"circuit_opened", warning, "circuit breaker open[ for account {account}][, {resource}]: the upstream failed several times in a row[; the last time: {cause}]"},
    {"circuit_closed", info, "circuit breaker closed[ for account {account}][, {resource}] after {lasted_ms}[; its last cause: {cause}]"},
    {"cool_down_begun", warning, "cool-down of account {account}[, {resource}]: the upstream answered {status}"},
    {"cool_down_ended", debug, "cool-down of account {account}[, {resource}] ended after {lasted_ms}"},
    {"limit_lowered", warning, "the learnt concurrency limit of account {account} fell from {from} to {to}"},
    {"limit_raised", info, "the learnt concurrency limit of account {account} rose from {from} to {to}"},
    {"name_unresolved", warning, "host {host} cannot be resolved: {cause}; {consequence}"},
    {"name_resolved", info, "host {host} can be resolved again after {lasted_ms}"},
    {"addresses_changed", info, "host {host} has other addresses: {addresses}; before: {before}"},
    {"upstream_tls_failed", warning, "TLS with the upstream failed {when} the handshake: {cause}"},
    {"upstream_trust_changed", info, "the certificate of the upstream[ {upstream}] is verified by other authorities from now on"},
    {"upstream_odd_answer", warning, "the upstream[ {upstream}] answered {status}, a status that Twilio does not use here[; the redirect to {redirect_to} is not followed]: check upstream.url, and whether a proxy or a login page answers in Twilio's place"},
    {"loop_refused", error, "a request has already passed this gateway, or more than {proxies} proxies, and got 508: {setting} leads back to this gateway; check it, the upstream's DNS name, /etc/hosts and proxies in between"},
    {"egress_failed", warning, "the egress proxy opened no tunnel to {authority}: {cause}"},
    {"egress_recovered", info, "the egress proxy opens tunnels to {authority} again after {lasted_ms}"},
    {"engine_lost", warning, "fleet: the engine at {engine} cannot be used: {cause}; this gateway goes on alone meanwhile"},
    {"engine_connected", info, "fleet: connected to the engine at {engine}[ after {lasted_ms}]"},
    {"engine_slow", warning, "fleet: the engine at {engine} was late several times in a row; this gateway goes on alone until it answers in time"},
    {"engine_in_time", info, "fleet: the engine at {engine} answers in time again"},
    {"engine_refused", warning, "fleet: the engine at {engine} refused a command: {cause}"},
    {"marks_missed", warning, "fleet: this gateway was away for so long that it missed marks: its cache is {consequence}"},
    {"mark_unreadable", error, "fleet: the engine has a mark that no key in fleet.key_file opens: all gateways need the same file"},
    {"journal_failed", error, "fleet: marks that the engine has not confirmed would be lost in a restart: {cause}"},
    {"webhook_refused", warning, "events: a delivery was refused: {cause}"},
    {"webhook_accepted", info, "events: deliveries are accepted again after {refused} refused one(s)"},
    {"credential_doubted", error, "credentials: Twilio refuses the credential of the account {account} ({status}, code {code}), for {resource}; its clients get 502 and nothing from the cache, and single probes ask again; put a good credential into its file"},
    {"credential_refused", error, "credentials: Twilio refused the credential of the account {account} again[; {consequence}]"},
    {"credential_accepted", info, "credentials: Twilio accepts the credential of the account {account} again"},
    {"token_missing", warning, "credentials: the account {account} gets no OAuth token from {endpoint}: {cause}; {consequence}"},
    {"token_issued", info, "credentials: the account {account} gets OAuth tokens again"},
    {"certificate_replaced", info, "listener {listener}: changed certificate files have been read again; good until {until}", false, changes},
    {"certificate_refused", error, "listener {listener}: {cause}; the certificate read before stays in use", false, refusals},
    {"certificate_ends", warning, "listener {listener}: {remark}"},
    {"files_changed", info, "{setting}: {change}", false, changes},
    {"file_refused", warning, "[{setting}: ]{cause}[; {consequence}]", false, refusals},
    {"purged", info, "purge ({depth}) of {scope}[ {account}]: {entries} cached answer(s); asked for by {by} from {from}", true, purges},
    {"number_erased", info, "erasure {erasure} of a number: {entries} cached answer(s); asked for by {by} from {from}", true, purges},
    {"erasure_unconfirmed", warning, "erasure {erasure} of a number is not complete: {cause}"},
    {"erasures_unsaved", error, "the records of erasures would be lost in a restart: {cause}"},
    {"lever_set", warning, "by hand: {lever}[ of account {account}][ at {limit}][, upstream {upstream}] for {lasts_ms}; asked for by {by}[ from {from}]", true},
    {"lever_lifted", info, "by hand: {lever}[ of account {account}][, upstream {upstream}] lifted, {count} of them; asked for by {by}[ from {from}]", true},
    {"lever_expired", info, "by hand: {lever}[ of account {account}][ at {limit}][, upstream {upstream}] ended by itself after {lasted_ms}", false, changes},
    {"reloaded", info, "reloaded: {count} changed setting(s)[: {settings}], and all changed files that they name; asked for by {by}[ from {from}]", true},
    {"reload_refused", error, "reload refused: {cause}; asked for by {by}[ from {from}]", true, refusals},
    {"listener_added", info, "listening on {address}"},
    {"listener_removed", info, "no longer listening on {address}"},
    {"alert_tested", info, "the alert SummaryGatewayTest is raised for {lasted_ms}; asked for by {by}[ from {from}]", true},
    {"change_refused", warning, "refused: {resource}, asked for by {by}[ with the role {role}] from {from}: {cause}", false, refusals},
    {"stranger_refused", warning, "refused: {resource}, asked for from {from} by nobody known: {cause}", false, strangers},
    {"log_files_reopened", info, "log files are opened again; asked for by {by}", false, changes},
    {"audit_failed", error, "admin.audit_file: {cause}; a thousand lines wait until it can be written, and further ones are lost"},
    {"audit_recovered", info, "admin.audit_file is written again; {count} line(s) were lost"},
    {"shedding_begun", warning, "requests are shed: {count} in {lasted_ms}"},
    {"shedding_ended", info, "no request is shed any more: {count} were, in {lasted_ms}"},
    {"polling_in_vain", warning, "client {client} polls in vain: {wasted} of its last {requests} requests brought nothing new; let it wait for Retry-After, or ask with Prefer: wait"},
    {"polling_ended", info, "client {client} no longer polls in vain, after {lasted_ms}"},
    {"quota_used_up", warning, "client {client} has used up its quota of {calls} requests to Twilio per {per}: until the next window, in {resets_ms}, it gets what is cached"},
    {"connections_refused", warning, "connections are refused because of limits.max_connections or max_connections_per_address: {count} in {lasted_ms}"},
    {"connections_accepted", info, "no connection is refused any more: {count} were, in {lasted_ms}"},
    {"log_lines_lost", warning, "lines of the log are lost, because its reader or its disk is too slow: {count} in {lasted_ms}"},
    {"log_lines_whole", info, "no line of the log is lost any more: {count} were, in {lasted_ms}"},
    {"access_log_failed", error, "access log: {cause}; {consequence}"},
    {"spans_lost", warning, "tracing: the collector at {collector} does not take spans; they are lost until it does"},
    {"snapshot_loaded", info, "snapshot: {entries} cached answers loaded in {took_ms}; {left_out} others were left out: expired, not usable, already cached or beyond cache.max_bytes"},
    {"snapshot_ignored", warning, "snapshot: '{file}' is ignored: {cause}"},
    {"snapshot_damaged", warning, "snapshot: it is damaged; the entries before the damage are used"},
    {"snapshot_written", debug, "snapshot: {entries} cached answers, {bytes} bytes, written in {took_ms}"},
    {"snapshot_last", info, "snapshot: the last one has {entries} cached answers, {bytes} bytes, written in {took_ms}"},
    {"snapshot_failed", error, "snapshot: none was written: {cause}"},
    {"snapshot_missing", error, "the last snapshot of the cache is missing[, {cause}]"},
    {"snapshot_unused", error, "snapshot: {cause}"},
    {"erasure_incomplete", error, "snapshot: an entry was erased from the cache, but not from the disk: {cause}"},
    {"drain_begun", info, "{by}: draining", false, changes},
    {"drain_cut", warning, "drain: limits.drain_timeout has passed, open connections are closed"},
    {"drain_incomplete", error, "drain ended with work left: {requests_cut} request(s) were cut"},
    {"drained", info, "drained"},
    {"worker_stuck", error, "worker {worker} has not moved for {lasted_ms}: the service manager's watchdog gets no sign of life"},
    {"task_failed", error, "task {task} ended by {cause}"},
}};
// clang-format on
static_assert(static_cast<std::size_t>(logbook_kind::task_failed) + 1 == logbook_kind_count);

}  // namespace

const logbook_row& row_of(logbook_kind kind) { return logbook_rows[static_cast<std::size_t>(kind)]; }

audit_part part_of(logbook_kind kind) {
  auto const& row = row_of(kind);
  return row.is_audit && row.part == none ? changes : row.part;
}

std::string_view name_of(logbook_kind kind) { return row_of(kind).name; }

}  // namespace gateway
