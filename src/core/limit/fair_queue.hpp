// A queue of permit requests that is fair between clients: clients that wait take turns in proportion to their weights, each in the order
// in which its requests came. However many requests a client has, the others are never more than one turn behind their share, so the turns
// of a heavy client lie between those of the light ones and not in a row. Worst-case fair weighted fair queueing (WF2Q+: Bennett and Zhang,
// 1997), where every request costs one turn. A clock advances with each turn, the faster the fewer wait. Each client has the span of the
// clock in which its next turn is due: it begins at `start` and ends at `finish`, and is shorter for heavier clients. Of the clients whose
// span has begun, the one whose span ends first comes next. With equal weights this is round robin. A turn costs a logarithm of the clients
// that wait. Thread rule: none of its own; its owner locks.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <set>
#include <unordered_map>
#include <vector>

namespace gateway {

struct permit_request;

class fair_queue {
public:
  struct client_queue;

  // The part of a permit request that belongs to the queue.
  struct entry {
    entry(std::uint64_t who, std::uint64_t weight) : client_(who), weight_(weight) {}
    entry(const entry&) = delete;
    entry& operator=(const entry&) = delete;
    ~entry() = default;

    [[nodiscard]] std::uint64_t client() const { return client_; }
    // Only while it does not wait.
    void set_client(std::uint64_t who, std::uint64_t weight) {
      client_ = who;
      weight_ = weight;
    }

  private:
    friend class fair_queue;
    std::uint64_t client_;
    std::uint64_t weight_;
    client_queue* in = nullptr;
    std::list<std::shared_ptr<permit_request>>::iterator at;
    bool queued = false;
  };
  using entry_ptr = std::shared_ptr<permit_request>;

  // At the end of its client's queue, or at the head if it has waited before. The client's weight is the newest request's.
  enum class position : std::uint8_t { last, first };
  void push(const entry_ptr& one, position where);
  // The next request; null if no request waits.
  entry_ptr pop() {
    return pop_if([](const client_queue&) { return true; }, [](const permit_request&) { return true; });
  }
  // The next request for which both predicates hold; null if there is none. In the queue of a client only the first `most_passed_over`
  // requests and one more are tried, which bounds the cost.
  static constexpr int most_passed_over = 64;
  template <class ClientMay, class EntryMay>
  entry_ptr pop_if(ClientMay client_may, EntryMay entry_may) {
    for (auto const* const places : {&due_, &early_}) {
      for (auto const& next : *places) {
        auto& queue = *next.whose;
        if (queue.waiting.empty() || !client_may(queue)) continue;
        auto one = queue.waiting.begin();
        for (int passed = 0; one != queue.waiting.end() && passed < most_passed_over && !entry_may(**one); ++passed) ++one;
        if (one == queue.waiting.end() || !entry_may(**one)) continue;
        auto found = *one;
        take_turn(queue);
        remove(*found);
        return found;
      }
    }
    return nullptr;
  }
  // Whether a client waits for which the predicate holds.
  template <class ClientMay>
  [[nodiscard]] bool has_any(ClientMay client_may) const {
    for (auto const* const places : {&due_, &early_}) {
      for (auto const& next : *places) {
        if (!next.whose->waiting.empty() && client_may(*next.whose)) return true;
      }
    }
    return false;
  }
  // The sum of what `count` says of each client's queue. Linear in the clients.
  template <class Count>
  [[nodiscard]] std::uint64_t sum_of(Count count) const {
    std::uint64_t sum = 0;
    for (auto const& [client, queue] : by_client_) sum += queue.waiting.empty() ? 0 : count(queue);
    return sum;
  }
  // Returns false if it does not wait here.
  bool remove(permit_request& one);
  // Whether the request would be served sooner at the end of that client's queue than where it is, or where it is going to wait.
  [[nodiscard]] bool is_sooner_at(const permit_request& one, std::uint64_t client, std::uint64_t weight) const;

  // The rounds until the last request of a client is served, if a round is a turn for each unit of weight: of the client with the most, and
  // its last request; of equal ones the one that is served last. Linear.
  [[nodiscard]] double longest() const;
  [[nodiscard]] entry_ptr last_of_longest() const;
  [[nodiscard]] double rounds_of(std::uint64_t client) const;
  // Each client's requests in their order.
  [[nodiscard]] std::vector<entry_ptr> all() const;

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::size_t size_of(std::uint64_t client) const;
  // How many permits are granted until the last request of `client` has one: until then each of the others for which the predicate holds
  // has as many turns as its weight says. Linear.
  template <class Competes>
  [[nodiscard]] std::uint64_t permits_until_last_of(std::uint64_t client, Competes competes) const {
    auto const mine = by_client_.find(client);
    if (mine == by_client_.end()) return 0;
    auto const weight = mine->second.weight;
    auto const own = mine->second.waiting.size();
    auto const units = sum_of([&](const client_queue& one) -> std::uint64_t {
      if (one.client == client) return own * weight;
      return competes(one) ? std::min(one.waiting.size() * weight, own * one.weight) : 0;  // defence: wait-by-weight
    });
    return (units + weight - 1) / weight;
  }

  struct client_queue {
    explicit client_queue(std::uint64_t who) : client(who) {}
    std::uint64_t client;
    std::uint64_t weight = 1;
    std::list<entry_ptr> waiting;

  private:
    friend class fair_queue;
    std::uint64_t start = 0, finish = 0;
    std::uint64_t number = 0;  // of two that are due at the same time, the one that came sooner is first
    bool is_due = false;       // its place is in due_
  };

private:
  struct place {
    std::uint64_t time;
    std::uint64_t number;
    client_queue* whose;
    bool operator<(const place& other) const { return time != other.time ? time < other.time : number < other.number; }
  };
  // What the clock advances by if a client of weight 1 waits alone.
  static constexpr std::uint64_t turn = 1U << 24U;

  [[nodiscard]] static double rounds_of(const client_queue& one);
  void begin_at(client_queue& one, std::uint64_t start);
  void enter(client_queue& one);
  void leave(client_queue& one);
  void forget(client_queue& one);
  void take_turn(client_queue& one);

  // Of clients with waiting requests, and of those that would come back too early: they are remembered until their span begins.
  std::unordered_map<std::uint64_t, client_queue> by_client_;
  std::set<place> due_;    // whose span has begun, by finish
  std::set<place> early_;  // all others, which have had more than their share, by start
  std::uint64_t clock_ = 0;
  std::uint64_t weights_ = 0;  // of all that wait
  std::uint64_t numbers_ = 0;
  std::size_t size_ = 0;
};

}  // namespace gateway
