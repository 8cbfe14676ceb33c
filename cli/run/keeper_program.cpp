#include "cli/run/keeper_program.hpp"

#include "cli/run/job_environment.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

namespace purser::cli::jobs {
namespace {

// What a keeper has open, besides its standard streams.
constexpr int k_life = 3;
constexpr int k_ready = 4;
constexpr int k_lock = 5;
constexpr int k_beyond = 16; // above all of these

Error cannot(int reason)
{
  return {Errc::transient,
          "cannot start the keeper of purserd: " + std::generic_category().message(reason)};
}

struct Inherited {
  int life = -1;
  int ready = -1;
  int lock = -1;
};

// Moves it out of the way of the numbers above.
int aside(int fd)
{
  return ::fcntl(fd, F_DUPFD_CLOEXEC, k_beyond);
}

[[noreturn]] void
become_keeper(const Inherited& given, char* const* arguments, char* const* entries)
{
  ::setsid();
  ::umask(077);
  const int null = aside(::open("/dev/null", O_RDWR | O_CLOEXEC));
  const int life = aside(given.life < 0 ? null : given.life);
  const int ready = aside(given.ready);
  const int lock = aside(given.lock);
  bool done = ::chdir("/") == 0 && ::dup2(life, k_life) == k_life &&
              ::dup2(ready, k_ready) == k_ready && ::dup2(lock, k_lock) == k_lock;
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    done = done && ::dup2(null, stream) == stream;
  if (!done) ::_exit(1);
  // Whoever reads a pipe of ours to its end must not wait for the job's. Where the kernel does not
  // know the call, what others left open for us stays open.
  ::syscall(SYS_close_range, k_lock + 1, ~0U, 0);
  ::execve("/proc/self/exe", arguments, entries);
  ::_exit(1);
}

std::vector<char*> pointers(std::vector<std::string>& texts)
{
  std::vector<char*> all;
  all.reserve(texts.size() + 1);
  for (auto& each : texts)
    all.push_back(each.data());
  all.push_back(nullptr);
  return all;
}

} // namespace

Result<KeeperEnds> start_keeper(const JobFolder& folder, const std::string& log, bool tied)
{
  std::array<int, 2> life{};
  std::array<int, 2> ready{};
  if (::pipe2(life.data(), O_CLOEXEC) != 0) return cannot(errno);
  FileDescriptor life_theirs(life[0]);
  FileDescriptor life_ours(life[1]);
  if (::pipe2(ready.data(), O_CLOEXEC) != 0) return cannot(errno);
  FileDescriptor ready_ours(ready[0]);
  FileDescriptor ready_theirs(ready[1]);

  std::vector<std::string> words{"purser", "job", "keep", folder.path};
  if (tied) words.emplace_back("--tied");
  if (!log.empty()) words.push_back("--log=" + std::filesystem::absolute(log).string());
  auto entries = keeper_environment(folder.path);
  const auto arguments = pointers(words);
  const auto environment = pointers(entries);
  const pid_t keeper = ::fork();
  if (keeper < 0) return cannot(errno);
  if (keeper == 0)
    become_keeper({tied ? life_theirs.number() : -1, ready_theirs.number(), folder.lock.number()},
                  arguments.data(), environment.data());
  if (!tied) life_ours = FileDescriptor();
  return KeeperEnds{std::move(life_ours), std::move(ready_ours)};
}

KeeperOrder keeper_order(std::string folder, std::string log, bool tied)
{
  for (const int each : {k_life, k_ready, k_lock})
    ::fcntl(each, F_SETFD, FD_CLOEXEC);
  return {{std::move(folder), FileDescriptor(k_lock)},
          FileDescriptor(tied ? k_life : -1),
          FileDescriptor(k_ready),
          std::move(log)};
}

} // namespace purser::cli::jobs
