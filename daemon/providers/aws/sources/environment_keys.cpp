#include "daemon/providers/aws/sources/source.hpp"

namespace purser::aws::sources {

Found environment_keys(const ChainInput& input)
{
  KeyTexts texts;
  texts.access_key_id = input.standpoint.get("AWS_ACCESS_KEY_ID");
  texts.secret = input.standpoint.get("AWS_SECRET_ACCESS_KEY");
  texts.session_token = input.standpoint.get("AWS_SESSION_TOKEN");
  // The name that the first SDKs gave it.
  if (!texts.session_token) texts.session_token = input.standpoint.get("AWS_SECURITY_TOKEN");

  auto keys = make_keys(texts, "the environment");
  if (!keys) return keys.error();
  if (!*keys) return nothing(input, "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set");
  return std::optional(FoundSource(std::move(**keys), "the environment", std::nullopt));
}

} // namespace purser::aws::sources
