// Threats 15 and 16 as a model: credentials request calls in random sequences while the upstream answers, waits, revokes and restores, in
// each mode, through the real service with its authorizer, cache, grants and flights. Every answer that a client gets must have been given
// by the upstream to that very credential, or to the account's in mode inject. No byte of another tenant's call reaches any other client.
// A bearer token may be given what tokens with the same claims got, once the upstream has shown a call of that account to that very token;
// and nothing from memory once it has expired by its own word.
// An unproved credential has never been accepted: the upstream has shown nothing to it since its last refusal. Events of Twilio (threat 50)
// come about any call, at any moment, and show nothing to any credential. Some clients wait (Prefer: wait): each of them gets its summary
// with the first answer of the upstream to its credential that has it.
#include <gtest/gtest.h>

#include <list>
#include <random>

#include "app/events/event_effects.hpp"
#include "app/server/lane_parts.hpp"
#include "request/askers.hpp"
#include "request/scripted_upstream.hpp"

namespace gateway::test::tenants_model_test {
namespace {

// The state of a call when a request for it arrives, whichever client had requested it before: not stored, stored, or with fetches under
// way.
enum state : std::size_t { cold, warm, in_flight, state_count };

struct tally {
  std::uint64_t answers = 0, summaries = 0, hits = 0, stale = 0, collapsed = 0, refused_here = 0, refused_upstream = 0, proved = 0,
                unproved = 0, seen_among_strangers = 0, events = 0, held = 0, held_answered = 0, held_left = 0, by_claims = 0;
  std::array<std::array<std::uint64_t, state_count>, tenant_count + 1> met{};  // by credential; the last: unknown ones
};

struct reader {
  reader(worker& at, client& from, const asker& who, std::size_t about, bool to_partial, bool waits, std::string_view method,
         std::string_view cache_control)
      : asking(who), call(about), partial(to_partial), text(method), came(mono_now()) {
    text.append(" /v1/Voice/").append(tenants::sid("CA", call)).append("/Summary").append(partial ? "?ProcessingState=partial" : "");
    text.append(" HTTP/1.1\r\nHost: gateway.test\r\n");
    if (!who.authorization.empty()) text.append("Authorization: ").append(who.authorization).append("\r\n");
    if (waits) text.append("Prefer: wait=25\r\n");
    if (!cache_control.empty()) text.append("Cache-Control: ").append(cache_control).append("\r\n");
    text += "\r\n";
    head = *parse_head(text, {});
    one.emplace(at, from, came, came, &head, out);
  }

  const asker& asking;
  std::size_t call;
  bool partial;
  std::string text;
  request_head head;
  mono_time came;
  std::string out;
  std::optional<exchange> one;
  std::uint64_t began = 0;  // the upstream's moment
  std::uint64_t held_since = 0;
  bool knew = false;  // whether the upstream had already shown the requested call to the credential
  bool answered = false;
};

class model {
public:
  model(mode how, unsigned seed, tally& sum)
      : how_(how),
        random_(seed),
        sum_(sum),
        by_tokens_(how != mode::inject && seed % 4 == 0),
        askers_(by_tokens_ ? token_askers(world_) : askers_of(how, world_)),
        at_(1, settings_of(how, seed)),
        upstream_(at_.get_executor(), world_),
        shared_(at_.config, table_key, std::make_shared<const access_rules>(rules_of(how, world_, 0)), 1, 2),
        service_(at_, upstream_, at_.config.upstream, parts_for_lane(shared_)) {
    for (auto& ended : world_.complete) ended = random_() % 4 != 0;
    for (auto& early : world_.without_partial) early = random_() % 2 != 0;
    if (how == mode::inject)
      for (std::size_t i = 0; i < tenant_count; ++i) upstream_.expected[i] = i == parent || i == subaccount || i == revocable;
  }

