// Bytes that must not be shown: no stream operator, no formatter, and wiped on destruction.
// Thread rule: a value; share it only as const.
#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace gateway {

class secret {
public:
  secret() = default;
  explicit secret(std::string_view bytes) : bytes_(bytes) {}
  secret(const secret&) = default;
  secret(secret&& other) noexcept : bytes_(std::move(other.bytes_)) { other.wipe(); }
  secret& operator=(const secret& other) {
    if (this != &other) assign(other.bytes_);
    return *this;
  }
  secret& operator=(secret&& other) noexcept {
    if (this == &other) return *this;
    wipe();
    bytes_ = std::move(other.bytes_);
    other.wipe();
    return *this;
  }
  ~secret() { wipe(); }

  void assign(std::string_view bytes) {
    wipe();
    bytes_.assign(bytes);
  }

  // The only access to the bytes. Review every call of it.
  [[nodiscard]] std::string_view reveal() const { return bytes_; }
  [[nodiscard]] bool empty() const { return bytes_.empty(); }

  // Takes time that depends on the lengths only.
  [[nodiscard]] bool same_as(std::string_view other) const;

private:
  void wipe() noexcept;
  std::string bytes_;
};

// Overwrites what functions that have returned left on the stack: libraries copy parts of what they send or encrypt. For moments that are
// rarer than a hit.
void wipe_stack();

// Overwrites all memory of a text that is used again, and empties it.
void wipe(std::string& text);

}  // namespace gateway
