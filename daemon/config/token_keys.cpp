#include "daemon/config/token_keys.hpp"

#include "daemon/config/pattern.hpp"

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace purser {
namespace {

constexpr std::size_t k_max_realms = 16;
constexpr std::size_t k_max_realm = 261; // a host of 255, a colon, a port

// `host[:port]` in lower case, as it is compared; neither a URL nor a pattern.
bool is_authority(std::string_view text)
{
  constexpr std::string_view k_others = ".-:[]";
  const bool plain = std::all_of(text.begin(), text.end(), [k_others](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           k_others.find(c) != std::string_view::npos;
  });
  return plain && !text.starts_with(':') && !text.ends_with(':') && check_pattern(text).has_value();
}

} // namespace

void read_token_keys(ObjectReader& reader, Rule& rule)
{
  rule.realms = reader.texts("realms", k_max_realms, k_max_realm);
  if (!std::all_of(rule.realms.begin(), rule.realms.end(), is_authority))
    reader.complain("realms", "must hold hosts in lower case, such as \"auth.example.com\" or "
                              "\"auth.example.com:8443\"");
  rule.plain_http = reader.flag("plain_http").value_or(false);
  rule.exact_scopes = reader.flag("exact_scopes").value_or(false);
}

} // namespace purser
