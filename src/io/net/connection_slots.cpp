#include "io/net/connection_slots.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/post.hpp>

namespace gateway {
namespace {

constexpr int most_asked = 32;            // connections asked for one slot
constexpr std::size_t most_compared = 8;  // addresses with equally many connections

// Users of a unix socket are told apart like addresses; no address group has this form.
address_group group_of(const client& who) {
  if (!who.user) return who.address;
  address_group group{};
  group[8] = 1;
  for (std::size_t i = 0; i < 4; ++i) group[12 + i] = static_cast<std::uint8_t>(*who.user >> (8 * i));
  return group;
}

}  // namespace

connection_slot::connection_slot(connection_slots& all, const client& who, bool bounded, mono_time now)
    : all_(all), of_(&all.enter(who)), bounded_(bounded), since_(now) {
  of_->unfinished.push_back(*this);
}

connection_slot::~connection_slot() { leave(); }

void connection_slot::leave() {
  if (of_ == nullptr) return;
  unlink();
  all_.limiter_.leave();
  if (bounded_) all_.limiter_.leave(of_->who);
  all_.leave(*std::exchange(of_, nullptr));
}

bool connection_slot::pass_to(const client& who, mono_time now) {
  if (of_ == nullptr) return false;
  if (!all_.limiter_.enter(group_of(who))) return false;
  unlink();
  if (bounded_) all_.limiter_.leave(of_->who);
  all_.leave(*std::exchange(of_, &all_.enter(who)));
  bounded_ = true;
  finished(now);
  return true;
}

void connection_slot::finished(mono_time now) {
  since_ = now;
  if (of_ == nullptr) return;
  auto& list = of_->unfinished;
  if (!list.empty() && &list.back() == this) return;  // defence: oldest-unfinished
  unlink();
  list.push_back(*this);
}

bool connection_slots::take() {
  static constexpr int most_displaced = 3;  // more than one if a reload has lowered the limit
  // defence: slot-displaced
  for (int i = 0; i < most_displaced && limiter_.is_full() && make_room();) ++i;
  return limiter_.enter() || borrow();
}

bool connection_slots::borrow() {
  connection_slots* largest = nullptr;
  for (auto* const one : limiter_.keepers) {
    auto const count = one == this ? 0 : one->count_.load(std::memory_order_relaxed);
    if (count > 0 && (largest == nullptr || count > largest->count_.load(std::memory_order_relaxed))) largest = one;
  }
  if (largest == nullptr || !limiter_.enter_on_credit()) return false;
  asio::post(largest->at_.loop, [largest] {
    largest->make_room();
    largest->limiter_.credit_ends();
  });
  return true;
}

connection_slot::address& connection_slots::enter(const client& who) {
  auto const [at, fresh] = addresses_.try_emplace(group_of(who));
  auto& one = at->second;
  if (fresh) one.who = at->first;
  resize(one, one.places + 1);
  count_.store(count_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  return one;
}

void connection_slots::leave(address& from) {
  count_.store(count_.load(std::memory_order_relaxed) - 1, std::memory_order_relaxed);
  if (from.places > 1) return resize(from, from.places - 1);
  by_places_.erase(by_places_.iterator_to(from));
  addresses_.erase(addresses_.find(from.who));
}

void connection_slots::resize(address& one, std::uint64_t places) {
  if (one.places > 0) by_places_.erase(by_places_.iterator_to(one));
  one.places = places;
  by_places_.insert(one);  // behind its equals
}

bool connection_slots::make_room() {
  int asked = 0;
  for (auto next = by_places_.begin(); next != by_places_.end() && asked < most_asked;) {
    // Takes some of the addresses with equally many connections; the one with the longest unfinished request comes first.
    std::array<address*, most_compared> equals{};
    std::size_t count = 0;
    auto const places = next->places;
    for (; count < equals.size() && next != by_places_.end() && next->places == places; ++next) equals[count++] = &*next;
    std::ranges::stable_sort(equals.begin(), equals.begin() + count, {}, [](const address* one) {
      return one->unfinished.empty() ? mono_time::max() : one->unfinished.front().since_;
    });
    for (std::size_t i = 0; i < count; ++i) {
      for (auto& one : equals[i]->unfinished) {
        if (asked++ == most_asked) return false;  // defence: displacement-scan
        if (one.holder_ == nullptr || !one.holder_->make_room()) continue;
        for (std::size_t j = 0; j < count; ++j) resize(*equals[j], places);  // the next call begins with other addresses
        one.leave();
        at_.counters.connections_displaced.add();
        return true;
      }
    }
  }
  return false;
}

}  // namespace gateway
