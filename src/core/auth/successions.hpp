// Mode inject: the cached answers of an account's earlier credentials, after its file holds another key or token. The gateway cannot see
// whether the new credential belongs to the same Twilio account, so it gets a partition of its own (core/auth/partition). It may use an
// answer of the earlier partitions only if the upstream has shown it the same account since. If the upstream shows it another account than
// theirs, the earlier answers are dropped.
// Thread rule: none of its own; the owner locks around it (app/authorized_cache). Time rule: moments are arguments.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "core/auth/partition.hpp"
#include "core/base/ids.hpp"
#include "core/base/time.hpp"

namespace gateway {

// One account of the settings, before and after a change of its file.
struct succession {
  partition now;
  partition before;
};

class successions {
public:
  // Enough for more than a day of a token that changes every hour.
  static constexpr std::size_t most_before = 32;
  static constexpr std::size_t most_shown = 256;

  // Takes all accounts of the current settings. Returns the partitions that can never be reached again.
  std::vector<partition> take_over(std::span<const succession> all);

  [[nodiscard]] bool empty() const { return all_.empty(); }
  // Newest first; empty: there is no earlier partition.
  [[nodiscard]] std::vector<partition> before(const partition& now) const;
  // The moment since which the credential has been shown that account; nullopt: it has not.
  [[nodiscard]] std::optional<mono_time> shown(const partition& now, const account_sid& whose) const;

  void show(const partition& now, const account_sid& whose, mono_time asked_at);
  // The upstream refused the credential a call of that account, or everything.
  void hide(const partition& now, const account_sid& whose);
  void hide_all(const partition& now);
  // The earlier partitions belong to another account.
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

  std::vector<heir> all_;  // one for each account whose credential has changed: a few
};

}  // namespace gateway
