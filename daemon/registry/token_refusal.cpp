#include "daemon/registry/token_refusal.hpp"

#include "daemon/registry/server_words.hpp"

#include <string>
#include <utility>

namespace purser {
namespace {

// RFC 6749, 5.2: the one code that is about the credential itself.
bool says_invalid_grant(std::string_view words)
{
  return words.starts_with("invalid_grant");
}

Errc code_of(unsigned status, std::string_view words)
{
  if (status >= 300 && status < 400) return Errc::unsafe;
  if (status == 401 || (status == 400 && says_invalid_grant(words))) return Errc::rejected;
  if (status == 403) return Errc::forbidden;
  if (status == 429) return Errc::throttled;
  if (status == 408 || status >= 500) return Errc::transient;
  return Errc::protocol_error;
}

} // namespace

Error token_refusal(unsigned status,
                    const Secret& body,
                    std::optional<Duration> retry_after,
                    std::string_view host,
                    const std::vector<std::string_view>& sent)
{
  const auto words = server_words(body.reveal(), sent);
  Error error(code_of(status, words), "the token endpoint at ");
  error.what += host;
  error.what += error.code == Errc::unsafe ? " redirects to elsewhere, which is not followed"
                                           : " gave no token";
  error.what += " (HTTP ";
  error.what += std::to_string(status);
  error.what += words.empty() ? ")" : "): ";
  error.what += words;
  error.retry_after = retry_after;
  return error;
}

} // namespace purser
