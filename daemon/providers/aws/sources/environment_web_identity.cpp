#include "daemon/providers/aws/sources/source.hpp"

namespace purser::aws::sources {

Found environment_web_identity(const ChainInput& input)
{
  constexpr std::string_view k_file = "AWS_WEB_IDENTITY_TOKEN_FILE";
  auto file = input.standpoint.path(k_file);
  if (!file) return file.error();
  if (!*file)
    return nothing(input, input.standpoint.get(k_file) ? k_foreign_files
                                                       : "AWS_WEB_IDENTITY_TOKEN_FILE is not set");
  const auto arn = input.standpoint.get("AWS_ROLE_ARN");
  if (!arn)
    return Error{Errc::misconfigured,
                 "AWS_WEB_IDENTITY_TOKEN_FILE is set without AWS_ROLE_ARN: set the role, too"};
  RoleRequest role;
  role.arn = *arn;
  role.session_name = input.standpoint.get("AWS_ROLE_SESSION_NAME").value_or("");
  return std::optional(FoundSource(WebIdentity{std::move(role), std::move(**file)},
                                   "the web identity in the environment", std::nullopt));
}

} // namespace purser::aws::sources
