// The marks of one replica that the engine has not confirmed yet, in their order. Each has a number, so that the operator who waits for one
// can be told how it stands. The list is bounded: when it is full, one mark about everything takes the place of all.
// Thread rule: none of its own; app/fleet/mark_exchange locks.
#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <vector>

#include "core/fleet/fleet_mark.hpp"

namespace gateway {

class pending_marks {
public:
  static constexpr std::size_t most = 4096;

  struct one {
    std::uint64_t number = 0;
    std::uint64_t since = 0;  // the first of the numbers for which it stands
    fleet_mark what;
    std::string name;
    std::string sealed;
  };

  [[nodiscard]] bool is_full() const { return all_.size() >= most; }
  // The one mark for which a full list and `last` make room.
  [[nodiscard]] fleet_mark sum_with(const fleet_mark& last) const;
  // Returns the mark's number. A full list is replaced by it.
  std::uint64_t add(const fleet_mark& what, std::string name, std::string sealed);

  [[nodiscard]] const std::deque<one>& all() const { return all_; }
  [[nodiscard]] bool holds(std::string_view sealed) const;
  // The engine has all marks up to this number.
  void confirm(std::uint64_t number);
  // Every mark up to this number is confirmed.
  [[nodiscard]] std::uint64_t confirmed() const { return all_.empty() ? last_ : all_.front().since - 1; }
  [[nodiscard]] std::uint64_t last() const { return last_; }

private:
  std::deque<one> all_;
  std::uint64_t last_ = 0;
};

}  // namespace gateway
