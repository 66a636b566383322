// Rights of clients as a model: random policies (may, methods, subaccounts) for clients of two accounts, who ask in random order at two
// gateways of a fleet for summaries and annotations, while the upstream answers, waits and fails, and while reloads change the policies.
// Nobody is given what the policy in force forbids: from memory, in flight, from the second tier, stale, or after having been held. And
// nobody is refused what it allows.
#include <gtest/gtest.h>

#include <list>
#include <random>

#include "app/request/data_service.hpp"
#include "fleet/replicas.hpp"

namespace gateway::test::rights_model_test {
namespace {

constexpr std::size_t gateways = 2;
constexpr std::size_t clients = 6;
// Calls belong to accounts 1, 2, 3 and 9 in turn.
constexpr std::array<std::size_t, clients> account_of{parent, parent, parent, parent, subaccount, subaccount};
constexpr std::array<std::string_view, 3> methods{"GET", "HEAD", "POST"};

// The model's own word on what a client may do.
struct policy {
  bool reads_all = true, summary = false, annotation = false, writes = false;
  std::array<bool, methods.size()> with{true, true, true};
  std::set<unsigned> accounts;  // none: all

  [[nodiscard]] bool may(bool is_summary, std::string_view method) const {
    if (!with[static_cast<std::size_t>(std::ranges::find(methods, method) - methods.begin())]) return false;
    if (method == "POST") return !is_summary && writes;
    return reads_all || (is_summary ? summary : annotation);
  }
  [[nodiscard]] bool sees(std::size_t call) const { return accounts.empty() || accounts.contains(tenants::owner_of(call)); }
  [[nodiscard]] std::shared_ptr<const client_rights> rights() const {
    right_set may{};
    auto const give = [&](std::string_view word, bool given) {
      may[static_cast<std::size_t>(std::ranges::find(right_names, word) - right_names.begin())] = given;
    };
    give("all", reads_all);
    give("summary", summary);
    give("annotation", annotation);
    give("annotation.write", writes);
    std::vector<account_sid> sids;
    for (auto const one : accounts) sids.push_back(*account_sid::parse(tenants::sid("AC", one)));
    return std::make_shared<const client_rights>(may, with, std::move(sids));
  }
};

struct tally {
  std::uint64_t summaries = 0, annotations = 0, writes = 0, hits = 0, collapsed = 0, from_fleet = 0, stale = 0, held = 0, reloads = 0,
                not_permitted = 0, other_in_memory = 0, other_in_flight = 0, other_from_fleet = 0, other_stale = 0, other_held = 0,
                unknown = 0, taken_meanwhile = 0;
};

struct request_of {
  request_of(worker& at, client& from, std::size_t client_number, std::size_t about, bool of_summary, std::string_view how, bool waits,
             std::string_view cache_control)
      : who(client_number), call(about), is_summary(of_summary), method(how), text(how) {
    text.append(" /v1/Voice/").append(tenants::sid("CA", call)).append(is_summary ? "/Summary" : "/Annotation");
    text.append(" HTTP/1.1\r\nHost: gateway.test\r\nAuthorization: Bearer ").append(token(who)).append("\r\n");
    if (waits) text += "Prefer: wait=25\r\n";
    if (!cache_control.empty()) text.append("Cache-Control: ").append(cache_control).append("\r\n");
    head = *parse_head(text += "\r\n", {});
    auto const came = mono_now();
    one.emplace(at, from, came, came, &head, out);
  }
  std::size_t who, call;
  bool is_summary;
  std::string_view method;
  std::string text, out;
  request_head head;
  std::optional<exchange> one;
  std::uint64_t version = 0;  // of the rules when it came
  bool was_stored = false, was_stale = false, was_under_way = false, answered = false;
};

class model {
public:
  model(unsigned seed, tally& sum) : random_(seed), sum_(sum), at_(1, settings_of(mode::inject, seed)), engine_(seed, false) {
    for (std::size_t i = 0; i < tenant_count; ++i) upstream_.expected[i] = i == parent || i == subaccount;
    for (auto& ended : world_.complete) ended = random_() % 2 == 0;
    world_.without_partial.fill(true);
    for (auto& one : policies_) one = any_policy();
    for (std::size_t i = 0; i < gateways; ++i) {
      all_.push_back(std::make_unique<replica>(at_, upstream_, engine_, keys_, marks_, rules(), i));
      engine_.replicas.insert(all_.back()->marks.replica());
    }
    engine_.publish = [this](const std::string& message) {
      for (auto const& one : all_) one->tier.heard(message);
    };
  }

