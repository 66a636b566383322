// From when until when a certificate is valid.
// Thread rule: pure functions.
#pragma once

#include <openssl/x509.h>

#include <ctime>

#include "core/base/certificate_life.hpp"

namespace gateway {

inline wall_time time_of(const ASN1_TIME* time) {
  std::tm parts{};
  ASN1_TIME_to_tm(time, &parts);
  return wall_time{std::chrono::seconds{::timegm(&parts)}};
}

inline certificate_life life_of(const X509* certificate) {
  return {time_of(X509_get0_notBefore(certificate)), time_of(X509_get0_notAfter(certificate))};
}

}  // namespace gateway
