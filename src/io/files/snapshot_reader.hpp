// Reads a snapshot from disk, chunk by chunk.
// Thread rule: used by one thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/cache/snapshot_format.hpp"
#include "io/files/snapshot_file.hpp"

namespace gateway {

// The guard that verifies the chunks of a file with this lead: the seal, if there is a key.
std::unique_ptr<chunk_guard> guard_for(const snapshot_lead& lead, const std::optional<fingerprint_key>& seal_key);

class snapshot_reader {
public:
  // Reads up to and including the head. False: there is no snapshot (no sentence), or it cannot be used (with the reason).
  bool open(const std::string& file, const std::optional<fingerprint_key>& seal_key, std::string& why_not);
  [[nodiscard]] const fingerprint_key& key() const { return decoder_->key(); }
  [[nodiscard]] std::uint64_t size() const { return input_.size(); }

  enum class event : std::uint8_t { entries, end, damaged };
  event next();
  [[nodiscard]] std::string_view entries() const { return decoder_->content(); }

private:
  snapshot_decoder::event next_chunk();

  snapshot_input input_;
  std::unique_ptr<chunk_guard> guard_;
  std::optional<snapshot_decoder> decoder_;
};

}  // namespace gateway
