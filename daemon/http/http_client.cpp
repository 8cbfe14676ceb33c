#include "daemon/http/http_client.hpp"

#include <algorithm>

namespace purser {

namespace {

char lower(char c)
{
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool equal_ignoring_case(std::string_view a, std::string_view b)
{
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

} // namespace

std::optional<std::string_view> HttpResponse::header(std::string_view name) const
{
  const auto found = std::find_if(headers.begin(), headers.end(), [name](const HttpHeader& h) {
    return equal_ignoring_case(h.name, name);
  });
  if (found == headers.end()) return std::nullopt;
  return found->value;
}

} // namespace purser
