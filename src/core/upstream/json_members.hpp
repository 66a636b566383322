// Where the members of a JSON object stand in its text, byte by byte; a parser's document no longer tells that. The text must be valid JSON
// (core/base/json_reader says so); of any other text, no byte outside is read.
// Thread rule: pure functions; all views lie in the text. Source: RFC 8259.
#pragma once

#include <functional>
#include <optional>
#include <string_view>

namespace gateway {

// Calls see(name, value) for each member, in their order, each as it is written: a name without its quotes, a string value with them. Does
// nothing if the text is no object.
void each_member(std::string_view object, const std::function<void(std::string_view name, std::string_view value)>& see);

// Reads the content of a string, escapes undone. A control character or one outside ASCII may be
// a '\0', which no name and no address contains.
class json_chars {
public:
  explicit json_chars(std::string_view written) : written_(written) {}
  // Nothing: the string has ended.
  std::optional<char> next();
  // Bytes read so far.
  [[nodiscard]] std::size_t position() const { return at_; }

private:
  std::string_view written_;
  std::size_t at_ = 0;
};

// Whether the content of a string is this text.
bool means(std::string_view written, std::string_view text);

}  // namespace gateway
