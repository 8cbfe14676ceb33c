#pragma once

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <string>
#include <vector>

namespace purser::cli {

// What an option or an argument wants, as far as a shell can help with it.
struct Wanted {
  enum class Kind { nothing, anything, one_of, registry, file };

  Kind kind = Kind::nothing;
  std::vector<std::string> values; // of one_of
};

struct DescribedOption {
  std::vector<std::string> names; // with their dashes
  std::string description;
  Wanted value;
  bool value_may_lack = false;
};

// A command as the parser knows it: what completion is made from, so that it cannot fall behind.
struct Described {
  std::string path; // "purser store migrate"
  std::string name;
  std::string description;
  std::vector<DescribedOption> options;
  std::vector<Wanted> arguments;
  std::vector<Described> commands;
};

// Commands that are in no group are left out: they are for programs.
[[nodiscard]] Described described(const CLI::App& app, const std::string& above = "");

// The command and all below it, each before those.
[[nodiscard]] std::vector<const Described*> all_of(const Described& command);

} // namespace purser::cli
