#include "common/file_descriptor.hpp"
#include "common/hardening.hpp"
#include "common/missing_streams.hpp"
#include "common/result.hpp"
#include "common/version.hpp"
#include "daemon/async/worker_threads.hpp"
#include "daemon/daemon.hpp"
#include "daemon/descriptor_limit.hpp"
#include "daemon/observe/log.hpp"
#include "daemon/options.hpp"
#include "daemon/paths.hpp"
#include "daemon/programs/broker_process.hpp"
#include "daemon/sandbox/sandbox.hpp"
#include "daemon/sandbox/system_call_filter.hpp"
#include "daemon/seal/arena.hpp"
#include "daemon/seal/small_heap.hpp"
#include "daemon/seal/wiping_heap.hpp"
#include "daemon/server/listening_socket.hpp"
#include "daemon/server/peer_process.hpp"
#include "daemon/server/service_manager.hpp"
#include "daemon/server/user_namespace.hpp"
#include "daemon/territory.hpp"

#include <spdlog/spdlog.h>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace purser {
namespace {

// Exit codes (docs/man/purserd.8).
constexpr int k_failed = 1;
constexpr int k_usage_error = 2;
constexpr int k_bad_socket =
    3; // the service manager, or who wants --once, passed something unusable
constexpr int k_already_running = 4;

int fail(const Error& error, int code)
{
  spdlog::critical("{}", error.what);
  return code;
}

bool is_client(int fd)
{
  int domain = 0;
  socklen_t size = sizeof domain;
  sockaddr_un peer{};
  socklen_t peer_size = sizeof peer;
  return ::getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) == 0 && domain == AF_UNIX &&
         ::getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &peer_size) == 0;
}

// Tells whoever started us that clients may connect.
void say_ready(int fd)
{
  constexpr char byte = '1';
  [[maybe_unused]] const auto written = ::write(fd, &byte, 1);
  ::close(fd);
}

// What a daemon is made of beyond its options.
struct Beginnings {
  Paths paths;
  ServiceManager manager;
  ArenaState arena;
  FileDescriptor broker;
  std::vector<std::string> folders;     // its own
  std::vector<std::string> unprotected; // what of harden_process() failed
};

// The one that this process had as another version of this program, or a new one.
Result<ListeningSocket> own_socket(const Options& options, const std::string& path)
{
  if (!options.listening_fd) return ListeningSocket::make(path);
  return ListeningSocket::inherited(path, *options.lock_fd, *options.listening_fd);
}

// The one that our predecessor in this process had, or a new one.
Result<FileDescriptor> own_broker(const Options& options)
{
  if (!options.broker_fd) return start_broker();
  ::fcntl(*options.broker_fd, F_SETFD, FD_CLOEXEC);
  return FileDescriptor(*options.broker_fd);
}

// The last step before there are secrets, clients and threads. What fails is for people to see.
SandboxState restrict_self(const Beginnings& begun)
{
  auto sandbox = enter_sandbox(begun.folders);
  if (sandbox.files)
    begin_worker_threads_with([rules = std::make_shared<FileRules>(std::move(*sandbox.files))] {
      if (!rules->follow()) spdlog::error("hardening: a thread may write wherever this user may");
    });
  if (!kernel_proves_peers())
    sandbox.state.missing.emplace_back(
        "clients: the kernel does not prove which process one is; all count as foreign");
  for (const auto& missing : sandbox.state.missing)
    spdlog::warn("hardening: {}", missing);
  auto& all = sandbox.state.missing;
  all.insert(all.end(), begun.unprotected.begin(), begun.unprotected.end());
  return sandbox.state;
}

int listen_and_serve(const Options& options, Beginnings begun)
{
  const auto passed = begun.manager.passed();
  if (!passed) return fail(passed.error(), k_bad_socket);
  std::optional<ListeningSocket> own;
  int listening = -1;
  if (passed->socket) {
    listening = *passed->socket;
  } else {
    auto made = own_socket(options, begun.paths.socket);
    if (!made)
      return fail(made.error(),
                  made.error().code == Errc::transient ? k_already_running : k_failed);
    listening = made->release();
    own.emplace(std::move(*made));
  }
  // Clients queue from here on; whoever waits for us need not wait for the rest.
  if (options.ready_fd) say_ready(*options.ready_fd);
  auto state = restrict_self(begun);
  Daemon daemon(options, std::move(begun.paths), std::move(begun.manager),
                {begun.arena, std::move(state), std::move(begun.folders)}, std::move(begun.broker),
                FileDescriptor(passed->cache.value_or(-1)));
  return daemon.serve(listening, std::move(own));
}

