#include "io/files/snapshot_reader.hpp"

#include "io/files/snapshot_seal.hpp"

namespace gateway {
namespace {

// The largest entry that the settings allow, with its frame.
constexpr std::size_t max_chunk = 65 * 1024 * 1024;

}  // namespace

std::unique_ptr<chunk_guard> guard_for(const snapshot_lead& lead, const std::optional<fingerprint_key>& seal_key) {
  if (seal_key) return std::make_unique<snapshot_seal>(*seal_key, lead);
  return std::make_unique<checksum_guard>();
}

bool snapshot_reader::open(const std::string& file, const std::optional<fingerprint_key>& seal_key, std::string& why_not) {
  if (!input_.open(file, why_not)) return false;
  auto const lead = snapshot_lead::parse(input_.read(snapshot_lead::size), why_not);
  if (!lead) return false;
  // A user who can write the file but has no key could otherwise replace it by an unsealed one.
  if (lead->sealed != seal_key.has_value()) {  // defence: unsealed-file
    why_not = seal_key ? "it is not sealed, but snapshot.key_file is set" : "it is sealed, and snapshot.key_file is not set";
    return false;
  }
  guard_ = guard_for(*lead, seal_key);
  decoder_.emplace(*lead, *guard_, max_chunk);
  if (next_chunk() == snapshot_decoder::event::head) return true;
  why_not = seal_key ? "it is damaged, or sealed with another key" : "it is damaged";
  return false;
}

snapshot_decoder::event snapshot_reader::next_chunk() {
  auto what = snapshot_decoder::event::more;
  while (what == snapshot_decoder::event::more) {
    // Check first, so that a damaged length allocates no memory.
    if (decoder_->wanted() > input_.left()) return snapshot_decoder::event::damaged;
    what = decoder_->take(input_.read(decoder_->wanted()));
  }
  return what;
}

snapshot_reader::event snapshot_reader::next() {
  auto const what = next_chunk();
  if (what == snapshot_decoder::event::entries) return event::entries;
  return what == snapshot_decoder::event::last && input_.left() == 0 ? event::end : event::damaged;
}

}  // namespace gateway
