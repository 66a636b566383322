// Reads one response after another from a connection, and says whether each is what was asked for.
#pragma once

#include <strings.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <string>
#include <string_view>

namespace load {

enum class progress { more, done, broken };

class response_reader {
public:
  // `expected_length` 0 accepts any Content-Length; the body must have that many bytes in any case.
  explicit response_reader(std::size_t expected_length) : expected_length_(expected_length) {}

  // Takes what belongs to the response under way from the front of `bytes`. `done`: it ended there; see problem(). `broken`: where it ends
  // can no longer be told.
  progress feed(std::string_view& bytes) {
    if (in_body_) return take_body(bytes);
    const std::size_t before = head_.size();
    const std::string_view seen = before == 0 ? bytes : std::string_view(head_.append(bytes));
    const void* end = memmem(seen.data(), seen.size(), "\r\n\r\n", 4);
    if (!end) {
      if (seen.size() > max_head) return fail("a head of more than 64 KiB");
      if (before == 0) head_.assign(bytes);
      bytes = {};
      return progress::more;
    }
    const std::size_t head_size = static_cast<const char*>(end) - seen.data() + 4;
    problem_.clear();
    if (!judge(seen.substr(0, head_size))) return progress::broken;
    bytes.remove_prefix(head_size - before);
    head_.clear();
    in_body_ = true;
    return take_body(bytes);
  }

  // Empty when the last response was a 200 of the expected length.
  const std::string& problem() const { return problem_; }

private:
  static constexpr std::size_t max_head = 65536;

  progress fail(std::string why) {
    problem_ = std::move(why);
    return progress::broken;
  }

  progress take_body(std::string_view& bytes) {
    const std::size_t taken = std::min(bytes.size(), body_left_);
    bytes.remove_prefix(taken);
    body_left_ -= taken;
    if (body_left_ > 0) return progress::more;
    in_body_ = false;
    return progress::done;
  }

  bool judge(std::string_view head) {
    constexpr std::string_view length_field = "\ncontent-length:";
    bool has_length = false;
    for (std::size_t line = head.find('\n'); line + 1 < head.size(); line = head.find('\n', line + 1)) {
      // The first letter sorts out most lines: this loop runs for every response.
      if ((head[line + 1] | 0x20) != 'c' || strncasecmp(head.data() + line, length_field.data(), length_field.size()) != 0) continue;
      const std::size_t digits = head.find_first_not_of(' ', line + length_field.size());
      has_length = std::from_chars(head.data() + digits, head.data() + head.size(), body_left_).ec == std::errc{};
      break;
    }
    if (!has_length) {
      fail("no readable Content-Length after \"" + std::string(head.substr(0, head.find('\r'))) + "\"");
      return false;
    }
    if (!head.starts_with("HTTP/1.1 200 ")) {
      problem_ = "answered \"" + std::string(head.substr(0, head.find('\r'))) + "\"";
    } else if (expected_length_ != 0 && body_left_ != expected_length_) {
      problem_ = "Content-Length " + std::to_string(body_left_) + " instead of " + std::to_string(expected_length_);
    }
    return true;
  }

  std::size_t expected_length_;
  std::size_t body_left_ = 0;
  bool in_body_ = false;
  std::string head_;  // of a head that came in pieces
  std::string problem_;
};

}  // namespace load
