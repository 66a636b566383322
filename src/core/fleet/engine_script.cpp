#include "core/fleet/engine_script.hpp"

#include <openssl/sha.h>
#include <sodium.h>

#include <array>

namespace gateway {
namespace {

std::string sha1_in_hex(std::string_view bytes) {
  std::array<unsigned char, SHA_DIGEST_LENGTH> hash{};
  SHA1(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), hash.data());
  std::string text(2 * hash.size() + 1, '\0');  // with the terminator that libsodium writes
  sodium_bin2hex(text.data(), text.size(), hash.data(), hash.size());
  text.pop_back();
  return text;
}

}  // namespace

engine_script::engine_script(std::string_view source) : source_(source), sha1_(sha1_in_hex(source)) {}

}  // namespace gateway
