#include "io/upstream/http_exchange.hpp"

namespace gateway {

void take_header(const response_parser& parser, upstream_answer& answer) {
  answer.status = static_cast<int>(parser.get().result_int());
  for (auto const& field : parser.get().base()) {
    auto const name = field.name_string();
    auto const value = field.value();
    answer.fields.push_back({std::string{name.data(), name.size()}, std::string{value.data(), value.size()}});
  }
}

}  // namespace gateway
