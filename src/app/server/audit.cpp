#include "app/server/audit.hpp"

#include "core/auth/account_label.hpp"
#include "io/runtime/log.hpp"

namespace gateway {
namespace {

void enter(logbook_kind kind, logbook_fields fields, const operator_trace& asker) {
  fields.emplace_back("by", asker.by);
  if (!asker.role.empty()) fields.emplace_back("role", asker.role);
  if (!asker.from.empty()) fields.emplace_back("from", asker.from);
  log_entry(kind, std::move(fields));
}

}  // namespace

void enter_purge(const purge_scope& what, purge_depth how, std::size_t taken, const operator_trace& asker, const access_rules& rules,
                 const short_hash_key& key) {
  logbook_fields fields{{"scope", what.call ? "one call" : what.account ? "account" : "all"}};
  if (what.account) fields.emplace_back("account", account_label(rules, key, *what.account));
  fields.emplace_back("depth", how == purge_depth::hard ? "hard" : "soft");
  fields.emplace_back("entries", taken);
  enter(logbook_kind::purged, std::move(fields), asker);
}

void enter_erasure(std::uint64_t erasure, std::uint64_t taken, const operator_trace& asker) {
  enter(logbook_kind::number_erased, {{"erasure", erasure}, {"entries", taken}}, asker);
}

void enter_lever(const lever_order& what, const lever_outcome& done, const std::string& upstream, const operator_trace& asker) {
  logbook_fields fields{{"lever", name_of(what.what)}};
  if (!done.account.empty()) fields.emplace_back("account", done.account);
  if (what.sets && what.what == lever::kind::limit) fields.emplace_back("limit", what.limit);
  if (!upstream.empty()) fields.emplace_back("upstream", upstream);
  if (what.sets) {
    fields.emplace_back("lasts_ms", what.lasts);
  } else {
    fields.emplace_back("count", done.changed);
  }
  enter(what.sets ? logbook_kind::lever_set : logbook_kind::lever_lifted, std::move(fields), asker);
}

void enter_reload(const std::vector<std::string>& changed, const operator_trace& asker) {
  std::string keys;
  for (auto const& one : changed) keys.append(keys.empty() ? "" : ", ").append(one);
  logbook_fields fields{{"count", changed.size()}};
  if (!keys.empty()) fields.emplace_back("settings", keys);
  enter(logbook_kind::reloaded, std::move(fields), asker);
}

void enter_refused_reload(const std::string& cause, const operator_trace& asker) {
  enter(logbook_kind::reload_refused, {{"cause", cause}}, asker);
}

void enter_refusal(const refused_change& what, const operator_trace& asker) {
  enter(what.is_stranger ? logbook_kind::stranger_refused : logbook_kind::change_refused,
        {{"resource", what.resource}, {"cause", what.why}}, asker);
}

void enter_alert_test(std::chrono::nanoseconds lasts, const operator_trace& asker) {
  enter(logbook_kind::alert_tested, {{"lasted_ms", lasts}}, asker);
}

}  // namespace gateway
