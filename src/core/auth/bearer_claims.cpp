#include "core/auth/bearer_claims.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "core/auth/compact_token.hpp"
#include "core/base/text.hpp"

namespace gateway {
namespace {

// Every text goes with its length, so that no two lists of claims look the same.
void append_sized(std::string& out, std::string_view text) {
  append_number(out, text.size());
  out.append(":").append(text);
}

struct claims {
  static constexpr std::array<std::string_view, 5> names{"iss", "sub", "aud", "scope", "exp"};
  std::array<std::string, 4> texts;  // in the form for the fingerprint; "" for a claim that is absent
  std::optional<wall_time> end;
  std::array<int, names.size()> seen{};
  bool sound = true;

  void take(std::string_view name, const json_value& value) {
    auto const known = std::ranges::find(names, name);
    if (known == names.end()) return;
    auto const which = static_cast<std::size_t>(known - names.begin());
    if (++seen[which] > 1) sound = false;  // defence: claim-once
    if (name == "exp") {
      end = date_in(value);
      return;
    }
    auto& text = texts[which];
    bool const is_list = name == "aud" && value.each_item([&](const json_value& item) { take_text(item, text); });
    if (is_list) {
      text += "]";
    } else {
      take_text(value, text);
    }
  }
  void take_text(const json_value& value, std::string& to) {
    auto const text = value.text();
    sound = sound && text && !text->empty();
    if (text) append_sized(to, *text);
  }
  [[nodiscard]] bool is_whole() const { return sound && !texts[0].empty() && !texts[1].empty() && end && *end > wall_time{}; }
};

}  // namespace

std::optional<bearer_claims> read_claims(std::string_view token, const fingerprint_key& key) {
  auto const parts = split_token(token);
  auto const json = parts ? decode_base64url(parts->payload) : std::nullopt;
  if (!json) return std::nullopt;
  json_reader reader;
  auto const object = reader.parse(*json);
  claims found;
  if (!object || !object->each_member([&](std::string_view name, json_value value) { found.take(name, value); })) return std::nullopt;
  if (!found.is_whole()) return std::nullopt;
  std::string all{"claims:"};
  for (auto const& text : found.texts) append_sized(all, text);
  return bearer_claims{fingerprint(key, all), *found.end};
}

}  // namespace gateway
