#include "core/auth/upstream_keys.hpp"

namespace gateway {

void upstream_keys::add(const std::string& name, std::string_view where) {
  named_[name] = derived_key(plain_, std::string{"upstream:"}.append(name).append(":").append(where));
}

const fingerprint_key& upstream_keys::of(const std::string& name) const {
  auto const found = named_.find(name);
  return found == named_.end() ? plain_ : found->second;
}

upstream_scope upstream_keys::scope_of(const std::string& name) const {
  auto const& key = of(name);
  return {name, key, fingerprint(key, "sharers")};
}

}  // namespace gateway
