// Takes what a look at the credential and token files finds every second, so that a new secret, a revoked token or a repaired file counts
// without a restart. Each file counts by itself (core/auth/access_in_force): an unusable file does not keep the others from being applied,
// and the log and the metrics report it.
// Thread rule: belongs to the control worker; all workers read what it publishes.
#pragma once

#include <memory>
#include <string>

#include "app/state/authorized_cache.hpp"
#include "io/files/access_looker.hpp"

namespace gateway {

// The rules at start. Throws if the files have become unusable since the settings were checked.
published_rules::pointer first_rules(const credential_settings& from, const upstream_keys& keys);

class access_watch {
public:
  // `from`: the settings in force; a reload changes them in place. `visible` and `refused` learn which accounts have a new credential.
  access_watch(const credential_settings& from, const upstream_keys& keys, published_rules& into, authorized_cache& visible,
               refused_accounts& refused)
      : from_(from), keys_(keys), into_(into), visible_(visible), refused_(refused), in_force_(*into.get()) {
    look_anew();
  }

  // What to look with, on a thread that may wait; null if there are no files. A reload gives another one.
  [[nodiscard]] const std::shared_ptr<access_looker>& looker() const { return looker_; }
  // What that found; null: nothing new. True if other rules are in force now.
  bool found(const std::shared_ptr<access_looker>& with, const std::shared_ptr<const access_look>& what);
  // Puts rules without problems in force. Call it after the settings in force have changed.
  void take(const access_rules& rules);

  // For a scrape.
  [[nodiscard]] std::uint64_t reloads() const { return reloads_; }
  [[nodiscard]] std::uint64_t failures() const { return failures_; }
  // How many files are unusable now.
  [[nodiscard]] std::uint64_t unusable() const { return in_force_.unusable(); }

private:
  void note_change();
  void publish();
  void look_anew();

  const credential_settings& from_;
  const upstream_keys& keys_;
  published_rules& into_;
  authorized_cache& visible_;
  refused_accounts& refused_;
  access_in_force in_force_;
  std::shared_ptr<access_looker> looker_;
  std::uint64_t version_ = 0;
  std::uint64_t reloads_ = 0;
  std::uint64_t failures_ = 0;
};

}  // namespace gateway
