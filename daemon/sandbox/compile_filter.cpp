// Writes system_call_program.hpp when purser is built: the rules, as the kernel reads them.
// Compiling them at the start of each daemon would take a millisecond, and a library.
#include "common/file_descriptor.hpp"
#include "daemon/sandbox/filter_places.hpp"
#include "daemon/sandbox/system_call_list.hpp"

#include <linux/filter.h>
#include <linux/netlink.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <initializer_list>
#include <memory>
#include <system_error>
#include <type_traits>
#include <utility>
#include <vector>

namespace purser {
namespace {

using Arguments = std::initializer_list<scmp_arg_cmp>;

scmp_arg_cmp equals(unsigned argument, std::uint64_t value)
{
  return {argument, SCMP_CMP_EQ, value, 0};
}

scmp_arg_cmp masked(unsigned argument, std::uint64_t mask, std::uint64_t value)
{
  return {argument, SCMP_CMP_MASKED_EQ, mask, value};
}

class Rules {
public:
  Rules() : filter_(seccomp_init(SCMP_ACT_ERRNO(ENOSYS))) { must(filter_ ? 0 : -ENOMEM); }

  void allow(int call, Arguments arguments = {}) { add(SCMP_ACT_ALLOW, call, arguments); }
  void refuse(int call, int with, Arguments arguments = {})
  {
    add(SCMP_ACT_ERRNO(static_cast<unsigned>(with)), call, arguments);
  }

  // The program for the kernel. Throws where a rule failed.
  [[nodiscard]] std::vector<sock_filter> compiled()
  {
    must(seccomp_attr_set(filter_.get(), SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS));
    must(seccomp_attr_set(filter_.get(), SCMP_FLTATR_CTL_OPTIMIZE, 2)); // a tree instead of a row
    const FileDescriptor memory(::memfd_create("filter", MFD_CLOEXEC));
    must(seccomp_export_bpf(filter_.get(), memory.number()));
    std::vector<sock_filter> program(4096); // BPF_MAXINSNS
    const auto size =
        ::pread(memory.number(), program.data(), program.size() * sizeof(sock_filter), 0);
    must(size > 0 ? 0 : -EIO);
    program.resize(static_cast<std::size_t>(size) / sizeof(sock_filter));
    return program;
  }

private:
  void add(std::uint32_t action, int call, Arguments arguments)
  {
    must(seccomp_rule_add_array(filter_.get(), action, call,
                                static_cast<unsigned>(arguments.size()), arguments.begin()));
  }
  static void must(int outcome)
  {
    if (outcome != 0) throw std::system_error(-outcome, std::generic_category(), "libseccomp");
  }

