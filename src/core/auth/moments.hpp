// One moment for each of many partitions, exact and bounded: beyond the bound, the least recently noted or used partition is forgotten.
// Proofs and refusals are built on it.
// Thread rule: none of its own; the owner locks around it (app/sharded). Time rule: moments are arguments.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>

#include "core/auth/partition.hpp"
#include "core/base/time.hpp"

namespace gateway {

class moments {
public:
  explicit moments(std::size_t most);
  ~moments();
  moments(moments&&) noexcept;

  // The later moment stays, in whatever order the calls come.
  void note(const partition& who, mono_time at);
  [[nodiscard]] std::optional<mono_time> find(const partition& who) const;
  // Renews it in the order of use.
  void use(const partition& who);
  void erase(const partition& who);

  [[nodiscard]] std::size_t size() const;
  // The latest moment that was forgotten for want of room: an unknown partition may have had a moment up to this one.
  [[nodiscard]] mono_time forgotten() const { return forgotten_; }

private:
  struct index;

  std::size_t most_;
  mono_time forgotten_ = mono_time::min();
  std::unique_ptr<index> index_;
};

}  // namespace gateway
