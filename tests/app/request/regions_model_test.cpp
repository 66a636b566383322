// The tenants' model with two upstreams: the same credentials ask about the same calls through listeners of both, while each upstream
// answers, waits, revokes and restores for itself. What a client gets is of the upstream that its listener serves, and that upstream has
// shown it to that credential: what is stored, shared, under way, proved, refused or held at one upstream is of no use at the other. A
// purge and an event are about a call, wherever it is stored.
#include <gtest/gtest.h>

#include <list>
#include <random>

#include "app/events/event_effects.hpp"
#include "app/server/lane_parts.hpp"
#include "request/askers.hpp"
#include "request/scripted_upstream.hpp"

namespace gateway::test::regions_model_test {
namespace {

constexpr std::array<std::string_view, 2> names{"", "eu"};
constexpr std::array<unsigned, 2> marks{1000, 2000};  // stand in each upstream's bodies

struct tally {
  std::array<std::uint64_t, 2> summaries{}, hits{}, collapsed{}, held{};
  std::uint64_t elsewhere = 0, refused_here = 0, proved_at_one = 0, purged = 0;
};

settings settings_for(mode how, unsigned seed) {
  auto values = settings_of(how, seed);
  auto& eu = values.upstreams.emplace_back(another_upstream(values.upstream));
  eu.name = names[1];
  eu.url = "https://eu.test";
  return values;
}

std::string token_at(std::size_t region, std::size_t client) { return token(client + 50 * region); }

// Mode inject: each upstream has its own accounts, and each account its own clients.
access_rules rules_for(mode how, const settings& values, const tenants& world) {
  auto rules = rules_of(how, world, 0);
  if (how != mode::inject) return rules;
  auto const keys = keys_of(values, credential_key);
  auto& all = *rules.injecting;
  for (std::size_t i = 0; i < tenant_count; ++i) {
    identity one{partition_of_account(world.all[i].name, "", keys.of("eu")), all.accounts[i].upstream};
    one.at = names[1];
    all.accounts.push_back(std::move(one));
    all.account_names.push_back(std::string{world.all[i].name} + "-eu");
  }
  for (std::size_t i = 0; i < account_of_client.size(); ++i) {
    known_client one;
    one.account = tenant_count + account_of_client[i];
    one.tokens = {hash_of_token(token_at(1, i))};
    all.clients.push_back(std::move(one));
  }
  return rules;
}

std::vector<asker> askers_at(std::size_t region, mode how, const tenants& world) {
  std::vector<asker> all;
  for (std::size_t i = 0; how == mode::inject && i < account_of_client.size(); ++i) {
    all.push_back({"Bearer " + token_at(region, i), account_of_client[i]});
    all.push_back({"Bearer " + token_at(1 - region, i), tenant_count});  // a client of the other upstream
  }
  if (how != mode::inject) {
    all = askers_of(how, world);
    std::ranges::copy(token_askers(world), std::back_inserter(all));
  }
  return all;
}

struct reader {
  reader(worker& at, client& from, std::size_t at_region, const asker& who, std::size_t about, bool waits)
      : region(at_region), asking(who), call(about), text("GET /v1/Voice/") {
    text.append(tenants::sid("CA", call)).append("/Summary HTTP/1.1\r\nHost: gateway.test\r\n");
    if (!who.authorization.empty()) text.append("Authorization: ").append(who.authorization).append("\r\n");
    if (waits) text += "Prefer: wait=25\r\n";
    text += "\r\n";
    head = *parse_head(text, {});
    auto const came = mono_now();
    one.emplace(at, from, came, came, &head, out);
  }