  void run(int steps) {
    for (int i = 0; i < steps && !testing::Test::HasFatalFailure(); ++i) {
      step();
      settle();
    }
    upstream_.holds = false;
    for (int i = 0; i < 100 && (!waiting_.empty() || at_.live.count() > 0); ++i) {
      upstream_.release_all();
      for (auto const& one : all_) one->shared.held.release_all();
      at_.loop.restart();
      at_.loop.run_for(std::chrono::milliseconds{10});
      settle();
    }
    EXPECT_TRUE(waiting_.empty()) << "a request was never answered";
    EXPECT_TRUE(upstream_.complaints.empty()) << upstream_.complaints.front();
  }

private:
  policy any_policy() {
    policy made;
    made.reads_all = random_() % 2 == 0;
    made.summary = random_() % 4 != 0;
    made.annotation = random_() % 2 == 0;
    made.writes = random_() % 2 == 0;
    for (auto& one : made.with) one = random_() % 6 != 0;
    if (random_() % 3 != 0) {
      for (auto const one : {1U, 2U, 3U})
        if (random_() % 2 == 0) made.accounts.insert(one);
    }
    return made;
  }
  access_rules rules() {
    access_rules made = rules_of(mode::inject, world_, ++version_);
    made.injecting->clients.clear();
    for (std::size_t i = 0; i < clients; ++i) {
      known_client one;
      one.account = account_of[i];
      one.tokens = {hash_of_token(token(i))};
      one.rights = policies_[i].rights();
      made.injecting->clients.push_back(std::move(one));
    }
    return made;
  }

  void step() {
    switch (random_() % 12) {
      case 0:
        upstream_.holds = !upstream_.holds;
        break;
      case 1:
      case 2:
        if (upstream_.held() > 0) upstream_.release(random_() % upstream_.held());
        break;
      case 3: {
        auto const call = random_() % tenants::calls;
        if (world_.complete[call]) break;
        world_.complete[call] = true;
        break;
      }
      case 4:
        if (random_() % 4 == 0) reload();
        break;
      default:
        ask();
    }
  }

  void reload() {
    policies_[random_() % clients] = any_policy();
    ++sum_.reloads;
    auto const next = std::make_shared<const access_rules>(rules());
    for (auto const& one : all_) one->shared.access.replace(next);
  }

  void ask() {
    static constexpr std::array<std::string_view, 8> cache_control{"no-cache", "max-age=0"};
    auto& at = *all_[random_() % gateways];
    auto& from = at.connections[random_() % at.connections.size()];
    for (auto const& other : waiting_)
      if (&other.one->from == &from) return;  // one request at a time
    bool const is_summary = random_() % 3 != 0;
    auto const method = methods[random_() % (is_summary ? 2 : methods.size())];
    auto& one = waiting_.emplace_back(at_, from, random_() % clients, random_() % tenants::calls, is_summary, method, random_() % 2 == 0,
                                      cache_control[random_() % cache_control.size()]);
    one.version = version_;
    auto const owner = partition_of_account(world_.all[account_of[one.who]].name, "", credential_key);
    auto const stored = at.shared.visible.peek({owner, *call_sid::parse(tenants::sid("CA", one.call)), table_key});
    one.was_stored = stored != nullptr && stored->kind == answer_kind::complete;
    one.was_under_way = upstream_.holds_about(one.call);
    auto const asked = upstream_.requests;
    auto pending = at.service.answer_now(*one.one);
    if (!policies_[one.who].may(is_summary, method)) {
      ASSERT_FALSE(pending) << "it must be refused before anything is looked up\n" << one.text;
      ASSERT_EQ(upstream_.requests, asked);
    }
    one.answered = !pending;
    if (pending) at_.start_task("request", wait(*std::move(pending), at, one));
  }

