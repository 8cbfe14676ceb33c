#pragma once

#include "common/result.hpp"
#include "common/secret.hpp"

#include <string_view>
#include <vector>

namespace purser {

// The words of a command, as a POSIX shell splits them with none of its other powers: blanks
// separate; '...' and "..." keep them; a backslash keeps the next character (between "..."
// only before another backslash or a quotation mark). Variables, `~`, wildcards and `;` are
// nothing special. Secrets, since people write some into commands.
//
// misconfigured where a quotation mark has no partner, a backslash ends the command, or there
// is no word.
//
// Source: POSIX.1-2017, Shell Command Language 2.2, as Python's shlex.split() has it, which
// the aws command uses for credential_process.
[[nodiscard]] Result<std::vector<Secret>> split_command(std::string_view command);

} // namespace purser
