#include "daemon/http/http_client.hpp"

#include "common/ascii.hpp"

#include <algorithm>

namespace purser {

std::optional<std::string_view> HttpResponse::header(std::string_view name) const
{
  const auto found = std::find_if(headers.begin(), headers.end(), [name](const HttpHeader& h) {
    return equal_ignoring_case(h.name, name);
  });
  if (found == headers.end()) return std::nullopt;
  return found->value;
}

} // namespace purser
