#include "cli/completion/walk.hpp"

namespace purser::cli {
namespace {

// Reads the line itself: bash's own words end at each colon, and registries have ports.
constexpr const char* k_head = R"sh(# bash completion for purser, made by: purser completion bash
_purser() {
  local line=${COMP_LINE:0:COMP_POINT} cur prev at=purser word skip='' i
  local -a words
  read -ra words <<<"$line"
  [[ $line == *[[:space:]] ]] && words+=('')
  cur=${words[${#words[@]}-1]}
  prev=${words[${#words[@]}-2]}
  for ((i = 1; i < ${#words[@]} - 1; i++)); do
    word=${words[i]}
    [[ $word == -- ]] && return
    if [[ -n $skip ]]; then skip=''; continue; fi
    case "$at $word" in
)sh";

constexpr const char* k_middle = R"sh(    esac
  done
  if [[ $cur == --*=* ]]; then prev=${cur%%=*} cur=${cur#*=}; fi
  COMPREPLY=()
  case "$at $prev" in
)sh";

constexpr const char* k_options = R"sh(  esac
  if [[ $cur == -* ]]; then
    case $at in
)sh";

constexpr const char* k_arguments = R"sh(    esac
    return
  fi
  case $at in
)sh";

constexpr const char* k_end = R"sh(  esac
}

_purser_words() {
  COMPREPLY+=($(compgen -W "$1" -- "$cur"))
}

_purser_files() {
  compopt -o filenames 2>/dev/null
  COMPREPLY+=($(compgen -f -- "$cur"))
}

_purser_registries() {
  # Not by compgen -W, which would run what stands in a name.
  local name
  while IFS= read -r name; do
    [[ $name == "$cur"* ]] && COMPREPLY+=("$name")
  done < <(purser completion registries 2>/dev/null)
  # bash replaces only what stands behind the last colon.
  if [[ $cur == *:* && $COMP_WORDBREAKS == *:* ]]; then
    local head=${cur%"${cur##*:}"}
    COMPREPLY=("${COMPREPLY[@]#"$head"}")
  fi
}

complete -F _purser purser
)sh";

std::string joined(const std::vector<std::string>& words)
{
  std::string text;
  for (const auto& word : words)
    text += (text.empty() ? "" : " ") + word;
  return text;
}

// What offers it; empty where there is nothing to offer.
std::string offer(const Wanted& wanted)
{
  switch (wanted.kind) {
  case Wanted::Kind::one_of: return "_purser_words " + quoted(joined(wanted.values));
  case Wanted::Kind::registry: return "_purser_registries";
  case Wanted::Kind::file: return "_purser_files";
  default: return "";
  }
}

std::string option_words(const Described& command)
{
  std::vector<std::string> names;
  for (const auto& option : command.options)
    names.insert(names.end(), option.names.begin(), option.names.end());
  return joined(names);
}

std::string values(const Described& program)
{
  std::string text;
  for (const Described* command : all_of(program))
    for (const auto& option : command->options)
      if (option.value.kind != Wanted::Kind::nothing && !option.value_may_lack)
        text += "    " + option_pattern(*command, option) + ") " + offer(option.value) +
                (offer(option.value).empty() ? "return ;;\n" : "; return ;;\n");
  return text;
}

std::string arguments(const Described& command)
{
  std::string text;
  std::vector<std::string> below;
  for (const auto& each : command.commands)
    below.push_back(each.name);
  if (!below.empty()) text += "_purser_words " + quoted(joined(below)) + "; ";
  for (const auto& wanted : command.arguments)
    if (const auto words = offer(wanted); !words.empty()) text += words + "; ";
  return text;
}

} // namespace

std::string bash_completion(const Described& program)
{
  std::string script = k_head + walking_cases(program) + k_middle + values(program) + k_options;
  for (const Described* command : all_of(program))
    script += "      " + quoted(command->path) + ") _purser_words " +
              quoted(option_words(*command)) + " ;;\n";
  script += k_arguments;
  for (const Described* command : all_of(program))
    if (const auto words = arguments(*command); !words.empty())
      script += "    " + quoted(command->path) + ") " + words + ";;\n";
  return script + k_end;
}

} // namespace purser::cli
