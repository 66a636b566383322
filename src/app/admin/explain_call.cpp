#include "app/admin/explain_call.hpp"

#include <algorithm>

#include "core/telemetry/explanation.hpp"
#include "io/runtime/clock.hpp"

namespace gateway {

namespace {

std::vector<std::string> proofs_of(const known_client& known) {
  std::vector<std::string> all;
  if (!known.tokens.empty()) all.emplace_back("token");
  if (!known.certificate.text().empty()) all.push_back("certificate " + known.certificate.text());
  if (known.unix_user) all.push_back("unix user " + std::to_string(*known.unix_user));
  if (!known.subject.empty()) all.push_back("jwt " + known.subject);
  return all;
}

explained_client client_of(const explain_sources& from, const std::string& name) {
  auto const* const known = client_named(from.access, name);
  if (known == nullptr) return {name};
  auto const standing = from.named.find(name);
  return {name, from.access.injecting->accounts[known->account].owner, known->rights, proofs_of(*known),
          standing == from.named.end() ? client_standing{} : standing->second};
}

std::chrono::nanoseconds pause_left(const std::vector<lever>& held) {
  auto const pause = std::ranges::find(held, lever::kind::pause, &lever::what);
  return pause == held.end() ? std::chrono::nanoseconds{0} : std::max<std::chrono::nanoseconds>(pause->until - mono_now(), {});
}

}  // namespace

std::string explain_call(const explain_sources& from, const explain_parameters& wanted) {
  auto const& call = wanted.call;
  explained_call about{call,
                       wanted.state,
                       now(),
                       from.config.cache.freshness,
                       from.cache.list(call),
                       {},
                       from.cache.why_not_stored(call),
                       {},
                       0,
                       from.permits.now(),
                       from.config.upstream.max_in_flight,
                       pause_left(from.permits.levers_set()),
                       from.refused.count(),
                       {}};
  for (auto const& one : about.stored) {
    if (from.refused.hides(one.owner)) about.hidden.push_back(one.owner);
    if (!from.visible.is_for_all(one.owner, *one.state.stored)) continue;
    about.everybody.push_back(one.owner);
    about.holders = from.visible.grant_holders(*one.state.stored->account, about.now.mono);
  }
  if (from.tier != nullptr) about.second_tier = from.tier->is_usable() ? second_tier_state::on : second_tier_state::paused;
  for (auto const& one : from.flights.list(call)) {
    bool const elsewhere = from.tier != nullptr && from.tier->is_waiting(one.owner, call);
    about.flights.push_back({one.owner, one.state, one.waiting, elsewhere});
  }
  auto const held = from.held.list(call);
  for (auto const& [owner, life, plan] : from.polled.list(call, about.now)) {
    auto const ended = life.ended ? std::optional<std::chrono::nanoseconds>{about.now.mono - *life.ended} : std::nullopt;
    auto& look = about.looks.emplace_back(explained_look{owner, plan, about.now.mono - life.looked_at, ended});
    auto const readers = std::ranges::find(held, owner, &held_readers::listed::owner);
    if (readers == held.end()) continue;
    look.held = readers->readers;
    look.first_end = readers->first_end;
  }
  about.upstreams = from.upstreams;
  if (!wanted.client.empty()) about.client = client_of(from, wanted.client);
  return explain(about);
}

}  // namespace gateway
