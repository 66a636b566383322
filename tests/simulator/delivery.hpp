#pragma once
// How an answer reaches the client, faults included: turns (answer, delivery) into a plain list of steps that a session only carries out.
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace simulator {

using header_list = std::vector<std::pair<std::string, std::string>>;

struct answer {
  unsigned status = 200;
  std::optional<int> code;  // Twilio's, when the body is an error
  header_list headers;      // without framing: Content-Length and the like are the delivery's
  std::string body;
};

enum class stall_point { before_headers, after_headers, body };

struct delivery {
  std::optional<std::string> raw;  // these bytes instead of the answer
  std::optional<std::pair<stall_point, std::chrono::microseconds>> stall;
  std::optional<std::size_t> cut_after, reset_after;  // bytes of the whole response
  std::size_t bytes_per_second = 0;                   // 0: as fast as it goes
  std::string extra_bytes;                            // after the response, on the same connection
  bool chunked = false;
  bool close_after = false;  // without having said so
};

struct step {
  enum class kind { write, wait, fin, reset };
  kind what;
  std::string bytes;
  std::chrono::microseconds pause{};
};

struct exchange_end {
  bool head_request = false;
  bool keep_alive = true;
};

// After the last step the connection stays open unless that step is fin or reset.
std::vector<step> steps_for(answer&& what, const delivery& how, exchange_end end);

// The response as bytes; .second is the size of its head.
std::pair<std::string, std::size_t> serialise(const answer& what, bool chunked, exchange_end end);

}  // namespace simulator
