#include "cli/completion/described.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace purser::cli {
namespace {

bool contains(const std::string& text, std::string_view part)
{
  return text.find(part) != std::string::npos;
}

// "TEXT:{auto,always,never}" names its values.
std::vector<std::string> values_in(const std::string& type)
{
  std::vector<std::string> values;
  const auto begin = type.find('{');
  const auto end = type.find('}', begin);
  if (begin == std::string::npos || end == std::string::npos) return values;
  for (std::size_t at = begin + 1; at < end;) {
    const std::size_t comma = std::min(type.find(',', at), end);
    values.push_back(type.substr(at, comma - at));
    at = comma + 1;
  }
  return values;
}

std::string capitals(std::string text)
{
  for (char& c : text)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return text;
}

Wanted wanted_by(const CLI::Option& option)
{
  if (option.get_items_expected_max() == 0) return {Wanted::Kind::nothing, {}};
  const std::string type = option.get_type_name();
  auto values = values_in(type);
  if (!values.empty()) return {Wanted::Kind::one_of, std::move(values)};
  const std::string name = capitals(option.get_name(true) + " " + option.get_name(false, true));
  if (contains(name, "REGISTRY") || contains(name, "REGISTRIES") || contains(name, "TARGET"))
    return {Wanted::Kind::registry, {}};
  if (contains(name, "FILE") || contains(name, "OUTPUT") || contains(name, "DIR") ||
      contains(name, "CONFIG"))
    return {Wanted::Kind::file, {}};
  return {Wanted::Kind::anything, {}};
}

DescribedOption option_of(const CLI::Option& option)
{
  DescribedOption described;
  for (const auto& name : option.get_lnames())
    described.names.push_back("--" + name);
  for (const auto& name : option.get_snames())
    described.names.push_back("-" + name);
  described.description = option.get_description();
  described.value = wanted_by(option);
  described.value_may_lack = option.get_items_expected_min() == 0;
  return described;
}

} // namespace

Described described(const CLI::App& app, const std::string& above)
{
  Described command;
  command.name = app.get_name();
  command.path = above.empty() ? command.name : above + " " + command.name;
  command.description = app.get_description();
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_group().empty()) continue;
    if (option->get_positional())
      command.arguments.push_back(wanted_by(*option));
    else
      command.options.push_back(option_of(*option));
  }
  for (const CLI::App* below : app.get_subcommands([](const CLI::App*) { return true; }))
    if (!below->get_group().empty()) command.commands.push_back(described(*below, command.path));
  return command;
}

std::vector<const Described*> all_of(const Described& command)
{
  std::vector<const Described*> commands{&command};
  for (const Described& below : command.commands) {
    const auto more = all_of(below);
    commands.insert(commands.end(), more.begin(), more.end());
  }
  return commands;
}

} // namespace purser::cli
