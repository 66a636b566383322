#include "core/fleet/mark_journal.hpp"

#include <charconv>

#include "core/base/keyed_hash.hpp"
#include "core/base/text.hpp"

namespace gateway {
namespace {

// Each part is its length in decimal, a colon, and its bytes; the last 16 bytes are the checksum of all before them.
constexpr std::string_view form = "sgwmarks1";

void append_part(std::string& to, std::string_view part) { to.append(std::to_string(part.size())).append(":").append(part); }

std::optional<std::string> take_part(std::string_view& from) {
  std::size_t size = 0;
  auto const [end, error] = std::from_chars(from.data(), from.data() + from.size(), size);
  if (error != std::errc{} || end == from.data() + from.size() || *end != ':') return std::nullopt;
  from.remove_prefix(static_cast<std::size_t>(end - from.data()) + 1);
  if (size > from.size()) return std::nullopt;
  std::string part{from.substr(0, size)};
  from.remove_prefix(size);
  return part;
}

std::optional<std::uint64_t> number_of(std::string_view text) {
  std::uint64_t value = 0;
  auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size() ? std::optional{value} : std::nullopt;
}

}  // namespace

std::string mark_journal::text() const {
  std::string made{form};
  append_part(made, incarnation);
  append_part(made, std::to_string(version));
  for (auto const& one : pending) {
    append_part(made, one.name);
    append_part(made, one.sealed);
  }
  auto const sum = content_digest(made);
  return made.append(view_of(sum));
}

std::optional<mark_journal> mark_journal::parse(std::string_view text) {
  if (!text.starts_with(form) || text.size() < form.size() + sizeof(digest)) return std::nullopt;
  auto const content = text.substr(0, text.size() - sizeof(digest));
  auto const sum = content_digest(content);
  if (view_of(sum) != text.substr(content.size())) return std::nullopt;
  auto rest = content.substr(form.size());
  auto incarnation = take_part(rest);
  auto const written = take_part(rest);
  auto const version = written ? number_of(*written) : std::nullopt;
  if (!incarnation || !version) return std::nullopt;
  mark_journal made{*std::move(incarnation), *version, {}};
  while (!rest.empty()) {
    auto name = take_part(rest);
    auto sealed = take_part(rest);
    if (!name || !sealed) return std::nullopt;
    made.pending.push_back({*std::move(name), *std::move(sealed)});
  }
  return made;
}

}  // namespace gateway
