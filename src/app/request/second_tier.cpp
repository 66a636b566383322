#include "app/request/second_tier.hpp"

#include <algorithm>

#include "app/request/stored_answer.hpp"
#include "core/cache/freshness.hpp"
#include "io/runtime/clock.hpp"

namespace gateway {
namespace {

// Messages of the feed may be lost: a fetch that waits looks again after this time.
constexpr std::chrono::milliseconds look_again{250};
// Stored answers that a fetch looks at in vain, at most.
constexpr int most_unusable = 3;
// Attempts to store what a fetch brought. After that, only its lease is given back.
constexpr int settle_attempts = 4;

// A client that demands a newer answer, or forbids storing it, has no use for what others fetched before.
bool must_lead(const fetch_order& order) {
  return !order.storable || order.since != mono_time::min() ||
         order.cache_control.wants_newer(std::chrono::seconds{0}, std::chrono::seconds::max());  // defence: newer-than-the-fleets
}

fetch_result abandoned() {
  auto made = fetch_result::failure(fault::upstream_busy);
  made.is = fetch_result::ending::abandoned;
  return made;
}

}  // namespace

bool second_tier::applies_to(const fetch_order& order) const {
  if (parts_.tier == nullptr || order.is_bypass()) return false;
  // During a write, what is stored may be old. An account that is refused sees nothing that is stored.
  return parts_.tier->is_usable() && !parts_.writes.covers(order.key) && !parts_.refused.hides(order.key.owner);
}

task<second_tier::outcome> second_tier::ask(const flight_leader& lead, const fetch_order& order, authorized_cache::asked when,
                                            hop_ledger& hops) {
  outcome made;
  if (!applies_to(order)) co_return made;
  auto& tier = *parts_.tier;
  hops.enter(hop::fleet, mono_now());
  auto const owners = parts_.visible.owners_seen(order.key.owner, mono_now());
  auto asked = tier.question_of(order.key.call, owners, order.state);
  // From before the first claim, so that no message is missed.
  shared_tier::waiting place{tier, at_.get_executor(), order.key, asked};
  auto terms = tier.terms(must_lead(order), lease_span());
  bool waited = false;
  for (int unusable = 0; unusable < most_unusable;) {
    auto claiming = tier.claim(at_.get_executor(), asked, terms, !order.who.is_unproved());
    auto const got = co_await std::move(claiming);
    auto const now = mono_now();
    if (!got) {
      count(tier_result::no_reply);
      if (!terms.token.empty()) give_back(std::move(asked), std::move(terms.token), now);  // defence: late-claim-given-back
      co_return made;
    }
    if (got->is == tier_claim::kind::alone) break;
    if (got->is == tier_claim::kind::lease) {
      count(tier_result::lead);
      made.leads = std::make_unique<led_fetch>(std::move(asked), tier.lease_of(*got, terms, now));
      co_return made;
    }
    if (got->is == tier_claim::kind::wait) {
      if (!std::exchange(waited, true)) {
        count(tier_result::wait);
        place.begin();
      }
      terms.waited_for = got->token;
      // Its own time decides: enough must remain to ask the upstream alone.
      if (!parts_.permits.leaves_time(lead.permit(), now + look_again + order.leaves_early)) break;  // defence: short-time-goes-alone
      auto sleeping = place.wakes().sleep_until(now + look_again);
      co_await std::move(sleeping);
      if (lead.is_abandoned()) {
        made.result = abandoned();
        co_return made;
      }
      continue;
    }
    made.result = take(*got, asked, order, owners, when);
    if (made.result) {
      count(got->is == tier_claim::kind::summary ? tier_result::summary : tier_result::refusal);
      co_return made;
    }
    count(tier_result::unusable);
    terms.unusable = got->token;
    ++unusable;
  }
  count(tier_result::alone);
  co_return made;
}

// Judged exactly as an answer of the upstream is; what was true when it was fetched must still be true here.
std::optional<fetch_result> second_tier::take(const tier_claim& got, const tier_question& asked, const fetch_order& order,
                                              const std::vector<partition>& owners, const authorized_cache::asked& when) {
  auto const opened = parts_.tier->open(asked, got);
  if (!opened) return std::nullopt;
  bool const is_summary = got.is == tier_claim::kind::summary;
  auto const& answer = opened->answer;
  auto const meaning = judge_answer(answer, order.key.call, at_.bodies);
  if (contradicts(meaning, parts_.visible.peek(order.key, when.subject))) return std::nullopt;
  auto const at = order.key.under(owners[got.owner]);
  if (!parts_.tier->is_believed(*opened, got, at, meaning.account)) return std::nullopt;
  if (order.wants_partial && opened->has_partial) return std::nullopt;  // it says nothing to those readers
  auto const arrived = arrival_of(*opened, got.now, now());
  looks_.note_shared(at, answer, meaning, arrived.asked_at, arrived.came);
  auto const policy = looks_.policy_for(at, meaning, arrived.came);
  auto const made =
      remember(answer, meaning, arrived.came, policy, at_.config.cache.gzip, arrived.asked_at, at_.config.upstream.answer_fields);
  if (made.why_not) return std::nullopt;  // defence: shared-answer-judged
  if (!looks_.answers(order, made.made->kind)) return std::nullopt;
  auto const judged = judge(*made.made, now(), at_.config.cache.freshness);
  if (order.cache_control.wants_newer(judged.age, judged.ttl)) return std::nullopt;  // defence: newer-than-stored
  bool const is_own = got.owner == 0;
  authorized_cache::asked const then{when.generation, arrived.asked_at, when.subject};
  auto const evidence = evidence_of(answer.status, meaning);
  // The upstream gave it to this very credential, though through another replica.
  if (is_own && is_summary) {
    parts_.visible.learn(order.key, evidence, meaning.account, then, mono_now());
  } else if (is_own) {
    parts_.visible.learn_beside(order.key.owner, evidence, then.at, mono_now());
  }
  // It may stay out because a newer one is stored here, which the credential may see from now on.
  bool const is_stored = !parts_.visible.insert(order.key, made.made, then, now());
  auto found = find_stored(at_, parts_.visible, parts_.writes, order);
  if (found) found->by_fleet = is_stored;
  return found;
}

void second_tier::note(led_fetch& leads, const fetch_order& order, const brought& what, mono_time now) const {
  auto& tier = *parts_.tier;
  auto const& own = leads.asked.owners.front();
  auto const why_not = what.made.why_not;
  // Whether a summary exists that is newer than any that is stored, and may not be stored itself.
  bool const outdated = why_not && what.meaning.is == verdict_kind::found && (*why_not == not_stored::client_forbids || outdates(*why_not));
  if (outdated) leads.leaves.withdrawn = leads.asked.owners;
  if (what.evidence == credential_evidence::call_refused) {
    leads.leaves.withdrawn = {own};  // defence: refused-call-withdrawn
    parts_.visible.note_newer(order.key, {0, what.asked_at, order.asks.subject});
  }
  auto const& made = what.made.made;
  if (why_not || !made || made->ask_first || what.answer.body.size() > max_shared_body) return;
  auto const packed =
      pack(leads.lease.version, leads.lease.engine_time(what.asked_at), leads.lease.engine_time(now), what.answer, what.has_partial);
  auto const lives = fresh_until(*made, at_.config.cache.freshness) - now;  // defence: thirty-days-fleet
  bool const is_summary = made->kind == answer_kind::complete;
  tier.add(leads.leaves, leads.asked, own, is_summary, packed, lives);
  // The copy for all credentials with a grant for its account.
  if (auto const all = is_summary ? parts_.visible.partition_for_all(*made, order.asks.subject) : std::nullopt)
    tier.add(leads.leaves, leads.asked, tier.owner_name(*all, order.key.call), true, packed, lives);
}

// A claim without a reply in time may still be carried out, and the other replicas would wait for its lease.
void second_tier::give_back(tier_question asked, std::string token, mono_time now) {
  tier_lease lease;
  lease.token = std::move(token);
  lease.then = now;
  at_.start_task("lease", settle(std::make_unique<led_fetch>(std::move(asked), std::move(lease))));
}

task<void> second_tier::settle(std::unique_ptr<led_fetch> leads) {
  auto const ends = leads->lease.then + lease_span();
  auto const pause = std::make_shared<sleeper>(at_.get_executor());
  auto& values = leads->leaves.values;
  for (int attempt = 1;; ++attempt) {
    auto settling = parts_.tier->settle(at_.get_executor(), leads->asked, leads->lease.token, leads->leaves);
    auto const stored = co_await std::move(settling);
    if (stored) {
      if (!values.empty()) count(*stored ? tier_result::stored : tier_result::overtaken);
      co_return;
    }
    auto const now = mono_now();
    bool const gives_up = now >= ends || at_.is_draining();  // defence: lease-given-back
    if (!values.empty() && (gives_up || attempt == settle_attempts)) {
      count(tier_result::lost);
      values.clear();
    }
    if (gives_up) co_return;
    co_await pause->sleep_until(now + look_again);
  }
}

}  // namespace gateway
