// The operators of the admin listener: those of the settings, and those of admin.token_file, which is read again when it changes. A missing
// or unusable file leaves them as they were: only the settings decide that nobody is named, never the state of a file.
// Thread rule: belongs to the control worker.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "io/files/admin_files.hpp"

namespace gateway {

class admin_watch {
public:
  // Throws std::runtime_error if a file or a user cannot be used.
  explicit admin_watch(const admin_settings& from);

  // Uses other settings from now on, with what they name. Each request is judged anew, on open connections too.
  void take(const admin_settings& from, std::vector<admin_user> by_connection, admin_token_file tokens);
  // What a look at the file found; every second.
  void found(const std::string& path, admin_token_file tokens);

  // In force; the reference stays.
  [[nodiscard]] const admin_rules& rules() const { return rules_; }
  // Who may do what, for the log.
  [[nodiscard]] std::string in_words() const;
  // For a scrape.
  [[nodiscard]] std::uint64_t reloads() const { return reloads_; }
  [[nodiscard]] std::uint64_t failures() const { return failures_; }

private:
  // False if nothing changes.
  bool put(std::vector<admin_user> by_connection, std::vector<admin_user> by_token);

  std::string path_;
  std::vector<admin_user> by_connection_;
  std::vector<admin_user> by_token_;
  admin_rules rules_;
  std::string why_not_;  // at the last look
  std::uint64_t reloads_ = 0;
  std::uint64_t failures_ = 0;
};

}  // namespace gateway
