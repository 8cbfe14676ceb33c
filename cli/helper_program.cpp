#include "cli/helper_program.hpp"

#include "common/file_descriptor.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>

namespace purser::cli {
namespace {

constexpr std::size_t k_most_output = 256;

// A started program that writes to `output`; 0 where it could not be started.
pid_t start(const std::string& program, std::string verb, int output)
{
  std::string name = program;
  std::array<char*, 3> arguments{name.data(), verb.data(), nullptr};
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  pid_t child = 0;
  if (posix_spawn(&child, program.c_str(), &actions, nullptr, arguments.data(), environ) != 0)
    child = 0;
  posix_spawn_file_actions_destroy(&actions);
  return child;
}

std::string read_until(int output, std::chrono::steady_clock::time_point deadline)
{
  std::string text;
  while (text.size() < k_most_output) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        deadline - std::chrono::steady_clock::now());
    pollfd wanted{output, POLLIN, 0};
    if (left.count() <= 0 || ::poll(&wanted, 1, static_cast<int>(left.count())) <= 0) break;
    std::array<char, k_most_output> piece{};
    const auto got = ::read(output, piece.data(), piece.size());
    if (got <= 0) break;
    text.append(piece.data(), static_cast<std::size_t>(got));
  }
  return text;
}

// Until whoever writes has ended; what it writes is thrown away.
void read_to_end(int output, std::chrono::steady_clock::time_point deadline)
{
  while (read_until(output, deadline).size() >= k_most_output)
    continue;
}

} // namespace

std::optional<std::string> find_helper(std::string_view path, std::string_view name)
{
  while (!path.empty()) {
    const auto colon = path.find(':');
    const std::string folder(path.substr(0, colon));
    path.remove_prefix(colon == std::string_view::npos ? path.size() : colon + 1);
    if (!folder.starts_with('/')) continue;
    std::string program = folder + "/docker-credential-" + std::string(name);
    if (::access(program.c_str(), X_OK) == 0) return program;
  }
  return std::nullopt;
}

std::optional<std::string> version_of(const std::string& program, std::chrono::milliseconds limit)
{
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return std::nullopt;
  const FileDescriptor reading(ends[0]);
  FileDescriptor writing(ends[1]);
  const pid_t child = start(program, "version", writing.number());
  if (child == 0) return std::nullopt;
  writing = FileDescriptor();
  const auto text = read_until(reading.number(), std::chrono::steady_clock::now() + limit);
  ::kill(child, SIGKILL); // it has said what it says
  ::waitpid(child, nullptr, 0);

  // `docker-credential-purser (purser) 0.1.0`
  constexpr std::string_view k_mark = "(purser) ";
  const auto mark = text.find(k_mark);
  if (mark == std::string::npos || text.find('\n') == std::string::npos) return std::nullopt;
  const auto begin = mark + k_mark.size();
  return text.substr(begin, text.find('\n') - begin);
}

void wake_daemon(const std::string& program, std::chrono::milliseconds limit)
{
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return;
  const FileDescriptor reading(ends[0]);
  FileDescriptor writing(ends[1]);
  const pid_t child = start(program, "list", writing.number());
  if (child == 0) return;
  writing = FileDescriptor();
  read_to_end(reading.number(), std::chrono::steady_clock::now() + limit);
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
}

} // namespace purser::cli
