// The budget's script in a real engine and the model of the core tests' simulations are twins: any sequence of reports gives the same
// replies, and hands the same slots to the same gateways.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "core/fleet/shared_budget.hpp"
#include "fleet/budget_engine_model.hpp"
#include "real_engine.hpp"

namespace gateway::test::budget_twin_test {
namespace {

using namespace std::chrono_literals;

constexpr int gateways = 4;

// A word as text, for the message of a failure.
std::string text_of(const budget_word& word) {
  std::string all;
  for (auto const number : {word.slots[0], word.slots[1], std::uint64_t{word.yields[0]}, std::uint64_t{word.yields[1]}, word.in_flight,
                            word.epoch, word.gateways, word.seen.accepted, word.seen.in_flight})
    all += std::to_string(number) + " ";
  all += word.seen.elsewhere ? "elsewhere " + std::to_string(*word.seen.elsewhere) : "";
  if (word.learnt)
    all += " learnt " + std::to_string(word.learnt->limit) + " again in " + std::to_string(word.learnt->try_again_in.count());
  return all;
}

class twins {
public:
  explicit twins(unsigned seed) : random_(seed), feed_(real_.path()) { feed_.ask({"SUBSCRIBE", keys_.feed()}); }

  void step() {
    static constexpr std::array<std::uint64_t, 5> spans{0, 3, 40, 300, 2500};
    now_ += spans[random_() % spans.size()];
    if (random_() % 200 == 0) {
      real_.ask({"FLUSHALL"});
      model_.forget();
      alive_.clear();
    }
    auto const me = static_cast<int>(random_() % gateways);
    auto const report = some_report();
    auto const answer = read_budget_answer(real_.run(budget_call({keys_, "acc", name_of(me)}, report), now_));
    std::vector<int> handed;
    auto const word = model_.run(me, report, mono_time{std::chrono::milliseconds{now_}}, handed);
    ASSERT_TRUE(answer);
    ASSERT_EQ(text_of(answer->word), text_of(word));
    ASSERT_EQ(answer->word.learnt, word.learnt);
    epoch_ = word.epoch;

    std::vector<std::string> told_by_model;
    for (auto const one : handed) told_by_model.push_back("slots " + name_of(one) + " acc");
    ASSERT_EQ(real_.messages(feed_, keys_.feed()), told_by_model);
    auto const told_all = static_cast<std::size_t>(std::ranges::count(handed, budget_engine_model::everybody));
    slots_handed += handed.size() - told_all;
    all_told += told_all;

    alive_[me] = now_;
    auto const living = std::ranges::count_if(alive_, [&](auto const& one) { return now_ <= one.second + 2000; });
    ASSERT_EQ(answer->members, static_cast<std::uint64_t>(living));
    yielded += word.yields[0] || word.yields[1] ? 1 : 0;
    restored += word.learnt ? 1 : 0;
    learning += word.gateways == 0 ? 1 : 0;
  }
  std::size_t slots_handed = 0, all_told = 0, yielded = 0, restored = 0, learning = 0;

private:
  static std::string name_of(int which) { return which == budget_engine_model::everybody ? "*" : "g" + std::to_string(which); }
  std::uint64_t up_to(std::uint64_t most) { return random_() % (most + 1); }

  budget_report some_report() {
    budget_report made;
    for (std::size_t kind = 0; kind < slot_kinds; ++kind) {
      made.in_use[kind] = up_to(3);
      made.wanted[kind] = made.in_use[kind] + up_to(4);
      made.spare[kind] = random_() % 8 == 0 ? 1 : 0;
    }
    made.reserve = std::chrono::milliseconds{up_to(1500)};
    made.part = up_to(4);
    made.gateways = up_to(gateways);
    made.epoch = random_() % 4 > 0 ? epoch_ : epoch_ - std::min(epoch_, up_to(2)) + (random_() % 8 == 0 ? 1 : 0);
    made.seen.accepted = up_to(3);
    made.seen.in_flight = up_to(9);
    if (random_() % 3 == 0) made.seen.elsewhere = up_to(5);
    if (random_() % 6 > 0) return made;
    made.proposed_limit = 1 + up_to(11);
    concurrency_limit::memory learnt;
    learnt.limit = made.proposed_limit;
    learnt.proven = up_to(5);
    learnt.refused_mark = std::min(up_to(3), made.epoch);
    learnt.try_again_in = std::chrono::milliseconds{up_to(5000)};
    made.proposal = learnt;
    return made;
  }

