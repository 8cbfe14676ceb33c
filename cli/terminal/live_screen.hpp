#pragma once

#include "cli/terminal/line.hpp"
#include "cli/terminal/look.hpp"

#include <signal.h>

#include <chrono>
#include <string>
#include <vector>

namespace purser::cli {

// The whole terminal, drawn anew again and again, at most one at a time.
//
// It lies on the alternate screen: what the user had on the terminal is there again afterwards, and
// a table that is higher than the window does not run through what can be scrolled back to. A frame
// is one write, begins at the upper left corner, and clears the rest of each line, never the
// screen: so nothing flickers; terminals that know synchronized output show it at once as a whole.
//
// The terminal is restored when this ends, and before SIGINT, SIGTERM, SIGHUP or SIGQUIT end the
// process (from their handlers, so also during a request), or Ctrl-Z stops it.
class LiveScreen {
public:
  // Whether standard output is a terminal that can be drawn on.
  [[nodiscard]] static bool possible();

  // Throws std::system_error where the terminal does not do as told.
  LiveScreen();
  ~LiveScreen();
  LiveScreen(const LiveScreen&) = delete;
  LiveScreen& operator=(const LiveScreen&) = delete;

  // Shows these lines, as many as fit. False where the terminal is gone.
  [[nodiscard]] bool draw(const std::vector<Line>& lines, const Look& look);

  enum class Woken { by_time, by_change, by_quit };
  // Until the time is over, the window changed or was stopped (draw again), or somebody pressed q.
  [[nodiscard]] Woken wait(std::chrono::milliseconds limit);

private:
  bool reads_keys_ = true;
  sigset_t while_waiting_{}; // SIGWINCH comes only then, so none is missed
};

// One frame (see there): what is written for these lines.
[[nodiscard]] std::string frame_of(const std::vector<Line>& lines, const Look& look);

} // namespace purser::cli
