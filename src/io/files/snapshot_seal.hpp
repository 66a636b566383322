// AES-256-GCM for the chunks of a snapshot: without the key the file can neither be read nor changed. Every file has a key of
// its own, made from the operator's and the random bytes of its lead, so a chunk's number is all that its nonce needs.
// Thread rule: used by one thread.
#pragma once

#include "core/cache/snapshot_format.hpp"

namespace gateway {

// An operator's key: a file of 64 hexadecimal digits or of base64, 32 bytes in all. Nothing and a sentence if it is not that, or if
// everybody may read it.
std::optional<fingerprint_key> read_seal_key(const std::string& path, std::string& why_not);

class snapshot_seal final : public chunk_guard {
public:
  snapshot_seal(const fingerprint_key& key, const snapshot_lead& lead);
  ~snapshot_seal() override;

  digest close(std::uint64_t index, std::string_view place, std::string& content) override;
  bool open(std::uint64_t index, std::string_view place, const digest& tag, std::string& content) override;

private:
  fingerprint_key file_key_;
};

}  // namespace gateway
