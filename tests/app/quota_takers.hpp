// Requests that take a call of billing's quota, on a worker whose loop the test runs.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "app/state/client_quotas.hpp"
#include "io/runtime/worker.hpp"

namespace gateway::test {

struct quota_takers : testing::Test {
  explicit quota_takers(const std::vector<client_settings>& clients) : quotas(clients) {}

  // What is decided; nothing while it waits.
  std::optional<quota_decision>& ask() {
    auto& into = *answers.emplace_back(std::make_unique<std::optional<quota_decision>>());
    at.start_task("take", take(into));
    run();
    return into;
  }
  void run() {
    at.loop.restart();
    at.loop.poll();
  }

  worker at{1};
  client_quotas quotas;

private:
  task<void> take(std::optional<quota_decision>& into) {
    auto taking = quotas.take(at.get_executor(), "billing");
    auto const taken = co_await std::move(taking);
    into = taken;
  }

  std::vector<std::unique_ptr<std::optional<quota_decision>>> answers;
};

}  // namespace gateway::test
