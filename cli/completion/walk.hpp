#pragma once

#include "cli/completion/described.hpp"

#include <string>

namespace purser::cli {

// The scripts that the shells read; each walks through the words before the one to complete, so
// that it knows the command, and offers what fits there. Registries are asked for when they are
// wanted: `purser completion registries`.
[[nodiscard]] std::string bash_completion(const Described& program);
[[nodiscard]] std::string zsh_completion(const Described& program);
[[nodiscard]] std::string fish_completion(const Described& program);

// In single quotes for a shell. zsh and bash write a quote in one as '\''.
[[nodiscard]] std::string quoted(const std::string& text);

// `case` patterns of bash and zsh: the steps from command to command, and the options whose value
// is the next word. What stands before the word is "COMMAND WORD" in `$at $word`.
[[nodiscard]] std::string walking_cases(const Described& program);

// "a|b" of what `command` is asked for with each name of an option: 'purser status --color'.
[[nodiscard]] std::string option_pattern(const Described& command, const DescribedOption& option);

} // namespace purser::cli
