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
                            word.epoch, word.seen.accepted, word.seen.in_flight})
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
    bool const lowers = report.proposal && report.epoch >= epoch_ && report.proposed_limit < model_.limit();

    auto const members = up_to(4);
    auto const answer = read_budget_answer(real_.run(budget_call({keys_, "acc", name_of(me), members}, report), now_));
    std::vector<int> handed;
    auto const word = model_.run(me, report, mono_time{std::chrono::milliseconds{now_}}, handed, members);
    ASSERT_TRUE(answer);
    ASSERT_EQ(text_of(answer->word), text_of(word));
    ASSERT_EQ(answer->word.learnt, word.learnt);
    epoch_ = word.epoch;

    auto const told = messages();
    ASSERT_EQ(std::ranges::count(told, "slots * acc"), lowers ? 1 : 0);
    std::vector<std::string> handed_by_model;
    for (auto const one : handed) handed_by_model.push_back("slots " + name_of(one) + " acc");
    // The model tells each gateway of a lower limit by name, before all else.
    if (lowers) handed_by_model.erase(handed_by_model.begin(), handed_by_model.end() - static_cast<std::ptrdiff_t>(told.size() - 1));
    ASSERT_EQ(std::vector(told.begin() + (lowers ? 1 : 0), told.end()), handed_by_model);
    slots_handed += handed_by_model.size();
    lowered += lowers ? 1 : 0;

    alive_[me] = now_;
    auto const living = std::ranges::count_if(alive_, [&](auto const& one) { return now_ <= one.second + 2000; });
    ASSERT_EQ(answer->members, static_cast<std::uint64_t>(living));
    yielded += word.yields[0] || word.yields[1] ? 1 : 0;
    restored += word.learnt ? 1 : 0;
  }
  std::size_t slots_handed = 0, lowered = 0, yielded = 0, restored = 0;

private:
  static std::string name_of(int which) { return "g" + std::to_string(which); }
  std::uint64_t up_to(std::uint64_t most) { return random_() % (most + 1); }

  budget_report some_report() {
    budget_report made;
    for (std::size_t kind = 0; kind < slot_kinds; ++kind) {
      made.in_use[kind] = up_to(3);
      made.wanted[kind] = made.in_use[kind] + up_to(4);
      made.spare[kind] = random_() % 8 == 0 ? 1 : 0;
    }
    made.reserve = std::chrono::milliseconds{up_to(1500)};
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

  // What the step published.
  std::vector<std::string> messages() {
    real_.ask({"PUBLISH", keys_.feed(), "end"});
    std::vector<std::string> all;
    for (auto one = feed_.read(); one.items.back().text != "end"; one = feed_.read()) all.push_back(one.items.back().text);
    return all;
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
    EXPECT_GT(both.lowered, 20U);
    EXPECT_GT(both.yielded, 100U);
    EXPECT_GT(both.restored, 100U);
  }
}

// Three gateways that shared a limit of ten report to an engine that has lost everything.
TEST(budget_twin_test, an_engine_that_learns_gives_gateways_that_were_alone_their_part_at_once) {
  real_engine engine;
  constexpr std::uint64_t now = 1'764'445'077'000;
  auto const slots = [&](const std::string& who, std::uint64_t epoch, bool proposes, std::uint64_t in_use, std::uint64_t members = 3) {
    budget_report report;
    report.epoch = epoch;
    report.in_use = {in_use, 0};
    report.wanted = {20, 0};
    if (proposes) {
      report.proposed_limit = 10;
      report.proposal = concurrency_limit::memory{};
      report.proposal->limit = 10;
    }
    return read_budget_answer(engine.run(budget_call({engine_keys{"sg"}, "acc", who, members}, report), now))->word.slots[0];
  };
  EXPECT_EQ(slots("first", 7, false, 0), 0U) << "the limit is not known";
  EXPECT_EQ(slots("first", 7, true, 0), 2U) << "four fifths of ten, for three";
  EXPECT_EQ(slots("second", 7, false, 0, 0), 0U) << "it was not alone, and others may use all";
  EXPECT_EQ(slots("second", 7, false, 0), 2U);
  EXPECT_EQ(slots("second", 8, false, 2), 2U);
  EXPECT_EQ(slots("third", 7, false, 5), 5U) << "what it uses is a fact";
}

}  // namespace
}  // namespace gateway::test::budget_twin_test
