// Who polls in vain is told once, soon, and by name; who reads is not.
#include "core/telemetry/polling_changes.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace gateway::polling_changes_test {
namespace {

using namespace std::chrono_literals;

struct polling_changes_test : testing::Test {
  polling_changes seen;
  std::map<std::string, client_figures> clients;

  void add(const std::string& who, std::uint64_t requests, std::uint64_t wasted) {
    clients[who].requests += requests;
    clients[who].wasted_polls += wasted;
  }
  [[nodiscard]] std::vector<client_row> rows() const {
    std::vector<client_row> all;
    all.reserve(clients.size());
    for (auto const& [who, figures] : clients) all.push_back({client_name{std::string_view{who}}, figures});
    return all;
  }
  // "+a 30/40" for a begin, "-a" for an end.
  std::string look(std::chrono::nanoseconds at) {
    std::string said;
    for (auto const& one : seen.look(rows(), mono_time{at})) {
      said.append(said.empty() ? "" : " ").append(one.begun ? "+" : "-").append(one.who);
      if (one.begun) said.append(" ").append(std::to_string(one.wasted)).append("/").append(std::to_string(one.requests));
    }
    return said;
  }
};

TEST_F(polling_changes_test, many_polls_in_vain_are_told_as_soon_as_they_are_many) {
  EXPECT_EQ(look(0s), "");
  add("a", 29, 29);
  EXPECT_EQ(look(2s), "");
  add("a", 1, 1);
  EXPECT_EQ(look(4s), "+a 30/30");
  EXPECT_EQ(seen.count(), 1U);
  add("a", 100, 100);
  EXPECT_EQ(look(6s), "") << "once";
  for (int minute = 1; minute < 5; ++minute) {
    EXPECT_EQ(look(minute * 60s), "") << "it goes on";
    add("a", 40, 40);
  }
}

TEST_F(polling_changes_test, whoever_also_reads_as_much_does_not_poll_in_vain) {
  look(0s);
  add("a", 1'000, 499);
  EXPECT_EQ(look(2s), "");
  add("a", 0, 1);
  EXPECT_EQ(look(4s), "+a 500/1000");
}

TEST_F(polling_changes_test, few_polls_a_minute_are_what_clients_do) {
  std::string said;
  for (int minute = 0; minute < 60; ++minute) {
    add("a", 29, 29);
    said += look(minute * 60s);
  }
  EXPECT_EQ(said, "");
}

TEST_F(polling_changes_test, it_ends_after_a_whole_minute_without) {
  look(0s);
  add("a", 40, 40);
  EXPECT_EQ(look(2s), "+a 40/40");
  EXPECT_EQ(look(60s), "") << "that minute had them";
  add("a", 5, 5);
  EXPECT_EQ(look(118s), "");
  EXPECT_EQ(look(120s), "-a");
  EXPECT_EQ(seen.count(), 0U);
  add("a", 40, 40);
  EXPECT_EQ(look(122s), "+a 40/40") << "another time is another spell";
}

TEST_F(polling_changes_test, what_was_before_the_first_look_is_not_new) {
  add("a", 1'000, 1'000);
  EXPECT_EQ(look(0s), "");
  EXPECT_EQ(look(2s), "");
}

TEST_F(polling_changes_test, a_client_that_lost_its_row_counts_from_there) {
  look(0s);
  add("a", 1'000, 10);
  look(60s);
  clients["a"] = {};
  add("a", 30, 30);
  EXPECT_EQ(look(62s), "+a 30/30");
  clients.clear();
  look(120s);
  EXPECT_EQ(look(180s), "-a") << "without a row, it has ended";
}

TEST_F(polling_changes_test, all_other_clients_together_are_nobody) {
  look(0s);
  add("", 1'000, 1'000);
  EXPECT_EQ(look(2s), "");
}

// Whatever clients do: begins and ends alternate, and what is kept is what has begun.
TEST_F(polling_changes_test, begins_and_ends_alternate) {
  std::minstd_rand random{7};
  std::map<std::string, bool> polls;
  for (int i = 0; i < 20'000; ++i) {
    std::string const who{static_cast<char>('a' + random() % 5)};
    if (auto const wasted = random() % 3 == 0 ? 9 : 0; random() % 4 != 0) add(who, 10, wasted);
    for (auto const& one : seen.look(rows(), mono_time{i * 2s})) {
      EXPECT_NE(polls[one.who], one.begun) << one.who;
      polls[one.who] = one.begun;
    }
    EXPECT_EQ(static_cast<std::size_t>(std::ranges::count_if(polls, [](auto const& one) { return one.second; })), seen.count());
  }
}

}  // namespace
}  // namespace gateway::polling_changes_test
