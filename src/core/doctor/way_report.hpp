// How far one connection to another host came, as `ctl doctor` opened it.
// Thread rule: a value.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "core/base/certificate_life.hpp"
#include "core/base/fault.hpp"

namespace gateway {

struct way_report {
  // The step that failed; open: none did.
  enum class step : std::uint8_t { name, connection, tunnel, handshake, open } ended_at = step::name;
  std::string dialled;  // HOST:PORT of the settings: the host's, or the egress proxy's
  bool by_proxy = false;
  std::size_t addresses = 0;
  std::string cause;  // why it failed, in words of the system or of OpenSSL
  fault failed = fault::upstream_unreachable;
  bool has_tls = true;
  std::string protocol;     // such as TLSv1.3, once it is open
  certificate_life life{};  // of the certificate, once it is open
};

}  // namespace gateway
