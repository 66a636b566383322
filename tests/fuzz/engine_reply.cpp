// Any bytes as replies of the fleet's engine: however they are cut, they mean the same, and stay within the bounds.
#include "core/fleet/resp.hpp"

#include <algorithm>
#include <vector>

#include "target.hpp"

namespace {

using namespace gateway;

struct taken {
  std::vector<engine_reply> replies;
  bool broken = false;
};

taken take_all(std::string_view bytes, std::size_t piece) {
  taken all;
  resp_reader reader;
  while (!bytes.empty() && !all.broken) {
    auto part = bytes.substr(0, piece);
    bytes.remove_prefix(part.size());
    while (!part.empty() && !all.broken) {
      auto const before = part.size();
      auto const state = reader.read(part);
      if (state == resp_reader::progress::whole) all.replies.push_back(reader.take());
      all.broken = state == resp_reader::progress::broken;
      claim(all.broken || part.size() < before, "each step takes bytes");
    }
  }
  return all;
}

bool same(const engine_reply& a, const engine_reply& b) {
  if (a.is != b.is || a.number != b.number || a.text != b.text || a.items.size() != b.items.size()) return false;
  for (std::size_t i = 0; i < a.items.size(); ++i) {
    if (!same(a.items[i], b.items[i])) return false;
  }
  return true;
}

std::size_t depth(const engine_reply& reply) {
  std::size_t deepest = 0;
  for (auto const& item : reply.items) deepest = std::max(deepest, depth(item));
  return reply.is == engine_reply::kind::array ? deepest + 1 : 0;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto const bytes = text_of(data, size);
  auto const whole = take_all(bytes, bytes.size() + 1), single = take_all(bytes, 1);
  claim(whole.broken == single.broken && whole.replies.size() == single.replies.size(), "pieces mean the same");
  for (std::size_t i = 0; i < whole.replies.size(); ++i) {
    claim(same(whole.replies[i], single.replies[i]), "each reply is the same");
    claim(depth(whole.replies[i]) <= resp_reader::max_depth, "it is not deep");
  }
  return 0;
}