  void run(int steps) {
    for (int i = 0; i < steps; ++i) {
      step();
      settle();
    }
    // Requests with an unproved credential go upstream one after the other.
    upstream_.holds = false;
    upstream_.release_all();
    settle();
    shared_.held.release_all();
    settle();
    EXPECT_TRUE(waiting_.empty()) << "somebody was never answered";
    EXPECT_EQ(at_.live.count(), 0U);
    EXPECT_TRUE(upstream_.complaints.empty()) << upstream_.complaints.front();
  }

private:
  void step() {
    switch (random_() % 18) {
      case 0:
        upstream_.holds = !upstream_.holds;
        break;
      case 1: {
        auto const who = random_() % 2 == 0 ? revocable : revocable_token;
        world_.all[who].revoked = !world_.all[who].revoked;
        break;
      }
      case 3:
        if (random_() % 8 == 0) invent();
        break;
      case 2:
        world_.complete[random_() % tenants::calls] = true;
        break;
      case 16:
        world_.without_partial[random_() % tenants::calls] = false;
        break;
      case 17:
        if (auto* const held = any_held()) random_() % 3 == 0 ? held->one->reader.end() : complete(held->call);
        break;
      case 8:
        hear(static_cast<event_kind>(random_() % 3), random_() % tenants::calls);
        break;
      case 7:
        if (random_() % 4 != 0) break;
        shared_.cache.purge({}, random_() % 2 == 0 ? purge_depth::soft : purge_depth::hard);
        purged_beside_fetches_ = upstream_.held() > 0;
        break;
      case 4:
      case 5:
      case 6:
        if (upstream_.held() > 0) upstream_.release(random_() % upstream_.held());
        break;
      default:
        ask();
    }
  }

  // Random credentials of no account are all refused, which changes nothing for the tenants.
  void invent() {
    auto const moment = mono_now();
    auto const before = what_all_see(now());
    for (int i = 0; i < 100; ++i) {
      partition who;
      for (auto& byte : who.id) byte = static_cast<std::byte>(random_());
      cache_key const asked{who, *call_sid::parse(tenants::sid("CA", random_() % tenants::calls)), table_key};
      shared_.visible.learn(asked, credential_evidence::refused, std::nullopt, {shared_.cache.generation(asked.call), moment}, moment);
    }
    ASSERT_EQ(what_all_see(now()), before);
    sum_.seen_among_strangers += static_cast<std::uint64_t>(std::ranges::count_if(before, [](auto const& one) { return one != nullptr; }));
  }

  [[nodiscard]] reader* any_held() {
    auto const held = std::ranges::find_if(waiting_, is_held);
    return held == waiting_.end() ? nullptr : &*held;
  }
  // Twilio completes the call, and says so.
  void complete(std::size_t call) {
    world_.complete[call] = true;
    hear(event_kind::complete, call);
  }

  // An event shows nothing to any credential, and takes nothing away.
  void hear(event_kind kind, std::size_t call) {
    constexpr std::array<std::chrono::minutes, 4> ages{std::chrono::minutes{0}, std::chrono::minutes{4}, std::chrono::minutes{6},
                                                       std::chrono::minutes{120}};
    auto const moment = now();
    call_event const what{kind, *call_sid::parse(tenants::sid("CA", call)),
                          account_sid::parse(tenants::sid("AC", tenants::owner_of(random_() % tenants::calls))),
                          moment.wall - ages[random_() % ages.size()]};
    auto const before = what_all_see(moment);
    sum_.events += static_cast<std::uint64_t>(events_.note(std::to_string(random_() % 64), what, moment));
    ASSERT_EQ(what_all_see(moment), before);
  }

  [[nodiscard]] std::vector<entry_ptr> what_all_see(const instant& moment) {
    std::vector<entry_ptr> all;
    for (auto const& one : askers_) {
      for (std::size_t call = 0; one.who != tenant_count && call < tenants::calls; ++call)
        all.push_back(shared_.visible.find({owner_of(one), *call_sid::parse(tenants::sid("CA", call)), table_key}, moment).stored.share());
    }
    return all;
  }

  // Most requests have none.
  static constexpr std::array<std::string_view, 16> cache_control{"no-cache", "no-store", "max-age=0, no-store"};

