#include "cli/logs.hpp"

#include "cli/fields.hpp"
#include "cli/followed.hpp"
#include "cli/journalctl.hpp"
#include "cli/lines_option.hpp"
#include "cli/report.hpp"
#include "cli/terminal/colour_option.hpp"
#include "cli/terminal/line.hpp"

#include <nlohmann/json.hpp>

#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <memory>

namespace purser::cli {
namespace {

using Json = nlohmann::json;

constexpr const char* k_path = "/v1/logs";
constexpr const char* k_list = "lines";
constexpr std::size_t k_indent = 2;
constexpr std::size_t k_max_cgroups = 4096;

Ink ink_of(const std::string& level)
{
  if (level == "critical" || level == "error") return Ink::bad;
  if (level == "warning") return Ink::warning;
  return level == "debug" ? Ink::faint : Ink::plain;
}

void print_line(const Json& line, const Look& look, std::ostream& out)
{
  const auto level = text_field(line, "level");
  const Line shown{Piece(text_field(line, "at") + "  ", Ink::faint),
                   Piece(padded(level, 7) + "  ", ink_of(level)), Piece(text_field(line, "text"))};
  print_lines(folded(shown, k_indent, look), look, out);
}

void print_gaps(const News& news, const LogsForm& form, std::ostream& out)
{
  if (form.json) {
    if (news.restarted) out << R"({"notice":"restarted"})" << '\n';
    if (news.lost != 0) out << Json{{"notice", "lost"}, {"count", news.lost}}.dump() << '\n';
    return;
  }
  if (news.restarted) out << "-- another daemon answers now\n";
  if (news.lost != 0) out << "-- " << news.lost << " lines before these are not kept any more\n";
}

bool print_news(const News& news, const LogsForm& form, const Look& look, std::ostream& out)
{
  print_gaps(news, form, out);
  const std::size_t skipped =
      form.lines && news.items.size() > *form.lines ? news.items.size() - *form.lines : 0;
  for (std::size_t i = skipped; i < news.items.size(); ++i)
    if (form.json)
      out << news.items[i].dump(-1, ' ', true, Json::error_handler_t::replace) << '\n';
    else
      print_line(news.items[i], look, out);
  return static_cast<bool>(out.flush());
}

std::string cgroups_of(const std::string& pid)
{
  std::ifstream file("/proc/" + pid + "/cgroup");
  std::string text(k_max_cgroups, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  return text;
}

// Where a user's manager runs, a daemon that has ended has left its log in the journal.
bool users_manager_runs()
{
  const char* const folder = std::getenv("XDG_RUNTIME_DIR");
  return folder != nullptr &&
         ::access((std::string(folder) + "/systemd/private").c_str(), F_OK) == 0;
}

// Whose journal has the log; nothing where it is in none. timeout where a daemon does not answer:
// it is asked no second time.
Result<std::optional<LogUnit>> unit_of_daemon()
{
  const auto log = ask(k_path);
  if (!log && log.error().code == Errc::timeout) return log.error();
  if (!log && log.error().code == Errc::not_configured && users_manager_runs())
    return std::optional(LogUnit{"purser.service", true});
  if (!log || !bool_field(*log, "journal")) return std::optional<LogUnit>();
  const auto status = ask("/v1/status");
  return status ? unit_in(cgroups_of(text_field(*status, "pid"))) : std::nullopt;
}

ExitCode show_memory(LogsForm form, const Look& look, std::ostream& out, std::ostream& err)
{
  Followed lines(k_path, k_list);
  const auto show = [&form, &look, &out](const News& news) {
    const bool printed = print_news(news, form, look, out);
    form.lines.reset(); // of what was there before
    return printed;
  };
  if (form.follow) return follow(lines, show, err);
  const auto news = lines.look();
  if (!news && news.error().code == Errc::not_configured) {
    err << "purser: " << news.error().what << "; the log of a daemon that systemd did not start "
        << "ends with it\n";
    return ExitCode::no_daemon;
  }
  if (!news) return report(news.error(), err);
  return show(*news) ? ExitCode::success : ExitCode::failure;
}

} // namespace

std::optional<LogUnit> unit_in(std::string_view cgroups)
{
  constexpr std::string_view k_suffix = ".service";
  const auto line = cgroups.substr(0, cgroups.find('\n'));
  const auto slash = line.rfind('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const auto name = line.substr(slash + 1);
  if (!name.ends_with(k_suffix) || name.starts_with("user@")) return std::nullopt;
  return LogUnit{std::string(name), line.find("/user@") != std::string_view::npos};
}

ExitCode show_logs(const LogsForm& form, const Look& look, std::ostream& out, std::ostream& err)
{
  if (form.memory) return show_memory(form, look, out, err);
  const auto unit = unit_of_daemon();
  if (!unit) return report(unit.error(), err);
  if (*unit) become_journalctl(**unit, form); // returns where there is none
  return show_memory(form, look, out, err);
}

void add_logs(CLI::App& app, Chosen& chosen)
{
  struct Words {
    LogsForm form;
    std::string colour;
  };
  auto words = std::make_shared<Words>();
  auto* command = app.add_subcommand("logs", "The daemon's log: the journal's, or its last lines");
  command->add_flag("--follow,-f", words->form.follow, "Goes on with what is logged from now on");
  command->add_option("--lines,-n", words->form.lines, "Only the last COUNT of those before")
      ->check(lines_number())
      ->type_name("COUNT");
  command->add_flag("--memory", words->form.memory,
                    "What the daemon itself keeps, also where its log is in the journal");
  command->add_flag("--json", words->form.json, "A line of JSON each");
  add_colour_option(*command, words->colour);
  command->callback([words, &chosen] {
    refuse_no_lines(words->form.lines, words->form.follow);
    chosen = [words] {
      const Look look = look_at(STDOUT_FILENO, colour_wish(words->colour));
      return show_logs(words->form, look, std::cout, std::cerr);
    };
  });
}

} // namespace purser::cli
