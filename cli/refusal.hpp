#pragma once

#include "cli/control_client.hpp"
#include "cli/exit_code.hpp"

#include <ostream>
#include <string>
#include <string_view>

namespace purser::cli {

// What the daemon's `outcome` is for scripts (docs/protocol.md), whoever asked: the doctor, a
// refresh, a login, a token by scope. One that is not known here is a failure.
[[nodiscard]] ExitCode exit_code_of_outcome(std::string_view outcome);

// What a reply whose status is not 200 says, printable.
[[nodiscard]] std::string told_error(const Reply& reply);

// One line about a reply whose status is not 200, and what to end with.
[[nodiscard]] ExitCode report_refusal(const Reply& reply, std::ostream& err);

} // namespace purser::cli
