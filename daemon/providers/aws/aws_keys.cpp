#include "daemon/providers/aws/aws_keys.hpp"

#include <algorithm>

namespace purser::aws {
namespace {

constexpr std::size_t k_max_key_id = 128;
constexpr std::size_t k_max_text = std::size_t{16} << 10;

bool is_printable(std::string_view text)
{
  return text.size() <= k_max_text &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

// It becomes part of a header, between `Credential=` and a slash.
bool is_key_id(std::string_view text)
{
  return text.size() <= k_max_key_id && is_printable(text) &&
         text.find_first_of("/,=") == std::string_view::npos;
}

Error wrong(std::string_view where, std::string_view what)
{
  return Error{Errc::misconfigured, std::string(where) + " " + std::string(what)};
}

} // namespace

Result<std::optional<AwsKeys>> make_keys(const KeyTexts& texts, std::string_view where)
{
  if (!texts.access_key_id && !texts.secret) return std::optional<AwsKeys>{};
  if (!texts.secret) return wrong(where, "has an AWS access key id but no secret key: add it");
  if (!texts.access_key_id)
    return wrong(where, "has an AWS secret key but no access key id: add it");
  if (!is_key_id(*texts.access_key_id))
    return wrong(where, "has an AWS access key id with characters that none has: correct it");
  if (!is_printable(*texts.secret))
    return wrong(where, "has an AWS secret key with characters that none has: correct it");
  const std::string_view token = texts.session_token.value_or("");
  if (!is_printable(token))
    return wrong(where, "has an AWS session token with characters that none has: correct it");
  return std::optional(
      AwsKeys(std::string(*texts.access_key_id), Secret(*texts.secret), Secret(token)));
}

} // namespace purser::aws
