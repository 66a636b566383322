// The admin listener's token, read again when its file changes; a file that is gone or empty leaves the token as it was. Who may ask for
// nothing at all is decided by the settings alone, never by what becomes of a file.
// Thread rule: belongs to the control worker.
#pragma once

#include <cstdint>
#include <string>

#include "core/base/secret.hpp"

namespace gateway {

class token_watch {
public:
  // `path`: "" for no token. Throws std::runtime_error if there is none in the file.
  explicit token_watch(std::string path);

  // Of another file from now on, which has been read.
  void take(std::string path, secret token);
  // Once a second.
  void look();

  [[nodiscard]] const secret& current() const { return current_; }
  // For a scrape.
  [[nodiscard]] std::uint64_t reloads() const { return reloads_; }
  [[nodiscard]] std::uint64_t failures() const { return failures_; }

private:
  std::string path_;
  secret current_;
  bool is_gone_ = false;  // the file, at the last look
  std::uint64_t reloads_ = 0;
  std::uint64_t failures_ = 0;
};

}  // namespace gateway
