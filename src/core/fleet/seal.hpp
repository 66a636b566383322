// Seals what replicas put into the engine: without a key of the fleet it can neither be read nor changed, and a value is accepted only
// where it was put. XChaCha20-Poly1305 by libsodium; its nonce is long enough to be random with many writers.
// Thread rule: immutable after its construction.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/keyed_hash.hpp"

namespace gateway {

using seal_nonce = std::array<std::byte, 24>;  // random bytes, drawn anew for each value

class fleet_seal {
public:
  // `keys`: the first one seals, all of them open. `upstream`: the host whose answers are shared.
  fleet_seal(std::vector<fingerprint_key> keys, std::string_view upstream) : keys_(std::move(keys)), upstream_(upstream) {}
  ~fleet_seal();
  fleet_seal(const fleet_seal&) = delete;
  fleet_seal& operator=(const fleet_seal&) = delete;
  fleet_seal(fleet_seal&&) = default;
  fleet_seal& operator=(fleet_seal&&) = delete;

  // `kind`: what the value is. `place`: the names under which it is found. Both must be the same when it is opened.
  [[nodiscard]] std::string close(std::string_view kind, std::string_view place, const seal_nonce& nonce, std::string_view plain) const;
  // nullopt: another format or key, another place, or changed bytes.
  [[nodiscard]] std::optional<std::string> open(std::string_view kind, std::string_view place, std::string_view sealed) const;

private:
  [[nodiscard]] std::string associated(std::string_view kind, std::string_view place) const;

  std::vector<fingerprint_key> keys_;
  std::string upstream_;
};

}  // namespace gateway
