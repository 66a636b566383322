// The secrets that all replicas of a fleet share, from the lines of fleet.key_file. The first line seals and all lines open, so that keys
// can be replaced one replica at a time. Names and fingerprints come from the last line, which never changes: replicas that disagreed about
// a name would split the budget and miss each other's marks.
// Thread rule: immutable after its construction.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/base/keyed_hash.hpp"
#include "core/fleet/seal.hpp"

namespace gateway {

class fleet_keys {
public:
  static constexpr std::size_t max_lines = 16;

  // `text`: the content of the key file; 64 hexadecimal digits a line. nullopt: it has another form.
  // `upstream`: the host whose answers are shared. Fleets of different upstreams have nothing in common.
  static std::optional<fleet_keys> parse(std::string_view text, std::string_view upstream);

  // Fingerprints credentials, so that the partitions of all replicas agree.
  [[nodiscard]] const fingerprint_key& owners() const { return owners_; }
  // What stands for a call, an account or an owner in the engine: 32 hexadecimal digits that reveal nothing.
  [[nodiscard]] std::string name_of(std::string_view kind, std::string_view bytes) const;
  [[nodiscard]] const fleet_seal& seal() const { return seal_; }

private:
  fleet_keys(const fingerprint_key& last, std::vector<fingerprint_key> sealing, std::string_view upstream);

  fingerprint_key owners_;
  fingerprint_key names_;
  fleet_seal seal_;
};

}  // namespace gateway
