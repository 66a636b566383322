// Reads the credential and token files again every second, so that a new secret, a revoked token or a repaired file counts without a
// restart. It compares contents, not time stamps: the files are few and small, and time stamps mislead where a symbolic link is replaced
// or on a network file system. Each file counts by itself (core/auth/access_in_force): an unusable file does not keep the others from
// being applied, and the log and the metrics report it.
// Thread rule: belongs to the control worker; all workers read what it publishes.
#pragma once

#include <string>

#include "app/state/authorized_cache.hpp"
#include "io/files/access_files.hpp"

namespace gateway {

// The rules at start. Throws if the files have become unusable since the settings were checked.
published_rules::pointer first_rules(const credential_settings& from, const fingerprint_key& key);

class access_watch {
public:
  // `from`: the settings in force; a reload changes them in place. `visible` and `refused` learn which accounts have a new credential.
  access_watch(const credential_settings& from, published_rules& into, authorized_cache& visible, refused_accounts& refused)
      : from_(from), key_(into.get()->key), into_(into), visible_(visible), refused_(refused), in_force_(*into.get()) {}

  // Checks the files once; called every second.
  void look();
  // Reads the files that `next` names, for take(). Changes nothing.
  [[nodiscard]] access_reading read(const credential_settings& next) const { return read_access(next, key_); }
  // Puts rules without problems in force.
  void take(const access_rules& rules);

  // For a scrape.
  [[nodiscard]] std::uint64_t reloads() const { return reloads_; }
  [[nodiscard]] std::uint64_t failures() const { return failures_; }
  // How many files are unusable now.
  [[nodiscard]] std::uint64_t unusable() const { return in_force_.unusable(); }

private:
  void publish();

  const credential_settings& from_;
  fingerprint_key key_;
  published_rules& into_;
  authorized_cache& visible_;
  refused_accounts& refused_;
  access_in_force in_force_;
  std::uint64_t version_ = 0;
  std::uint64_t reloads_ = 0;
  std::uint64_t failures_ = 0;
};

}  // namespace gateway
