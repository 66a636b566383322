#include "core/limit/fair_queue.hpp"

#include <algorithm>
#include <utility>

#include "core/limit/permit_request.hpp"

namespace gateway {

void fair_queue::push(const entry_ptr& one, position where) {
  auto const [known, is_new] = by_client_.try_emplace(one->client_);
  if (is_new) known->second = queues_.emplace(queues_.end(), one->client_);
  auto& waiting = known->second->waiting;
  one->in = known->second;
  one->at = waiting.insert(where == position::last ? waiting.end() : waiting.begin(), one);
  one->queued = true;
  ++size_;
}

bool fair_queue::remove(permit_request& one) {
  if (!std::exchange(one.queued, false)) return false;
  auto const whose = one.in;
  whose->waiting.erase(one.at);
  --size_;
  if (whose->waiting.empty()) {
    by_client_.erase(whose->client);
    queues_.erase(whose);
  }
  return true;
}

void fair_queue::join(const entry_ptr& one, std::uint64_t client) {
  auto const there = size_of(client);
  // The requests before it, counted no further than needed. A request that does not wait yet would be at the end.
  std::size_t here = 0;
  if (one->queued) {
    for (auto at = one->in->waiting.begin(); at != one->at && here <= there; ++at) ++here;
  } else {
    here = size_of(one->client_);
  }
  if (there >= here) return;
  bool const waits = remove(*one);
  one->client_ = client;
  if (waits) push(one, position::last);
}

std::size_t fair_queue::longest() const {
  std::size_t most = 0;
  for (auto const& each : queues_) most = std::max(most, each.waiting.size());
  return most;
}

fair_queue::entry_ptr fair_queue::last_of_longest() const {
  auto const most = longest();
  auto const found = std::find_if(queues_.rbegin(), queues_.rend(), [&](const client_queue& each) { return each.waiting.size() == most; });
  return found == queues_.rend() ? nullptr : found->waiting.back();
}

std::vector<fair_queue::entry_ptr> fair_queue::all() const {
  std::vector<entry_ptr> everyone;
  everyone.reserve(size_);
  for (auto const& one : queues_) everyone.insert(everyone.end(), one.waiting.begin(), one.waiting.end());
  return everyone;
}

std::size_t fair_queue::size_of(std::uint64_t client) const {
  auto const known = by_client_.find(client);
  return known == by_client_.end() ? 0 : known->second->waiting.size();
}

std::size_t fair_queue::permits_until_last_of(std::uint64_t client) const {
  auto const rounds = size_of(client);
  std::size_t permits = 0;
  for (auto const& one : queues_) permits += std::min(one.waiting.size(), rounds);
  return permits;
}

}  // namespace gateway
