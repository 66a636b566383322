// A queue of permit requests that is fair between clients: round robin over the clients, first in first out within a client. However many
// requests a client has, the others wait for one of them per round (deficit round robin where every request costs one, so that no
// deficit needs to be stored).
// Thread rule: none of its own; its owner locks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <unordered_map>
#include <vector>

namespace gateway {

struct permit_request;

class fair_queue {
public:
  struct client_queue;

  // The part of a permit request that belongs to the queue.
  struct entry {
    explicit entry(std::uint64_t who) : client_(who) {}
    entry(const entry&) = delete;
    entry& operator=(const entry&) = delete;
    ~entry() = default;

    [[nodiscard]] std::uint64_t client() const { return client_; }
    // Only while it does not wait.
    void set_client(std::uint64_t who) { client_ = who; }

  private:
    friend class fair_queue;
    std::uint64_t client_;
    std::list<client_queue>::iterator in;
    std::list<std::shared_ptr<permit_request>>::iterator at;
    bool queued = false;
  };
  using entry_ptr = std::shared_ptr<permit_request>;

  // At the end of its client's queue, or at the head if it has waited before.
  enum class position : std::uint8_t { last, first };
  void push(const entry_ptr& one, position where);
  // The next request; null if no request waits.
  entry_ptr pop() {
    return pop_if([](std::uint64_t) { return true; }, [](const permit_request&) { return true; });
  }
  // The next request for which both predicates hold; null if there is none. In the queue of a client only the first `most_passed_over`
  // requests and one more are tried, which bounds the cost.
  static constexpr int most_passed_over = 64;
  template <class ClientMay, class EntryMay>
  entry_ptr pop_if(ClientMay client_may, EntryMay entry_may) {
    for (auto queue = queues_.begin(); queue != queues_.end(); ++queue) {
      if (!client_may(queue->client)) continue;
      auto one = queue->waiting.begin();
      for (int passed = 0; one != queue->waiting.end() && passed < most_passed_over && !entry_may(**one); ++passed) ++one;
      if (one == queue->waiting.end() || !entry_may(**one)) continue;
      auto found = *one;
      queues_.splice(queues_.end(), queues_, queue);  // the client comes last in the next round
      remove(*found);
      return found;
    }
    return nullptr;
  }
  // How many requests wait of the clients for which the predicate holds. Linear in the clients.
  template <class ClientMay>
  [[nodiscard]] std::size_t count_of(ClientMay client_may) const {
    std::size_t sum = 0;
    for (auto const& queue : queues_) sum += client_may(queue.client) ? queue.waiting.size() : 0;
    return sum;
  }
  // Returns false if it does not wait here.
  bool remove(permit_request& one);
  // Another client wants the same. The request moves to the end of that client's queue if it is served sooner there.
  void join(const entry_ptr& one, std::uint64_t client);

  // The length of the longest queue of a client, and its last request; of equal queues the one that is served last. Linear.
  [[nodiscard]] std::size_t longest() const;
  [[nodiscard]] entry_ptr last_of_longest() const;
  [[nodiscard]] std::vector<entry_ptr> all() const;

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::size_t size_of(std::uint64_t client) const;
  // How many permits are granted until the last request of `client` has one: from each queue as many as it has itself. Linear.
  [[nodiscard]] std::size_t permits_until_last_of(std::uint64_t client) const;

  struct client_queue {
    explicit client_queue(std::uint64_t who) : client(who) {}
    std::uint64_t client;
    std::list<entry_ptr> waiting;  // never empty
  };

private:
  std::list<client_queue> queues_;  // the next client comes first
  std::unordered_map<std::uint64_t, std::list<client_queue>::iterator> by_client_;
  std::size_t size_ = 0;
};

}  // namespace gateway
