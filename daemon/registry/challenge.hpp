#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace purser {

// One parameter of a challenge: the name in lower case, the value without its quotes.
struct AuthParam {
  std::string name;
  std::string value;

  bool operator==(const AuthParam&) const = default;
};

// One challenge of a `WWW-Authenticate` header: how a server wants to be shown who asks.
struct Challenge {
  std::string scheme; // in lower case
  std::vector<AuthParam> params;

  // `name` in lower case. Of a parameter that is given twice, the first.
  [[nodiscard]] std::optional<std::string_view> param(std::string_view name) const;

  bool operator==(const Challenge&) const = default;
};

// The challenges of a response, in their order (RFC 9110, 11.6.1). Each element of `lines` is
// the value of one header line; together they mean what one line with commas between them
// would.
//
// Strict, since it decides whom a password goes to: a challenge with anything in it that the
// grammar does not have (an open quote, a control character, text after a closed quote), or
// with two realms, is left out, and those around it are kept. A challenge with a token68
// (`Negotiate YII=`) has no parameters. What is over 8 KiB and the challenges after the 16th
// are not read.
[[nodiscard]] std::vector<Challenge> parse_challenges(const std::vector<std::string_view>& lines);

} // namespace purser
