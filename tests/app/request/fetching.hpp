// What a test of fetches needs beside an upstream: the state that workers share, one worker, and a client on whose behalf is fetched.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "app/request/fetch_runner.hpp"
#include "app/server/lane_parts.hpp"
#include "core/auth/authorizer.hpp"
#include "io/runtime/clock.hpp"
#include "request/tenants.hpp"

namespace gateway::test {

struct fetching : testing::Test {
  explicit fetching(settings with = {}) : values(std::move(with)) {}

  [[nodiscard]] principal asking() {
    text = "GET /v1/Voice/" + tenants::sid("CA", 0) + "/Summary HTTP/1.1\r\nHost: h\r\nAuthorization: " + world.authorization(parent) +
           "\r\n\r\n";
    auto const head = parse_head(text, values.limits.head);
    client from;
    EXPECT_TRUE(authorize(from, head->authorization, *shared.access.get()));
    exchange one{at, from, mono_now(), mono_now(), &*head, answer};
    return principal{one, "this"};
  }
  static task<void> wait(std::shared_ptr<flight> joined, executor where, fetch_result_ptr& result) {
    auto const until = mono_now() + std::chrono::seconds{10};
    auto came = co_await flight::wait(std::move(joined), where, until);
    result = std::move(came);
  }
  void run() {
    at.loop.restart();
    at.loop.poll();
  }

  tenants world;
  settings values;
  shared_state shared{values, short_hash_key{}, std::make_shared<const access_rules>(access_rules{1, fingerprint_key{}, {}, {}}), 1, 2};
  worker at{1, values};
  data_parts parts = parts_for_lane(shared);
  requester const who{};
  std::string text, answer;
};

}  // namespace gateway::test
