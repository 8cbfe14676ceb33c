// What code could do that has taken over a daemon: enters the daemon's own sandbox, or all of it
// but one part, and then tries one thing. Prints "done", or the name of the error.
//
//   sandbox_attempt [--without files|code|calls] [--on-a-worker] FOLDER THING
//
// FOLDER is the daemon's own. Whatever succeeds is harmless to the machine.
#include "common/hardening.hpp"
#include "daemon/sandbox/sandbox.hpp"

#include <fcntl.h>
#include <linux/keyctl.h>
#include <linux/perf_event.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace purser {
namespace {

std::string folder;  // the daemon's own
std::string outside; // beside it, and writable to this user
pid_t victim = 0;    // another process of this user, as unprotected as most are

std::string in(const std::string& where, const char* name)
{
  return where + "/" + name;
}

long make_file(const std::string& path)
{
  return ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
}

long run(const char* program)
{
  std::array<char, 64> name{};
  std::snprintf(name.data(), name.size(), "%s", program);
  const std::array<char*, 2> words{name.data(), nullptr};
  return ::execv(program, words.data());
}

long listen_on_tcp()
{
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in any{};
  any.sin_family = AF_INET;
  if (::bind(fd, reinterpret_cast<const sockaddr*>(&any), sizeof any) != 0) return -1;
  return 0;
}

long listen_somewhere()
{
  const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un any{};
  any.sun_family = AF_UNIX;
  if (::bind(fd, reinterpret_cast<const sockaddr*>(&any), sizeof any.sun_family) != 0) return -1;
  return ::listen(fd, 1);
}

long count_events()
{
  perf_event_attr what{};
  what.type = PERF_TYPE_SOFTWARE;
  what.size = sizeof what;
  what.config = PERF_COUNT_SW_TASK_CLOCK;
  what.exclude_kernel = 1;
  what.exclude_hv = 1;
  return ::syscall(SYS_perf_event_open, &what, 0, -1, -1, 0);
}

long map(int protection)
{
  void* const at = ::mmap(nullptr, 4096, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return at == MAP_FAILED ? -1 : 0;
}

long make_executable()
{
  void* const at =
      ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return ::mprotect(at, 4096, PROT_READ | PROT_EXEC);
}

long read_victim()
{
  std::array<char, 8> here{};
  iovec ours{here.data(), here.size()};
  iovec theirs{reinterpret_cast<void*>(0x10000), here.size()}; // NOLINT(*-int-to-ptr)
  const auto got = ::process_vm_readv(victim, &ours, 1, &theirs, 1, 0);
  return got < 0 && errno == EFAULT ? 0 : got; // it was allowed to look
}

// Ends with its parent.
pid_t start_victim()
{
  std::array<int, 2> ends{};
  if (::pipe(ends.data()) != 0) return -1;
  const pid_t child = ::fork();
  if (child != 0) return child; // and keeps its end open
  char nothing = 0;
  for (const int fd : {0, 1, 2, ends[1]})
    ::close(fd);
  ::_exit(static_cast<int>(::read(ends[0], &nothing, 1)));
}

long start_newest_process()
{
  std::array<char, 88> nothing_shared{}; // clone_args
  const long child = ::syscall(SYS_clone3, nothing_shared.data(), nothing_shared.size());
  if (child == 0) ::_exit(0);
  return child;
}

long start_process()
{
  const pid_t child = ::fork();
  if (child == 0) ::_exit(0);
  if (child > 0) ::waitpid(child, nullptr, 0);
  return child;
}

// In a process of its own, which the filter may kill.
long call_as_32_bits()
{
#ifdef __x86_64__
  long outcome = 20; // getpid
  asm volatile("int $0x80" : "+a"(outcome) : : "memory");
  return outcome;
#else
  return -1;
#endif
}

using Thing = std::function<long()>;

const std::map<std::string_view, Thing> k_things{
    // What a daemon does.
    {"write in its folder", [] { return make_file(in(folder, "new")); }},
    {"ask for a name's addresses", [] { return ::socket(AF_NETLINK, SOCK_RAW, 0); }},
    {"connect", [] { return ::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0); }},
    {"start a thread",
     [] {
       std::thread([] {}).join();
       return 0L;
     }},
    // What it does not.
    {"write elsewhere", [] { return make_file(in(outside, "new")); }},
    {"change a file elsewhere",
     [] { return ::open(in(outside, "old").c_str(), O_WRONLY | O_APPEND); }},
    {"remove a file elsewhere", [] { return ::unlink(in(outside, "old").c_str()); }},
    {"move a file out",
     [] { return ::rename(in(folder, "own").c_str(), in(outside, "old").c_str()); }},
    {"make a link elsewhere", [] { return ::symlink("/etc", in(outside, "link").c_str()); }},
    {"open up a file", [] { return ::chmod(in(outside, "old").c_str(), 0666); }},
    {"set a set-user-id bit",
     [] { return ::fchmod(::open(in(folder, "own").c_str(), O_RDONLY), 04700); }},
    {"execute a program", [] { return run("/bin/true"); }},
    {"listen on TCP", listen_on_tcp},
    {"listen", listen_somewhere},
    {"start a process", start_process},
    {"start a process in the newest way", start_newest_process},
    {"signal another", [] { return ::kill(victim, 0); }},
    {"trace another", [] { return ::ptrace(PTRACE_SEIZE, victim, nullptr, nullptr); }},
    {"read another", read_victim},
    {"get a descriptor's process", [] { return ::syscall(SYS_pidfd_open, victim, 0); }},
    {"become dumpable", [] { return ::prctl(PR_SET_DUMPABLE, 1L, 0L, 0L, 0L); }},
    {"map what is written and executed", [] { return map(PROT_READ | PROT_WRITE | PROT_EXEC); }},
    {"make memory executable", make_executable},
    {"read packets", [] { return ::socket(AF_PACKET, SOCK_RAW, 0); }},
    {"talk to the audit", [] { return ::socket(AF_NETLINK, SOCK_RAW, 9); }},
    {"ping", [] { return ::socket(AF_INET, SOCK_RAW, IPPROTO_ICMP); }},
    {"talk to a hypervisor", [] { return ::socket(AF_VSOCK, SOCK_STREAM, 0); }},
    {"make a namespace", [] { return ::unshare(CLONE_NEWUSER); }},
    {"mount", [] { return ::mount("none", folder.c_str(), "tmpfs", 0, nullptr); }},
    {"use io_uring",
     [] {
       std::array<char, 256> room{};
       return ::syscall(SYS_io_uring_setup, 1, room.data());
     }},
    {"use bpf",
     [] {
       std::array<char, 128> room{};
       return ::syscall(SYS_bpf, 0, room.data(), 128);
     }},
    {"use userfaultfd",
     [] { return ::syscall(SYS_userfaultfd, O_CLOEXEC | 1 /* user mode only */); }},
    {"use a keyring", [] { return ::syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, -3, 0); }},
    {"count events", count_events},
    {"change its personality", [] { return ::syscall(SYS_personality, 0xffffffff); }},
    {"call something new", [] { return ::syscall(999); }},
    {"call as 32 bits", call_as_32_bits},
};