  void ask() {
    auto& from = connections_[random_() % connections_.size()];
    for (auto const& other : waiting_)
      if (&other.one->from == &from) return;  // one request at a time
    auto const& who = askers_[random_() % askers_.size()];
    if (!is_proved(who) && upstream_.holds_of(who.who)) return;  // one exchange at a time
    bool const is_own = by_tokens_ && random_() % 4 != 0;
    auto const call = is_own ? 1 + tenants::accounts.size() * (random_() % 2) : random_() % (random_() % 2 == 0 ? 2 : tenants::calls);
    ++sum_.met[who.who][state_of(call)];
    auto& one = waiting_.emplace_back(at_, from, who, call, random_() % 8 == 0, random_() % 2 == 0, random_() % 8 == 0 ? "HEAD" : "GET",
                                      cache_control[random_() % cache_control.size()]);
    one.began = upstream_.moment();
    one.knew = knows(one);
    auto pending = service_.answer_now(*one.one);
    if (who.who != tenant_count) {
      ++(is_proved(who) ? sum_.proved : sum_.unproved);
      ASSERT_EQ(is_proved(who), upstream_.accepts(who.who)) << world_.all[who.who].name;
    }
    one.answered = !pending;
    if (pending) at_.start_task("reader", wait(*std::move(pending), one));
  }

  // Whether the gateway knows that the upstream has accepted the credential.
  [[nodiscard]] bool is_proved(const asker& one) const {
    return one.who != tenant_count && shared_.visible.is_proved(owner_of(one), mono_now());
  }

  [[nodiscard]] partition owner_of(const asker& one) const {
    if (how_ == mode::inject) return partition_of_account(world_.all[one.who].name, "", credential_key);
    return identity_of(one.authorization, credential_key)->owner;
  }

  [[nodiscard]] state state_of(std::size_t call) const {
    if (upstream_.holds_about(call)) return in_flight;
    auto const all = shared_.cache.list(*call_sid::parse(tenants::sid("CA", call)));
    return std::ranges::any_of(all, [](auto const& one) { return one.state.stored->kind == answer_kind::complete; }) ? warm : cold;
  }

  task<void> wait(data_service::pending what, reader& one) {
    auto waiting = service_.answer_later(std::move(what), *one.one);
    co_await std::move(waiting);
    one.answered = true;
  }

  void settle() {
    at_.loop.restart();
    at_.loop.poll();
    if (upstream_.held() == 0) purged_beside_fetches_ = false;
    for (auto at = waiting_.begin(); at != waiting_.end();) {
      if (at->answered) judge(*at);
      if (!at->answered && is_held(*at)) check_hold(*at);
      at = at->answered ? waiting_.erase(at) : std::next(at);
    }
  }

  [[nodiscard]] static bool is_held(const reader& one) { return one.one->applied_wait.count() > 0; }

  // An answer to a request that was sent before a purge is not for readers that came after it.
  void check_hold(reader& one) const {
    if (one.held_since == 0) one.held_since = upstream_.moment() + 1;
    if (purged_beside_fetches_) return;
    auto const who = one.asking.who;
    bool const has_come =
        one.partial ? upstream_.told_since(who, one.call, one.held_since) : upstream_.told_complete_since(who, one.call, one.held_since);
    ASSERT_FALSE(has_come) << "it waits in vain\n" << one.text;
  }

  [[nodiscard]] bool knows(const reader& one) const {
    auto const who = one.asking.who;
    if (who == tenant_count || who == expired_token) return false;
    if (how_ == mode::partition && shares_by_claims(who))
      return upstream_.knows_account(who, one.call) && upstream_.subject_knows_call(who, one.call);
    return how_ == mode::grants ? upstream_.knows_account(who, one.call) : upstream_.knows_call(who, one.call);
  }

