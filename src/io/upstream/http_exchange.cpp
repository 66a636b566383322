#include "io/upstream/http_exchange.hpp"

namespace gateway {

void take_header(const response_parser& parser, upstream_answer& answer) {
  auto const& header = parser.get().base();
  answer.status = static_cast<int>(header.result_int());
  std::string text;
  text.reserve(1024);  // seldom more
  std::size_t count = 0;
  for (auto const& field : header) {
    text.append(field.name_string()).append(field.value());
    ++count;
  }
  auto rest = answer.hold(std::move(text));
  auto const take = [&](std::size_t size) {
    auto const taken = rest.substr(0, size);
    rest.remove_prefix(size);
    return taken;
  };
  answer.fields.reserve(count);
  for (auto const& field : header) {
    auto const name = take(field.name_string().size());
    answer.fields.push_back({name, take(field.value().size())});
  }
}

}  // namespace gateway
