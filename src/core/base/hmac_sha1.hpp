// SHA-1, and HMAC with it (RFC 2104), for protocols that demand them: Twilio's signatures and the names of an engine's scripts. libcrypto
// does the work.
// Thread rule: sha1_in_hex is pure; an hmac_sha1 belongs to one thread.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace gateway {

// 40 hexadecimal digits.
std::string sha1_in_hex(std::string_view bytes);

// The key is prepared once, because strangers decide how often it is used.
class hmac_sha1 {
public:
  using code = std::array<std::byte, 20>;

  explicit hmac_sha1(std::string_view key);
  ~hmac_sha1();
  hmac_sha1(hmac_sha1&&) noexcept;
  hmac_sha1& operator=(hmac_sha1&&) noexcept;

  code of(std::string_view text);

private:
  struct prepared;
  std::unique_ptr<prepared> prepared_;
};

}  // namespace gateway
