#pragma once
// Twilio's errors: which HTTP status goes with a code, and the one JSON shape they all have.
#include <string>
#include <string_view>

namespace simulator {

struct api_error {
  int code;
  unsigned status;
  std::string_view message;
};

const api_error* find_api_error(int code);  // nullptr: not one of the table
int usual_code(unsigned status);            // the code that Twilio's front end gives with a bare status
std::string error_body(int code, unsigned status, std::string_view message);
std::string_view reason_phrase(unsigned status);

}  // namespace simulator
