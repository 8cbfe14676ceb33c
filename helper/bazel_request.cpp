#include "helper/bazel_request.hpp"

#include "common/slice.hpp"

#include <cstddef>

namespace purser::helper {
namespace {

// Takes `token` and the blanks of JSON in front of it off the beginning.
bool take(std::string_view& text, std::string_view token)
{
  const std::size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos || !begins_with(tail(text, begin), token)) return false;
  text = tail(text, begin + token.size());
  return true;
}

// Up to the quotation mark that ends a string of JSON, which is taken as well. False where
// there is none.
bool take_string(std::string_view& text, std::string_view& string)
{
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i; // whatever it stands for, it does not end the string
    } else if (text[i] == '"') {
      string = head(text, i);
      text = tail(text, i + 1);
      return true;
    }
  }
  return false;
}

} // namespace

RegistryUrl url_of_bazel_request(std::string_view input)
{
  std::string_view uri;
  const bool is_request = take(input, "{") && take(input, "\"uri\"") && take(input, ":") &&
                          take(input, "\"") && take_string(input, uri) && take(input, "}") &&
                          input.find_first_not_of(" \t\r\n") == std::string_view::npos;
  if (!is_request) return {};
  // An escape in front of these, a backslash, makes the URI malformed; behind them it says
  // nothing about the host.
  return parse_registry_url(head(uri, uri.find_first_of("?#")));
}

} // namespace purser::helper
