#include "cli/refusal.hpp"

#include "cli/fields.hpp"
#include "common/result.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace purser::cli {

namespace {

struct Outcome {
  std::string_view name;
  ExitCode code;
};

constexpr std::array k_outcomes{
    Outcome{"ok", ExitCode::success},
    Outcome{"stored", ExitCode::success},
    Outcome{"renewed", ExitCode::success},
    Outcome{"unchanged", ExitCode::success},
    Outcome{"no_daemon", ExitCode::no_daemon},
    Outcome{"configuration", ExitCode::configuration},
    Outcome{"no_credentials", ExitCode::no_credentials},
    Outcome{"failed", ExitCode::source_fails},
    Outcome{"not_asked", ExitCode::source_fails}, // whether a login is good cannot be found out
    Outcome{"not_renewable", ExitCode::not_renewable},
    Outcome{"not_allowed", ExitCode::not_allowed},
};

} // namespace

ExitCode exit_code_of_outcome(std::string_view outcome)
{
  const auto* const found =
      std::find_if(k_outcomes.begin(), k_outcomes.end(),
                   [outcome](const Outcome& known) { return known.name == outcome; });
  return found == k_outcomes.end() ? ExitCode::failure : found->code;
}

std::string told_error(const Reply& reply)
{
  return text_field(object_field(reply.body, "error"), "message",
                    "the daemon answered with status " + std::to_string(reply.status));
}

ExitCode report_refusal(const Reply& reply, std::ostream& err)
{
  err << "purser: " << told_error(reply) << '\n';
  const auto error = object_field(reply.body, "error");
  if (text_field(error, "code", "") == to_string(Errc::bad_request)) return ExitCode::usage;
  return exit_code_of_outcome(text_field(error, "outcome", ""));
}

} // namespace purser::cli
