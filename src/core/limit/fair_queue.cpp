#include "core/limit/fair_queue.hpp"

#include <algorithm>
#include <utility>

#include "core/limit/permit_request.hpp"

namespace gateway {

void fair_queue::push(const entry_ptr& one, position where) {
  auto const [known, is_new] = by_client_.try_emplace(one->client_, one->client_);
  auto& queue = known->second;
  if (!queue.waiting.empty()) weights_ -= queue.weight;
  queue.weight = one->weight_;
  weights_ += queue.weight;
  if (is_new) {
    begin_at(queue, clock_);
    enter(queue);
  }
  one->in = &queue;
  one->at = queue.waiting.insert(where == position::last ? queue.waiting.end() : queue.waiting.begin(), one);
  one->queued = true;
  ++size_;
}

bool fair_queue::remove(permit_request& one) {
  if (!std::exchange(one.queued, false)) return false;
  auto& whose = *one.in;
  whose.waiting.erase(one.at);
  if (whose.waiting.empty()) weights_ -= whose.weight;
  if (--size_ == 0) {
    by_client_.clear();
    due_.clear();
    early_.clear();
    clock_ = 0;
  } else if (whose.waiting.empty() && whose.is_due) {  // defence: leaving-is-no-gain
    forget(whose);
  }
  return true;
}

void fair_queue::forget(client_queue& one) {
  leave(one);
  auto const client = one.client;
  by_client_.erase(client);
}

void fair_queue::begin_at(client_queue& one, std::uint64_t start) {
  one.start = start;
  one.finish = start + turn / one.weight;  // defence: span-by-weight
  one.number = ++numbers_;
}

void fair_queue::enter(client_queue& one) {
  one.is_due = one.start <= clock_;
  (one.is_due ? due_ : early_).insert({one.is_due ? one.finish : one.start, one.number, &one});
}

void fair_queue::leave(client_queue& one) { (one.is_due ? due_ : early_).erase({one.is_due ? one.finish : one.start, one.number, &one}); }

// A client that could not take its turns does not catch up: its next span does not begin before this moment.
void fair_queue::take_turn(client_queue& one) {
  leave(one);
  auto const before = clock_;
  clock_ = std::max(clock_, one.start) + (turn + weights_ - 1) / weights_;
  begin_at(one, std::max(one.finish, before));  // defence: no-catching-up
  enter(one);
  while (!early_.empty() && early_.begin()->time <= clock_) {
    auto& next = *early_.begin()->whose;
    if (next.waiting.empty()) {
      forget(next);
      continue;
    }
    leave(next);
    enter(next);
  }
}

bool fair_queue::is_sooner_at(const permit_request& one, std::uint64_t client, std::uint64_t weight) const {
  auto const there = (size_of(client) + 1) * one.weight_;
  // The requests until it is served, counted no further than needed. A request that does not wait yet would be at the end.
  std::size_t here = 1;
  if (one.queued) {
    for (auto at = one.in->waiting.begin(); at != one.at && here * weight <= there; ++at) ++here;
  } else {
    here += size_of(one.client_);
  }
  return there < here * weight;
}

double fair_queue::rounds_of(const client_queue& one) {
  return static_cast<double>(one.waiting.size()) / static_cast<double>(one.weight);  // defence: rounds-by-weight
}

double fair_queue::rounds_of(std::uint64_t client) const {
  auto const known = by_client_.find(client);
  return known == by_client_.end() ? 0 : rounds_of(known->second);
}

double fair_queue::longest() const {
  double most = 0;
  for (auto const& [client, queue] : by_client_) most = std::max(most, rounds_of(queue));
  return most;
}

fair_queue::entry_ptr fair_queue::last_of_longest() const {
  auto const most = longest();
  for (auto const* const places : {&early_, &due_}) {
    auto const found = std::find_if(places->rbegin(), places->rend(), [&](const place& one) { return rounds_of(*one.whose) >= most; });
    if (found != places->rend()) return found->whose->waiting.back();
  }
  return nullptr;
}

std::vector<fair_queue::entry_ptr> fair_queue::all() const {
  std::vector<entry_ptr> everyone;
  everyone.reserve(size_);
  for (auto const* const places : {&due_, &early_}) {
    for (auto const& one : *places) everyone.insert(everyone.end(), one.whose->waiting.begin(), one.whose->waiting.end());
  }
  return everyone;
}

std::size_t fair_queue::size_of(std::uint64_t client) const {
  auto const known = by_client_.find(client);
  return known == by_client_.end() ? 0 : known->second.waiting.size();
}

}  // namespace gateway
