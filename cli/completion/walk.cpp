#include "cli/completion/walk.hpp"

namespace purser::cli {

std::string quoted(const std::string& text)
{
  std::string result = "'";
  for (const char c : text)
    result += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return result + "'";
}

std::string option_pattern(const Described& command, const DescribedOption& option)
{
  std::string pattern;
  for (const auto& name : option.names)
    pattern += (pattern.empty() ? "" : "|") + quoted(command.path + " " + name);
  return pattern;
}

std::string walking_cases(const Described& program)
{
  std::string cases;
  for (const Described* command : all_of(program)) {
    for (const Described& below : command->commands)
      cases += "      " + quoted(command->path + " " + below.name) + ") at=" + quoted(below.path) +
               " ;;\n";
    for (const DescribedOption& option : command->options)
      if (option.value.kind != Wanted::Kind::nothing && !option.value_may_lack)
        cases += "      " + option_pattern(*command, option) + ") skip=1 ;;\n";
  }
  return cases;
}

} // namespace purser::cli
