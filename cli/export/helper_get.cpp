#include "cli/export/helper_get.hpp"

#include "cli/printable.hpp"
#include "common/ascii.hpp"
#include "common/docker_words.hpp"
#include "common/file_descriptor.hpp"
#include "common/protocol.hpp"
#include "common/wiping.hpp"
#include "common/write_all.hpp"

#include <nlohmann/json.hpp>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <optional>
#include <string_view>
#include <utility>

namespace purser::cli {
namespace {

using Clock = std::chrono::steady_clock;

// A little more than a helper takes at most.
constexpr std::chrono::milliseconds k_limit{protocol::k_helper_limit_ms + 1000};

// A program whose standard output is read; killed and reaped with this object.
class Child {
public:
  Child(const std::string& program, int input, int output)
  {
    std::string name = program;
    std::string verb = "get";
    std::array<char*, 3> arguments{name.data(), verb.data(), nullptr};
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_adddup2(&files, input, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&files, output, STDOUT_FILENO);
    posix_spawnattr_t settings;
    posix_spawnattr_init(&settings);
    sigset_t none; // ours are blocked
    sigemptyset(&none);
    posix_spawnattr_setsigmask(&settings, &none);
    posix_spawnattr_setflags(&settings, POSIX_SPAWN_SETSIGMASK);
    if (posix_spawn(&pid_, program.c_str(), &files, &settings, arguments.data(), environ) != 0)
      pid_ = 0;
    posix_spawnattr_destroy(&settings);
    posix_spawn_file_actions_destroy(&files);
  }
  ~Child()
  {
    if (pid_ == 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  [[nodiscard]] bool started() const { return pid_ != 0; }

  // Once its output has ended: its exit code; nothing where a signal ended it.
  [[nodiscard]] std::optional<int> exit_code()
  {
    int status = 0;
    ::waitpid(std::exchange(pid_, 0), &status, 0);
    if (!WIFEXITED(status)) return std::nullopt;
    return WEXITSTATUS(status);
  }

private:
  pid_t pid_ = 0;
};

struct Pipe {
  FileDescriptor reading;
  FileDescriptor writing;
};

Pipe make_pipe()
{
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return {};
  return {FileDescriptor(ends[0]), FileDescriptor(ends[1])};
}

// All that comes until the end; nothing where it does not end in time, is too much, or we are to
// stop.
std::optional<WipingBuffer> read_all(int output, const StopSignals& stop)
{
  const auto deadline = Clock::now() + k_limit;
  WipingBuffer text;
  std::array<char, 16'384> piece; // NOLINT(cppcoreguidelines-pro-type-member-init)
  for (;;) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
    std::array<pollfd, 2> wanted{pollfd{output, POLLIN, 0}, pollfd{stop.number(), POLLIN, 0}};
    if (left.count() <= 0 ||
        ::poll(wanted.data(), wanted.size(), static_cast<int>(left.count())) <= 0)
      return std::nullopt;
    if (wanted[1].revents != 0) return std::nullopt;
    const auto got = ::read(output, piece.data(), piece.size());
    if (got == 0) break;
    if (got < 0 || text.size() > protocol::k_max_answer) return std::nullopt;
    append(text, {piece.data(), static_cast<std::size_t>(got)});
  }
  ::explicit_bzero(piece.data(), piece.size());
  return text;
}

std::string_view without_our_name(std::string_view line)
{
  constexpr std::string_view k_name = "purser: ";
  return line.starts_with(k_name) ? line.substr(k_name.size()) : line;
}

Result<ExportedCredential> read_answer(const RegistryKey& key, std::string_view text)
{
  const auto json = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  const auto member = [&json](const char* name) {
    const auto found = json.is_object() ? json.find(name) : json.end();
    return found == json.end() ? nullptr : found->get_ptr<const std::string*>();
  };
  const auto* const username = member("Username");
  const auto* const secret = member("Secret");
  if (username == nullptr || secret == nullptr)
    return with_remedy({Errc::protocol_error, std::string(key.text()) +
                                                  ": the helper wrote something that is no "
                                                  "credential; compare: purser version"});
  return ExportedCredential(key, *username, Secret(*secret));
}

} // namespace

Result<ExportedCredential>
get_through(const std::string& program, const RegistryKey& key, const StopSignals& stop)
{
  const std::string registry(key.docker_spelling());
  Pipe input = make_pipe();
  Pipe output = make_pipe();
  // A pipe holds the name of a registry, whether or not somebody reads.
  if (!output.writing.is_open() || !write_all(input.writing.number(), registry))
    return Error{Errc::transient, "cannot make a pipe"};
  input.writing = FileDescriptor();
  Child child(program, input.reading.number(), output.writing.number());
  if (!child.started()) return Error{Errc::misconfigured, "cannot start " + program};
  output.writing = FileDescriptor();
  const auto text = read_all(output.reading.number(), stop);
  if (!text) return Error{Errc::timeout, registry + ": no answer from " + program};
  const std::string_view said(text->data(), text->size());
  if (child.exit_code() == 0) return read_answer(key, said);
  const auto line = trimmed(said);
  if (line == docker_words::k_not_found)
    return with_remedy({Errc::not_configured, registry +
                                                  ": nobody knows a credential for it; see: "
                                                  "purser doctor " +
                                                  registry});
  if (line.empty())
    return Error{Errc::transient, registry + ": the helper failed and said nothing"};
  return with_remedy({Errc::transient, printable(without_our_name(line))});
}

} // namespace purser::cli
