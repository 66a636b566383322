#include "app/server/lever_desk.hpp"

#include <algorithm>

#include "app/server/audit.hpp"
#include "core/auth/account_label.hpp"
#include "core/settings/upstreams.hpp"
#include "io/runtime/clock.hpp"
#include "io/runtime/log.hpp"

namespace gateway {

lever_outcome lever_desk::pull(const lever_order& what, const operator_trace& asker) {
  lever_outcome made;
  auto const where = target_of(what);
  made.problem = where.problem;
  if (!made.problem.empty()) return made;
  auto const now = mono_now();
  lever const one{what.what, where.account, what.limit, now, now + what.lasts};
  made.account = label_of(one);
  for (auto* const each : where.at) {
    if (!what.sets) {
      made.changed += each->permits.lift_lever(what.what, where.account) ? 1 : 0;
      if (what.what == lever::kind::circuit) each->permits.reset_circuits(where.account);
    } else if (each->permits.set_lever(one)) {
      ++made.changed;
    } else {
      made.problem = "There are " + std::to_string(levers::most) + " levers already. Lift one first.";
      return made;
    }
  }
  auto const upstream = upstreams_.size() == 1 ? std::string{} : what.upstream.empty() ? std::string{"all"} : what.upstream;
  enter_lever(what, made, upstream, asker);
  return made;
}

lever_desk::target lever_desk::target_of(const lever_order& what) {
  target made;
  std::string names;
  for (auto& one : upstreams_) {
    names.append(names.empty() ? "" : ", ").append(shown_upstream(one.name));
    if (what.upstream.empty() || what.upstream == shown_upstream(one.name)) made.at.push_back(&one);
  }
  if (made.at.empty()) made.problem = "There is no such upstream. The names are: " + names + ".";
  if (!made.problem.empty() || what.what == lever::kind::pause) return made;
  std::vector<std::uint64_t> known;
  for (auto* const one : made.at) std::ranges::copy(one->permits.known_accounts(), std::back_inserter(known));
  auto const found = account_called(*access_.get(), key_, what.account, known);
  if (!found) {
    made.problem = "No account is called so. Say its name in the settings, its AccountSid, or the eight digits that /api/events shows.";
    return made;
  }
  made.account = found->scope;
  if (found->at) std::erase_if(made.at, [&](const upstream* one) { return one->name != *found->at; });  // defence: lever-of-upstream
  if (made.at.empty()) made.problem = "That account is not at this upstream. It is at " + std::string{shown_upstream(*found->at)} + ".";
  for (auto const* const one : made.at) {
    auto const most = upstream_named(config_, one->name).max_in_flight;
    if (what.limit > most) made.problem = "limit is a number from 1 to " + std::to_string(most) + " (upstream.max_in_flight), or auto.";
  }
  return made;
}

void lever_desk::look(mono_time now) {
  for (auto& one : upstreams_) {
    for (auto const& each : one.permits.end_levers(now)) {
      logbook_fields fields{{"lever", name_of(each.what)}};
      if (auto const label = label_of(each); !label.empty()) fields.emplace_back("account", label);
      if (auto const name = shown(one); !name.empty()) fields.emplace_back("upstream", name);
      if (each.what == lever::kind::limit) fields.emplace_back("limit", each.limit);
      fields.emplace_back("lasted_ms", each.until - each.since);
      log_entry(logbook_kind::lever_expired, std::move(fields));
    }
  }
}

std::vector<lever_figures> lever_desk::figures(mono_time now) const {
  std::vector<lever_figures> all;
  for (auto const& one : upstreams_) {
    for (auto const& each : one.permits.levers_set()) {
      if (each.until > now) all.push_back({each.what, label_of(each), shown(one), each.limit, now - each.since, each.until - now});
    }
  }
  return all;
}

std::string lever_desk::label_of(const lever& one) const {
  return one.what == lever::kind::pause ? "" : account_label(*access_.get(), key_, one.account);
}

std::string lever_desk::shown(const upstream& one) const { return upstreams_.size() == 1 ? "" : std::string{shown_upstream(one.name)}; }

}  // namespace gateway
