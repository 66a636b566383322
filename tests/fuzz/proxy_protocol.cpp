// Any bytes as the beginning of a connection: a header is as long as it says, is the same in whatever pieces it comes, and everything
// before its end is its own.
#include "core/request/proxy_protocol.hpp"
#include "target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gateway;
  using state = proxy_header::state;
  auto const bytes = text_of(data, size);
  auto const whole = read_proxy_header(bytes);
  claim(whole.size <= size && whole.size <= max_proxy_header, "a header lies within what came, and is bounded");
  if (whole.is == state::need_more) claim(size < max_proxy_header, "no more is asked for than a header has");
  auto const end = whole.is == state::complete ? whole.size : size;
  bool over = false;
  for (std::size_t part = 0; part <= end; ++part) {
    auto const now = read_proxy_header(bytes.substr(0, part));
    over = over || now.is != state::need_more;
    if (!over) continue;
    claim(now.is == whole.is && now.size == whole.size && now.source == whole.source && now.why == whole.why, "the same in all pieces");
    if (whole.is == state::complete) claim(part == whole.size, "complete at its last byte, not before");
  }
  return 0;
}
