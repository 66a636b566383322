// What a gateway tells the engine about circuits, and what the reply means.
#include "core/fleet/shared_circuits.hpp"

#include <gtest/gtest.h>

namespace gateway::test::shared_circuits_test {
namespace {

using namespace std::chrono_literals;
using kind = engine_reply::kind;
using sort = circuit_name::sort;

const circuit_place place{engine_keys{"sg"}, "me", "h05t"};

std::string name_of_account(std::uint64_t account) { return "acc" + std::to_string(account); }
std::optional<std::uint64_t> account_named(std::string_view name) {
  return name == "acc7" ? std::optional<std::uint64_t>{7} : std::nullopt;
}

engine_reply record(std::string field, std::initializer_list<std::int64_t> numbers) {
  engine_reply made;
  made.is = kind::array;
  made.items.resize(1);
  made.items[0].is = kind::text;
  made.items[0].text = std::move(field);
  for (auto const each : numbers) {
    auto& item = made.items.emplace_back();
    item.is = kind::integer;
    item.number = each;
  }
  return made;
}
std::optional<std::vector<named_word>> read(const engine_reply& reply) { return read_circuits(place, reply, account_named); }

TEST(shared_circuits, a_report_is_written_in_the_order_of_the_script) {
  named_report pause{{sort::pause, 7, resource::summaries}, {circuit_report::event::opened, 3, 1500ms, 2, true}};
  named_report host{{}, {circuit_report::event::closed, 9, 0ms, 0, false}};
  auto const call = circuit_call(place, {pause, host}, name_of_account);
  EXPECT_EQ(call.script, &circuit_script());
  EXPECT_EQ(call.keys, (std::vector<std::string>{"{sg}:o"}));
  EXPECT_EQ(call.values, (std::vector<std::string>{"{sg}:feed", "me", "pause summaries acc7", "3", "opened", "1500", "2", "1",
                                                   "host all h05t", "9", "closed", "0", "0", "0"}));
}

TEST(shared_circuits, a_reply_is_read) {
  auto const words = read(record("breaker summary acc7", {4, 1, 250, 2, 2}));
  ASSERT_TRUE(words);
  ASSERT_EQ(words->size(), 1U);
  auto const& [whose, word] = words->front();
  EXPECT_EQ(whose, (circuit_name{sort::breaker, 7, resource::summary}));
  EXPECT_EQ(word.number, 4U);
  EXPECT_TRUE(word.open);
  EXPECT_EQ(word.open_for, 250ms);
  EXPECT_EQ(word.streak, 2U);
  EXPECT_EQ(word.probe, circuit_word::prober::another);
  EXPECT_EQ(read(record("account all acc7", {4, 0, 0, 0, 0}))->front().whose, (circuit_name{sort::cool_down, 7}));
  EXPECT_EQ(read(record("host all h05t", {4, 0, 0, 0, 0}))->front().whose, circuit_name{});
}

TEST(shared_circuits, no_circuit_is_open_for_longer_than_an_hour) {
  EXPECT_EQ(read(record("breaker summary acc7", {4, 1, std::int64_t{1} << 50, 2, 0}))->front().word.open_for, 1h);
}

TEST(shared_circuits, what_this_gateway_does_not_know_is_left_out) {
  for (auto const* const field : {"account all acc8", "host all 0th3r", "later all acc7", "pause later acc7", ""}) {
    auto const words = read(record(field, {4, 1, 250, 2, 2}));
    ASSERT_TRUE(words) << field;
    EXPECT_TRUE(words->empty()) << field;
  }
}

TEST(shared_circuits, a_reply_of_another_form_is_none) {
  EXPECT_FALSE(read({}));
  EXPECT_FALSE(read(record("account all acc7", {4, 1, 250, 2})));
  EXPECT_FALSE(read(record("account all acc7", {4, 1, 250, 2, 3}))) << "no such prober";
  EXPECT_FALSE(read(record("account all acc7", {4, 1, -1, 2, 1})));
  EXPECT_FALSE(read(record("account all acc7", {4, 1, std::int64_t{1} << 60, 2, 1})));
  auto text = record("account all acc7", {4, 1, 250, 2, 1});
  text.items[3].is = kind::text;
  EXPECT_FALSE(read(text));
}

TEST(shared_circuits, news_of_another_gateway_is_told_from_its_own) {
  EXPECT_TRUE(has_changed_circuits("circuits another", "me"));
  EXPECT_FALSE(has_changed_circuits("circuits me", "me"));
  EXPECT_FALSE(has_changed_circuits("slots another", "me"));
}

}  // namespace
}  // namespace gateway::test::shared_circuits_test
