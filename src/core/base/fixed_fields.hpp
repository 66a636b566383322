// Fields of fixed size in sequence, as our own files store them: numbers are little-endian on every machine.
// Thread rule: values.
#pragma once

#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>

namespace gateway {

template <std::integral T>
void append_fixed(std::string& out, T value) {
  auto bits = static_cast<std::make_unsigned_t<T>>(value);
  for (std::size_t i = 0; i < sizeof(T); ++i, bits = static_cast<std::make_unsigned_t<T>>(sizeof(T) > 1 ? bits >> 8 : 0))
    out += static_cast<char>(bits & 0xff);
}

// Reads the fields in the same order. After too few bytes, every further field is empty or zero: check good() after the last one.
class fixed_fields {
public:
  explicit fixed_fields(std::string_view from) : rest_(from) {}

  std::string_view bytes(std::size_t size) {
    good_ = good_ && size <= rest_.size();
    auto const taken = good_ ? rest_.substr(0, size) : std::string_view{};
    rest_.remove_prefix(taken.size());
    return taken;
  }
  template <std::integral T>
  T number() {
    std::make_unsigned_t<T> bits = 0;
    auto const taken = bytes(sizeof(T));
    for (std::size_t i = taken.size(); i > 0; --i)
      bits = static_cast<std::make_unsigned_t<T>>((static_cast<unsigned long long>(bits) << 8) | static_cast<unsigned char>(taken[i - 1]));
    return static_cast<T>(bits);
  }
  [[nodiscard]] bool good() const { return good_; }
  [[nodiscard]] std::string_view rest() const { return rest_; }

private:
  std::string_view rest_;
  bool good_ = true;
};

}  // namespace gateway
