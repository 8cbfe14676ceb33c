#include "cli/help.hpp"

#include "cli/exit_code.hpp"
#include "daemon/config/closest.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <utility>

namespace purser::cli {
namespace {

// Digits of the codes besides 0, 1 and 2, which every command can end with.
struct HelpEntry {
  std::string_view command; // behind `purser`
  std::string_view example;
  std::string_view codes;
};

constexpr std::array k_entries{
    HelpEntry{"status", "purser status --watch", "3"},
    HelpEntry{"audit", "purser audit --follow --registry ghcr.io", "3"},
    HelpEntry{"logs", "purser logs --follow --lines 20", "3"},
    HelpEntry{"doctor", "purser doctor 123456789012.dkr.ecr.eu-west-1.amazonaws.com/app:pull",
              "34568"},
    HelpEntry{"refresh", "purser refresh 123456789012.dkr.ecr.eu-west-1.amazonaws.com", "34567"},
    HelpEntry{"token",
              "curl -H @<(purser token --header ghcr.io/team/app:pull) "
              "https://ghcr.io/v2/team/app/tags/list",
              "34568"},
    HelpEntry{"login", "purser login ghcr.io -u ann --password-stdin < token.txt", "34568"},
    HelpEntry{"logout", "purser logout ghcr.io", "3"},
    HelpEntry{"store", "purser store", "3"},
    HelpEntry{"store status", "purser store status --json", "3"},
    HelpEntry{"store migrate", "purser store migrate --to secret-service", "3"},
    HelpEntry{"store unlock", "purser store unlock", "3"},
    HelpEntry{"store rotate-key", "purser store rotate-key", "3"},
    HelpEntry{"store recover", "purser store recover", "3"},
    HelpEntry{"namespace", "purser namespace list", "3"},
    HelpEntry{"namespace list", "purser namespace list --json", "3"},
    HelpEntry{"namespace clear", "purser namespace clear job-1", "3"},
    HelpEntry{"lock", "purser lock", "3"},
    HelpEntry{"unlock", "purser unlock", "3"},
    HelpEntry{"setup", "purser setup docker helm --dry-run", ""},
    HelpEntry{"import", "purser import --dry-run", "3"},
    HelpEntry{"export", "purser export --format netrc ghcr.io", "5"},
    HelpEntry{"job", "eval \"$(purser job start)\"", ""},
    HelpEntry{"job start", "eval \"$(purser job start)\"", ""},
    HelpEntry{"job stop", "trap 'purser job stop' EXIT", ""},
    HelpEntry{"metrics", "purser metrics", "3"},
    HelpEntry{"version", "purser version --json", ""},
    HelpEntry{"completion", "purser completion zsh > ~/.zfunc/_purser", ""},
};

std::string_view meaning_of(ExitCode code)
{
  switch (code) {
  case ExitCode::success: return "success";
  case ExitCode::failure: return "something failed; standard error says what";
  case ExitCode::usage: return "the command line is wrong";
  case ExitCode::no_daemon: return "no daemon runs";
  case ExitCode::configuration: return "the daemon's configuration has to be corrected";
  case ExitCode::no_credentials: return "nobody configured or stored a credential";
  case ExitCode::source_fails: return "there are credentials, and they cannot be used";
  case ExitCode::not_renewable: return "there is nothing to renew: somebody gave the credential";
  case ExitCode::not_allowed: return "the credential is good, and may not do that";
  }
  return "";
}

std::string footer_of(const HelpEntry& entry)
{
  std::string text = "Example:\n  " + std::string(entry.example) + "\n\nEnds with:\n";
  for (const char digit : "012" + std::string(entry.codes))
    text += std::string("  ") + digit + "  " +
            std::string(meaning_of(static_cast<ExitCode>(digit - '0'))) + "\n";
  return text;
}

void complete_below(CLI::App& app, const std::string& above)
{
  for (CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    const std::string path = above + command->get_name();
    const auto* const found =
        std::find_if(k_entries.begin(), k_entries.end(),
                     [&path](const HelpEntry& entry) { return entry.command == path; });
    if (found != k_entries.end() && command->get_footer().empty())
      command->footer(footer_of(*found));
    complete_below(*command, path + " ");
  }
}

// `word` among the commands of `app`; null where it is none.
const CLI::App* command_named(const CLI::App& app, const std::string& word)
{
  const auto commands = app.get_subcommands([](const CLI::App*) { return true; });
  const auto found = std::find_if(commands.begin(), commands.end(), [&word](const CLI::App* each) {
    return each->get_name() == word;
  });
  return found == commands.end() ? nullptr : *found;
}

std::vector<std::string> names_of_commands(const CLI::App& app)
{
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; }))
    if (!command->get_group().empty()) names.push_back(command->get_name());
  return names;
}

