// Any bytes as the content of a request: it ends at the same byte however it arrives, and what is taken is bounded.
// Input: the first byte says how it is delimited (an even one: chunked; an odd one: so many bytes), the others are the content.
#include <string>

#include "core/request/content.hpp"
#include "target.hpp"

namespace gateway {
namespace {

constexpr std::size_t limit = 100;

struct reading {
  content_reader::state is;
  fault why;
  std::string content;
  std::size_t taken = 0;
  friend bool operator==(const reading&, const reading&) = default;
};

reading read(const content_framing& framed, std::string_view bytes, std::size_t piece) {
  content_reader reader{framed, limit};
  std::string pending;
  std::size_t taken = 0;
  for (auto left = bytes; reader.is() == content_reader::state::need_more;) {
    auto const size = std::min(piece, left.size());
    pending.append(left.substr(0, size));
    auto const now = reader.take(pending);
    claim(now <= pending.size(), "no more is taken than there is");
    claim(reader.content().size() <= limit, "content is bounded");
    pending.erase(0, now);
    taken += now;
    if (left.empty()) break;
    left.remove_prefix(size);
  }
  // Where a refused one stopped looking does not matter: its connection ends.
  if (reader.is() == content_reader::state::refused) return {reader.is(), fault::malformed_content, "", 0};
  return {reader.is(), fault::malformed_content, reader.content(), taken};
}

}  // namespace
}  // namespace gateway

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gateway;
  if (size == 0) return 0;
  content_framing framed;
  framed.chunked = data[0] % 2 == 0;
  framed.length = framed.chunked ? 0 : data[0];
  auto const bytes = text_of(data + 1, size - 1);
  auto const whole = read(framed, bytes, bytes.size() + 1);
  claim(read(framed, bytes, 1) == whole, "byte by byte it is the same");
  claim(read(framed, bytes, 3) == whole, "three by three it is the same");
  if (whole.is == content_reader::state::complete)
    claim(read(framed, bytes.substr(0, whole.taken), bytes.size() + 1) == whole, "what follows does not matter");
  return 0;
}