  std::mt19937 random_;
  engine_keys keys_{"sg"};
  real_engine real_;
  engine_client feed_;
  budget_engine_model model_;
  std::map<int, std::uint64_t> alive_;
  std::uint64_t now_ = 1'764'445'077'000;
  std::uint64_t epoch_ = 0;
};

TEST(budget_twin_test, model_and_script_reply_alike_in_any_order) {
  for (unsigned seed = 1; seed <= 3; ++seed) {
    twins both{seed};
    for (int i = 0; i < 3000 && !testing::Test::HasFatalFailure(); ++i) {
      SCOPED_TRACE("seed " + std::to_string(seed) + ", step " + std::to_string(i));
      both.step();
    }
    EXPECT_GT(both.slots_handed, 100U);
    EXPECT_GT(both.all_told, 20U);
    EXPECT_GT(both.learning, 100U);
    EXPECT_GT(both.yielded, 100U);
    EXPECT_GT(both.restored, 100U);
  }
}

// Gateways that shared a limit of ten report to an engine that has lost everything.
struct engine_that_learns : testing::Test {
  real_engine engine;
  static constexpr std::uint64_t now = 1'764'445'077'000;

  struct words {
    std::uint64_t epoch = 7, in_use = 0, part = 0, gateways = 0;
    bool proposes = false;
  };
  std::uint64_t slots(const std::string& who, const words& says) {
    budget_report report;
    report.epoch = says.epoch;
    report.in_use = {says.in_use, 0};
    report.wanted = {20, 0};
    report.part = says.part;
    report.gateways = says.gateways;
    if (says.proposes) {
      report.proposed_limit = 10;
      report.proposal = concurrency_limit::memory{};
      report.proposal->limit = 10;
    }
    return read_budget_answer(engine.run(budget_call({engine_keys{"sg"}, "acc", who}, report), now))->word.slots[0];
  }
};

TEST_F(engine_that_learns, gives_gateways_that_were_alone_what_they_had) {
  EXPECT_EQ(slots("first", {.part = 2}), 0U) << "the limit is not known";
  EXPECT_EQ(slots("first", {.part = 2, .proposes = true}), 2U);
  EXPECT_EQ(slots("second", {}), 0U) << "it was not alone, and others may use all";
  EXPECT_EQ(slots("second", {.part = 3}), 3U);
  EXPECT_EQ(slots("second", {.epoch = 8, .in_use = 2, .part = 3}), 3U);
  EXPECT_EQ(slots("third", {.in_use = 5}), 5U) << "what it uses is a fact";
  EXPECT_EQ(slots("fourth", {.part = 3}), 0U) << "all ten are in use";
}

TEST_F(engine_that_learns, gives_all_slots_as_soon_as_every_gateway_has_reported) {
  EXPECT_EQ(slots("first", {.in_use = 2, .gateways = 3}), 2U);
  EXPECT_EQ(slots("first", {.in_use = 2, .gateways = 3, .proposes = true}), 2U);
  EXPECT_EQ(slots("first", {.epoch = 8, .in_use = 2, .gateways = 3}), 2U) << "it is heard once";
  EXPECT_EQ(slots("second", {.in_use = 3}), 3U);
  EXPECT_EQ(slots("third", {.in_use = 1}), 3U) << "of the four free slots";
  EXPECT_EQ(slots("first", {.epoch = 8, .in_use = 2, .gateways = 3}), 3U);
  EXPECT_EQ(slots("second", {.epoch = 8, .in_use = 3}), 4U);
}

}  // namespace
}  // namespace gateway::test::budget_twin_test
