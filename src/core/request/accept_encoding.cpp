#include "core/request/accept_encoding.hpp"

#include "core/request/accept.hpp"

namespace gateway {
namespace {

int weight_of(std::string_view element) {
  auto const semicolon = element.find(';');
  if (semicolon == std::string_view::npos) return 1000;
  auto const parameter = trim_ows(element.substr(semicolon + 1));
  return iequals(parameter.substr(0, 2), "q=") ? qvalue(parameter.substr(2)) : 0;
}

}  // namespace

bool accepts_gzip(const field_lines& accept_encoding) {
  int gzip = 0;
  int identity = 0;
  accept_encoding.for_each([&](std::string_view element) {
    auto const coding = trim_ows(element.substr(0, element.find(';')));
    if (iequals(coding, "gzip") || iequals(coding, "x-gzip")) gzip = weight_of(element);
    if (iequals(coding, "identity")) identity = weight_of(element);
  });
  return gzip > 0 && gzip >= identity;
}

}  // namespace gateway
