#include "core/request/accept_encoding.hpp"

namespace gateway {
namespace {

// A qvalue in thousandths: "0" to "1.000". Anything else gives 0, which means "not acceptable".
int qvalue(std::string_view text) {
  if (text.empty() || text.size() > 5 || (text[0] != '0' && text[0] != '1')) return 0;
  if (text.size() > 1 && text[1] != '.') return 0;
  int thousandths = (text[0] - '0') * 1000;
  for (std::size_t i = 2, unit = 100; i < text.size(); ++i, unit /= 10) {
    if (!is_digit(text[i])) return 0;
    thousandths += (text[i] - '0') * static_cast<int>(unit);
  }
  return thousandths <= 1000 ? thousandths : 0;
}

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