  std::size_t region;
  const asker& asking;
  std::size_t call;
  std::string text, out;
  request_head head;
  std::optional<exchange> one;
  std::uint64_t began = 0;
  bool knew = false;
  bool answered = false;
};

struct region {
  region(worker& at, shared_state& shared, std::size_t number, mode how)
      : upstream(at.get_executor(), world),
        service(at, upstream, upstream_named(at.config, names[number]),
                parts_for_lane(shared, nullptr, number == 0 ? nullptr : shared.named[0].get())),
        askers(askers_at(number, how, world)) {
    world.edition.fill(marks[number]);
    if (how == mode::inject)
      for (std::size_t i = 0; i < tenant_count; ++i) upstream.expected[i] = i == parent || i == subaccount || i == revocable;
  }
  tenants world;
  scripted_upstream upstream;
  data_service service;
  std::vector<asker> askers;
  std::array<client, 6> connections;
};

class model {
public:
  model(mode how, unsigned seed, tally& sum) : how_(how), random_(seed), sum_(sum), at_(1, settings_for(how, seed)) {
    for (std::size_t i = 0; i < names.size(); ++i) {
      auto& one = regions_.emplace_back(at_, shared_, i, how);
      for (auto& ended : one.world.complete) ended = random_() % 4 != 0;
    }
  }

  void run(int steps) {
    for (int i = 0; i < steps; ++i) {
      step();
      settle();
    }
    for (auto& one : regions_) {
      one.upstream.holds = false;
      one.upstream.release_all();
    }
    settle();
    shared_.held.release_all();
    settle();
    EXPECT_TRUE(waiting_.empty()) << "a reader was never answered";
    for (auto const& one : regions_) EXPECT_TRUE(one.upstream.complaints.empty()) << one.upstream.complaints.front();
  }

private:
  void step() {
    auto const number = random_() % regions_.size();
    auto& one = *std::next(regions_.begin(), static_cast<std::ptrdiff_t>(number));
    auto const call = random_() % tenants::calls;
    switch (random_() % 16) {
      case 0:
        one.upstream.holds = !one.upstream.holds;
        break;
      case 1: {
        auto const who = random_() % 2 == 0 ? revocable : revocable_token;
        one.world.all[who].revoked = !one.world.all[who].revoked;
        break;
      }
      case 2:
        one.world.complete[call] = true;
        break;
      case 3:
        if (random_() % 4 == 0) purge(call);
        break;
      case 4:
        events_.note(std::to_string(random_() % 64),
                     {event_kind::complete, *call_sid::parse(tenants::sid("CA", call)),
                      account_sid::parse(tenants::sid("AC", tenants::owner_of(call))), now().wall},
                     now());
        break;
      case 5:
      case 6:
      case 7:
        if (one.upstream.held() > 0) one.upstream.release(random_() % one.upstream.held());
        break;
      default:
        ask(one, number);
    }
  }

  void purge(std::size_t call) {
    auto const sid = *call_sid::parse(tenants::sid("CA", call));
    shared_.cache.purge({sid, std::nullopt}, purge_depth::hard);
    ++sum_.purged;
    ASSERT_TRUE(shared_.cache.list(sid).empty()) << "a purge reaches the copies of all upstreams";
  }

  void ask(region& at, std::size_t number) {
    auto& from = at.connections[random_() % at.connections.size()];
    for (auto const& other : waiting_)
      if (&other.one->from == &from) return;  // one request at a time
    auto const& who = at.askers[random_() % (random_() % 2 == 0 ? 2 : at.askers.size())];
    if (who.who != tenant_count && !is_proved(who, number) && at.upstream.holds_of(who.who)) return;
    auto& one = waiting_.emplace_back(at_, from, number, who, random_() % (random_() % 2 == 0 ? 2 : 6), random_() % 2 == 0);
    one.began = at.upstream.moment();
    one.knew = knows(one);
    auto pending = at.service.answer_now(*one.one);
    if (who.who != tenant_count) {
      ASSERT_EQ(is_proved(who, number), at.upstream.accepts(who.who)) << at.world.all[who.who].name;
      sum_.proved_at_one += static_cast<std::uint64_t>(is_proved(who, number) != upstream_of(1 - number).accepts(who.who));
    }
    one.answered = !pending;
    if (pending) at_.start_task("reader", wait(*std::move(pending), one, at));
  }

  static task<void> wait(data_service::pending what, reader& one, region& at) {
    auto waiting = at.service.answer_later(std::move(what), *one.one);
    co_await std::move(waiting);
    one.answered = true;
  }

  void settle() {
    at_.loop.restart();
    at_.loop.poll();
    for (auto at = waiting_.begin(); at != waiting_.end();) {
      if (at->answered) judge(*at);
      at = at->answered ? waiting_.erase(at) : std::next(at);
    }
  }

