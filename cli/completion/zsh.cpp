#include "cli/completion/walk.hpp"

namespace purser::cli {
namespace {

constexpr const char* k_head = R"sh(#compdef purser
# zsh completion for purser, made by: purser completion zsh
_purser_registries() {
  local -a found
  found=(${(f)"$(purser completion registries 2>/dev/null)"})
  compadd -- $found
}

_purser() {
  local at=purser word prev skip='' i
  local -a found
  for ((i = 2; i < CURRENT; i++)); do
    word=$words[i]
    if [[ $word == -- ]]; then
      _normal
      return
    fi
    if [[ -n $skip ]]; then skip=''; continue; fi
    case "$at $word" in
)sh";

constexpr const char* k_middle = R"sh(    esac
  done
  prev=$words[CURRENT-1]
  if [[ $PREFIX == --*=* ]]; then
    prev=${PREFIX%%=*}
    compset -P '*='
  fi
  case "$at $prev" in
)sh";

constexpr const char* k_options = R"sh(  esac
  if [[ $PREFIX == -* ]]; then
    case $at in
)sh";

constexpr const char* k_arguments = R"sh(    esac
    _describe option found
    return
  fi
  case $at in
)sh";

constexpr const char* k_end = R"sh(  esac
}

if [[ $funcstack[1] == _purser ]]; then
  _purser "$@"
else
  compdef _purser purser
fi
)sh";

// "name:description" for _describe, which splits at the first colon that has no backslash.
std::string described_word(const std::string& name, const std::string& description)
{
  return quoted(name + ":" + description);
}

std::string offer(const Wanted& wanted)
{
  if (wanted.kind == Wanted::Kind::registry) return "_purser_registries";
  if (wanted.kind == Wanted::Kind::file) return "_files";
  if (wanted.kind != Wanted::Kind::one_of) return "";
  std::string text = "compadd --";
  for (const auto& value : wanted.values)
    text += " " + quoted(value);
  return text;
}

std::string values(const Described& program)
{
  std::string text;
  for (const Described* command : all_of(program))
    for (const auto& option : command->options)
      if (option.value.kind != Wanted::Kind::nothing && !option.value_may_lack)
        text += "    (" + option_pattern(*command, option) + ") " + offer(option.value) +
                (offer(option.value).empty() ? "return ;;\n" : "; return ;;\n");
  return text;
}

std::string options(const Described& command)
{
  std::string text = "      (" + quoted(command.path) + ") found=(";
  for (const auto& option : command.options)
    for (const auto& name : option.names)
      text += "\n        " + described_word(name, option.description);
  return text + ") ;;\n";
}

std::string arguments(const Described& command)
{
  std::string text;
  if (!command.commands.empty()) {
    text += "found=(";
    for (const auto& below : command.commands)
      text += "\n        " + described_word(below.name, below.description);
    text += "); _describe command found; ";
  }
  for (const auto& wanted : command.arguments)
    if (const auto words = offer(wanted); !words.empty()) text += words + "; ";
  return text;
}

} // namespace

std::string zsh_completion(const Described& program)
{
  std::string script = k_head + walking_cases(program) + k_middle + values(program) + k_options;
  for (const Described* command : all_of(program))
    script += options(*command);
  script += k_arguments;
  for (const Described* command : all_of(program))
    if (const auto words = arguments(*command); !words.empty())
      script += "    (" + quoted(command->path) + ") " + words + ";;\n";
  return script + k_end;
}

} // namespace purser::cli
