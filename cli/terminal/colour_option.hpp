#pragma once

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <string>

namespace purser::cli {

// `--color auto|always|never`; what was written is put into `word`, empty where nothing was.
inline void add_colour_option(CLI::App& command, std::string& word)
{
  command.add_option("--color", word, "For a terminal only, or always, or never")
      ->check(CLI::IsMember({"auto", "always", "never"}));
}

} // namespace purser::cli
