#include "cli/status_watch.hpp"

#include "cli/control_client.hpp"
#include "cli/printable.hpp"
#include "cli/status_screen.hpp"
#include "cli/terminal/line.hpp"
#include "cli/terminal/live_screen.hpp"
#include "cli/terminal/text_width.hpp"

#include <nlohmann/json.hpp>

#include <unistd.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace purser::cli {
namespace {

using namespace std::chrono_literals;

constexpr auto k_limit = 2s; // as long as q has no effect

std::vector<Line> trouble(const Error& error, const Look& look)
{
  std::vector<Line> lines;
  for (auto& text : wrapped(printable(error.what), look.columns))
    lines.push_back({Piece(std::move(text), Ink::bad)});
  lines.emplace_back();
  lines.push_back({Piece("It is asked again.")});
  return lines;
}

std::vector<Line> look_once(bool verbose, const Look& look)
{
  const auto client = ControlClient::from_environment(k_limit);
  if (!client) return trouble(client.error(), look);
  const auto status = client->get("/v1/status");
  return status ? status_screen(*status, verbose, look) : trouble(status.error(), look);
}

// "2", "0.5"
std::string seconds_text(std::chrono::milliseconds interval)
{
  std::string text = std::to_string(interval.count() / 1000);
  const auto rest = interval.count() % 1000;
  if (rest != 0) {
    const std::string digits = std::to_string(1000 + rest).substr(1);
    text += "." + digits.substr(0, digits.find_last_not_of('0') + 1);
  }
  return text;
}

// What does not fit is counted; the last line says how to leave.
std::vector<Line>
fitted(std::vector<Line> lines, std::chrono::milliseconds interval, const Look& look)
{
  const std::size_t room = look.rows > 2 ? look.rows - 2 : 1;
  std::string rest;
  if (lines.size() > room) {
    rest = std::to_string(lines.size() - room) + " more lines; ";
    lines.resize(room);
  }
  lines.emplace_back();
  lines.push_back({Piece(rest + "every " + seconds_text(interval) + " s; q ends", Ink::faint)});
  return lines;
}

} // namespace

ExitCode
watch_status(std::chrono::milliseconds interval, bool verbose, ColourWish colour, std::ostream& err)
{
  if (!LiveScreen::possible()) {
    err << "purser: --watch needs a terminal (and TERM) that it can draw on; without one: purser "
           "status, or purser status --json\n";
    return ExitCode::usage;
  }
  LiveScreen screen;
  for (;;) {
    const Look look = look_at(STDOUT_FILENO, colour);
    if (!screen.draw(fitted(look_once(verbose, look), interval, look), look))
      return ExitCode::failure;
    if (screen.wait(interval) == LiveScreen::Woken::by_quit) return ExitCode::success;
  }
}

} // namespace purser::cli
