#include "core/fleet/fleet_keys.hpp"

#include <sodium.h>

#include <algorithm>

#include "core/base/text.hpp"

namespace gateway {
namespace {

std::optional<fingerprint_key> parse_line(std::string_view line) {
  fingerprint_key key{};
  std::size_t size = 0;
  bool const good = line.size() == 2 * key.size() && sodium_hex2bin(reinterpret_cast<unsigned char*>(key.data()), key.size(), line.data(),
                                                                    line.size(), nullptr, &size, nullptr) == 0;
  return good && size == key.size() ? std::optional{key} : std::nullopt;
}

}  // namespace

fleet_keys::fleet_keys(const fingerprint_key& last, std::vector<fingerprint_key> sealing, std::string_view upstream)
    : owners_(derived_key(last, "fleet owners")),
      names_(derived_key(derived_key(last, "fleet names"), upstream)),
      seal_(std::move(sealing), upstream) {}

std::optional<fleet_keys> fleet_keys::parse(std::string_view text, std::string_view upstream) {
  std::vector<fingerprint_key> lines;
  while (!text.empty()) {
    auto const line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    auto const key = parse_line(trim_ows(line.substr(0, line.find('\r'))));
    if (!key || lines.size() == max_lines) return std::nullopt;
    lines.push_back(*key);
  }
  if (lines.empty()) return std::nullopt;
  auto last = lines.back();
  for (auto& line : lines) line = derived_key(line, "fleet seal");
  fleet_keys made{last, std::move(lines), upstream};
  sodium_memzero(last.data(), last.size());
  return made;
}

std::string fleet_keys::name_of(std::string_view kind, std::string_view bytes) const {
  std::string whole{kind};
  whole += '\0';
  whole += bytes;
  return hex_of(view_of(fingerprint(names_, whole)));
}

}  // namespace gateway
