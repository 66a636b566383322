// A service that answers at once or when the test allows it, and records the requests of a session: one line per answer ("GET /a keep"),
// numbered through `record.status`, so that a lost, repeated, reordered or unaccounted answer shows.
//   /wait…  is answered only after wake()           /big/N  is answered by N more bytes          others at once
#pragma once

#include <algorithm>
#include <charconv>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/fault.hpp"
#include "io/net/exchange.hpp"
#include "io/runtime/sleeper.hpp"

namespace gateway::test {

class recording_service {
public:
  struct pending {
    explicit pending(std::string_view asked) : path(asked) {}
    std::string path;
  };

  std::vector<std::string> asked;  // paths, in the order of the requests
  std::vector<std::string> left;   // paths whose client has left while it waited
  std::vector<fault> refused;
  std::vector<int> accounted;       // numbers of answers, in the order in which they were accounted
  std::vector<hop_ledger> ledgers;  // of the accounted answers
  std::size_t largest_backlog = 0;  // of unwritten answers when the next request started
  int answers = 0;                  // made so far
  bool throws_instead_of_waiting = false;

  std::optional<pending> answer_now(exchange& one) {
    largest_backlog = std::max(largest_backlog, one.out.size());
    asked.emplace_back(one.head->path);
    if (one.head->path.starts_with("/wait")) return pending{one.head->path};
    answer(one);
    return std::nullopt;
  }

  task<void> answer_later(pending what, exchange& one) {
    if (throws_instead_of_waiting) throw std::runtime_error{"the service failed"};
    auto const me = std::make_shared<sleeper>(one.at.get_executor());
    waiting_[what.path] = me;
    one.reader.on_end([this, path = &what.path] { left.push_back(*path); });
    co_await me->sleep_until(timed::never);
    one.reader.on_end(nullptr);
    waiting_.erase(what.path);
    answer(one);  // the head must not have moved
  }

  void refuse(fault why, exchange& one) {
    refused.push_back(why);
    one.out.append("refused ").append(name_of(why)).append(one.close ? " close\n" : " keep\n");
    one.record.status = ++answers;
  }

  void answered(exchange&) {}
  void account(worker&, const request_record& record) {
    accounted.push_back(record.status);
    ledgers.push_back(record.hops);
  }

  [[nodiscard]] bool is_waiting(const std::string& path) const { return waiting_.contains(path); }
  [[nodiscard]] std::size_t waiting() const { return waiting_.size(); }
  void wake(const std::string& path) {
    if (auto const one = waiting_[path].lock()) one->wake();
  }
  void wake_all() {
    for (auto const& [path, waiting] : waiting_)
      if (auto const one = waiting.lock()) one->wake();
  }

  // Whether every answer was accounted for once, in order.
  [[nodiscard]] bool accounts_balance() const {
    if (accounted.size() != static_cast<std::size_t>(answers)) return false;
    for (int i = 0; i < answers; ++i)
      if (accounted[static_cast<std::size_t>(i)] != i + 1) return false;
    return true;
  }

private:
  void answer(exchange& one) {
    auto const& head = *one.head;
    auto& out = one.out;
    out.append(head.method).append(" ").append(head.path).append(one.close || one.at.is_draining() || one.is_last() ? " close" : " keep");
    if (head.path.starts_with("/big/")) {
      std::size_t more = 0;
      std::from_chars(head.path.data() + 5, head.path.data() + head.path.size(), more);
      out.append(more, '.');
    }
    out += "\n";
    one.record.status = ++answers;
  }

  std::map<std::string, std::weak_ptr<sleeper>> waiting_;  // weak, because a sleeper must not outlive its loop
};

}  // namespace gateway::test
