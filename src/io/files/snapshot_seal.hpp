// AES-256-GCM for the chunks of a snapshot: without the key the file can neither be read nor changed. Every file has its own key, derived
// from the operator's key and the random bytes of its lead, so the chunk's number is a sufficient nonce.
// Thread rule: used by one thread.
#pragma once

#include "core/cache/snapshot_format.hpp"

namespace gateway {

// Reads an operator's key: a file of 64 hexadecimal digits or base64, 32 bytes in all. nullopt and a sentence if it has another form or all
// users may read it.
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
