// Any bytes as an egress proxy's answer to CONNECT: the same in whatever pieces they come, open only at the end of a head with a 2xx, and
// bounded.
#include "core/upstream/tunnel.hpp"
#include "target.hpp"

namespace {

constexpr std::size_t max_bytes = 1024;

struct judged {
  gateway::tunnel_state is = gateway::tunnel_state::unfinished;
  int status = 0;
  std::size_t taken = 0;
};

judged judge(std::string_view bytes, std::size_t piece) {
  gateway::tunnel_answer answer{max_bytes};
  judged result;
  while (result.is == gateway::tunnel_state::unfinished && result.taken < bytes.size()) {
    auto const next = bytes.substr(result.taken, piece);
    result.is = answer.take(next);
    result.taken += next.size();
  }
  result.status = answer.status();
  return result;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gateway;
  using state = tunnel_state;
  auto const bytes = text_of(data, size);
  auto const slow = judge(bytes, 1);
  auto const taken = bytes.substr(0, slow.taken);
  for (std::size_t const piece : {std::size_t{2}, std::size_t{7}, taken.size()}) {
    if (piece == 0) continue;
    auto const fast = judge(taken, piece);
    // A last piece with a byte too many would be refused, and `taken` has none; the bound alone may come sooner.
    claim((fast.is == slow.is && fast.status == slow.status) || slow.taken > max_bytes, "the same in all pieces");
  }
  if (slow.is == state::unfinished) claim(slow.taken == size && size <= max_bytes, "no more is asked for than a head has");
  if (slow.is == state::open) {
    claim(slow.status / 100 == 2 && taken.ends_with("\r\n\r\n") && taken.starts_with("HTTP/1."), "open at the end of a head with a 2xx");
    if (size > slow.taken) claim(judge(bytes, size).is == state::refused, "nothing may come with that head");
  }
  if (slow.is == state::wants_credential) claim(slow.status == 407 || slow.status == 401, "by its status");
  claim(!fault_of(slow.is) || slow.is != state::open, "an open tunnel has no fault");
  return 0;
}