  void judge(const reader& one) {
    auto const who = one.asking.who;
    auto const status = one.one->record.status;
    auto const about = one.text + one.out;
    ++sum_.answers;
    ASSERT_TRUE(one.out.starts_with("HTTP/1.1 " + std::to_string(status))) << about;
    for (std::size_t other = 0; other < tenants::calls; ++other) {
      if (other == one.call && status == 200) continue;
      ASSERT_EQ(one.out.find(tenants::sid("CA", other)), std::string::npos) << "another call's bytes\n" << about;
    }
    if (who == tenant_count) {
      ++sum_.refused_here;
      ASSERT_EQ(status, 401) << about;
      ASSERT_NE(one.out.find("Gateway-Fault: "), std::string::npos) << about;
      return;
    }
    if (one.out.find("; hit") != std::string::npos) {
      ++sum_.hits;
      ASSERT_NE(who, expired_token) << about;
      if (shares_by_claims(who) && status == 200 && !upstream_.knows_call(who, one.call)) ++sum_.by_claims;
    }
    if (one.out.find("stale_while_revalidate") != std::string::npos) ++sum_.stale;
    if (one.out.find("; collapsed") != std::string::npos) ++sum_.collapsed;
    if (is_held(one)) {
      ++sum_.held;
      sum_.held_left += static_cast<std::uint64_t>(one.one->reader.has_ended());
      sum_.held_answered += static_cast<std::uint64_t>(status == 200 && !one.one->reader.has_ended());
    }
    if (status == 200) {
      ++sum_.summaries;
      ASSERT_TRUE(one.knew || knows(one) || upstream_.told_since(who, one.call, one.began)) << world_.all[who].name << " was never told\n"
                                                                                            << about;
      return;
    }
    // In mode inject the refusal of the account's credential is no refusal of the client's. From then on only probes go upstream, and the
    // first one comes later than this story ends.
    bool const of_the_gateway = one.out.find("Gateway-Fault: upstream_credential_refused") != std::string::npos;
    ASSERT_TRUE(!of_the_gateway || (how_ == mode::inject && status == 502)) << about;
    if (status == 401 || status == 403 || of_the_gateway) ++sum_.refused_upstream;
    ASSERT_TRUE(how_ != mode::inject || status != 401) << about;
    if (of_the_gateway) {
      ASSERT_EQ(who, revocable) << about;
    } else if (who == revocable || who == revocable_token) {
      ASSERT_TRUE(status == 401 || status == 403 || status == 404) << about;
    } else if (world_.may_read(who, one.call)) {
      ASSERT_EQ(status, 404) << about;
    } else {
      ASSERT_EQ(status, who == wrong_secret || who == forged_token ? 401 : 403) << about;
    }
  }

  mode how_;
  std::mt19937 random_;
  tally& sum_;
  tenants world_;
  bool by_tokens_;  // all clients send bearer tokens, mostly about calls of their account
  std::vector<asker> askers_;
  worker at_;
  scripted_upstream upstream_;
  shared_state shared_;
  event_effects events_{{shared_.table_key, shared_.cache, shared_.polled, shared_.held, shared_.notices}};
  data_service service_;
  std::array<client, 12> connections_;
  std::list<reader> waiting_;
  bool purged_beside_fetches_ = false;  // fetches are under way that were sent before a purge
};

class tenants_model : public testing::TestWithParam<mode> {};
INSTANTIATE_TEST_SUITE_P(modes, tenants_model, testing::Values(mode::partition, mode::grants, mode::inject), [](auto const& instance) {
  return instance.param == mode::partition ? "partition" : instance.param == mode::grants ? "grants" : "inject";
});

TEST_P(tenants_model, nobody_is_given_what_upstream_did_not_tell_them) {
  tally sum;
  for (unsigned seed = 1; seed <= 2000 && !HasFatalFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    model{GetParam(), seed, sum}.run(88);
  }
  // Otherwise the test would prove nothing: each kind of answer must have occurred often, and every client must have met calls in each
  // state.
  tenants const world;
  auto askers = askers_of(GetParam(), world);
  if (GetParam() != mode::inject) std::ranges::copy(token_askers(world), std::back_inserter(askers));
  for (auto const& asker : askers) {
    auto const often = shares_by_claims(asker.who) || asker.who == forged_token ? 100U : 500U;
    for (std::size_t at = 0; at < state_count; ++at)
      EXPECT_GT(sum.met[asker.who][at], often) << "asker " << asker.who << " in state " << at;
  }
  EXPECT_GT(sum.summaries, 5000U);
  EXPECT_GT(sum.hits, 2000U);
  EXPECT_GT(sum.stale, 300U);
  EXPECT_GT(sum.collapsed, 300U);
  EXPECT_GT(sum.refused_here, 1000U);
  EXPECT_GT(sum.refused_upstream, 3000U);
  EXPECT_GT(sum.proved, 10'000U);
  EXPECT_GT(sum.unproved, 3000U);
  EXPECT_GT(sum.seen_among_strangers, 1000U);
  EXPECT_GT(sum.events, 3000U);
  EXPECT_GT(sum.held, 500U);
  EXPECT_GT(sum.held_answered, 200U);
  EXPECT_GT(sum.held_left, 80U);
  EXPECT_TRUE(GetParam() != mode::partition || sum.by_claims > 300U) << sum.by_claims;
  RecordProperty("answers", std::to_string(sum.answers));
  RecordProperty("hits", std::to_string(sum.hits));
}

}  // namespace
}  // namespace gateway::test::tenants_model_test
