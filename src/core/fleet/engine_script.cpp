#include "core/fleet/engine_script.hpp"

#include "core/base/hmac_sha1.hpp"

namespace gateway {

engine_script::engine_script(std::string_view source) : source_(source), sha1_(sha1_in_hex(source)) {}

}  // namespace gateway
