// Who waits for a turn with the upstream: clients take turns, and within one client the first to come is the first to go. However much
// one asks for, the others wait for no more than one of its requests each time round (deficit round robin, where every request costs
// one: then the deficit is always one and need not be kept).
// Thread rule: none of its own; whoever shares it locks around it.
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
  struct line;

  // Something that waits. Its place is the queue's business.
  struct entry {
    explicit entry(std::uint64_t who) : client_(who) {}
    entry(const entry&) = delete;
    entry& operator=(const entry&) = delete;
    ~entry() = default;

    [[nodiscard]] std::uint64_t client() const { return client_; }
    // Before it waits.
    void set_client(std::uint64_t who) { client_ = who; }

  private:
    friend class fair_queue;
    std::uint64_t client_;
    std::list<line>::iterator of;
    std::list<std::shared_ptr<permit_request>>::iterator at;
    bool queued = false;
  };
  using entry_ptr = std::shared_ptr<permit_request>;

  // At the end of its client's line, or, if it has waited before, at the head of it.
  enum class position : std::uint8_t { last, first };
  void push(const entry_ptr& one, position where);
  // The next in turn; null if nobody waits.
  entry_ptr pop() {
    return pop_if([](std::uint64_t) { return true; }, [](const permit_request&) { return true; });
  }
  // The same among lines whose client may, and in them the first entry that may; null if there is none. Of one line only so many are looked
  // at: whoever waits behind more that may not go waits for them.
  static constexpr int most_passed_over = 64;
  template <class ClientMay, class EntryMay>
  entry_ptr pop_if(ClientMay client_may, EntryMay entry_may) {
    for (auto line = lines_.begin(); line != lines_.end(); ++line) {
      if (!client_may(line->client)) continue;
      auto one = line->waiting.begin();
      for (int passed = 0; one != line->waiting.end() && passed < most_passed_over && !entry_may(**one); ++passed) ++one;
      if (one == line->waiting.end() || !entry_may(**one)) continue;
      auto found = *one;
      lines_.splice(lines_.end(), lines_, line);  // the client's next turn comes after everybody else's
      remove(*found);
      return found;
    }
    return nullptr;
  }
  // False if it does not wait here.
  bool remove(permit_request& one);
  // Somebody else wants the same: it stands, or is going to stand, at the end of `client`'s line if its turn comes sooner there.
  void join(const entry_ptr& one, std::uint64_t client);

  // The length of the longest line, and who came last in it (of several such lines, the one whose turn comes last); linear.
  [[nodiscard]] std::size_t longest() const;
  [[nodiscard]] entry_ptr last_of_longest() const;
  [[nodiscard]] std::vector<entry_ptr> all() const;

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::size_t size_of(std::uint64_t client) const;
  // How many turns come before that of `client`'s last one, and with it: in each line as many as there are in its own; linear.
  [[nodiscard]] std::size_t permits_until_last_of(std::uint64_t client) const;

  struct line {
    explicit line(std::uint64_t who) : client(who) {}
    std::uint64_t client;
    std::list<entry_ptr> waiting;  // never empty
  };

private:
  std::list<line> lines_;  // who is next comes first
  std::unordered_map<std::uint64_t, std::list<line>::iterator> by_client_;
  std::size_t size_ = 0;
};

}  // namespace gateway
