#pragma once

#include "cli/control_client.hpp"
#include "cli/exit_code.hpp"

#include <ostream>
#include <string>
#include <string_view>

namespace purser::cli {

// What an error of the daemon about a registry is for scripts: whether there is no credential,
// one that is no good, or a good one that may not do this. `code` is as in docs/protocol.md.
[[nodiscard]] ExitCode exit_code_of_error(std::string_view code);

// What a reply whose status is not 200 says, printable.
[[nodiscard]] std::string told_error(const Reply& reply);

// One line about a reply whose status is not 200, and what to end with.
[[nodiscard]] ExitCode report_refusal(const Reply& reply, std::ostream& err);

} // namespace purser::cli
