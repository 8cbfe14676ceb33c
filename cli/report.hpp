#pragma once

#include "cli/control_client.hpp"
#include "cli/exit_code.hpp"
#include "common/result.hpp"

#include <nlohmann/json.hpp>

#include <ostream>
#include <string_view>

namespace purser::cli {

// The daemon's answer to GET `target`, over the socket of this environment.
[[nodiscard]] Result<nlohmann::json> ask(std::string_view target);

// One line on `err`, and what to end with.
[[nodiscard]] ExitCode report(const Error& error, std::ostream& err);

// Whether there is a colon behind the first part of a name, where a registry has none: that of
// actions, a tag or a digest.
[[nodiscard]] bool has_later_colon(std::string_view text);

// Whether it names a registry; one line on `err` where not, without quoting it: it may hold a
// password.
[[nodiscard]] bool names_registry(std::string_view text, std::ostream& err);

} // namespace purser::cli
