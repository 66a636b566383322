// Failures of the same client with the same fault share a place of the recorder.
#include "core/telemetry/failure_groups.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <random>

#include "core/telemetry/recorder.hpp"

namespace gateway::failure_groups_test {
namespace {

using namespace std::chrono_literals;

logged_request failed(std::string_view client, fault why, std::chrono::nanoseconds at, std::string_view id = "") {
  logged_request made;
  made.of.fail(why);
  made.of.status = status_of(why);
  made.of.what = resource::summary;
  made.of.client = client;
  made.of.request_id = id;
  made.at = wall_time{at};
  return made;
}

std::vector<logged_request> groups_of(const failure_groups& all) {
  std::vector<logged_request> found;
  all.read([&](const logged_request& one) { found.push_back(one); });
  return found;
}

TEST(failure_groups, hold_a_count_the_first_time_and_the_newest_request) {
  auto const groups = std::make_unique<failure_groups>();
  groups->put(failed("billing", fault::upstream_busy, 1s, "first"));
  groups->put(failed("billing", fault::upstream_busy, 2s, "second"));
  groups->put(failed("billing", fault::upstream_busy, 7s, "third"));
  auto const found = groups_of(*groups);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].weight, 3U);
  EXPECT_EQ(found[0].first, wall_time{1s});
  EXPECT_EQ(found[0].at, wall_time{7s});
  EXPECT_EQ(found[0].of.request_id.view(), "third");
}

TEST(failure_groups, are_apart_by_client_fault_resource_and_status) {
  auto const groups = std::make_unique<failure_groups>();
  auto const usual = failed("billing", fault::upstream_busy, 1s);
  auto no_fault = usual, other_resource = usual, other_status = usual;
  no_fault.of.why.reset();
  other_resource.of.what = resource::annotation;
  other_status.of.status = 503;
  auto const alike = {
      usual,       failed("reports", fault::upstream_busy, 1s), failed("billing", fault::client_limit, 1s), no_fault, other_resource,
      other_status};
  for (int i = 0; i < 3; ++i) {
    for (auto const& one : alike) groups->put(one);
  }
  EXPECT_EQ(groups_of(*groups).size(), alike.size());
  for (auto const& one : groups_of(*groups)) EXPECT_EQ(one.weight, 3U);
}

TEST(failure_groups, a_flood_from_many_clients_pushes_out_only_its_own_fault) {
  auto const groups = std::make_unique<failure_groups>();
  groups->put(failed("billing", fault::upstream_timeout, 1s));
  groups->put(failed("reports", fault::upstream_tls, 2s));
  for (int i = 0; i < 10'000; ++i)
    groups->put(failed("stranger " + std::to_string(i), fault::client_limit, 3s + std::chrono::milliseconds{i}));
  auto const found = groups_of(*groups);
  EXPECT_EQ(found.size(), failure_groups::places);
  auto const has = [&](std::string_view client) {
    return std::ranges::any_of(found, [&](const logged_request& one) { return one.of.client.view() == client; });
  };
  EXPECT_TRUE(has("billing"));
  EXPECT_TRUE(has("reports"));
  EXPECT_TRUE(has("stranger 9999")) << "the newest";
  EXPECT_FALSE(has("stranger 1")) << "the oldest made room";
}

// Against a plain map, while there is room for all: nothing is lost, whatever the order.
TEST(failure_groups, count_as_a_map_would) {
  std::mt19937_64 random{1};
  auto const groups = std::make_unique<failure_groups>();
  std::map<std::pair<std::string, fault>, std::uint32_t> model;
  for (int i = 0; i < 20'000; ++i) {
    auto const client = "client " + std::to_string(random() % 12);
    auto const why = static_cast<fault>(random() % 10);
    groups->put(failed(client, why, std::chrono::seconds{i}));
    ++model[{client, why}];
  }
  std::map<std::pair<std::string, fault>, std::uint32_t> counted;
  for (auto const& one : groups_of(*groups)) counted[{std::string{one.of.client.view()}, *one.of.why}] += one.weight;
  EXPECT_EQ(counted, model);
}

TEST(failure_groups, of_several_workers_become_one) {
  std::vector<std::unique_ptr<request_recorder>> workers;
  std::vector<logged_request> all;
  for (int worker = 0; worker < 3; ++worker) {
    auto& one = *workers.emplace_back(std::make_unique<request_recorder>());
    auto const at = [&](int second) { return std::chrono::seconds{10 * second + worker}; };
    for (int second = 1; second < 4; ++second) one.put(noteworthy::failed, failed("billing", fault::upstream_busy, at(second)));
    auto slow = failed("billing", fault::upstream_busy, at(9));
    one.put(noteworthy::slow, slow);
    one.collect(all);
  }
  auto const found = newest(all, {}, 100);
  ASSERT_EQ(found.size(), 4U) << "three slow ones, which stay apart, and the group";
  EXPECT_EQ(found[3].weight, 9U);
  EXPECT_EQ(found[3].first, wall_time{10s});
  EXPECT_EQ(found[3].at, wall_time{32s});
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(found[static_cast<std::size_t>(i)].first);
}

}  // namespace
}  // namespace gateway::failure_groups_test
