#include "cli/passphrase.hpp"

#include "cli/number_option.hpp"
#include "common/file_descriptor.hpp"
#include "common/write_all.hpp"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <csignal>
#include <string_view>

namespace purser::cli {
namespace {

// The signal that came while a passphrase was typed; 0 where none did.
volatile std::sig_atomic_t caught = 0;

void catch_signal(int number)
{
  caught = number;
}

// Keeps signals from ending the program while the terminal does not echo; what came is raised
// when it dies.
class SignalsHeld {
public:
  SignalsHeld()
  {
    caught = 0;
    struct sigaction action {};
    action.sa_handler = catch_signal; // without SA_RESTART: it ends a read
    for (std::size_t i = 0; i < k_signals.size(); ++i)
      ::sigaction(k_signals[i], &action, &before_[i]);
  }
  ~SignalsHeld()
  {
    for (std::size_t i = 0; i < k_signals.size(); ++i)
      ::sigaction(k_signals[i], &before_[i], nullptr);
    if (caught != 0) ::raise(caught);
  }
  SignalsHeld(const SignalsHeld&) = delete;
  SignalsHeld& operator=(const SignalsHeld&) = delete;

private:
  static constexpr std::array k_signals{SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP};
  std::array<struct sigaction, k_signals.size()> before_{};
};

// A terminal that shows nothing of what is typed, until it dies.
class Unseen {
public:
  explicit Unseen(int terminal) : terminal_(terminal)
  {
    works_ = ::tcgetattr(terminal_, &before_) == 0;
    struct termios now = before_;
    now.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    now.c_lflag |= ECHONL;
    works_ = works_ && ::tcsetattr(terminal_, TCSAFLUSH, &now) == 0;
  }
  ~Unseen()
  {
    if (works_) ::tcsetattr(terminal_, TCSAFLUSH, &before_);
  }
  Unseen(const Unseen&) = delete;
  Unseen& operator=(const Unseen&) = delete;

  [[nodiscard]] bool works() const { return works_; }

private:
  int terminal_;
  struct termios before_ {};
  bool works_ = false;
};

Error unreadable()
{
  return {Errc::bad_request, "no passphrase was given"};
}

// Byte by byte, since what follows the line is somebody else's.
Result<WipingBuffer> first_line(int descriptor)
{
  WipingBuffer line;
  line.reserve(k_max_passphrase + 1);
  for (char c = 0; line.size() <= k_max_passphrase;) {
    const auto got = ::read(descriptor, &c, 1);
    if (got < 0 && errno == EINTR && caught == 0) continue;
    if (got < 0) return unreadable();
    if (got == 0 || c == '\n') return line;
    line.push_back(c);
  }
  return Error(Errc::bad_request, "the passphrase is longer than 1024 bytes");
}

Result<WipingBuffer> ask_terminal(std::string_view prompt, bool twice)
{
  const FileDescriptor terminal(::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY));
  if (!terminal.is_open()) return unreadable();
  const SignalsHeld signals;
  const Unseen unseen(terminal.number()); // before the prompt: whoever sees that may type
  if (!unseen.works()) return unreadable();
  const auto ask = [&terminal](std::string_view question) -> Result<WipingBuffer> {
    if (!write_all(terminal.number(), question)) return unreadable();
    return first_line(terminal.number());
  };
  auto given = ask(prompt);
  if (!given || !twice || given->empty()) return given;
  const auto again = ask("Once more: ");
  if (!again) return again.error();
  if (*again != *given) return Error(Errc::bad_request, "that was not twice the same passphrase");
  return given;
}

} // namespace

Result<WipingBuffer> read_passphrase(int descriptor, const std::string& prompt, bool twice)
{
  caught = 0;
  const bool on_terminal = descriptor < 0 && ::isatty(STDIN_FILENO) == 1;
  auto text = on_terminal ? ask_terminal(prompt, twice)
                          : first_line(descriptor < 0 ? STDIN_FILENO : descriptor);
  if (text && text->empty()) return Error(Errc::bad_request, "the passphrase is empty");
  return text;
}

CLI::Validator descriptor_number()
{
  return whole_number(0, INT_MAX, "the number of a descriptor");
}

Result<WipingBuffer> ask_hidden(const std::string& prompt)
{
  caught = 0;
  auto text = ask_terminal(prompt, false);
  if (text && text->empty()) return unreadable();
  return text;
}

} // namespace purser::cli
