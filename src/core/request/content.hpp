// Reads the content of a request as it arrives: delimited by Content-Length or chunked, with a limit on its bytes and on the chunk framing
// around them. Framing that two parsers could end at different bytes is refused. Source: RFC 9112 §6–7.
// Thread rule: belongs to one session.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/fault.hpp"
#include "core/request/head.hpp"

namespace gateway {

class content_reader {
public:
  // `framed` has passed the checks of framing. Content of more than `max_bytes` is refused.
  content_reader(const content_framing& framed, std::size_t max_bytes) : max_bytes_(max_bytes), step_(first_step(framed)) {
    left_ = framed.length;
  }

  enum class state : std::uint8_t { need_more, complete, refused };

  // Consumes bytes from the front of `bytes` and returns how many. After refused the rest cannot be trusted.
  std::size_t take(std::string_view bytes);

  [[nodiscard]] state is() const { return state_; }
  [[nodiscard]] fault why() const { return why_; }  // refused
  [[nodiscard]] const std::string& content() const { return content_; }

private:
  enum class step : std::uint8_t { data, chunk_size, chunk_end, trailer };

  static step first_step(const content_framing& framed) { return framed.chunked ? step::chunk_size : step::data; }
  std::optional<std::string_view> take_line(std::string_view& rest);
  void take_data(std::string_view& rest);
  bool read_line(std::string_view line);
  void refuse(fault why);

  // Limits chunk sizes, extensions and trailers together, so that content in chunks of one byte costs its sender more than us.
  static constexpr std::size_t max_wrapping = 16 * 1024;
  static constexpr std::size_t max_line = 4 * 1024;

  std::size_t max_bytes_;
  step step_;
  bool is_chunked_ = step_ == step::chunk_size;
  std::uint64_t left_ = 0;  // remaining bytes of the content or of the current chunk
  std::size_t wrapping_ = 0;
  state state_ = state::need_more;
  fault why_ = fault::malformed_content;
  std::string content_;
};

}  // namespace gateway
