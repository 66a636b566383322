// Bearer tokens that are JWTs, for tests: the signature is any text, since only the upstream could check it.
#pragma once

#include <sodium.h>

#include <string>
#include <string_view>

namespace gateway {

inline std::string base64url(std::string_view bytes) {
  std::string text(sodium_base64_ENCODED_LEN(bytes.size(), sodium_base64_VARIANT_URLSAFE_NO_PADDING), '\0');
  sodium_bin2base64(text.data(), text.size(), reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
                    sodium_base64_VARIANT_URLSAFE_NO_PADDING);
  text.pop_back();  // the terminator
  return text;
}

inline std::string jwt_of(std::string_view payload, std::string_view signature = "c2lnbmF0dXJl") {
  return base64url(R"({"alg":"RS256"})") + "." + base64url(payload) + "." + std::string{signature};
}

}  // namespace gateway
