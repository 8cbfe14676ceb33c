#include "cli/status.hpp"

#include "cli/report.hpp"
#include "cli/status_screen.hpp"
#include "cli/status_text.hpp"
#include "cli/status_watch.hpp"
#include "cli/terminal/colour_option.hpp"

#include <unistd.h>

#include <charconv>
#include <chrono>
#include <iostream>
#include <memory>
#include <optional>
#include <string>

namespace purser::cli {
namespace {

using Milliseconds = std::chrono::milliseconds;

constexpr double k_default_interval = 2;
constexpr double k_min_interval = 0.1;
constexpr double k_max_interval = 3600;

struct Words {
  StatusForm form;
  std::string colour;
  std::string interval; // as it was written; empty: not
  bool watch = false;
};

// Empty where it is no number of seconds that can be waited.
std::string wrong_interval(const std::string& text)
{
  double seconds = k_default_interval;
  const auto end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, seconds);
  const bool right = text.empty() || (read.ec == std::errc() && read.ptr == end &&
                                      seconds >= k_min_interval && seconds <= k_max_interval);
  return right ? "" : "is no number of seconds from 0.1 to 3600";
}

Milliseconds interval_of(const std::string& text)
{
  double seconds = k_default_interval;
  std::from_chars(text.data(), text.data() + text.size(), seconds);
  return Milliseconds(static_cast<Milliseconds::rep>(seconds * 1000));
}

ExitCode run(const Words& words)
{
  const ColourWish colour = colour_wish(words.colour);
  if (words.watch)
    return watch_status(interval_of(words.interval), words.form.verbose, colour, std::cerr);
  return show_status(words.form, look_at(STDOUT_FILENO, colour), std::cout, std::cerr);
}

} // namespace

ExitCode show_status(StatusForm form, const Look& look, std::ostream& out, std::ostream& err)
{
  const auto status = ask("/v1/status");
  if (!status) return report(status.error(), err);
  if (form.json)
    out << status->dump(2) << '\n';
  else if (look.terminal)
    print_lines(status_screen(*status, form.verbose, look), look, out);
  else
    print_status(*status, form.verbose, out);
  return ExitCode::success;
}

void add_status(CLI::App& app, Chosen& chosen)
{
  auto words = std::make_shared<Words>();
  auto* command = app.add_subcommand("status", "The daemon, its tokens and when they are renewed");
  command->add_flag("--verbose,-v", words->form.verbose, "All that is known of each token");
  auto* json = command->add_flag("--json", words->form.json, "The daemon's answer as it is");
  auto* watch = command->add_option("--watch,-w", words->interval,
                                    "All the terminal, anew every SECONDS (2)");
  watch->expected(0, 1)->type_name("SECONDS")->excludes(json)->check(wrong_interval);
  add_colour_option(*command, words->colour);
  command->callback([words, watch, &chosen] {
    words->watch = watch->count() != 0;
    chosen = [words] { return run(*words); };
  });
}

} // namespace purser::cli
