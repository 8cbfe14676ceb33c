#include "common/secret.hpp"
#include "daemon/seal/arena.hpp"

#include <gtest/gtest.h>
#include <openssl/crypto.h>

#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <fstream>
#include <functional>
#include <new>
#include <sstream>
#include <string>
#include <vector>

namespace purser {
namespace {

// The arena cannot be undone, so each fact is tried in a process of its own.
// Returns that process's exit status, or 128 and the signal that ended it.
int in_child(const std::function<int()>& fact)
{
  const pid_t child = fork();
  if (child == 0) _exit(fact());
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

// The lines of /proc/self/smaps about the mapping that holds `address`.
std::string mapping_of(const void* address)
{
  const auto wanted = reinterpret_cast<std::uintptr_t>(address);
  std::ifstream smaps("/proc/self/smaps");
  std::string line;
  std::string found;
  bool inside = false;
  while (std::getline(smaps, line)) {
    std::uintptr_t begin = 0;
    std::uintptr_t end = 0;
    char dash = 0;
    std::istringstream range(line);
    if (range >> std::hex >> begin >> dash >> end && dash == '-')
      inside = begin <= wanted && wanted < end;
    if (inside) found += line + '\n';
  }
  return found;
}

std::string flags_of(const void* address)
{
  const auto mapping = mapping_of(address);
  const auto at = mapping.find("VmFlags:");
  return at == std::string::npos ? std::string() : mapping.substr(at);
}

TEST(Arena, KeepsSecretsLockedAndOutOfCoreFiles)
{
  const int outcome = in_child([] {
    if (init_arena() == ArenaState::unlocked) return 77; // this machine lets nothing be locked
    const Secret secret("fake-password");
    const auto flags = flags_of(secret.reveal().data());
    const bool locked = flags.find(" lo") != std::string::npos;
    const bool not_dumped = flags.find(" dd") != std::string::npos;
    return CRYPTO_secure_allocated(secret.reveal().data()) == 1 && locked && not_dumped ? 0 : 1;
  });
  if (outcome == 77) GTEST_SKIP() << "NOT TESTED: no memory can be locked here";
  EXPECT_EQ(outcome, 0);
}

TEST(Arena, LeavesSecretsOnTheOrdinaryHeapWithoutIt)
{
  EXPECT_EQ(in_child([] {
              const Secret secret("fake-password");
              return CRYPTO_secure_allocated(secret.reveal().data());
            }),
            0);
}

TEST(Arena, SecretsOlderThanItStayValid)
{
  EXPECT_EQ(in_child([] {
              Secret older("fake-password");
              (void)init_arena();
              const bool intact = older.reveal() == "fake-password";
              older = Secret("another-fake");
              return intact && CRYPTO_secure_allocated(older.reveal().data()) == 1 ? 0 : 1;
            }),
            0);
}

TEST(Arena, FullIsAnErrorAndNeverOrdinaryMemory)
{
  EXPECT_EQ(in_child([] {
              (void)init_arena();
              std::vector<Secret> held;
              const std::string token(2560, 'x');
              try {
                for (std::size_t i = 0; i * token.size() < 2 * k_arena_size; ++i) {
                  held.emplace_back(token);
                  if (CRYPTO_secure_allocated(held.back().reveal().data()) != 1) return 1;
                }
                return 2; // never full
              } catch (const std::bad_alloc&) {
              }
              if (held.size() < 256) return 3;
              held.clear();
              return Secret(token).reveal() == token ? 0 : 4; // and what was freed can be had again
            }),
            0);
}

TEST(Arena, IsWipedWhereASecretDied)
{
  EXPECT_EQ(in_child([] {
              (void)init_arena();
              const char* where = nullptr;
              {
                const Secret secret("fake-marker-of-a-secret-that-died");
                where = secret.reveal().data();
              }
              // The arena stays mapped; only its free list may have written there since.
              return std::string_view(where, 32).find("marker") == std::string_view::npos ? 0 : 1;
            }),
            0);
}

TEST(Arena, TooSmallALimitIsTold)
{
  EXPECT_EQ(in_child([] {
              constexpr rlimit k_too_small{4096, 4096};
              if (setrlimit(RLIMIT_MEMLOCK, &k_too_small) != 0) return 2;
              if (geteuid() == 0 && setresuid(65534, 65534, 65534) != 0)
                return 3; // root has no limit
              const auto state = init_arena();
              const Secret secret("fake-password"); // degraded, but it works
              return state == ArenaState::unlocked && secret.reveal() == "fake-password" ? 0 : 1;
            }),
            0);
}

TEST(Arena, TellsTheSameTwice)
{
  EXPECT_EQ(in_child([] { return init_arena() == init_arena() ? 0 : 1; }), 0);
}

} // namespace
} // namespace purser
