// The admin listener's token, read again when its file changes. A missing or empty file leaves the token as it was: only the settings
// decide that no token is required, never the state of a file.
// Thread rule: belongs to the control worker.
#pragma once

#include <cstdint>
#include <string>

#include "io/files/guarded_file.hpp"

namespace gateway {

class token_watch {
public:
  // Throws std::runtime_error if the file holds no token that can be used.
  explicit token_watch(const admin_settings& from);

  // Uses another file and its content from now on.
  void take(std::string path, secret token);
  // What a look at `path` found; every second.
  void found(const std::string& path, file_content content);

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] const secret& current() const { return current_; }
  // For a scrape.
  [[nodiscard]] std::uint64_t reloads() const { return reloads_; }
  [[nodiscard]] std::uint64_t failures() const { return failures_; }

private:
  std::string path_;
  secret current_;
  std::string why_not_;  // at the last look
  std::uint64_t reloads_ = 0;
  std::uint64_t failures_ = 0;
};

}  // namespace gateway
