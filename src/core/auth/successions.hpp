// Mode inject: what an account's earlier credentials were told, after its file holds another key or token. Nobody can see whether that one
// belongs to the same Twilio account, so it has a partition of its own (core/auth/partition), and finds what lies in those before it only
// of accounts that the upstream has shown to itself since. If it is shown another account than the one they are about, they go.
// Thread rule: none of its own; whoever shares it locks around it (app/authorized_cache). Time rule: moments are arguments.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "core/auth/partition.hpp"
#include "core/base/ids.hpp"
#include "core/base/time.hpp"

namespace gateway {

// One account of the settings, as its file was and is.
struct succession {
  partition now;
  partition before;
};

class successions {
public:
  // A token that changes every hour is followed for more than a day.
  static constexpr std::size_t most_before = 32;
  static constexpr std::size_t most_shown = 256;

  // All accounts there are now. Returns the partitions that are out of reach for good.
  std::vector<partition> take_over(std::span<const succession> all);

  [[nodiscard]] bool empty() const { return all_.empty(); }
  // Newest first; empty: there is nothing to look at.
  [[nodiscard]] std::vector<partition> before(const partition& now) const;
  // Since when it has been shown that account; nullopt: it has not.
  [[nodiscard]] std::optional<mono_time> shown(const partition& now, const account_sid& whose) const;

  void show(const partition& now, const account_sid& whose, mono_time asked_at);
  // It was refused a call of that account, or everything.
  void hide(const partition& now, const account_sid& whose);
  void hide_all(const partition& now);
  // What was before it is another account's.
  void end(const partition& now);

private:
  struct heir {
    partition now;
    std::vector<partition> before;
    struct sight {
      account_sid whose;
      mono_time asked_at;
    };
    std::vector<sight> shown;
  };
  [[nodiscard]] const heir* find(const partition& now) const;
  [[nodiscard]] heir* find(const partition& now);

  std::vector<heir> all_;  // one for each account whose credential has changed: a handful
};

}  // namespace gateway
