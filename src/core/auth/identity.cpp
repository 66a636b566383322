#include "core/auth/identity.hpp"

namespace gateway {

const identity* identity_memo::find(std::string_view authorization, std::uint64_t rules) const {
  return who_ && rules_ == rules && seen_.same_as(authorization) ? &*who_ : nullptr;
}

const identity* identity_memo::keep(std::string_view authorization, std::uint64_t rules, identity who) {
  seen_.assign(authorization);
  rules_ = rules;
  return &who_.emplace(std::move(who));
}

}  // namespace gateway
