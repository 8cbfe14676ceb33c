#include "daemon/tokens/access_token.hpp"

namespace purser {

std::string_view to_string(AccessToken::Scheme scheme)
{
  switch (scheme) {
  case AccessToken::Scheme::none: return "none";
  case AccessToken::Scheme::basic: return "basic";
  case AccessToken::Scheme::bearer: return "bearer";
  }
  return "none";
}

WipingBuffer AccessToken::authorization() const
{
  WipingBuffer value;
  if (scheme == Scheme::none) return value;
  append(value, scheme == Scheme::basic ? "Basic " : "Bearer ");
  append(value, token.reveal());
  return value;
}

} // namespace purser
