#include "core/fleet/confirmed_erasure.hpp"

#include <algorithm>
#include <cstring>

#include "core/base/fixed_fields.hpp"
#include "core/base/text.hpp"

namespace gateway {
namespace {

constexpr std::size_t longest_gateway_name = 64;

}  // namespace

std::string confirmed_erasure::text() const {
  std::string made{view_of(who)};
  append_fixed(made, taken);
  return made.append(gateway);
}

std::optional<confirmed_erasure> confirmed_erasure::parse(std::string_view text) {
  fixed_fields from{text};
  auto const who = from.bytes(sizeof(digest));
  confirmed_erasure made;
  made.taken = from.number<std::uint64_t>();
  if (!from.good()) return std::nullopt;
  made.gateway = from.rest();
  if (made.gateway.empty() || made.gateway.size() > longest_gateway_name || !std::ranges::all_of(made.gateway, is_alnum))
    return std::nullopt;
  std::memcpy(made.who.data(), who.data(), made.who.size());
  return made;
}

}  // namespace gateway
