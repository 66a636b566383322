#include "io/files/event_tokens.hpp"

#include "core/events/delivery_check.hpp"

namespace gateway {

file_content read_event_tokens(const std::string& path) {
  auto content = read_guarded(path, readable_by_all | writable_by_all);
  if (!content.why_not.empty()) return content;
  auto const count = event_signers{content.text.reveal()}.count();
  if (count > event_signers::most)
    content.why_not = shown(path) + " has " + std::to_string(count) + " lines; " + std::to_string(event_signers::most) + " are possible";
  return content;
}

}  // namespace gateway
