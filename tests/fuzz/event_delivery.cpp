// Any bytes as a delivery of events: never accepted without the token, and read the same by a used and a new reader.
#include "core/events/delivery_check.hpp"
#include "core/events/event_batch.hpp"
#include "target.hpp"

namespace gateway {
namespace {

bool same(const twilio_event& a, const twilio_event& b) {
  if (a.type != b.type || a.identity != b.identity || a.about.has_value() != b.about.has_value()) return false;
  return !a.about || (a.about->kind == b.about->kind && a.about->call == b.about->call && a.about->account == b.about->account &&
                      a.about->time == b.about->time);
}

}  // namespace
}  // namespace gateway

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gateway;
  static event_reader used;
  static event_signers signers{"a token that no input knows"};
  static auto const url = *event_url::parse("https://hooks.example/events");
  auto const text = text_of(data, size);

  request_head head;
  head.query = text;
  auto const fields = "X-Twilio-Signature: " + std::string{text} + "\r\n";
  head.fields = fields;
  auto const line = text.substr(0, text.find_first_of("\r\n"));
  auto const result = check_origin(delivery_proof{head}, text, url, signers);
  claim(result != delivery_result::accepted, "nothing is accepted that the token has not signed");
  claim(line.size() != text.size() || result == delivery_result::wrong_signature, "the signature comes before the content's hash");

  auto const events = used.read(text);
  auto const again = event_reader{}.read(text);
  claim(events.has_value() == again.has_value(), "a reader keeps nothing of earlier bodies");
  auto more = std::string{text};
  more += 'x';
  claim(!used.read(more), "nothing may follow");
  if (!events) return 0;
  claim(events->size() == again->size(), "nor of their events");
  for (std::size_t n = 0; n < events->size(); ++n) {
    auto const& one = (*events)[n];
    claim(same(one, (*again)[n]), "each event is read the same");
    claim(!one.about || (one.type != event_type::test && one.type != event_type::other), "only a summary's event is about a call");
  }
  return 0;
}
