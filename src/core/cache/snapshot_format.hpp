// The file format of a snapshot of the cache: a lead, a chunk with the head, chunks of entries, and a last chunk. Each chunk is bound to
// its file and to its position, so that truncated, exchanged or foreign chunks are noticed. A sound chunk is usable even if a later one is
// damaged.
//
//   lead   "sgwcache", version, whether it is sealed, 16 random bytes
//   chunk  length (4), kind (1), checksum or tag (16), content
//
// Thread rule: none of its own; pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/keyed_hash.hpp"

namespace gateway {

// The size at which a chunk is written; a larger entry has a chunk of its own.
inline constexpr std::size_t snapshot_chunk_bytes = 256 * 1024;

struct snapshot_lead {
  static constexpr std::size_t size = 26;
  bool sealed = false;
  std::array<std::byte, 16> salt{};  // random, different in every file

  [[nodiscard]] std::string text() const;
  // Nothing, and a sentence in `why_not`, if it is no snapshot or has another version.
  static std::optional<snapshot_lead> parse(std::string_view text, std::string& why_not);
};

// Protects chunks: with a checksum, or with a key.
class chunk_guard {
public:
  virtual ~chunk_guard() = default;
  // `place` describes the position of the chunk, `index` is its number. `content` becomes the bytes to write.
  virtual digest close(std::uint64_t index, std::string_view place, std::string& content) = 0;
  // `content` becomes the original again. Returns false if it is damaged.
  virtual bool open(std::uint64_t index, std::string_view place, const digest& tag, std::string& content) = 0;

  chunk_guard() = default;
  chunk_guard(const chunk_guard&) = delete;
  chunk_guard& operator=(const chunk_guard&) = delete;
};

// Against accidents only: a program that can write the file can also make the checksum.
class checksum_guard final : public chunk_guard {
public:
  digest close(std::uint64_t index, std::string_view place, std::string& content) override;
  bool open(std::uint64_t index, std::string_view place, const digest& tag, std::string& content) override;
};

class snapshot_encoder {
public:
  snapshot_encoder(const snapshot_lead& lead, chunk_guard& guard) : lead_(lead.text()), guard_(guard) {}

  // Each returns the bytes to write next. `key`: the key of the owners' fingerprints.
  std::string begin(const fingerprint_key& key);
  std::string entries(std::string content);
  std::string end();

private:
  enum class kind : std::uint8_t { head, entries, last };
  friend class snapshot_decoder;
  std::string chunk(kind what, std::string content);

  std::string lead_;
  chunk_guard& guard_;
  std::uint64_t index_ = 0;
};

// Reads the file after the lead, in pieces of the size that it wants.
class snapshot_decoder {
public:
  // No chunk is longer than `max_chunk`.
  snapshot_decoder(const snapshot_lead& lead, chunk_guard& guard, std::size_t max_chunk)
      : lead_(lead.text()), guard_(guard), max_chunk_(max_chunk) {}

  // The size of the next piece for take(); 0: the file should end here.
  [[nodiscard]] std::size_t wanted() const { return wanted_; }

  enum class event : std::uint8_t { more, head, entries, last, damaged };
  event take(std::string piece);

  // key() is valid after `head`, content() after `entries`.
  [[nodiscard]] const fingerprint_key& key() const { return key_; }
  [[nodiscard]] std::string_view content() const { return content_; }

private:
  using kind = snapshot_encoder::kind;
  static constexpr std::size_t chunk_head = sizeof(std::uint32_t) + 1 + sizeof(digest);
  event begin_chunk(std::string_view head);
  event end_chunk(std::string content);

  std::string lead_;
  chunk_guard& guard_;
  std::size_t max_chunk_;
  std::size_t wanted_ = chunk_head;
  bool in_content_ = false;
  std::uint64_t index_ = 0;
  kind kind_ = kind::head;
  digest tag_{};
  std::string content_;
  fingerprint_key key_{};
};

// 256 bits as 64 hexadecimal digits or as base64; nothing if it is neither.
std::optional<fingerprint_key> parse_snapshot_key(std::string_view text);

}  // namespace gateway
