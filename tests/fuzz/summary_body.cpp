// Any bytes as a body from the upstream: read the same by a used and a new reader, and only if they are one whole JSON object.
#include "core/upstream/twilio_body.hpp"
#include "target.hpp"

namespace gateway {
namespace {

bool same(const summary_facts& a, const summary_facts& b) {
  return a.is == b.is && a.state == b.state && a.ambiguous == b.ambiguous && a.account == b.account &&
         a.malformed_account == b.malformed_account && a.end_time == b.end_time;
}

}  // namespace
}  // namespace gateway

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gateway;
  using identity = summary_facts::identity;
  static body_reader used;
  static auto const asked = *call_sid::parse("CA0000000000000000000000000000000a");
  auto const body = text_of(data, size);

  auto const facts = used.read_summary(body, asked);
  auto const code = used.read_error_code(body);
  body_reader fresh;
  claim(same(fresh.read_summary(body, asked), facts), "a reader keeps nothing of earlier bodies");
  claim(fresh.read_error_code(body) == code, "nor of earlier errors");
  claim(!code || *code >= 0, "codes are not negative");

  if (facts.is == identity::unreadable) {
    claim(facts.state == summary_facts::summary_state::other && !facts.end_time && !facts.account && !code,
          "what cannot be read says nothing");
    return 0;
  }
  std::string more{body};
  more += 'x';
  claim(used.read_summary(more, asked).is == identity::unreadable, "nothing may follow");
  auto const last = body.find_last_not_of(" \t\r\n");
  claim(used.read_summary(body.substr(0, last), asked).is == identity::unreadable, "nothing may be missing");
  if (facts.is == identity::right_call) claim(body.size() >= call_sid::length, "the identity stands in the body");
  return 0;
}
