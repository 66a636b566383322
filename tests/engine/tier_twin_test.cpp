// The second tier's scripts in a real engine, and the engine of the app tests' models, are twins: any sequence of operations gives the same
// replies, and leaves the same fields.
#include <gtest/gtest.h>

#include <random>

#include "fleet/model_engine.hpp"
#include "real_engine.hpp"

namespace gateway::test::tier_twin_test {
namespace {

using namespace std::chrono_literals;

// A reply as text, for the message of a failure.
std::string text_of(const engine_reply& reply) {
  if (reply.is != engine_reply::kind::array) return reply.is == engine_reply::kind::integer ? std::to_string(reply.number) : reply.text;
  std::string all;
  for (auto const& item : reply.items) all += text_of(item) + " | ";
  return all;
}

class twins {
public:
  explicit twins(unsigned seed) : random_(seed) {
    // Ahead of the engine's own clock, which ends whole keys.
    model_.now = static_cast<std::uint64_t>((std::chrono::system_clock::now() + 1h).time_since_epoch() / 1ms);
    for (auto const* name : {"a1", "a2", "a3"}) model_.replicas.insert(name);
  }

  void step() {
    pass_time();
    auto const asked = some_question();
    switch (random_() % 16) {
      case 0:
        return flush();
      case 1:
      case 2:
        return live_or_vanish();
      case 3:
        model_.version = random_() % 5 == 0 ? 9'007'199'254'740'991 : model_.version + 1;
        real_.ask({"SET", keys_.version(), std::to_string(model_.version)});
        // Sometimes it is the mark of an erased party.
        if (random_() % 4 == 0) model_.claimed = random_() % 3;
        real_.ask({"HSET", keys_.floors(), "claimed", std::to_string(model_.claimed)});
        return;
      case 4:
      case 5:
      case 6:
      case 7:
      case 8:
        return compare(asked, settle_call(keys_, asked, some_token(), some_settlement(asked)));
      default:
        return compare(asked, claim_call(keys_, asked, some_terms()));
    }
  }
  std::map<std::string, int> replies;  // how often each kind came

private:
  template <class T>
  const T& one_of(const std::vector<T>& all) {
    return all[random_() % all.size()];
  }
  void pass_time() {
    static const std::vector<std::uint64_t> spans{0, 0, 1, 40, 3000};
    model_.now += one_of(spans);
  }
  tier_question some_question() {
    static const std::vector<std::string> calls{"c1", "c2"};
    static const std::vector<std::vector<std::string>> owners{{"0a"}, {"0b", "5a"}, {"0a", "0b", "5a"}};
    static const std::vector<std::string_view> questions{"absent", "all"};
    return {one_of(calls), one_of(owners), one_of(questions)};
  }
  claim_terms some_terms() {
    static const std::vector<claim_mode> modes{claim_mode::share, claim_mode::share, claim_mode::share, claim_mode::single,
                                               claim_mode::lead};
    static const std::vector<std::string> names{"a1", "a2", "a3"};
    claim_terms terms;
    terms.mode = one_of(modes);
    terms.replica = one_of(names);
    terms.token = std::to_string(++tokens_);
    terms.lease = one_of(spans_);
    if (random_() % 8 == 0) terms.unusable = some_token();
    if (random_() % 4 == 0) terms.waited_for = some_token();
    return terms;
  }
  // One of the last, which may hold a lease.
  std::string some_token() { return std::to_string(tokens_ - std::min<std::uint64_t>(tokens_, random_() % 4)); }
  tier_settlement some_settlement(const tier_question& asked) {
    tier_settlement leaves;
    leaves.version = random_() % 3;
    if (random_() % 3 > 0) leaves.values.push_back({summary_field(one_of(asked.owners)), one_of(spans_), some_bytes()});
    if (random_() % 3 == 0) leaves.values.push_back({refusal_field(asked.owners.front(), asked.question), one_of(spans_), some_bytes()});
    if (random_() % 4 == 0) leaves.withdrawn = asked.owners;
    return leaves;
  }
  std::string some_bytes() {
    std::string bytes(random_() % 20, '\0');
    for (auto& byte : bytes) byte = static_cast<char>(random_());
    return bytes;
  }

  void flush() {
    if (random_() % 4 > 0) return;
    model_.flush();
    for (auto const* call : {"c1", "c2"}) real_.ask({"DEL", keys_.call(call)});
  }
  void live_or_vanish() {
    static const std::vector<std::string> names{"a1", "a2", "a3"};
    auto const& name = one_of(names);
    if (model_.replicas.erase(name) == 0) model_.replicas.insert(name);
  }
  // The model's replicas live until they vanish.
  void tell_who_lives() {
    real_.ask({"DEL", keys_.replicas()});
    for (auto const& name : model_.replicas) real_.ask({"ZADD", keys_.replicas(), std::to_string(model_.now + 60'000), name});
  }

  void compare(const tier_question& asked, const script_call& call) {
    tell_who_lives();
    auto const real = real_.run(call, model_.now);
    auto const model = model_.reply_to(call);
    ASSERT_EQ(text_of(real), text_of(model));
    ++replies[real.is == engine_reply::kind::array ? real.items.front().text : text_of(real)];
    ASSERT_EQ(fields_of(keys_.call(asked.call)), model_.fields_of(keys_.call(asked.call)));
  }
  // Those that have not ended.
  std::map<std::string, std::string> fields_of(const std::string& key) {
    std::map<std::string, std::string> found;
    auto const all = real_.ask({"HGETALL", key});
    for (std::size_t i = 0; i + 1 < all.items.size(); i += 2) {
      auto const& value = all.items[i + 1].text;
      if (all.items[i].text != "e" && std::stoull(value) > model_.now) found[all.items[i].text] = value;
    }
    return found;
  }

  std::mt19937 random_;
  engine_keys keys_{"sg"};
  real_engine real_;
  model_engine model_{1, false};
  std::uint64_t tokens_ = 0;
  const std::vector<std::chrono::milliseconds> spans_{1ms, 100ms, 10s, 1h};
};

TEST(tier_twin_test, model_and_scripts_reply_alike_in_any_order) {
  for (unsigned seed = 1; seed <= 3; ++seed) {
    twins both{seed};
    for (int i = 0; i < 3000 && !testing::Test::HasFatalFailure(); ++i) {
      SCOPED_TRACE("seed " + std::to_string(seed) + ", step " + std::to_string(i));
      both.step();
    }
    for (auto const* kind : {"summary", "refusal", "lease", "wait", "alone", "0", "1"})
      EXPECT_GE(both.replies[kind], 3) << kind << " is hardly compared";
  }
}

}  // namespace
}  // namespace gateway::test::tier_twin_test
