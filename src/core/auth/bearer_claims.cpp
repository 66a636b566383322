#include "core/auth/bearer_claims.hpp"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <string>

#include "core/base/json_reader.hpp"
#include "core/base/text.hpp"

namespace gateway {
namespace {

// Beyond the range of wall_time, or nonsense.
constexpr std::int64_t latest_end = 9'000'000'000;

// Strict: no padding, no foreign characters, no stray bits.
std::optional<std::string> decode_base64url(std::string_view text) {
  std::string bytes(text.size() / 4 * 3 + 3, '\0');
  std::size_t size = 0;
  char const* end = nullptr;
  int const failed = sodium_base642bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(), text.data(), text.size(), nullptr,
                                       &size, &end, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
  if (failed != 0 || end != text.data() + text.size()) return std::nullopt;
  bytes.resize(size);
  return bytes;
}

// The middle one of three parts, none of them empty.
std::optional<std::string_view> payload_of(std::string_view token) {
  if (token.size() > max_token_size || std::ranges::count(token, '.') != 2) return std::nullopt;  // defence: token-size
  auto const first = token.find('.');
  auto const last = token.rfind('.');
  if (first == 0 || last == first + 1 || last + 1 == token.size()) return std::nullopt;
  return token.substr(first + 1, last - first - 1);
}

// Every text goes with its length, so that no two lists of claims look the same.
void append_sized(std::string& out, std::string_view text) {
  append_number(out, text.size());
  out.append(":").append(text);
}

struct claims {
  static constexpr std::array<std::string_view, 5> names{"iss", "sub", "aud", "scope", "exp"};
  std::array<std::string, 4> texts;  // in the form for the fingerprint; "" for a claim that is absent
  std::optional<std::int64_t> end;
  std::array<int, names.size()> seen{};
  bool sound = true;

  void take(std::string_view name, const json_value& value) {
    auto const known = std::ranges::find(names, name);
    if (known == names.end()) return;
    auto const which = static_cast<std::size_t>(known - names.begin());
    if (++seen[which] > 1) sound = false;  // defence: claim-once
    if (name == "exp") {
      end = value.whole_number();
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
  [[nodiscard]] bool is_whole() const { return sound && !texts[0].empty() && !texts[1].empty() && end && *end > 0 && *end <= latest_end; }
};

}  // namespace

std::optional<bearer_claims> read_claims(std::string_view token, const fingerprint_key& key) {
  auto const payload = payload_of(token);
  auto const json = payload ? decode_base64url(*payload) : std::nullopt;
  if (!json) return std::nullopt;
  json_reader reader;
  auto const object = reader.parse(*json);
  claims found;
  if (!object || !object->each_member([&](std::string_view name, json_value value) { found.take(name, value); })) return std::nullopt;
  if (!found.is_whole()) return std::nullopt;
  std::string all{"claims:"};
  for (auto const& text : found.texts) append_sized(all, text);
  return bearer_claims{fingerprint(key, all), wall_time{std::chrono::seconds{*found.end}}};
}

}  // namespace gateway
