#include "core/request/content.hpp"

#include <algorithm>
#include <charconv>

#include "core/base/text.hpp"

namespace gateway {
namespace {

std::string_view skip_blanks(std::string_view text) {
  auto const first = text.find_first_not_of(" \t");
  return text.substr(std::min(first, text.size()));
}

std::string_view take_token(std::string_view& text) {
  auto const end = static_cast<std::size_t>(std::ranges::find_if_not(text, is_token_char) - text.begin());
  auto const token = text.substr(0, end);
  text.remove_prefix(end);
  return token;
}

// A quoted-string at the front (RFC 9110 §5.6.4); its characters have been checked as those of a field value.
bool take_quoted(std::string_view& text) {
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '"') {
      text.remove_prefix(i + 1);
      return true;
    }
    if (text[i] == '\\') ++i;
  }
  return false;
}

// chunk-ext = *( BWS ";" BWS ext-name [ BWS "=" BWS ext-val ] ). Its meaning is ignored; the check prevents request smuggling in it.
bool is_chunk_extension(std::string_view text) {
  if (!is_field_value(text)) return false;
  while (!text.empty()) {
    text = skip_blanks(text);
    if (!text.starts_with(';')) return false;
    text = skip_blanks(text.substr(1));
    if (take_token(text).empty()) return false;
    auto const after = skip_blanks(text);
    if (!after.starts_with('=')) continue;
    text = skip_blanks(after.substr(1));
    if (text.starts_with('"') ? !take_quoted(text) : take_token(text).empty()) return false;
  }
  return true;
}

// 1*HEXDIG and optional extensions.
std::optional<std::uint64_t> parse_chunk_line(std::string_view line) {
  std::uint64_t size = 0;
  auto const digits = static_cast<std::size_t>(std::ranges::find_if_not(line, is_hex) - line.begin());
  auto const [end, error] = std::from_chars(line.data(), line.data() + digits, size, 16);
  if (digits == 0 || error != std::errc{} || !is_chunk_extension(line.substr(digits))) return std::nullopt;  // defence: chunk-extension
  return size;
}

// Only the syntax of trailer fields is checked (RFC 9110 §6.5.1 lets a recipient discard them).
bool is_trailer_line(std::string_view line) {
  auto const colon = line.find(':');
  return colon != std::string_view::npos && is_token(line.substr(0, colon)) && is_field_value(line.substr(colon + 1));
}

}  // namespace

std::size_t content_reader::take(std::string_view bytes) {
  auto rest = bytes;
  if (left_ > max_bytes_) refuse(fault::content_too_large);
  while (state_ == state::need_more) {
    if (step_ == step::data) {
      take_data(rest);
      if (left_ > 0) break;
      if (is_chunked_) {
        step_ = step::chunk_end;
      } else {
        state_ = state::complete;
      }
      continue;
    }
    auto const line = take_line(rest);
    if (!line) break;
    if (!read_line(*line)) refuse(fault::malformed_content);
  }
  return bytes.size() - rest.size();
}

void content_reader::take_data(std::string_view& rest) {
  auto const size = static_cast<std::size_t>(std::min<std::uint64_t>(left_, rest.size()));
  content_.append(rest.substr(0, size));
  rest.remove_prefix(size);
  left_ -= size;
}

// A whole line without its CRLF; nothing while its end is missing. A line that can no longer become valid is refused at once.
std::optional<std::string_view> content_reader::take_line(std::string_view& rest) {
  auto const newline = rest.find('\n');
  auto const size = std::min(newline, rest.size());
  if (size > max_line || wrapping_ + size > max_wrapping) return refuse(fault::content_too_large), std::nullopt;
  if (newline == std::string_view::npos) {
    // The data of a chunk is followed by CRLF and nothing else, so anything else is refused without waiting for the end of the line.
    bool const hopeful = step_ != step::chunk_end || rest.empty() || rest == "\r";
    if (!hopeful) refuse(fault::malformed_content);
    return std::nullopt;
  }
  if (newline == 0 || rest[newline - 1] != '\r') return refuse(fault::malformed_content), std::nullopt;
  auto const line = rest.substr(0, newline - 1);
  rest.remove_prefix(newline + 1);
  wrapping_ += size;
  return line;
}

// False if the line is not valid at this step.
bool content_reader::read_line(std::string_view line) {
  if (step_ == step::chunk_end) {
    step_ = step::chunk_size;
    return line.empty();  // defence: chunk-end
  }
  if (step_ == step::trailer) {
    if (line.empty()) state_ = state::complete;
    return line.empty() || is_trailer_line(line);
  }
  auto const size = parse_chunk_line(line);
  if (!size) return false;
  if (*size > max_bytes_ - content_.size()) return refuse(fault::content_too_large), true;
  left_ = *size;
  step_ = left_ == 0 ? step::trailer : step::data;
  return true;
}

void content_reader::refuse(fault why) {
  state_ = state::refused;
  why_ = why;
}

}  // namespace gateway
