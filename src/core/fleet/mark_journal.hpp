// What a replica writes beside its snapshot, so that the next process goes on where this one ended: which marks the snapshot already
// follows, and which marks the engine has not confirmed. Sealed marks stay sealed; a checksum notices accidents.
// Thread rule: values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gateway {

struct mark_journal {
  struct mark {
    std::string name;
    std::string sealed;
    friend bool operator==(const mark&, const mark&) = default;
  };
  static constexpr std::size_t longest = 4 * 1024 * 1024;  // of the text

  std::string incarnation;    // of the engine
  std::uint64_t version = 0;  // of the newest mark that the snapshot follows
  std::vector<mark> pending;

  [[nodiscard]] std::string text() const;
  // nullopt: it is damaged, or no journal.
  static std::optional<mark_journal> parse(std::string_view text);
  friend bool operator==(const mark_journal&, const mark_journal&) = default;
};

}  // namespace gateway
