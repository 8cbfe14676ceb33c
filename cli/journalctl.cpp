#include "cli/journalctl.hpp"

#include <unistd.h>

namespace purser::cli {

std::vector<std::string> journalctl_arguments(const LogUnit& unit, const LogsForm& form)
{
  std::vector<std::string> arguments{"journalctl"};
  if (unit.of_user) arguments.emplace_back("--user");
  arguments.insert(arguments.end(), {"--unit", unit.name});
  if (form.lines) arguments.insert(arguments.end(), {"--lines", std::to_string(*form.lines)});
  if (form.follow) arguments.emplace_back("--follow");
  if (form.json) arguments.insert(arguments.end(), {"--output", "json"});
  return arguments;
}

void become_journalctl(const LogUnit& unit, const LogsForm& form)
{
  auto arguments = journalctl_arguments(unit, form);
  std::vector<char*> pointers;
  pointers.reserve(arguments.size() + 1);
  for (auto& argument : arguments)
    pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  ::execvp("journalctl", pointers.data());
}

} // namespace purser::cli
