#pragma once
// Requests as Beast parses them, and what the simulated Twilio wants to know of them.
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <memory>
#include <string>

#include "twilio.hpp"

namespace simulator {

using parsed_request = boost::beast::http::request<boost::beast::http::string_body>;
using request_parser = boost::beast::http::request_parser<boost::beast::http::string_body>;

inline constexpr std::uint32_t request_head_limit = 64 * 1024;
inline constexpr std::uint64_t request_body_limit = 1024 * 1024;

request_facts take_facts(parsed_request&& message, std::shared_ptr<const connection_facts> connection);
bool breaks_http(const boost::system::error_code& error);  // the client sent nonsense, rather than leaving
std::string malformed_answer();

}  // namespace simulator
