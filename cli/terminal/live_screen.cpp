#include "cli/terminal/live_screen.hpp"

#include "common/write_all.hpp"

#include <poll.h>
#include <signal.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <string_view>
#include <system_error>

namespace purser::cli {
namespace {

// Alternate screen; no cursor; a line that is too long is cut off, not continued.
constexpr std::string_view k_enter = "\x1b[?1049h\x1b[?25l\x1b[?7l";
// And the end of a frame that a signal may have cut through.
constexpr std::string_view k_leave = "\x1b[?2026l\x1b[0m\x1b[?7h\x1b[?25h\x1b[?1049l";
constexpr std::array k_ending{SIGINT, SIGTERM, SIGHUP, SIGQUIT};

// What handlers of signals need; they can be given nothing else.
struct Saved {
  bool active = false;
  bool keyboard = false; // standard input is the terminal as well
  termios before{};
  termios during{};
};
Saved g_saved;                       // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)
volatile sig_atomic_t g_changed = 0; // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)

void write_now(std::string_view bytes)
{
  [[maybe_unused]] const auto written = ::write(STDOUT_FILENO, bytes.data(), bytes.size());
}

void enter()
{
  if (g_saved.keyboard) ::tcsetattr(STDIN_FILENO, TCSADRAIN, &g_saved.during);
  write_now(k_enter);
}

// Calls only what a handler may. Output that Ctrl-S holds up would hold us up as well.
void leave()
{
  if (g_saved.keyboard) ::tcflow(STDIN_FILENO, TCOON);
  write_now(k_leave);
  if (g_saved.keyboard) ::tcsetattr(STDIN_FILENO, TCSADRAIN, &g_saved.before);
}

// The process ends by the signal that was to end it: who started it sees that.
void end_by(int signal)
{
  if (g_saved.active) leave();
  g_saved.active = false;
  ::signal(signal, SIG_DFL);
  sigset_t only;
  sigemptyset(&only);
  sigaddset(&only, signal);
  ::sigprocmask(SIG_UNBLOCK, &only, nullptr);
  ::raise(signal);
}

// Told once of each time.
bool changed_since()
{
  const bool changed = g_changed != 0;
  g_changed = 0;
  return changed;
}

void note_change(int)
{
  g_changed = 1;
}

void stop_for_now(int)
{
  const int before = errno;
  leave();
  ::raise(SIGSTOP);
  enter();
  g_changed = 1;
  errno = before;
}

void handle(int signal, void (*handler)(int))
{
  struct sigaction action {};
  action.sa_handler = handler; // without SA_RESTART: a wait ends
  sigemptyset(&action.sa_mask);
  for (const int each : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGWINCH})
    sigaddset(&action.sa_mask, each);
  ::sigaction(signal, &action, nullptr);
}

// Ignored signals stay ignored, as for who runs under nohup.
void handle_unless_ignored(int signal, void (*handler)(int))
{
  struct sigaction before {};
  ::sigaction(signal, nullptr, &before);
  if (before.sa_handler != SIG_IGN) handle(signal, handler);
}

} // namespace

bool LiveScreen::possible()
{
  const char* const kind = std::getenv("TERM");
  return ::isatty(STDOUT_FILENO) != 0 && kind != nullptr && *kind != '\0' &&
         std::string_view(kind) != "dumb";
}

LiveScreen::LiveScreen()
{
  g_saved.keyboard = ::isatty(STDIN_FILENO) != 0;
  reads_keys_ = g_saved.keyboard;
  if (g_saved.keyboard) {
    if (::tcgetattr(STDIN_FILENO, &g_saved.before) != 0)
      throw std::system_error(errno, std::generic_category(), "the terminal");
    g_saved.during = g_saved.before;
    g_saved.during.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
    g_saved.during.c_cc[VMIN] = 1;
    g_saved.during.c_cc[VTIME] = 0;
  }
  for (const int signal : k_ending)
    handle_unless_ignored(signal, end_by);
  handle_unless_ignored(SIGTSTP, stop_for_now);
  handle(SIGWINCH, note_change);
  sigset_t resizing;
  sigemptyset(&resizing);
  sigaddset(&resizing, SIGWINCH);
  ::sigprocmask(SIG_BLOCK, &resizing, &while_waiting_);
  g_saved.active = true;
  enter();
}

LiveScreen::~LiveScreen()
{
  if (g_saved.active) leave();
  g_saved.active = false;
  for (const int signal : k_ending)
    ::signal(signal, SIG_DFL);
  ::signal(SIGTSTP, SIG_DFL);
  ::signal(SIGWINCH, SIG_DFL);
  ::sigprocmask(SIG_SETMASK, &while_waiting_, nullptr);
}

std::string frame_of(const std::vector<Line>& lines, const Look& look)
{
  std::string frame = "\x1b[?2026h\x1b[H";
  const std::size_t shown = std::min(lines.size(), look.rows);
  for (std::size_t i = 0; i < shown; ++i) {
    if (i != 0) frame += "\r\n";
    frame += rendered(lines[i], look);
    // Behind a full line the cursor stands on its last letter, which that would clear.
    if (columns_of(lines[i]) < look.columns) frame += "\x1b[K";
  }
  if (shown < look.rows) frame += "\r\n\x1b[J";
  return frame + "\x1b[?2026l";
}

bool LiveScreen::draw(const std::vector<Line>& lines, const Look& look)
{
  return write_all(STDOUT_FILENO, frame_of(lines, look));
}

LiveScreen::Woken LiveScreen::wait(std::chrono::milliseconds limit)
{
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(limit);
  const std::chrono::nanoseconds rest = limit - seconds;
  const timespec time{seconds.count(), rest.count()};
  pollfd keyboard{reads_keys_ ? STDIN_FILENO : -1, POLLIN, 0};
  const int ready = ::ppoll(&keyboard, 1, &time, &while_waiting_);
  if (ready == 0 && g_changed == 0) return Woken::by_time;
  if (changed_since() || ready < 0) return Woken::by_change;
  char key = 0;
  if (::read(STDIN_FILENO, &key, 1) != 1) {
    reads_keys_ = false; // it was closed: there is the time still
    return Woken::by_change;
  }
  return key == 'q' || key == 'Q' ? Woken::by_quit : Woken::by_change;
}

} // namespace purser::cli
