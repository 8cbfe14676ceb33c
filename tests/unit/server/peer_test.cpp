#include "daemon/server/cgroup_names.hpp"
#include "daemon/server/other_end.hpp"
#include "daemon/server/peer.hpp"
#include "daemon/server/peer_process.hpp"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

namespace purser::test {
namespace {

namespace fs = std::filesystem;

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

// A process that has no descriptor of ours but those that are given to it, until this object ends.
class Bystander {
public:
  explicit Bystander(int keeps = -1) : number_(::fork())
  {
    if (number_ != 0) return;
    if (keeps >= 0) ::dup2(keeps, STDERR_FILENO);
    ::close_range(keeps >= 0 ? STDERR_FILENO + 1 : 0, ~0U, 0);
    for (;;)
      ::pause();
  }
  Bystander(const Bystander&) = delete;
  Bystander& operator=(const Bystander&) = delete;
  ~Bystander()
  {
    ::kill(number_, SIGKILL);
    ::waitpid(number_, nullptr, 0);
  }
  [[nodiscard]] pid_t number() const { return number_; }
  // Until it has closed what it does not keep.
  [[nodiscard]] bool has(int descriptor) const
  {
    const std::string link = "/proc/" + std::to_string(number_) + "/fd/";
    return fs::is_symlink(fs::symlink_status(link + std::to_string(descriptor)));
  }

private:
  pid_t number_;
};

// Kernels, by what they answer when they are asked for a descriptor of a peer.
int before_6_5(int)
{
  return -ENOPROTOOPT;
}
template <int error>
int says(int)
{
  return -error;
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

TEST(PeerCheck, KnowsAsMuchOnAKernelWithoutDescriptorsOfPeers)
{
  const Pair pair;
  const auto peer = PeerCheck({::geteuid()}, before_6_5).identify(pair.ours.number());
  ASSERT_TRUE(peer);
  EXPECT_TRUE(peer->local);
  EXPECT_EQ(peer->executable.view(), fs::read_symlink("/proc/self/exe").native());
  EXPECT_TRUE(is_own_cgroup(peer->cgroup.view())) << peer->cgroup.view();
}

TEST(PeerCheck, TellsNothingOfAPeerThatTheKernelHasNoDescriptorFor)
{
  const Pair pair;
  for (const AskForPeer ask : {says<EINVAL>, says<ESRCH>, says<EMFILE>}) {
    const auto peer = PeerCheck({::geteuid()}, ask).identify(pair.ours.number());
    ASSERT_TRUE(peer);
    EXPECT_FALSE(peer->local);
    EXPECT_TRUE(peer->executable.empty());
    EXPECT_TRUE(peer->cgroup.empty());
  }
}

TEST(PeerProcess, WhoOnlyHasTheNumberOfThePeerIsNotThePeer)
{
  const Pair pair;
  const Bystander other;
  while (other.has(STDIN_FILENO))
    ::sched_yield();
  EXPECT_TRUE(PeerProcess(pair.ours.number(), other.number(), before_6_5).state().ended);
  const Bystander wrong_end(pair.ours.number());
  while (wrong_end.has(pair.theirs.number()))
    ::sched_yield();
  EXPECT_TRUE(PeerProcess(pair.ours.number(), wrong_end.number(), before_6_5).state().ended);
}

TEST(PeerProcess, WhoHasTheOtherEndIsThePeerUntilItEnds)
{
  Pair pair;
  auto other = std::make_optional<Bystander>(pair.theirs.number());
  while (other->has(pair.theirs.number()))
    ::sched_yield();
  const PeerProcess held(pair.ours.number(), other->number(), before_6_5);
  EXPECT_FALSE(held.state().ended);
  other.reset();
  EXPECT_TRUE(held.state().ended);
}

TEST(PeerProcess, AKernelThatProvesNobodyIsNoticed)
{
  EXPECT_TRUE(kernel_proves_peers());
  EXPECT_TRUE(kernel_proves_peers(before_6_5));
  EXPECT_FALSE(kernel_proves_peers(says<EPERM>));
}

TEST(PeerProcess, AClosedEndHasNobody)
{
  Pair pair;
  pair.theirs = FileDescriptor();
  EXPECT_TRUE(PeerProcess(pair.ours.number(), ::getpid(), before_6_5).state().ended);
}

// From 6.5 to 6.12 there are descriptors that tell of the end, and of nothing else: as those of
// pipes do.
TEST(PeerProcess, ADescriptorThatOnlyTellsOfTheEndIsEnough)
{
  static std::array<int, 2> pipe{};
  ASSERT_EQ(::pipe2(pipe.data(), O_CLOEXEC), 0);
  const FileDescriptor writing(pipe[1]);
  const PeerProcess held(-1, ::getpid(), [](int) { return pipe[0]; });
  EXPECT_FALSE(held.state().ended);
  ASSERT_EQ(::write(writing.number(), "x", 1), 1);
  EXPECT_TRUE(held.state().ended);
}

TEST(OtherEnd, LooksAtSoManyDescriptorsAndNoMore)
{
  rlimit limit{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
  limit.rlim_cur = limit.rlim_max;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &limit), 0);
  const FileDescriptor self(::open("/proc/self", O_PATH | O_DIRECTORY | O_CLOEXEC));
  Pair pair;
  const auto number = other_end(pair.ours.number());
  ASSERT_TRUE(number);
  struct stat status {};
  ASSERT_EQ(::fstat(pair.theirs.number(), &status), 0);
  EXPECT_EQ(*number, status.st_ino);
  EXPECT_TRUE(has_socket(self.number(), *number));
  std::vector<FileDescriptor> others;
  for (int more = 0; more < k_most_descriptors; ++more)
    others.emplace_back(::dup(self.number()));
  ASSERT_TRUE(others.back().is_open());
  pair.theirs =
      FileDescriptor(::fcntl(pair.theirs.number(), F_DUPFD_CLOEXEC, others.back().number() + 1));
  ASSERT_TRUE(pair.theirs.is_open());
  EXPECT_FALSE(has_socket(self.number(), *number));
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
  const auto id = PeerProcess(pair.ours.number(), ::getpid()).state().cgroup_id;
  if (!id) return; // a kernel that does not tell it: nothing is remembered
  const std::string read(names.name(::getpid(), id).view());
  EXPECT_EQ(names.name(nobody, id).view(), read);
  EXPECT_TRUE(names.remembers(id));
  EXPECT_FALSE(names.remembers(k_of_none));
  EXPECT_FALSE(names.remembers(std::nullopt));
}

} // namespace
} // namespace purser::test
