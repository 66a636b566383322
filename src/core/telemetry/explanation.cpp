#include "core/telemetry/explanation.hpp"

#include <algorithm>

#include "core/base/json_writer.hpp"
#include "core/cache/shown.hpp"

namespace gateway {
namespace {

// Numbers credentials in the order of their first appearance, from 1.
class ordinals {
public:
  std::size_t of(const partition& owner) {
    auto const found = std::ranges::find(met_, owner);
    if (found != met_.end()) return static_cast<std::size_t>(found - met_.begin()) + 1;
    met_.push_back(owner);
    return met_.size();
  }

private:
  std::vector<partition> met_;
};

std::string_view name_of(second_tier_state state) {
  static constexpr std::array<std::string_view, 3> names{"off", "on", "paused"};
  return names[static_cast<std::size_t>(state)];
}

void next_request(std::string& out, std::string_view outcome, std::string_view why, std::string_view setting) {
  json_object next{out};
  next.text("outcome", outcome);
  next.text("why", why);
  if (!setting.empty()) next.text("setting", setting);
}

bool is_hidden(const lru_store::listed& one, const explained_call& about) {
  return std::ranges::find(about.hidden, one.owner) != about.hidden.end();
}

void next_for(std::string& out, const lru_store::listed& one, const explained_call& about) {
  if (is_hidden(one, about)) {
    return next_request(out, name_of(fault::upstream_credential_refused), "The upstream refuses the gateway's credential for this account.",
                        "");
  }
  auto const next = decide(one.state, about.state, {}, about.now, about.policy).is;
  next_request(out, name_of(next), prose_of(next), setting_of(next, one.state.stored->kind));
}

void stored_entry(std::string& out, const lru_store::listed& one, const explained_call& about, ordinals& owners) {
  auto const& stored = *one.state.stored;
  auto const decided = decide(one.state, about.state, {}, about.now, about.policy);
  auto const judged = judge(stored, about.now, about.policy);
  json_object entry{out};
  entry.number("partition", owners.of(one.owner));
  bool const shared = std::ranges::find(about.everybody, one.owner) != about.everybody.end();
  entry.flag("shared", shared);
  if (shared) entry.number("grants", about.holders);
  entry.text("kind", name_of(stored.kind));
  entry.number("status", stored.status);
  entry.number("code", stored.code);
  entry.text("freshness", name_of(judged.is));
  entry.number("age", judged.age.count());
  entry.number("ttl", judged.ttl.count());
  entry.text("gone_at", http_date(stored.gone_by));
  entry.number("bytes", one.cost);
  entry.flag("gzip", stored.gzip != nullptr);
  entry.flag("purged", one.state.purged);
  entry.flag("hidden", is_hidden(one, about));
  entry.flag("refresh_failed", decided.failing);
  entry.number("refresh_held_back_for", whole_seconds(one.refresh_again_at - about.now.mono).count());
  entry.begin("next");
  next_for(out, one, about);
}

void refused_client(std::string& out, const client_rights& rights, const std::optional<fault>& why) {
  if (why) return next_request(out, name_of(*why), row_of(*why).message, "credentials.clients[].subaccounts");
  auto const lacks = rights.missing(resource::summary, client_method_names.front());
  next_request(out, name_of(fault::not_permitted), "This client may not ask for a summary.",
               std::string{"credentials.clients[]."}.append(lacks.setting));
}

void quota_of(std::string& out, const quota_figures& is) {
  json_object quota{out};
  quota.number("upstream_calls", is.rule.calls);
  quota.number("per", whole_seconds(is.rule.per).count());
  quota.number("used", is.used());
  quota.number("left", is.left);
  quota.number("resets_in", std::chrono::ceil<std::chrono::seconds>(is.resets_in).count());
}

void refused_by_quota(std::string& out) {
  next_request(out, name_of(fault::quota_exhausted), row_of(fault::quota_exhausted).message, "credentials.clients[].quota");
}

void client_of(std::string& out, const explained_client& who, const explained_call& about) {
  json_object client{out};
  client.text("name", who.name);
  client.flag("known", who.rights != nullptr);
  if (who.rights == nullptr) return;
  client.begin("recognised_by");
  json_list(out, who.proofs, [&](std::string_view one) {
    out += '"';
    append_json_escaped(out, one);
    out += '"';
  });
  auto const list = [&](std::string_view key, const auto& set, const auto& names) {
    client.begin(key);
    std::vector<std::string_view> words;
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (set[i]) words.push_back(names[i]);
    }
    json_list(out, words, [&](std::string_view one) { out.append("\"").append(one).append("\""); });
  };
  list("may", who.rights->may(), right_names);
  list("methods", who.rights->methods(), client_method_names);
  client.begin("subaccounts");
  json_list(out, who.rights->subaccounts(), [&](const account_sid& one) { out.append("\"").append(one.view()).append("\""); });
  append_standing(client, who.upstream);
  auto const& quota = who.upstream.quota;
  if (quota) {
    client.begin("quota");
    quota_of(out, *quota);
  }
  auto const own = std::ranges::find(about.stored, who.owner, &lru_store::listed::owner);
  auto const why = own == about.stored.end() ? std::nullopt : refusal_of(*own->state.stored, who.rights.get());
  client.begin("next");
  if (why || !who.rights->allows(resource::summary, client_method_names.front())) return refused_client(out, *who.rights, why);
  bool const is_stored = own != about.stored.end();
  auto const next = decide(is_stored ? own->state : lru_store::found{}, about.state, {}, about.now, about.policy).is;
  if (quota && quota->left == 0 && !is_answer(next)) return refused_by_quota(out);
  if (is_stored) return next_for(out, *own, about);
  next_request(out, name_of(next), prose_of(next), "");
}

// The upstream limits that a request with a fetch would meet.
void upstream_budget(std::string& out, const explained_call& about) {
  auto const& load = about.upstream;
  json_object budget{out};
  budget.number("max_in_flight", about.max_in_flight);
  budget.number("limit", load.limit);
  budget.number("in_flight", load.in_flight);
  budget.number("waiting", load.waiting);
  budget.number("accounts_cooling_down", load.cooling_down);
  budget.number("accounts_circuit_open", load.broken);
  budget.number("accounts_refused", about.accounts_refused);
  budget.number("paused_for", std::chrono::ceil<std::chrono::seconds>(about.paused_for).count());
}

}  // namespace

