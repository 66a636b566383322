// How many readers may be held at once, in all and by client. No client may hold more than are still free (a dynamic threshold: Choudhury
// and Hahne, 1998), so that one client alone gets half, and there is always room for the next one.
// Thread rule: belongs to its owner, which locks it.
#pragma once

#include <cstdint>
#include <unordered_map>

namespace gateway {

class hold_bound {
public:
  explicit hold_bound(std::uint64_t most) : most_(most) {}

  // Readers that are held already stay, however low the new bound is.
  void set_most(std::uint64_t most) { most_ = most; }
  // Takes a place for one more reader of that client. False: there is none.
  bool take(std::uint64_t client);
  void give_back(std::uint64_t client);

  [[nodiscard]] std::uint64_t held() const { return held_; }

private:
  std::uint64_t most_;
  std::uint64_t held_ = 0;
  std::unordered_map<std::uint64_t, std::uint64_t> by_client_;  // only clients that hold some; keys are keyed hashes
};

}  // namespace gateway
