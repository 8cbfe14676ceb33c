#include "daemon/sandbox/system_call_filter.hpp"

#include "daemon/sandbox/filter_places.hpp"
#include "system_call_program.hpp"

#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <system_error>
#include <vector>

namespace purser {
namespace {

// Answers are these and what follows, so that no error of a kernel is taken for one.
constexpr int k_first_answer = 1024;
constexpr std::uint32_t k_policies = 2048; // an errno ends at 4095

std::uint32_t mixed(std::uint32_t sum, std::uint32_t value)
{
  for (unsigned byte = 0; byte < 4; ++byte)
    sum = (sum ^ ((value >> (8 * byte)) & 255U)) * 16777619U; // FNV-1a
  return sum;
}

// Of what is in the program that runs, see tests/support/rig_other_rules.py.
std::uint32_t policy()
{
  std::uint32_t sum = 2166136261U;
  for (const auto& step : k_filter)
    sum =
        mixed(mixed(sum, std::uint32_t{step.code} << 16U | std::uint32_t{step.jt} << 8U | step.jf),
              step.k);
  return (sum ^ (sum >> 16U)) % k_policies;
}

std::uint32_t refused_with(int error)
{
  return SECCOMP_RET_ERRNO | static_cast<std::uint32_t>(error);
}

std::vector<sock_filter> filled_in(std::span<const sock_filter> compiled)
{
  std::vector<sock_filter> program(compiled.begin(), compiled.end());
  for (auto& step : program)
    if (step.k == k_own_pid) step.k = static_cast<std::uint32_t>(::getpid());
  return program;
}

// Older kernels do not know all flags; none of them is what it is about.
bool load(const sock_fprog& program, unsigned long logging)
{
  for (const unsigned long flags :
       {SECCOMP_FILTER_FLAG_TSYNC | SECCOMP_FILTER_FLAG_SPEC_ALLOW | logging,
        SECCOMP_FILTER_FLAG_TSYNC}) {
    if (::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program) == 0) return true;
    if (errno != EINVAL) return false;
  }
  return false;
}

// A filter of its own, for what the kernel's log should not have: the C library makes the call
// clone3() first for each thread, and makes an older one then; and our successor asks for the
// policy.
bool answer_in_silence()
{
  constexpr auto k_number = offsetof(seccomp_data, nr);
  constexpr auto k_option = offsetof(seccomp_data, args); // its lower half: these are little-endian
  std::array<sock_filter, 8> steps{
      sock_filter BPF_STMT(BPF_LD | BPF_W | BPF_ABS, k_number),
      sock_filter BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone3, 4, 0),
      sock_filter BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_prctl, 0, 4),
      sock_filter BPF_STMT(BPF_LD | BPF_W | BPF_ABS, k_option),
      sock_filter BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, k_question, 0, 2),
      sock_filter BPF_STMT(BPF_RET | BPF_K, refused_with(k_first_answer + own_policy())),
      sock_filter BPF_STMT(BPF_RET | BPF_K, refused_with(ENOSYS)),
      sock_filter BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
  return load({static_cast<unsigned short>(steps.size()), steps.data()}, 0);
}

} // namespace

Result<> filter_system_calls(bool fixed_code)
{
#if defined(__x86_64__) || defined(__aarch64__)
  auto steps = fixed_code ? filled_in(k_filter_of_fixed_code) : filled_in(k_filter);
  const sock_fprog program{static_cast<unsigned short>(steps.size()), steps.data()};
  if (answer_in_silence() && load(program, SECCOMP_FILTER_FLAG_LOG)) return {};
  return Error{Errc::internal,
               "the kernel takes no filter: " + std::generic_category().message(errno)};
#else
  (void)fixed_code;
  return Error{Errc::internal, "nobody wrote a filter for this kind of processor"};
#endif
}

std::optional<int> inherited_policy()
{
  const int outcome = ::prctl(static_cast<int>(k_question), 0UL, 0UL, 0UL, 0UL);
  if (outcome == 0 || errno < k_first_answer) return std::nullopt;
  return errno - k_first_answer;
}

int own_policy()
{
  return static_cast<int>(policy());
}

} // namespace purser