std::string explain(const explained_call& about) {
  std::string out;
  ordinals owners;
  {
    json_object answer{out};
    answer.text("call_sid", about.call.lower().view());
    answer.text("processing_state", name_of(about.state));
    answer.begin("entries");
    json_list(out, about.stored, [&](const lru_store::listed& one) { stored_entry(out, one, about, owners); });
    answer.begin("flights");
    json_list(out, about.flights, [&](const explained_flight& one) {
      json_object flight{out};
      flight.number("partition", owners.of(one.owner));
      flight.text("processing_state", name_of(one.state));
      flight.number("waiting", one.waiting);
      flight.text("fetched_by", one.elsewhere ? "another replica" : "this gateway");
    });
    answer.begin("not_stored");
    json_list(out, about.why_not_stored, [&](const recently_not_stored::noted& one) {
      json_object noted{out};
      noted.number("partition", owners.of(one.key.owner));
      noted.text("reason", name_of(one.reason));
      noted.number("ago", whole_seconds(about.now.mono - one.at).count());
    });
    answer.begin("looks");
    json_list(out, about.looks, [&](const explained_look& one) {
      json_object look{out};
      look.number("partition", owners.of(one.owner));
      look.number("last_ago", whole_seconds(one.looked_ago).count());
      look.text("next_at", http_date(about.now.wall + (one.next.at - about.now.mono)));
      look.number("next_in", whole_seconds(one.next.at - about.now.mono).count());
      look.text("because", explained(one.next.why));
      if (one.ended_ago) look.number("call_ended_ago", whole_seconds(*one.ended_ago).count());
      look.number("held_readers", one.held);
      if (one.held > 0) look.number("first_hold_ends_in", whole_seconds(one.first_end - about.now.mono).count());
    });
    answer.text("second_tier", name_of(about.second_tier));
    answer.begin("upstream");
    upstream_budget(out, about);
    if (!about.upstreams.empty()) answer.begin("upstreams"), append_upstreams(out, about.upstreams);
    if (about.client) answer.begin("client"), client_of(out, *about.client, about);
    answer.begin("any_other_credential");
    auto const next = decide({}, about.state, {}, about.now, about.policy).is;
    next_request(out, name_of(next), prose_of(next), "");
  }
  return out;
}

}  // namespace gateway
