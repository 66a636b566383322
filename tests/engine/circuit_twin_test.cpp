// The script of the circuits in a real engine and the model of the core tests are twins: any sequence of reports gives the same words, and
// tells the others as often.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "core/fleet/shared_circuits.hpp"
#include "fleet/circuit_engine_model.hpp"
#include "real_engine.hpp"

namespace gateway::test::circuit_twin_test {
namespace {

using namespace std::chrono_literals;
using sort = circuit_name::sort;
using event = circuit_report::event;
using prober = circuit_word::prober;

constexpr std::uint64_t account = 7;
constexpr int gateways = 3;

// A word as text, for the message of a failure.
std::string text_of(const named_word& one) {
  auto const& [whose, word] = one;
  std::string all = "circuit " + std::to_string(static_cast<int>(whose.is)) + ": ";
  for (auto const number : {word.number, std::uint64_t{word.open}, static_cast<std::uint64_t>(word.open_for.count()),
                            std::uint64_t{word.streak}, static_cast<std::uint64_t>(word.probe)})
    all += std::to_string(number) + " ";
  return all;
}

class twins {
public:
  explicit twins(unsigned seed) : random_(seed), feed_(real_.path()) { feed_.ask({"SUBSCRIBE", keys_.feed()}); }

  void step() {
    static const std::vector<std::uint64_t> spans{0, 0, 3, 40, 300, 700, 2500, 12'000};
    now_ += one_of(spans);
    if (random_() % 200 == 0) {
      real_.ask({"FLUSHALL"});
      model_.forget();
    }
    auto const me = static_cast<int>(random_() % gateways);
    auto const reports = some_reports(me);

    circuit_place const where{keys_, name_of(me), "host"};
    auto const name_of_account = [](std::uint64_t) { return std::string{"acc"}; };
    auto const account_of = [](std::string_view) { return std::optional{account}; };
    auto real = read_circuits(where, real_.run(circuit_call(where, reports, name_of_account), now_), account_of);
    bool news = false;
    auto const model = model_.run(me, reports, mono_time{std::chrono::milliseconds{now_}}, news);

    ASSERT_TRUE(real);
    std::ranges::sort(*real, {}, &named_word::whose);
    ASSERT_EQ(texts_of(*real), texts_of(model));
    ASSERT_EQ(real_.messages(feed_, keys_.feed()), news ? std::vector{"circuits " + name_of(me)} : std::vector<std::string>{});
    told += news ? 1 : 0;
    for (auto const& one : model) {
      known_[{me, one.whose}] = one.word.number;
      ++(one.word.open ? open : closed);
      ++probes[static_cast<std::size_t>(one.word.probe)];
    }
  }
  std::size_t told = 0, open = 0, closed = 0;
  std::array<std::size_t, 3> probes{};  // by prober

private:
  template <class T>
  const T& one_of(const std::vector<T>& all) {
    return all[random_() % all.size()];
  }
  static std::string name_of(int which) { return "g" + std::to_string(which); }
  static std::vector<std::string> texts_of(const std::vector<named_word>& all) {
    std::vector<std::string> texts;
    std::ranges::transform(all, std::back_inserter(texts), text_of);
    return texts;
  }

  std::vector<named_report> some_reports(int me) {
    static const std::vector<circuit_name> names{
        {}, {sort::cool_down, account}, {sort::pause, account, resource::events}, {sort::breaker, account, resource::summary}};
    static const std::vector<event> events{event::unchanged, event::unchanged, event::unchanged,
                                           event::opened,    event::prolonged, event::closed};
    static const std::vector<std::chrono::milliseconds> pauses{0ms, 100ms, 1s, 5s};
    std::vector<named_report> made;
    for (auto const& whose : names) {
      if (random_() % 3 > 0) continue;
      auto const heard = known_[{me, whose}];
      auto const known = random_() % 8 > 0 ? heard : heard + 1 - std::min<std::uint64_t>(random_() % 3, heard);
      made.push_back({whose, {one_of(events), known, one_of(pauses), static_cast<unsigned>(random_() % 5), random_() % 2 == 0}});
    }
    return made;
  }

  std::mt19937 random_;
  engine_keys keys_{"sg"};
  real_engine real_;
  engine_client feed_;
  circuit_engine_model model_;
  std::map<std::pair<int, circuit_name>, std::uint64_t> known_;  // the number that a gateway heard last
  std::uint64_t now_ = 1'764'445'077'000;
};

TEST(circuit_twin_test, model_and_script_reply_alike_in_any_order) {
  for (unsigned seed = 1; seed <= 3; ++seed) {
    twins both{seed};
    for (int i = 0; i < 3000 && !testing::Test::HasFatalFailure(); ++i) {
      SCOPED_TRACE("seed " + std::to_string(seed) + ", step " + std::to_string(i));
      both.step();
    }
    EXPECT_GT(both.told, 100U);
    EXPECT_GT(both.open, 100U);
    EXPECT_GT(both.closed, 100U);
    for (auto const how : {prober::none, prober::self, prober::another}) EXPECT_GT(both.probes[static_cast<std::size_t>(how)], 100U);
  }
}

}  // namespace
}  // namespace gateway::test::circuit_twin_test
