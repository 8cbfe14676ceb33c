#include "daemon/tokens/wanted_auth.hpp"

#include "common/ascii.hpp"

#include <string_view>
#include <vector>

namespace purser {

RegistryAuth wanted_auth(const HttpResponse& response)
{
  std::vector<std::string_view> lines;
  for (const HttpHeader& header : response.headers)
    if (equal_ignoring_case(header.name, "WWW-Authenticate")) lines.push_back(header.value);
  return choose_scheme(parse_challenges(lines));
}

} // namespace purser