  static task<void> wait(data_service::pending what, replica& at, request_of& one) {
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

  void judge(const request_of& one) {
    auto const& now = policies_[one.who];
    auto const status = one.one->record.status;
    auto const about = one.text + one.out;
    auto const has = [&](std::string_view part) { return one.out.find(part) != std::string::npos; };
    bool const is_write = one.method == "POST";
    bool const unchanged = one.version == version_;
    bool const may_read = world_.may_read(account_of[one.who], one.call);
    bool const held = one.one->applied_wait.count() > 0;
    // What the policy in force forbids is not given. A write that was sent is answered as it ended.
    if (status == 200 && (!is_write || unchanged)) {
      ASSERT_TRUE(now.may(one.is_summary, one.method)) << "forbidden\n" << about;
      ASSERT_TRUE(now.sees(one.call)) << "another account's\n" << about;
    }
    ASSERT_TRUE(now.sees(one.call) || !has("\"call_sid\"") || (is_write && !unchanged)) << "a byte of another account's call\n" << about;
    ASSERT_EQ(status == 403, has("HTTP/1.1 403")) << about;
    if (has("Gateway-Fault: not_permitted")) {
      ++sum_.not_permitted;
      sum_.taken_meanwhile += static_cast<std::uint64_t>(!unchanged);
      ASSERT_FALSE(now.may(one.is_summary, one.method)) << "it is allowed\n" << about;
      return;
    }
    if (has("Gateway-Fault: other_account")) {
      ASSERT_TRUE(one.out.starts_with("HTTP/1.1 403 ") && (one.method == "HEAD" || has("\"code\":17000"))) << about;
      ASSERT_FALSE(now.sees(one.call)) << "it may see that account\n" << about;
      if (!one.is_summary) return;
      ++(held ? sum_.other_held : one.was_stored ? sum_.other_in_memory : one.was_under_way ? sum_.other_in_flight : sum_.other_from_fleet);
      return;
    }
    if (has("Gateway-Fault: account_unknown")) {
      ++sum_.unknown;
      ASSERT_TRUE(is_write && !now.accounts.empty()) << about;
      return;
    }
    if (status == 200) {
      ++(is_write ? sum_.writes : one.is_summary ? sum_.summaries : sum_.annotations);
      sum_.hits += static_cast<std::uint64_t>(has("; hit"));
      sum_.collapsed += static_cast<std::uint64_t>(has("; collapsed"));
      sum_.from_fleet += static_cast<std::uint64_t>(has("detail=fleet"));
      sum_.stale += static_cast<std::uint64_t>(has("stale_while_revalidate"));
      sum_.held += static_cast<std::uint64_t>(held);
      return;
    }
    // What is left is the upstream's own word: it is not ready, or no call of the account.
    ASSERT_TRUE(status == 404 || (status == 403 && !may_read)) << about;
  }

  std::mt19937 random_;
  tally& sum_;
  tenants world_;
  std::array<policy, clients> policies_;
  std::uint64_t version_ = 0;
  worker at_;
  scripted_upstream upstream_{at_.get_executor(), world_};
  model_engine engine_;
  fleet_keys keys_ = keys_of_all();
  marks_of_all marks_;
  std::vector<std::unique_ptr<replica>> all_;
  std::list<request_of> waiting_;
};

TEST(rights_model, nobody_is_given_what_the_policy_in_force_forbids) {
  tally sum;
  for (unsigned seed = 1; seed <= 500 && !HasFatalFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    model{seed, sum}.run(120);
  }
  // Otherwise the test would prove nothing.
  EXPECT_GT(sum.summaries, 3000U);
  EXPECT_GT(sum.annotations, 500U);
  EXPECT_GT(sum.writes, 200U);
  EXPECT_GT(sum.hits, 1000U);
  EXPECT_GT(sum.collapsed, 50U);
  EXPECT_GT(sum.from_fleet, 200U);
  EXPECT_GT(sum.stale, 100U);
  EXPECT_GT(sum.held, 10U);
  EXPECT_GT(sum.reloads, 500U);
  EXPECT_GT(sum.not_permitted, 3000U);
  EXPECT_GT(sum.other_in_memory, 300U);
  EXPECT_GT(sum.other_in_flight, 50U);
  EXPECT_GT(sum.other_from_fleet, 100U);
  EXPECT_GT(sum.other_held, 2U);
  EXPECT_GT(sum.unknown, 100U);
  EXPECT_GT(sum.taken_meanwhile, 20U);
}

}  // namespace
}  // namespace gateway::test::rights_model_test
