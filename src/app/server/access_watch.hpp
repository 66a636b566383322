// Reads the credential and token files again every second, so that a new secret, a revoked token or a repaired file counts without a
// restart. Content decides, not a time stamp: files are few and small, and a replaced symbolic link or a network file system fools no one.
// Each file counts by itself (core/auth/access_in_force): one that cannot be used keeps no other from being taken over, and the log and
// metrics say so.
// Thread rule: belongs to the control worker; what it publishes is read by all.
#pragma once

#include <string>

#include "app/state/authorized_cache.hpp"
#include "io/files/access_files.hpp"

namespace gateway {

// As at start, when the files have just been checked; throws if they are not good any more.
published_rules::pointer first_rules(const credential_settings& from, const fingerprint_key& key);

class access_watch {
public:
  // `from`: what holds at the moment of each look.
  // `visible` is told of accounts whose credential is another one now.
  access_watch(const credential_settings& from, published_rules& into, authorized_cache& visible)
      : from_(from), key_(into.get()->key), into_(into), visible_(visible), in_force_(*into.get()) {}

  // Once a second.
  void look();
  // What `next` and its files say, for take(); without consequences.
  [[nodiscard]] access_reading read(const credential_settings& next) const { return read_access(next, key_); }
  // From now on these; they are without problems.
  void take(const access_rules& rules);

  // For a scrape.
  [[nodiscard]] std::uint64_t reloads() const { return reloads_; }
  [[nodiscard]] std::uint64_t failures() const { return failures_; }
  // Files that cannot be used now.
  [[nodiscard]] std::uint64_t unusable() const { return in_force_.unusable(); }

private:
  void publish();

  const credential_settings& from_;
  fingerprint_key key_;
  published_rules& into_;
  authorized_cache& visible_;
  access_in_force in_force_;
  std::uint64_t version_ = 0;
  std::uint64_t reloads_ = 0;
  std::uint64_t failures_ = 0;
};

}  // namespace gateway
