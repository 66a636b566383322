#include "core/fleet/mark_journal.hpp"

#include <charconv>

#include "core/base/keyed_hash.hpp"
#include "core/base/text.hpp"
#include "core/fleet/sized_text.hpp"

namespace gateway {
namespace {

// Each part is its length in decimal, a colon, and its bytes; the last 16 bytes are the checksum of all before them.
constexpr std::string_view journal_format = "sgwmarks1";

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

}  // namespace

std::string mark_journal::text() const {
  std::string made{journal_format};
  append_sized(made, incarnation);
  append_sized(made, std::to_string(version));
  for (auto const& one : pending) {
    append_sized(made, one.name);
    append_sized(made, one.sealed);
  }
  auto const sum = content_digest(made);
  return made.append(view_of(sum));
}

std::optional<mark_journal> mark_journal::parse(std::string_view text) {
  if (!text.starts_with(journal_format) || text.size() < journal_format.size() + sizeof(digest)) return std::nullopt;
  auto const content = text.substr(0, text.size() - sizeof(digest));
  auto const sum = content_digest(content);
  if (view_of(sum) != text.substr(content.size())) return std::nullopt;
  auto rest = content.substr(journal_format.size());
  auto incarnation = take_part(rest);
  auto const written = take_part(rest);
  auto const version = written ? parse_decimal(*written) : std::nullopt;
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
