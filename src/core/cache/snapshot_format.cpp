#include "core/cache/snapshot_format.hpp"

#include <sodium.h>

#include <cstring>

#include "core/base/fixed_fields.hpp"
#include "core/base/text.hpp"

namespace gateway {
namespace {

constexpr std::string_view magic = "sgwcache";
// 4: entries hold the fields that core/upstream/field_table allows; before, they held others, too.
constexpr std::uint8_t version = 4;

// Its length is fixed, so that two positions never have the same text.
std::string place_of(const std::string& lead, std::uint64_t index, std::uint8_t kind, std::size_t size) {
  auto place = lead;
  append_fixed(place, index);
  append_fixed(place, kind);
  append_fixed(place, static_cast<std::uint32_t>(size));
  return place;
}

}  // namespace

std::string snapshot_lead::text() const {
  std::string out{magic};
  append_fixed(out, version);
  append_fixed(out, std::uint8_t{sealed});
  return out.append(view_of(salt));
}

std::optional<snapshot_lead> snapshot_lead::parse(std::string_view text, std::string& why_not) {
  fixed_fields fields{text};
  if (fields.bytes(magic.size()) != magic) {
    why_not = "it is no snapshot of a cache";
    return std::nullopt;
  }
  snapshot_lead lead;
  auto const its_version = fields.number<std::uint8_t>();
  auto const sealed = fields.number<std::uint8_t>();
  auto const salt = fields.bytes(lead.salt.size());
  if (its_version != version || sealed > 1) {
    why_not = "it is of version " + std::to_string(its_version) + ", which this program does not know";
    return std::nullopt;
  }
  if (!fields.good() || !fields.rest().empty()) {
    why_not = "it ends too early";
    return std::nullopt;
  }
  lead.sealed = sealed == 1;
  std::memcpy(lead.salt.data(), salt.data(), salt.size());
  return lead;
}

digest checksum_guard::close(std::uint64_t, std::string_view place, std::string& content) {
  auto const size = content.size();
  content += place;  // defence: chunk-place
  auto const sum = content_digest(content);
  content.resize(size);
  return sum;
}

bool checksum_guard::open(std::uint64_t index, std::string_view place, const digest& tag, std::string& content) {
  return close(index, place, content) == tag;  // defence: chunk-tag
}

std::string snapshot_encoder::begin(const fingerprint_key& key) { return lead_ + chunk(kind::head, std::string{view_of(key)}); }
std::string snapshot_encoder::entries(std::string content) { return chunk(kind::entries, std::move(content)); }
std::string snapshot_encoder::end() { return chunk(kind::last, {}); }

std::string snapshot_encoder::chunk(kind what, std::string content) {
  auto const size = content.size();
  auto const tag = guard_.close(index_, place_of(lead_, index_, static_cast<std::uint8_t>(what), size), content);
  ++index_;
  std::string out;
  out.reserve(sizeof(std::uint32_t) + 1 + tag.size() + size);
  append_fixed(out, static_cast<std::uint32_t>(size));
  append_fixed(out, static_cast<std::uint8_t>(what));
  return out.append(view_of(tag)).append(content);
}

snapshot_decoder::event snapshot_decoder::take(std::string piece) {
  if (piece.size() != wanted_) return event::damaged;
  return in_content_ ? end_chunk(std::move(piece)) : begin_chunk(piece);
}

snapshot_decoder::event snapshot_decoder::begin_chunk(std::string_view head) {
  fixed_fields fields{head};
  auto const size = fields.number<std::uint32_t>();
  auto const what = fields.number<std::uint8_t>();
  auto const tag = fields.bytes(tag_.size());
  // The first chunk is the head, and no other chunk is.
  if (size > max_chunk_ || what > static_cast<std::uint8_t>(kind::last) || (index_ == 0) != (what == static_cast<std::uint8_t>(kind::head)))
    return event::damaged;
  kind_ = static_cast<kind>(what);
  std::memcpy(tag_.data(), tag.data(), tag.size());
  in_content_ = true;
  wanted_ = size;
  return size == 0 ? end_chunk({}) : event::more;
}

snapshot_decoder::event snapshot_decoder::end_chunk(std::string content) {
  if (!guard_.open(index_, place_of(lead_, index_, static_cast<std::uint8_t>(kind_), content.size()), tag_, content)) return event::damaged;
  ++index_;
  in_content_ = false;
  wanted_ = kind_ == kind::last ? 0 : chunk_head;
  content_ = std::move(content);
  if (kind_ == kind::last) return event::last;
  if (kind_ == kind::entries) return event::entries;
  if (content_.size() != key_.size()) return event::damaged;
  std::memcpy(key_.data(), content_.data(), key_.size());
  return event::head;
}

std::optional<fingerprint_key> parse_snapshot_key(std::string_view text) {
  fingerprint_key key{};
  auto* const to = reinterpret_cast<unsigned char*>(key.data());
  std::size_t size = 0;
  bool const is_hex = text.size() == 2 * key.size() &&
                      sodium_hex2bin(to, key.size(), text.data(), text.size(), nullptr, &size, nullptr) == 0 && size == key.size();
  if (is_hex) return key;
  bool const is_base64 =
      sodium_base642bin(to, key.size(), text.data(), text.size(), nullptr, &size, nullptr, sodium_base64_VARIANT_ORIGINAL) == 0 &&
      size == key.size();
  return is_base64 ? std::optional{key} : std::nullopt;
}

}  // namespace gateway
