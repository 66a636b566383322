#include "core/upstream/json_members.hpp"

#include <algorithm>
#include <charconv>

namespace gateway {
namespace {

constexpr std::string_view blanks = " \t\r\n";

class scanner {
public:
  explicit scanner(std::string_view text) : text_(text) {}

  // Takes the next character that is no white space if it is the wanted one.
  bool take(char wanted) {
    if (next() != wanted) return false;
    ++at_;
    return true;
  }
  // A string with its quotes, or any other value.
  std::string_view take_value() {
    auto const first = next();
    auto const begin = at_;
    if (first == '"') {
      skip_string();
    } else if (first == '{' || first == '[') {
      skip_nested();
    } else {
      at_ = std::min(text_.find_first_of(",}] \t\r\n", at_), text_.size());
    }
    return text_.substr(begin, at_ - begin);
  }

private:
  char next() {
    at_ = std::min(text_.find_first_not_of(blanks, at_), text_.size());
    return at_ < text_.size() ? text_[at_] : '\0';
  }
  void skip_string() {
    for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_) {
      if (text_[at_] == '\\') ++at_;
    }
    at_ = std::min(at_ + 1, text_.size());
  }
  void skip_nested() {
    std::size_t open = 0;
    do {
      char const c = text_[at_];
      if (c == '"') {
        skip_string();
        continue;
      }
      if (c == '{' || c == '[') ++open;
      if (c == '}' || c == ']') --open;
      ++at_;
    } while (open > 0 && at_ < text_.size());
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

void each_member(std::string_view object, const std::function<void(std::string_view name, std::string_view value)>& see) {
  scanner at{object};
  if (!at.take('{')) return;
  do {
    auto const name = at.take_value();
    if (name.size() < 2 || !name.starts_with('"') || !at.take(':')) return;
    see(name.substr(1, name.size() - 2), at.take_value());
  } while (at.take(','));
}

std::optional<char> json_chars::next() {
  if (at_ >= written_.size()) return std::nullopt;
  char const c = written_[at_++];
  if (c != '\\') return static_cast<unsigned char>(c) < 0x80 ? c : '\0';
  char const escaped = at_ < written_.size() ? written_[at_++] : '\0';
  if (escaped == '/' || escaped == '"' || escaped == '\\') return escaped;
  if (escaped != 'u') return '\0';  // a control character
  unsigned code = 0;
  auto const* const digits = written_.data() + at_;
  auto const size = std::min<std::size_t>(4, written_.size() - at_);
  std::from_chars(digits, digits + size, code, 16);
  at_ += size;
  return code < 0x80 ? static_cast<char>(code) : '\0';
}

bool means(std::string_view written, std::string_view text) {
  json_chars at{written};
  for (char const wanted : text) {
    if (at.next() != wanted) return false;
  }
  return !at.next();
}

}  // namespace gateway
