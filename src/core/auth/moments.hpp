// One moment for each of many partitions, exact and bounded: whose turn it is to be forgotten is who was noted or used the longest ago.
// What proofs and refusals are made of.
// Thread rule: none of its own; whoever shares it locks around it (app/sharded). Time rule: moments are arguments.
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

  // The later one stays, in whatever order they come.
  void note(const partition& who, mono_time at);
  [[nodiscard]] std::optional<mono_time> find(const partition& who) const;
  // As if it had been noted again.
  void use(const partition& who);
  void erase(const partition& who);

  [[nodiscard]] std::size_t size() const;
  // The latest of all that were forgotten for want of room: whoever is not known may have had a moment up to this one.
  [[nodiscard]] mono_time forgotten() const { return forgotten_; }

private:
  struct index;

  std::size_t most_;
  mono_time forgotten_ = mono_time::min();
  std::unique_ptr<index> index_;
};

}  // namespace gateway