std::vector<std::string> names_of_options(const CLI::App& app)
{
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options())
    for (const auto& name : option->get_lnames())
      names.push_back("--" + name);
  return names;
}

// Nothing where the word is known, or nothing is like it.
std::optional<std::string> closest(const std::string& word, const std::vector<std::string>& names)
{
  if (std::find(names.begin(), names.end(), word) != names.end()) return std::nullopt;
  const std::vector<std::string_view> known(names.begin(), names.end());
  const std::size_t letters = word.size() - std::min(word.size(), word.find_first_not_of('-'));
  const auto found = closest_word(word, known, std::max<std::size_t>(1, letters / 3));
  return found ? std::optional<std::string>(*found) : std::nullopt;
}

// So that no password is quoted that stands in the place of a command.
bool looks_like_command(const std::string& word)
{
  constexpr std::size_t k_longest = 20;
  return word.size() <= k_longest &&
         word.find_first_not_of("abcdefghijklmnopqrstuvwxyz-") == std::string::npos;
}

// Usage as it is typed: without commands that nobody is told of, and with what follows `run`.
class Usage : public CLI::Formatter {
public:
  std::string make_usage(const CLI::App* app, std::string name) const override
  {
    std::string usage = CLI::Formatter::make_usage(app, std::move(name));
    constexpr std::string_view k_commands = " [SUBCOMMAND]";
    const auto at = usage.find(k_commands);
    if (at != std::string::npos && names_of_commands(*app).empty())
      usage.erase(at, k_commands.size());
    if (app->get_prefix_command())
      usage.insert(usage.find_last_not_of('\n') + 1, " [--] COMMAND...");
    return usage;
  }
};

void use_formatter(CLI::App& app, const std::shared_ptr<CLI::FormatterBase>& formatter)
{
  app.formatter(formatter);
  for (CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; }))
    use_formatter(*command, formatter);
}

} // namespace

void complete_help(CLI::App& app)
{
  use_formatter(app, std::make_shared<Usage>());
  complete_below(app, "");
}

std::optional<std::string> unknown_command(const CLI::App& app,
                                           const std::vector<std::string>& words)
{
  const CLI::App* at = &app;
  for (const auto& word : words) {
    if (at->get_require_subcommand_min() == 0 || word.starts_with('-')) return std::nullopt;
    const CLI::App* below = command_named(*at, word);
    if (below == nullptr) return looks_like_command(word) ? std::optional(word) : std::nullopt;
    at = below;
  }
  return std::nullopt;
}

std::string next_step(const CLI::App& app, const std::vector<std::string>& words)
{
  const CLI::App* at = &app;
  std::string path = app.get_name();
  std::optional<std::string> meant;
  for (const auto& word : words) {
    if (meant || word == "--") break;
    if (word.starts_with("--")) {
      meant = closest(word.substr(0, word.find('=')), names_of_options(*at));
    } else if (const CLI::App* below = command_named(*at, word)) {
      at = below;
      path += " " + word;
    } else if (!word.starts_with("-") && !names_of_commands(*at).empty()) {
      meant = closest(word, names_of_commands(*at));
      break;
    }
  }
  return meant ? "; did you mean: " + path + " " + *meant : "; see: " + path + " --help";
}

} // namespace purser::cli
