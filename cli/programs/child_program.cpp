#include "cli/programs/child_program.hpp"

#include "common/file_descriptor.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <optional>
#include <system_error>
#include <utility>

namespace purser::cli {
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

struct Pipe {
  FileDescriptor reading;
  FileDescriptor writing;
};

std::optional<Pipe> make_pipe()
{
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return std::nullopt;
  return Pipe{FileDescriptor(ends[0]), FileDescriptor(ends[1])};
}

Error cannot_start(const ChildProgram& program, int reason)
{
  return {Errc::misconfigured,
          "cannot start " + program.path + ": " + std::generic_category().message(reason)};
}

// Writing to a program that does not read ends a write, and not us, while this lives.
class PipeSignalHeld {
public:
  PipeSignalHeld()
  {
    sigemptyset(&pipe_);
    sigaddset(&pipe_, SIGPIPE);
    ::pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  ~PipeSignalHeld()
  {
    constexpr timespec k_at_once{};
    if (sigismember(&before_, SIGPIPE) == 0) ::sigtimedwait(&pipe_, nullptr, &k_at_once);
    ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  PipeSignalHeld(const PipeSignalHeld&) = delete;
  PipeSignalHeld& operator=(const PipeSignalHeld&) = delete;

private:
  sigset_t pipe_{};
  sigset_t before_{};
};

// Its own process group, so that what it starts ends with it.
int start(const ChildProgram& program, int input, int output, pid_t& child)
{
  std::string path = program.path;
  std::string argument = program.argument;
  std::array<char*, 3> arguments{path.data(), argument.data(), nullptr};
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);
  const int failed =
      posix_spawn(&child, path.c_str(), &actions, &attributes, arguments.data(), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  return failed;
}

// Both directions at once: neither side waits for the other with a full pipe.
class Conversation {
public:
  Conversation(FileDescriptor input, FileDescriptor output, std::string_view text)
    : input_(std::move(input)), output_(std::move(output)), rest_(text)
  {
    ::fcntl(input_.number(), F_SETFL, O_NONBLOCK);
    if (rest_.empty()) input_ = FileDescriptor();
  }

  // Until the other side has closed its output.
  Result<WipingBuffer> run(const ChildProgram& program, SteadyTime deadline)
  {
    while (output_.is_open()) {
      std::array<pollfd, 3> wanted{pollfd{output_.number(), POLLIN, 0},
                                   pollfd{input_.number(), POLLOUT, 0},
                                   pollfd{program.stop, POLLIN, 0}};
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
          deadline - std::chrono::steady_clock::now());
      const int ready = left.count() <= 0
                            ? 0
                            : ::poll(wanted.data(), wanted.size(), static_cast<int>(left.count()));
      if (ready < 0 && errno == EINTR) continue;
      if (ready <= 0 || wanted[2].revents != 0)
        return Error(Errc::timeout, program.path + " gave no answer in time");
      if (wanted[1].revents != 0) write_some();
      if (wanted[0].revents != 0) read_some();
      if (answer_.size() > program.most_output)
        return Error(Errc::protocol_error, program.path + " writes more than an answer");
    }
    return std::move(answer_);
  }

private:
  void write_some()
  {
    const auto put = ::write(input_.number(), rest_.data(), rest_.size());
    if (put < 0 && (errno == EINTR || errno == EAGAIN)) return;
    // It need not read what it does not want.
    rest_.remove_prefix(put < 0 ? rest_.size() : static_cast<std::size_t>(put));
    if (rest_.empty()) input_ = FileDescriptor();
  }

  void read_some()
  {
    WipingBuffer piece(k_piece);
    const auto got = ::read(output_.number(), piece.data(), piece.size());
    if (got < 0 && errno == EINTR) return;
    if (got <= 0)
      output_ = FileDescriptor();
    else
      append(answer_, {piece.data(), static_cast<std::size_t>(got)});
  }

  static constexpr std::size_t k_piece = 16'384;

  FileDescriptor input_;
  FileDescriptor output_;
  std::string_view rest_;
  WipingBuffer answer_;
};

// It has closed its output; one that stays nevertheless is killed. True where it ended with 0.
bool ended_well(pid_t child, SteadyTime deadline)
{
  int status = 0;
  for (;;) {
    const auto got = ::waitpid(child, &status, WNOHANG);
    if (got == child) break;
    if (got < 0 && errno != EINTR) return false;
    if (std::chrono::steady_clock::now() >= deadline) {
      ::kill(-child, SIGKILL);
      ::waitpid(child, &status, 0);
      return false;
    }
    ::poll(nullptr, 0, 1);
  }
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

} // namespace

Result<ChildOutcome> converse(const ChildProgram& program, std::string_view input)
{
  const auto deadline = std::chrono::steady_clock::now() + program.limit;
  const PipeSignalHeld pipe_signal;
  auto to = make_pipe();
  auto from = make_pipe();
  if (!to || !from) return cannot_start(program, errno);
  pid_t child = 0;
  const int failed = start(program, to->reading.number(), from->writing.number(), child);
  if (failed != 0) return cannot_start(program, failed);
  to->reading = FileDescriptor();
  from->writing = FileDescriptor();

  Conversation conversation(std::move(to->writing), std::move(from->reading), input);
  auto answer = conversation.run(program, deadline);
  if (!answer) {
    ::kill(-child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    return answer.error();
  }
  ChildOutcome outcome;
  outcome.output = std::move(*answer);
  outcome.ok = ended_well(child, deadline);
  return outcome;
}

} // namespace purser::cli
