// A snapshot in memory, for tests: entries as upstream answers produce them, and the file made from them.
#pragma once

#include <string>
#include <vector>

#include "cache/entries.hpp"
#include "core/base/etag.hpp"
#include "core/cache/snapshot_entry.hpp"
#include "core/cache/snapshot_format.hpp"

namespace gateway {

inline representation form_of(const std::string& body, const std::string& tag) {
  representation form;
  form.wire = "X-Origin-Twilio-Request-Id: RQ1\r\n";
  form.shared_at = static_cast<std::uint32_t>(form.wire.size());
  form.wire += "Access-Control-Allow-Origin: *\r\n";
  form.access_control = static_cast<std::uint32_t>(form.wire.size()) - form.shared_at;
  form.wire += "ETag: ";
  form.etag_at = static_cast<std::uint32_t>(form.wire.size());
  form.etag_size = static_cast<std::uint32_t>(tag.size());
  form.wire += tag + "\r\n\r\n";
  form.body_at = static_cast<std::uint32_t>(form.wire.size());
  form.wire += body;
  return form;
}

// Stored at `stored` and fresh for one hour, both relative to the epoch of these tests.
inline std::shared_ptr<entry> summary_entry(const std::string& body, std::chrono::nanoseconds stored = {}, bool packed = true) {
  auto made = std::make_shared<entry>();
  made->asked_at = made->stored_at = at(stored);
  made->gone_at = at(stored + std::chrono::hours{1});
  made->gone_by = wall_epoch + stored + std::chrono::hours{1};
  made->fresh_at_most = std::chrono::minutes{1};
  made->plain = form_of(body, etag_of(body));
  if (packed) made->gzip = std::make_unique<const representation>(form_of("packed", gzip_tag(etag_of(body))));
  return made;
}

inline std::string record_of(unsigned call, unsigned owner, const entry& kept, const instant& now) {
  std::string out;
  append_entry(out, key_number(call, owner).owner, call_number(call), kept, now);
  return out;
}

// The valid part of a file, and whether the file is valid to its end.
struct read_snapshot {
  fingerprint_key key{};
  std::vector<std::string> chunks;
  bool whole = false;
};

inline read_snapshot read_back(std::string_view bytes, chunk_guard& guard, std::size_t max_chunk = 1 << 20) {
  read_snapshot found;
  std::string why_not;
  auto const lead = snapshot_lead::parse(bytes.substr(0, snapshot_lead::size), why_not);
  if (!lead) return found;
  bytes.remove_prefix(snapshot_lead::size);
  snapshot_decoder decoder{*lead, guard, max_chunk};
  while (decoder.wanted() > 0 && decoder.wanted() <= bytes.size()) {
    auto const piece = bytes.substr(0, decoder.wanted());
    bytes.remove_prefix(piece.size());
    auto const what = decoder.take(std::string{piece});
    if (what == snapshot_decoder::event::damaged) return found;
    if (what == snapshot_decoder::event::head) found.key = decoder.key();
    if (what == snapshot_decoder::event::entries) found.chunks.emplace_back(decoder.content());
    if (what == snapshot_decoder::event::last) found.whole = bytes.empty();
  }
  return found;
}

inline std::string snapshot_of(const std::vector<std::string>& chunks, chunk_guard& guard, snapshot_lead lead = {}) {
  snapshot_encoder encoder{lead, guard};
  fingerprint_key key{};
  key[3] = std::byte{42};
  auto bytes = encoder.begin(key);
  for (auto const& one : chunks) bytes += encoder.entries(one);
  return bytes + encoder.end();
}

}  // namespace gateway
