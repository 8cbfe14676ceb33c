#pragma once

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace purser::cli {

// Adds to the help of each command an example and what it can end with. A command that has said
// something at the end of its help keeps that.
void complete_help(CLI::App& app);

// The word that stands where a command is required, and is none; nothing where none stands there,
// or one that could not be meant for a command: it may be a password.
[[nodiscard]] std::optional<std::string> unknown_command(const CLI::App& app,
                                                         const std::vector<std::string>& words);

// What to say behind the complaint about a wrong command line: the command or option that was most
// likely meant, and where to look. Quotes nothing that was written: it may be a password.
[[nodiscard]] std::string next_step(const CLI::App& app, const std::vector<std::string>& words);

} // namespace purser::cli
