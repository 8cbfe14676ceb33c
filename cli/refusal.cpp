#include "cli/refusal.hpp"

#include "cli/fields.hpp"
#include "common/result.hpp"

#include <string>

namespace purser::cli {

ExitCode exit_code_of_error(std::string_view code)
{
  const auto is = [code](Errc which) { return code == to_string(which); };
  if (is(Errc::bad_request)) return ExitCode::usage;
  if (is(Errc::misconfigured)) return ExitCode::configuration;
  if (is(Errc::not_configured)) return ExitCode::no_credentials;
  if (is(Errc::rejected) || is(Errc::expired_source) || is(Errc::interaction_required))
    return ExitCode::source_fails;
  if (is(Errc::forbidden)) return ExitCode::not_allowed;
  return ExitCode::failure;
}

std::string told_error(const Reply& reply)
{
  return text_field(object_field(reply.body, "error"), "message",
                    "the daemon answered with status " + std::to_string(reply.status));
}

ExitCode report_refusal(const Reply& reply, std::ostream& err)
{
  err << "purser: " << told_error(reply) << '\n';
  return exit_code_of_error(text_field(object_field(reply.body, "error"), "code"));
}

} // namespace purser::cli
