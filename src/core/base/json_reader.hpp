// Reads one JSON text to its end (simdjson). Hostile JSON is expected: the depth is bounded and nothing throws. A byte order mark is
// refused (RFC 8259 §8.1); duplicate keys are all shown. Thread rule: one json_reader per user; it keeps its buffers between texts. A
// json_value is valid until the next parse.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace gateway {

class json_value {
public:
  // Nothing: it is of another type.
  [[nodiscard]] std::optional<std::string_view> text() const;
  [[nodiscard]] std::optional<std::int64_t> whole_number() const;
  [[nodiscard]] bool is_null() const;
  // The value as JSON, without blanks.
  [[nodiscard]] std::string json() const;
  // False: it is no object. Calls see(key, value) for each member, in their order.
  bool each_member(const std::function<void(std::string_view, json_value)>& see) const;
  // False: it is no array.
  bool each_item(const std::function<void(json_value)>& see) const;

private:
  friend class json_reader;
  struct access;
  json_value() = default;
  alignas(void*) std::array<std::byte, 2 * sizeof(void*)> place_{};  // in simdjson's document
};

class json_reader {
public:
  json_reader();
  ~json_reader();
  json_reader(json_reader&&) noexcept;
  json_reader& operator=(json_reader&&) noexcept;

  // Nothing unless the whole text is one valid JSON value. A text need not have spare bytes behind it.
  std::optional<json_value> parse(std::string_view text);
  // Gives back the memory that still holds parts of the last text.
  void forget();

private:
  struct parser;
  std::unique_ptr<parser> parser_;
};

}  // namespace gateway
