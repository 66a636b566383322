#include "io/upstream/http_exchange.hpp"

namespace gateway {

upstream_answer take_answer(response_parser::value_type&& message) {
  upstream_answer answer;
  answer.status = static_cast<int>(message.result_int());
  for (auto const& field : message.base()) {
    auto const name = field.name_string();
    auto const value = field.value();
    answer.fields.push_back({std::string{name.data(), name.size()}, std::string{value.data(), value.size()}});
  }
  answer.body = std::move(message.body());
  return answer;
}

}  // namespace gateway
