#include "http_request.hpp"

#include <boost/beast/http/error.hpp>

#include "api_error.hpp"

namespace simulator {

namespace http = boost::beast::http;

request_facts take_facts(parsed_request&& message, std::shared_ptr<const connection_facts> connection) {
  request_facts facts;
  facts.connection = std::move(connection);
  facts.method = message.method_string();
  facts.target = message.target();
  for (const auto& field : message) {
    if (field.name() == http::field::authorization) {
      facts.authorization = std::string{field.value()};
      continue;
    }
    facts.header_lines += field.name_string();
    facts.header_lines += ": ";
    facts.header_lines += field.value();
    facts.header_lines += '\n';
  }
  facts.body = std::move(message.body());
  return facts;
}

bool breaks_http(const boost::system::error_code& error) {
  static const auto of_http = http::make_error_code(http::error::bad_value);
  return error.category() == of_http.category() && error != http::error::end_of_stream && error != http::error::partial_message;
}

std::string malformed_answer() {
  answer refused;
  refused.status = 400;
  refused.headers.emplace_back("Content-Type", "application/json");
  refused.body = error_body(20001, 400, "Malformed HTTP request");
  return serialise(refused, false, exchange_end{.head_request = false, .keep_alive = false}).first;
}

}  // namespace simulator
