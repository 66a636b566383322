#include "core/fleet/engine_script.hpp"

#include <openssl/sha.h>

#include <array>

#include "core/base/text.hpp"

namespace gateway {
namespace {

std::string sha1_in_hex(std::string_view bytes) {
  std::array<unsigned char, SHA_DIGEST_LENGTH> hash{};
  SHA1(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), hash.data());
  return hex_of(view_of(hash));
}

}  // namespace

engine_script::engine_script(std::string_view source) : source_(source), sha1_(sha1_in_hex(source)) {}

}  // namespace gateway
