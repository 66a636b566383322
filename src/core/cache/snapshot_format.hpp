// A snapshot of the cache as a file: a lead, a chunk with the head, chunks of entries, and one that says that it is the last. Each chunk is
// bound to its file and its place in it, so what was cut off, exchanged or taken from another snapshot is noticed. A chunk that is good is
// good whatever became of those behind it.
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

// How much is gathered before a chunk is written; a larger entry has one for itself.
inline constexpr std::size_t snapshot_chunk_bytes = 256 * 1024;

struct snapshot_lead {
  static constexpr std::size_t size = 26;
  bool sealed = false;
  std::array<std::byte, 16> salt{};  // random: no two files have the same

  [[nodiscard]] std::string text() const;
  // Nothing and a sentence: not a snapshot, or one of another version.
  static std::optional<snapshot_lead> parse(std::string_view text, std::string& why_not);
};

// What vouches for chunks: a checksum, or a key.
class chunk_guard {
public:
  virtual ~chunk_guard() = default;
  // `place` says where the chunk stands; `index` is its number. `content` becomes what is written.
  virtual digest close(std::uint64_t index, std::string_view place, std::string& content) = 0;
  // `content` becomes what close() was given; false: it is not that.
  virtual bool open(std::uint64_t index, std::string_view place, const digest& tag, std::string& content) = 0;

  chunk_guard() = default;
  chunk_guard(const chunk_guard&) = delete;
  chunk_guard& operator=(const chunk_guard&) = delete;
};

// Against accidents only: whoever can write the file can make it.
class checksum_guard final : public chunk_guard {
public:
  digest close(std::uint64_t index, std::string_view place, std::string& content) override;
  bool open(std::uint64_t index, std::string_view place, const digest& tag, std::string& content) override;
};

class snapshot_encoder {
public:
  snapshot_encoder(const snapshot_lead& lead, chunk_guard& guard) : lead_(lead.text()), guard_(guard) {}

  // Each returns the bytes to write next. `key`: what the entries' owners are fingerprinted with.
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

// Is given the file in the pieces that it wants, from behind the lead on.
class snapshot_decoder {
public:
  // No chunk is longer than `max_chunk`.
  snapshot_decoder(const snapshot_lead& lead, chunk_guard& guard, std::size_t max_chunk)
      : lead_(lead.text()), guard_(guard), max_chunk_(max_chunk) {}

  // How many bytes take() must be given next; 0: there should be no more.
  [[nodiscard]] std::size_t wanted() const { return wanted_; }

  enum class event : std::uint8_t { more, head, entries, last, damaged };
  event take(std::string piece);

  // After `head`: the key. After `entries`: them.
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
