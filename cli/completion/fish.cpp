#include "cli/completion/walk.hpp"

namespace purser::cli {
namespace {

// Prints the command that the words before the cursor came to; a `case` stands between.
constexpr const char* k_head = R"sh(# fish completion for purser, made by: purser completion fish
function __purser_at
    set -l at purser
    set -l skip 0
    for word in (commandline -opc)[2..-1]
        if test $skip = 1
            set skip 0
            continue
        end
        switch "$at $word"
)sh";

constexpr const char* k_middle = R"sh(        end
    end
    echo $at
end

function __purser_is
    test (__purser_at) = "$argv"
end

complete -c purser -f
)sh";

// fish knows \' and \\ in single quotes, and no other.
std::string fish_quoted(const std::string& text)
{
  std::string result = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') result += '\\';
    result += c;
  }
  return result + "'";
}

std::string walking(const Described& program)
{
  std::string cases;
  for (const Described* command : all_of(program)) {
    for (const auto& below : command->commands)
      cases += "            case " + fish_quoted(command->path + " " + below.name) +
               "\n                set at " + fish_quoted(below.path) + "\n";
    for (const auto& option : command->options)
      if (option.value.kind != Wanted::Kind::nothing && !option.value_may_lack)
        for (const auto& name : option.names)
          cases += "            case " + fish_quoted(command->path + " " + name) +
                   "\n                set skip 1\n";
  }
  return cases;
}

// The arguments of `complete` that offer it.
std::string offer(const Wanted& wanted)
{
  if (wanted.kind == Wanted::Kind::registry)
    return " -a '(purser completion registries 2>/dev/null)'";
  if (wanted.kind == Wanted::Kind::file) return " -F";
  if (wanted.kind != Wanted::Kind::one_of) return "";
  std::string values;
  for (const auto& value : wanted.values)
    values += (values.empty() ? "" : " ") + value;
  return " -a " + fish_quoted(values);
}

std::string begin(const Described& command)
{
  return "complete -c purser -n " + fish_quoted("__purser_is " + command.path);
}

std::string option_line(const Described& command, const DescribedOption& option)
{
  std::string line = begin(command);
  for (const auto& name : option.names)
    line += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
  if (option.value.kind != Wanted::Kind::nothing && !option.value_may_lack)
    line += option.value.kind == Wanted::Kind::file ? " -r" : " -x"; // -x: no files
  return line + offer(option.value) + " -d " + fish_quoted(option.description) + "\n";
}

} // namespace

std::string fish_completion(const Described& program)
{
  std::string script = k_head + walking(program) + k_middle;
  for (const Described* command : all_of(program)) {
    for (const auto& below : command->commands)
      script += begin(*command) + " -a " + fish_quoted(below.name) + " -d " +
                fish_quoted(below.description) + "\n";
    for (const auto& option : command->options)
      script += option_line(*command, option);
    for (const auto& wanted : command->arguments)
      if (const auto words = offer(wanted); !words.empty())
        script += begin(*command) + words + "\n";
  }
  return script;
}

} // namespace purser::cli
