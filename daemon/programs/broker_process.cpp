#include "daemon/programs/broker_process.hpp"

#include "daemon/programs/supervisor.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <initializer_list>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

namespace purser {
namespace {

constexpr int k_socket = 3;

// One file travels with one byte.
struct Message {
  Message()
  {
    parts.iov_base = &byte;
    parts.iov_len = 1;
    head.msg_iov = &parts;
    head.msg_iovlen = 1;
    head.msg_control = ancillary.data();
    head.msg_controllen = ancillary.size();
  }
  Message(const Message&) = delete;
  Message& operator=(const Message&) = delete;

  char byte = 0;
  iovec parts{};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> ancillary{};
  msghdr head{};
};

// Nothing at the end; a closed one where a message brought none.
std::optional<FileDescriptor> receive_job()
{
  for (;;) {
    Message message;
    const auto got = ::recvmsg(k_socket, &message.head, MSG_CMSG_CLOEXEC);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return std::nullopt;
    const cmsghdr* const header = CMSG_FIRSTHDR(&message.head);
    if (header == nullptr || header->cmsg_type != SCM_RIGHTS) return FileDescriptor();
    int job = -1;
    std::memcpy(&job, CMSG_DATA(header), sizeof job);
    return FileDescriptor(job);
  }
}

[[noreturn]] void serve()
{
  while (auto job = receive_job()) {
    if (!job->is_open()) continue;
    if (::fork() != 0) continue; // closes the job; where nobody took it, the daemon sees that
    ::close(k_socket);
    supervise(std::move(*job));
  }
  ::_exit(0);
}

// Of the daemon, it keeps its end of the socket.
[[noreturn]] void become_broker(FileDescriptor theirs)
{
  const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  if (::dup2(theirs.number(), k_socket) < 0) ::_exit(1);
  for (const int standard : {0, 1, 2})
    if (::dup2(null, standard) < 0) ::_exit(1);
  if (::fcntl(k_socket, F_SETFD, FD_CLOEXEC) != 0 || ::close_range(k_socket + 1, ~0U, 0) != 0)
    ::_exit(1);
  // It ends when the daemon does, not before: a daemon that stops answers who waits.
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGPIPE})
    ::signal(signal, SIG_IGN);
  ::signal(SIGCHLD, SIG_IGN); // supervisors leave nothing behind
  constexpr rlimit k_none{0, 0};
  ::setrlimit(RLIMIT_CORE, &k_none); // of programs either: they hold credentials
  ::prctl(PR_SET_DUMPABLE, 0L, 0L, 0L, 0L);
  ::prctl(PR_SET_NAME, "purserd-broker", 0L, 0L, 0L);
  ::umask(077);
  if (::chdir("/") != 0) ::_exit(1);
  serve();
}

Error failed(std::string_view step)
{
  return Error{Errc::transient, std::string(step) + ": " + std::generic_category().message(errno)};
}

} // namespace

Result<FileDescriptor> start_broker()
{
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0)
    return failed("cannot make a socket");
  FileDescriptor ours(ends[0]);
  FileDescriptor theirs(ends[1]);
  const pid_t child = ::fork();
  if (child < 0) return failed("cannot start a process");
  if (child == 0) become_broker(std::move(theirs));
  return ours;
}

bool pass_job(const FileDescriptor& broker, const FileDescriptor& job)
{
  Message message;
  cmsghdr* const header = CMSG_FIRSTHDR(&message.head);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof(int));
  const int number = job.number();
  std::memcpy(CMSG_DATA(header), &number, sizeof number);
  return ::sendmsg(broker.number(), &message.head, MSG_DONTWAIT | MSG_NOSIGNAL) == 1;
}

} // namespace purser