  struct Release {
    void operator()(void* filter) const { seccomp_release(filter); }
  };
  std::unique_ptr<std::remove_pointer_t<scmp_filter_ctx>, Release> filter_;
};

// linux/pidfd.h since 6.11 and 6.13: who the peer of a socket is (daemon/server/peer_process.cpp).
constexpr unsigned k_pidfd_mounts = _IO(0xff, 3);
constexpr unsigned k_pidfd_info = _IOC(_IOC_READ | _IOC_WRITE, 0xff, 11, 64);

// Of the internet, only what TCP and name servers need; of netlink, what getaddrinfo() asks, and
// who has the other end of a socket (daemon/server/other_end.cpp).
void add_sockets(Rules& rules)
{
  constexpr std::uint64_t k_type = 15; // without SOCK_CLOEXEC and SOCK_NONBLOCK
  rules.allow(SCMP_SYS(socket), {equals(0, AF_UNIX)});
  rules.allow(SCMP_SYS(socketpair), {equals(0, AF_UNIX)});
  for (const auto family : {AF_INET, AF_INET6})
    for (const auto type : {SOCK_STREAM, SOCK_DGRAM})
      rules.allow(SCMP_SYS(socket), {equals(0, static_cast<std::uint64_t>(family)),
                                     masked(1, k_type, static_cast<std::uint64_t>(type))});
  for (const auto protocol : {NETLINK_ROUTE, NETLINK_SOCK_DIAG})
    rules.allow(SCMP_SYS(socket),
                {equals(0, AF_NETLINK), equals(2, static_cast<std::uint64_t>(protocol))});
  for (const unsigned request : {unsigned{FIONBIO}, unsigned{FIONREAD}, unsigned{TCGETS},
                                 unsigned{SIOCGIFINDEX}, k_pidfd_info, k_pidfd_mounts})
    rules.allow(SCMP_SYS(ioctl), {equals(1, request)});
}

// Written or executed, never both. A mapping of a file that is executed from its beginning is how
// libraries are loaded.
void add_memory(Rules& rules, bool fixed_code)
{
  if (fixed_code) { // the kernel sees to it
    rules.allow(SCMP_SYS(mmap));
    rules.allow(SCMP_SYS(mprotect));
    return;
  }
  constexpr std::uint64_t k_both = PROT_WRITE | PROT_EXEC;
  for (const int protection : {PROT_NONE, PROT_WRITE, PROT_EXEC})
    rules.allow(SCMP_SYS(mmap), {masked(2, k_both, static_cast<unsigned>(protection))});
  rules.allow(SCMP_SYS(mprotect), {masked(2, PROT_EXEC, 0)});
  rules.refuse(SCMP_SYS(mmap), EACCES, {masked(2, k_both, k_both)});
  rules.refuse(SCMP_SYS(mprotect), EACCES, {masked(2, PROT_EXEC, PROT_EXEC)});
}

// Threads and no processes, let alone namespaces; limits and signals of our own.
void add_processes(Rules& rules)
{
  constexpr std::uint64_t k_namespaces = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS |
                                         CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET;
  rules.allow(SCMP_SYS(clone), {masked(0, CLONE_THREAD | k_namespaces, CLONE_THREAD)});
  rules.refuse(SCMP_SYS(clone), EPERM, {masked(0, CLONE_THREAD, 0)});
  rules.allow(SCMP_SYS(prlimit64), {equals(0, 0)});
  rules.allow(SCMP_SYS(tgkill), {equals(0, k_own_pid)});               // abort()
  rules.allow(SCMP_SYS(fchmod), {masked(1, ~std::uint64_t{0777}, 0)}); // no set-user-id bits
}

// What may be asked of prctl(), which does many things: nothing that gives back what was given up.
void add_prctl(Rules& rules)
{
  constexpr std::uint64_t k_set_mdwe = 65;
  constexpr std::uint64_t k_get_mdwe = 66;
  for (const std::uint64_t option :
       {std::uint64_t{PR_SET_NAME}, std::uint64_t{PR_GET_NAME}, std::uint64_t{PR_GET_DUMPABLE},
        k_set_mdwe, k_get_mdwe, std::uint64_t{PR_SET_NO_NEW_PRIVS}})
    rules.allow(SCMP_SYS(prctl), {equals(0, option)});
  rules.allow(SCMP_SYS(prctl), {equals(0, PR_SET_DUMPABLE), equals(1, 0)});
  rules.allow(SCMP_SYS(prctl), {equals(0, k_question)}); // answered by another filter
}

void write(const char* name, bool fixed_code)
{
  Rules rules;
  for (const int call : system_calls::k_free)
    rules.allow(call);
  for (const int call : system_calls::k_refused)
    rules.refuse(call, EPERM);
  add_sockets(rules);
  add_memory(rules, fixed_code);
  add_processes(rules);
  add_prctl(rules);
  const auto program = rules.compiled();
  // With its size: Clang cannot count so many by itself.
  std::printf("inline constexpr std::array<sock_filter, %zu> %s{{\n", program.size(), name);
  for (const auto& step : program)
    std::printf("    {%u, %u, %u, %uU},\n", unsigned{step.code}, unsigned{step.jt},
                unsigned{step.jf}, step.k);
  std::printf("}};\n");
}

} // namespace
} // namespace purser

int main()
{
  try {
    std::puts("// Written by compile_filter.cpp.\n#pragma once\n\n#include <linux/filter.h>\n\n"
              "#include <array>\n\nnamespace purser {");
    purser::write("k_filter", false);
    purser::write("k_filter_of_fixed_code", true);
    std::puts("} // namespace purser");
  } catch (const std::exception& failed) {
    std::fprintf(stderr, "compile_filter: %s\n", failed.what());
    return 1;
  }
  return 0;
}
