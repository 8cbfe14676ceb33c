#include "daemon/server/cgroup_names.hpp"
#include "daemon/server/peer.hpp"
#include "daemon/server/peer_process.hpp"

#include <gtest/gtest.h>

#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <string>

namespace purser::test {
namespace {

// Two ends of a connection; the kernel takes its maker for the peer of both.
struct Pair {
  Pair()
  {
    std::array<int, 2> ends{};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
    ours = FileDescriptor(ends[0]);
    theirs = FileDescriptor(ends[1]);
  }
  FileDescriptor ours;
  FileDescriptor theirs;
};

// Whether a line of our own /proc/self/cgroup ends with this name.
bool is_own_cgroup(std::string_view name)
{
  std::ifstream file("/proc/self/cgroup");
  for (std::string line; std::getline(file, line);)
    if (line.ends_with(":" + std::string(name))) return true;
  return false;
}

// Runs `work` in a process of its own, until that was reaped.
template <class Work>
void in_a_child(Work work)
{
  const pid_t child = ::fork();
  if (child == 0) {
    work();
    ::_exit(0);
  }
  int status = 1;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

TEST(PeerCheck, KnowsProgramAndCgroupOfAProcess)
{
  const Pair pair;
  const auto peer = PeerCheck({::geteuid()}).identify(pair.ours.number());
  ASSERT_TRUE(peer);
  EXPECT_EQ(peer->pid, ::getpid());
  EXPECT_TRUE(peer->local);
  EXPECT_EQ(peer->executable.view(), std::filesystem::read_symlink("/proc/self/exe").native());
  EXPECT_FALSE(peer->cgroup.empty());
  EXPECT_TRUE(is_own_cgroup(peer->cgroup.view())) << peer->cgroup.view();
}

TEST(PeerCheck, TellsNothingOfAProcessThatEnded)
{
  FileDescriptor listening(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr address{AF_UNIX, {}}; // the kernel gives it an abstract name
  ASSERT_EQ(::bind(listening.number(), &address, sizeof(sa_family_t)), 0);
  ASSERT_EQ(::listen(listening.number(), 1), 0);
  sockaddr_storage name{};
  socklen_t size = sizeof(name);
  ASSERT_EQ(::getsockname(listening.number(), reinterpret_cast<sockaddr*>(&name), &size), 0);
  in_a_child([&name, size] {
    const int client = ::socket(AF_UNIX, SOCK_STREAM, 0);
    if (::connect(client, reinterpret_cast<const sockaddr*>(&name), size) != 0) ::_exit(1);
  });
  const FileDescriptor client(::accept(listening.number(), nullptr, nullptr));
  const auto peer = PeerCheck({::geteuid()}).identify(client.number());
  ASSERT_TRUE(peer);
  EXPECT_FALSE(peer->local);
  EXPECT_TRUE(peer->executable.empty());
  EXPECT_TRUE(peer->cgroup.empty());
}

TEST(PeerCheck, SharesTheTextsOfOneProgram)
{
  const Pair pair;
  PeerCheck peers({::geteuid()});
  const auto one = peers.identify(pair.ours.number());
  const auto other = peers.identify(pair.ours.number());
  ASSERT_TRUE(one && other);
  EXPECT_EQ(one->executable.view().data(), other->executable.view().data());
}

TEST(CgroupNames, RemembersByNumberOnlyWhatHasThatNumber)
{
  CgroupNames names;
  constexpr std::uint64_t k_of_none = ~std::uint64_t{0};
  EXPECT_TRUE(is_own_cgroup(names.name(::getpid(), k_of_none).view()));
  const pid_t nobody = -1;
  EXPECT_TRUE(names.name(nobody, k_of_none).empty()) << "the process was in another one";
  EXPECT_TRUE(names.name(nobody, std::nullopt).empty());

  const Pair pair;
  const auto id = PeerProcess(pair.ours.number()).state().cgroup_id;
  if (!id) return; // a kernel that does not tell it: nothing is remembered
  const std::string read(names.name(::getpid(), id).view());
  EXPECT_EQ(names.name(nobody, id).view(), read);
}

} // namespace
} // namespace purser::test
