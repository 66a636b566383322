#include "api_error.hpp"

#include "json_text.hpp"

namespace simulator {
namespace {

constexpr api_error errors[] = {
    {17000, 403, "The call belongs to another account, or the feature is not enabled for it"},
    {17001, 404, "CallSid is valid, but its summary is not complete yet"},
    {17002, 404, "The call ended more than 30 days ago; its summary is gone"},
    {17007, 404, "The call ended before advanced features were enabled for the account"},
    {17008, 500, "The summary could not be read; try again later"},
    {17009, 503, "The summary is temporarily unavailable; try again later"},
    {17400, 400, "Invalid query parameter"},
    {20001, 400, "Invalid parameter"},
    {20003, 401, "Authentication Error - invalid username or password"},
    {20004, 405, "Method not allowed"},
    {20403, 403, "Account is suspended"},
    {20404, 404, "The requested resource was not found"},
    {20429, 429, "Too Many Requests: the account's concurrency limit is exceeded; the request was not processed"},
    {20500, 500, "Internal server error"},
    {20503, 503, "Service unavailable"},
    {70051, 401, "The API key lacks the permission for this resource"},
};

}  // namespace

const api_error* find_api_error(int code) {
  for (const api_error& error : errors)
    if (error.code == code) return &error;
  return nullptr;
}

int usual_code(unsigned status) {
  switch (status) {
    case 400:
      return 20001;
    case 405:
      return 20004;
    case 401:
      return 20003;
    default:
      return 20000 + static_cast<int>(status);
  }
}

std::string error_body(int code, unsigned status, std::string_view message) {
  std::string body;
  json_text json{body, json_text::spacing::spaced};
  json.open();
  json.member("code", code);
  json.member("message", message);
  json.member("more_info", "https://www.twilio.com/docs/errors/" + std::to_string(code));
  json.member("status", static_cast<int>(status));
  json.close();
  return body;
}

std::string_view reason_phrase(unsigned status) {
  switch (status) {
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 204:
      return "No Content";
    case 206:
      return "Partial Content";
    case 301:
      return "Moved Permanently";
    case 302:
      return "Found";
    case 304:
      return "Not Modified";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 413:
      return "Content Too Large";
    case 429:
      return "Too Many Requests";
    case 500:
      return "Internal Server Error";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    default:
      return "Unnamed";
  }
}

}  // namespace simulator