  scripted_upstream& upstream_of(std::size_t number) { return std::next(regions_.begin(), static_cast<std::ptrdiff_t>(number))->upstream; }

  [[nodiscard]] bool is_proved(const asker& one, std::size_t number) {
    auto const keys = keys_of(at_.config, credential_key);
    auto const& key = keys.of(std::string{names[number]});
    auto const owner = how_ == mode::inject ? partition_of_account(regions_.front().world.all[one.who].name, "", key)
                                            : identity_of(one.authorization, key)->owner;
    return shared_.visible.is_proved(owner, mono_now());
  }

  [[nodiscard]] bool knows(const reader& one) {
    auto const who = one.asking.who;
    auto& upstream = upstream_of(one.region);
    if (who == tenant_count || who == expired_token) return false;
    if (how_ == mode::partition && shares_by_claims(who))
      return upstream.knows_account(who, one.call) && upstream.subject_knows_call(who, one.call);
    return how_ == mode::grants ? upstream.knows_account(who, one.call) : upstream.knows_call(who, one.call);
  }

  void judge(const reader& one) {
    auto const who = one.asking.who;
    auto const status = one.one->record.status;
    auto const about = std::string{names[one.region]} + "\n" + one.text + one.out;
    ASSERT_EQ(one.out.find(R"("edition":)" + std::to_string(marks[1 - one.region])), std::string::npos) << "foreign bytes\n" << about;
    if (who == tenant_count) {
      ++sum_.refused_here;
      ASSERT_EQ(status, 401) << about;
      return;
    }
    sum_.held[one.region] += static_cast<std::uint64_t>(one.one->applied_wait.count() > 0);
    if (status != 200) return;
    auto& upstream = upstream_of(one.region);
    ++sum_.summaries[one.region];
    ASSERT_NE(one.out.find(R"("edition":)" + std::to_string(marks[one.region])), std::string::npos) << about;
    ASSERT_TRUE(one.knew || knows(one) || upstream.told_since(who, one.call, one.began)) << "it was never shown\n" << about;
    sum_.hits[one.region] += static_cast<std::uint64_t>(one.out.find("; hit") != std::string::npos);
    sum_.collapsed[one.region] += static_cast<std::uint64_t>(one.out.find("; collapsed") != std::string::npos);
    sum_.elsewhere += static_cast<std::uint64_t>(upstream_of(1 - one.region).knows_call(who, one.call));
  }

  mode how_;
  std::mt19937 random_;
  tally& sum_;
  worker at_;
  shared_state shared_{at_.config, table_key, std::make_shared<const access_rules>(rules_for(how_, at_.config, tenants())), 1, 2};
  event_effects events_{{shared_.table_key, shared_.cache, shared_.polled, shared_.held, shared_.notices}};
  std::list<region> regions_;
  std::list<reader> waiting_;
};

class regions_model : public testing::TestWithParam<mode> {};
INSTANTIATE_TEST_SUITE_P(modes, regions_model, testing::Values(mode::partition, mode::grants, mode::inject), [](auto const& instance) {
  return instance.param == mode::partition ? "partition" : instance.param == mode::grants ? "grants" : "inject";
});

TEST_P(regions_model, no_byte_of_one_upstream_reaches_a_client_of_another) {
  tally sum;
  for (unsigned seed = 1; seed <= 300 && !HasFatalFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    model{GetParam(), seed, sum}.run(120);
  }
  // Otherwise the test would prove nothing.
  for (std::size_t i = 0; i < names.size(); ++i) {
    EXPECT_GT(sum.summaries[i], 500U);
    EXPECT_GT(sum.hits[i], 200U);
    EXPECT_GT(sum.collapsed[i], 20U);
    EXPECT_GT(sum.held[i], 20U);
  }
  EXPECT_GT(sum.elsewhere, 200U) << "the other upstream has shown the same call to the same credential";
  EXPECT_GT(sum.proved_at_one, 200U);
  EXPECT_GT(sum.purged, 150U);
  EXPECT_TRUE(GetParam() != mode::inject || sum.refused_here > 300U) << sum.refused_here;
}

}  // namespace
}  // namespace gateway::test::regions_model_test
