// Mode inject: what a client may ask for, by which methods, and the calls of which accounts it may see (credentials.clients[].may, methods,
// subaccounts). It is judged before the cache and before the upstream; the account once it is known.
// Thread rule: immutable once made; shared by all that stands for the client.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "core/base/ids.hpp"
#include "core/request/route.hpp"

namespace gateway {

// The words of may: the resources as `passthrough` spells them, all of them for reading, and the writes, which `all` does not contain.
inline constexpr std::array<std::string_view, 16> right_names{
    "summary",  "annotation", "call", "events", "metrics",          "summaries",      "conferences",   "video_rooms",
    "settings", "reports",    "v3",   "all",    "annotation.write", "settings.write", "reports.write", "v3.write"};
using right_set = std::array<bool, right_names.size()>;
// What a client without may has: it reads all, and writes nothing.
constexpr right_set reading_rights() {
  right_set made{};
  for (std::size_t i = 0; i < made.size(); ++i) made[i] = right_names[i] == "all";
  return made;
}

enum class client_method : std::uint8_t { get, head, post };
inline constexpr std::array<std::string_view, 3> client_method_names{"GET", "HEAD", "POST"};
using client_method_set = std::array<bool, client_method_names.size()>;

// What a client would have to have, for messages: a key of credentials.clients[], and the word that it lacks.
struct missing_right {
  std::string_view setting;
  std::string_view word;
};

class client_rights {
public:
  // `subaccounts`: those that it sees; none: all that its account sees.
  client_rights(const right_set& may, const client_method_set& methods, std::vector<account_sid> subaccounts);

  // Those of clients without any of their own, guests included.
  static const std::shared_ptr<const client_rights>& usual();

  // Whether it may ask for that at all.
  [[nodiscard]] bool allows(resource what, std::string_view method) const {
    auto const how = index_of(method);
    return how < client_method_names.size() && (allowed_ >> bit(what, how) & 1U) != 0;
  }
  // Why not.
  [[nodiscard]] missing_right missing(resource what, std::string_view method) const;

  [[nodiscard]] bool sees_all() const { return subaccounts_.empty(); }
  [[nodiscard]] bool sees(const account_sid& whose) const;

  [[nodiscard]] const right_set& may() const { return may_; }
  [[nodiscard]] const client_method_set& methods() const { return methods_; }
  [[nodiscard]] const std::vector<account_sid>& subaccounts() const { return subaccounts_; }

private:
  static constexpr std::size_t index_of(std::string_view method) {
    std::size_t i = 0;
    while (i < client_method_names.size() && client_method_names[i] != method) ++i;
    return i;
  }
  static constexpr std::size_t bit(resource what, std::size_t how) {
    return static_cast<std::size_t>(what) * client_method_names.size() + how;
  }

  right_set may_;
  client_method_set methods_;
  std::vector<account_sid> subaccounts_;  // sorted, in lower case
  std::uint64_t allowed_ = 0;             // a bit for each resource and method
};

}  // namespace gateway
