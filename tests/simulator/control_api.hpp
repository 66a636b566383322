#pragma once
// What the control port's requests mean: (method, target, body) in, JSON out. Sockets are control_server's business.
#include <functional>
#include <string>
#include <string_view>

#include "twilio.hpp"

namespace simulator {

struct control_reply {
  unsigned status = 200;
  std::string body;
  const char* type = "application/json";
};

// Effects, and facts, that are not the simulated Twilio's own.
struct control_effects {
  std::function<std::size_t()> close_idle;
  std::function<void()> wake_all;
  std::string ca_pem;  // of the certificate made at start; else empty
};

control_reply answer_control(std::string_view method, std::string_view target, std::string_view body, twilio& world,
                             const control_effects& effects, real_time now);

}  // namespace simulator
