// The keys that encrypt TLS session tickets. They are generated here, never stored, and rotated while the process runs, so that a leaked
// key opens the sessions of some hours and not of a year (RFC 8446 §C.4; OpenSSL alone keeps one key for the life of its context).
// Thread rule: any thread. Time rule: `now` is an argument.
#pragma once

#include <openssl/ssl.h>

#include <array>
#include <mutex>
#include <optional>

#include "core/base/time.hpp"

namespace gateway {

struct ticket_key {
  std::array<unsigned char, 16> name{};
  std::array<unsigned char, 32> cipher{};  // AES-256-CBC
  std::array<unsigned char, 32> mac{};     // HMAC-SHA-256
};

class ticket_keys {
public:
  // A key encrypts tickets for `lifetime`, and decrypts them for as long again.
  explicit ticket_keys(std::chrono::nanoseconds lifetime) : lifetime_(lifetime) {}
  ticket_keys(const ticket_keys&) = delete;
  ticket_keys& operator=(const ticket_keys&) = delete;
  ~ticket_keys();

  ticket_key current(mono_time now);

  struct found {
    ticket_key key;
    bool is_current = false;  // otherwise the client should get a new ticket
  };
  std::optional<found> find(const unsigned char* name, mono_time now);

  // Lets the context use these keys, which must outlive it.
  void serve(SSL_CTX* context);

private:
  void rotate(mono_time now);

  std::chrono::nanoseconds lifetime_;
  std::mutex mutex_;  // protects all below
  ticket_key current_;
  ticket_key previous_;
  mono_time made_at_ = mono_time::min();
  mono_time previous_until_ = mono_time::min();
};

}  // namespace gateway
