// Where several upstreams are, a credential's partitions at one are apart from those at another: each named upstream has a key of its own
// that makes partitions. All that is stored, shared, refused or counted for a credential is so for one upstream. The plain upstream (the
// section `upstream`) has the gateway's own key.
// Thread rule: values.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "core/base/keyed_hash.hpp"

namespace gateway {

// What sets the partitions of a named upstream apart.
struct upstream_scope {
  std::string name;
  fingerprint_key key{};
  digest sharers{};  // stands for all credentials, where they share summaries
};

// The keys of all upstreams.
class upstream_keys {
public:
  upstream_keys(const fingerprint_key& plain) : plain_(plain) {}  // NOLINT(google-explicit-constructor): most gateways have no other

  // `where`: its host and port. Another server under the same name is another upstream.
  void add(const std::string& name, std::string_view where);

  // The plain upstream's for "", and for a name that was not added.
  [[nodiscard]] const fingerprint_key& of(const std::string& name) const;
  [[nodiscard]] upstream_scope scope_of(const std::string& name) const;
  [[nodiscard]] const fingerprint_key& plain() const { return plain_; }

private:
  fingerprint_key plain_;
  std::map<std::string, fingerprint_key> named_;
};

}  // namespace gateway