void attempt(const Thing& thing)
{
  errno = 0;
  const long outcome = thing();
  std::puts(outcome >= 0 ? "done" : ::strerrorname_np(errno));
  std::fflush(stdout);
}

int usage()
{
  std::fputs("usage: sandbox_attempt [--without PART] [--on-a-worker] FOLDER THING\n", stderr);
  for (const auto& [name, thing] : k_things)
    std::fprintf(stderr, "  %s\n", std::string(name).c_str());
  return 2;
}

int main_of(std::vector<std::string> words)
{
  SandboxParts parts;
  bool worker = false;
  while (!words.empty() && words.front().starts_with("--")) {
    const std::string word = words.front();
    words.erase(words.begin());
    if (word == "--on-a-worker") worker = true;
    if (word != "--without" || words.empty()) continue;
    if (words.front() == "files") parts.files = false;
    if (words.front() == "code") parts.fixed_code = false;
    if (words.front() == "calls") parts.system_calls = false;
    words.erase(words.begin());
  }
  if (words.size() != 2 || !k_things.contains(words[1])) return usage();
  folder = words[0];
  outside = folder + "-beside";
  victim = start_victim();
  if (!harden_process().empty()) return 1;
  const auto sandbox = enter_sandbox({folder}, parts);
  for (const auto& missing : sandbox.state.missing)
    std::fprintf(stderr, "%s\n", missing.c_str());
  const Thing& thing = k_things.at(words[1]);
  if (!worker) {
    attempt(thing);
    return 0;
  }
  std::thread([&] {
    if (sandbox.files && !sandbox.files->follow()) std::fputs("no file rules\n", stderr);
    attempt(thing);
  }).join();
  return 0;
}

} // namespace
} // namespace purser

int main(int argc, char** argv)
{
  return purser::main_of({argv + 1, argv + argc});
}