// Whether what the program whose place this one takes gave up leaves what this one needs.
Result<> may_replace()
{
  const auto before = inherited_policy();
  if (!before || *before == own_policy()) return {};
  return Error{Errc::internal, "this version needs other rights than the one that it replaces gave "
                               "up: whoever started that one has to start this one"};
}

// What of it failed, for people; misconfigured where other users would be taken for this one.
Result<std::vector<std::string>> protect_self()
{
  const auto users = UserNamespace::of_this_process();
  if (!users.tells_apart(::geteuid()))
    return Error{Errc::misconfigured,
                 "this user has no id in this user namespace, so that all others who have none "
                 "would be taken for it: map it (unshare --map-user, or the container's --userns)"};
  auto unprotected = harden_process();
  if (!users.is_outermost())
    unprotected.emplace_back(
        "user namespace: whoever made it can trace this process and read its memory");
  for (const auto& failed : unprotected)
    spdlog::warn("hardening: {}", failed);
  return unprotected;
}

int run_daemon(const Options& options)
{
  // First of all: it keeps what we are now, and programs get that.
  auto broker = own_broker(options);
  ::umask(077);
  keep_heap_small();
  ::signal(SIGPIPE, SIG_IGN);
  // Until the loop listens for it: what it asks for, a load of the configuration, is
  // still to come.
  ::signal(SIGHUP, SIG_IGN);
  wipe_what_libraries_free();
  const ArenaState arena = init_arena();
  init_log();
  raise_descriptor_limit(); // after the broker began: programs keep what there was
  auto unprotected = protect_self();
  if (!unprotected) return fail(unprotected.error(), k_failed);
  if (!broker) spdlog::warn("programs cannot be started: {}", broker.error().what);

  if (const auto allowed = may_replace(); !allowed) return fail(allowed.error(), k_failed);

  ServiceManager manager = ServiceManager::from_environment();
  auto paths = find_paths(process_environment());
  if (!paths) return fail(paths.error(), k_failed);
  auto folders = own_folders(*paths);
  Beginnings begun{std::move(*paths),
                   std::move(manager),
                   arena,
                   broker ? std::move(*broker) : FileDescriptor(),
                   std::move(folders),
                   std::move(*unprotected)};
  if (!options.once) return listen_and_serve(options, std::move(begun));
  auto state = restrict_self(begun);
  Daemon daemon(options, std::move(begun.paths), std::move(begun.manager),
                {begun.arena, std::move(state), std::move(begun.folders)}, std::move(begun.broker),
                FileDescriptor());
  return daemon.serve_once(STDIN_FILENO);
}

int run(int argc, char** argv)
{
  open_missing_streams();
  const auto options = parse_options(argc, argv);
  if (!options) {
    std::fprintf(stderr, "%s\n", options.error().what.c_str());
    return k_usage_error;
  }
  if (options->help) return std::fputs(k_usage, stdout) < 0 ? k_failed : 0;
  if (options->version)
    return std::puts(("purserd " + std::string(program_version())).c_str()) < 0 ? k_failed : 0;
  if (options->broker) {
    continue_broker();
    std::fputs("purserd: descriptor 3 is no socket of a daemon\n", stderr);
    return k_usage_error;
  }
  if (options->once && !is_client(STDIN_FILENO)) {
    std::fputs("purserd: --once answers the client on standard input, which is no connected Unix "
               "socket; docker-credential-purser starts it so\n",
               stderr);
    return k_bad_socket;
  }
  return run_daemon(*options);
}

} // namespace
} // namespace purser

int main(int argc, char** argv)
{
  try {
    return purser::run(argc, argv);
  } catch (const std::exception& bug) {
    std::fprintf(stderr, "purserd: internal error: %s\n", bug.what());
    return 1;
  }
}
