#include "json_text.hpp"

#include <charconv>
#include <cstdio>

namespace simulator {

void json_text::begin(char bracket) {
  out_ += bracket;
  ++depth_;
  first_ = true;
}

void json_text::end(char bracket) {
  --depth_;
  if (!first_) new_line();
  out_ += bracket;
  first_ = false;
}

void json_text::separate() {
  if (!first_) {
    out_ += ',';
    if (how_ == spacing::spaced) out_ += ' ';
  }
  first_ = false;
  new_line();
}

void json_text::new_line() {
  if (how_ != spacing::pretty) return;
  out_ += '\n';
  out_.append(static_cast<std::size_t>(depth_) * 2, ' ');
}

void json_text::name(std::string_view key) {
  separate();
  out_ += '"';
  out_ += key;
  out_ += how_ == spacing::compact ? "\":" : "\": ";
}

void json_text::item(std::string_view text) {
  separate();
  quoted(text);
}

void json_text::member(std::string_view key, std::string_view text) {
  name(key);
  quoted(text);
}

void json_text::integer(std::int64_t value) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  out_.append(digits, end);
}

void json_text::real(std::string_view key, double value, int decimals) {
  name(key);
  char digits[64];
  const auto end = std::to_chars(digits, digits + sizeof digits, value, std::chars_format::fixed, decimals).ptr;
  out_.append(digits, end);
}

void json_text::quoted(std::string_view text) {
  out_ += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out_ += '\\';
      out_ += c;
    } else if (c == '\n') {
      out_ += "\\n";
    } else if (static_cast<unsigned char>(c) < 0x20) {
      char escape[8];
      std::snprintf(escape, sizeof escape, "\\u%04x", static_cast<unsigned>(c));
      out_ += escape;
    } else {
      out_ += c;
    }
  }
  out_ += '"';
}

}  // namespace simulator
