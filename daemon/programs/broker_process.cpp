#include "daemon/programs/broker_process.hpp"

#include "daemon/programs/session_keeper.hpp"
#include "daemon/programs/supervisor.hpp"
#include "daemon/restart/own_program.hpp"

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

// The verbs, and with them the version of all that follows over the job's socket: a broker does
// nothing that it does not know, where it and the daemon are not of one program.
constexpr char k_run = 'r';
constexpr char k_keep_session = 's';
constexpr char k_renew = 'n';

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

struct Request {
  char verb = 0;
  FileDescriptor job; // closed where a message brought none
};

// Nothing at the end.
std::optional<Request> receive()
{
  for (;;) {
    Message message;
    const auto got = ::recvmsg(k_socket, &message.head, MSG_CMSG_CLOEXEC);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return std::nullopt;
    Request request{message.byte, FileDescriptor()};
    const cmsghdr* const header = CMSG_FIRSTHDR(&message.head);
    if (header == nullptr || header->cmsg_type != SCM_RIGHTS) return request;
    int job = -1;
    std::memcpy(&job, CMSG_DATA(header), sizeof job);
    request.job = FileDescriptor(job);
    return request;
  }
}

// The path is our own and never the daemon's word. Where it fails we go on as we are.
void become_newer(const OwnProgram& program)
{
  if (!program.replaced_by_now()) return;
  std::string path = program.path();
  std::string option = "--broker";
  const std::array<char*, 3> words{path.data(), option.data(), nullptr};
  ::fcntl(k_socket, F_SETFD, 0);
  ::execv(path.c_str(), words.data());
  ::fcntl(k_socket, F_SETFD, FD_CLOEXEC);
}

[[noreturn]] void serve()
{
  const OwnProgram program = OwnProgram::of_this_process();
  while (auto request = receive()) {
    if (request->verb == k_renew) become_newer(program);
    const bool known = request->verb == k_run || request->verb == k_keep_session;
    if (!known || !request->job.is_open()) continue;
    if (::fork() != 0) continue; // closes the job; where nobody took it, the daemon sees that
    ::close(k_socket);
    if (request->verb == k_keep_session) keep_session(std::move(request->job));
    supervise(std::move(request->job));
  }
  ::_exit(0);
}

// What a program that is executed loses, and what it keeps alike.
void harden_broker()
{
  // It ends when the daemon does, not before: a daemon that stops answers who waits.
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGPIPE})
    ::signal(signal, SIG_IGN);
  ::signal(SIGCHLD, SIG_IGN); // supervisors leave nothing behind
  constexpr rlimit k_none{0, 0};
  ::setrlimit(RLIMIT_CORE, &k_none); // of programs either: they hold credentials
  ::prctl(PR_SET_DUMPABLE, 0L, 0L, 0L, 0L);
  ::prctl(PR_SET_NAME, "purserd-broker", 0L, 0L, 0L);
  ::umask(077);
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
  harden_broker();
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

void continue_broker()
{
  int kind = 0;
  socklen_t size = sizeof kind;
  if (::getsockopt(k_socket, SOL_SOCKET, SO_TYPE, &kind, &size) != 0 || kind != SOCK_SEQPACKET)
    return;
  ::fcntl(k_socket, F_SETFD, FD_CLOEXEC);
  harden_broker();
  serve();
}

bool renew_broker(const FileDescriptor& broker)
{
  return ::send(broker.number(), &k_renew, 1, MSG_DONTWAIT | MSG_NOSIGNAL) == 1;
}

bool pass_job(const FileDescriptor& broker, const FileDescriptor& job, Errand errand)
{
  Message message;
  message.byte = errand == Errand::program ? k_run : k_keep_session;
  cmsghdr* const header = CMSG_FIRSTHDR(&message.head);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof(int));
  const int number = job.number();
  std::memcpy(CMSG_DATA(header), &number, sizeof number);
  return ::sendmsg(broker.number(), &message.head, MSG_DONTWAIT | MSG_NOSIGNAL) == 1;
}

} // namespace purser
