#include "daemon/server/peer.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <utility>

namespace purser {
namespace {

// Of the program that a process runs; empty where it cannot be read. No disk is touched.
class ProgramPath {
public:
  explicit ProgramPath(const std::string& process) // NOLINT(*-member-init): text_
  {
    const std::string link = process + "/exe";
    const ssize_t size = ::readlink(link.c_str(), text_.data(), text_.size());
    if (size > 0 && static_cast<std::size_t>(size) < text_.size())
      size_ = static_cast<std::size_t>(size);
  }
  [[nodiscard]] std::string_view view() const { return {text_.data(), size_}; }

private:
  std::array<char, 4096> text_; // written before it is read
  std::size_t size_ = 0;
};

// The mount namespace of a process by its folder in /proc; nothing where it cannot be read.
std::optional<FileIdentity> mounts_of(const std::string& process)
{
  struct stat status {};
  if (::stat((process + "/ns/mnt").c_str(), &status) != 0) return std::nullopt;
  return FileIdentity{status.st_dev, status.st_ino};
}

} // namespace

PeerCheck::PeerCheck(std::vector<uid_t> allowed, AskForPeer ask)
  : allowed_(std::move(allowed)), ask_(ask), our_mounts_(mounts_of("/proc/self"))
{
}

std::optional<Peer> PeerCheck::identify(int socket)
{
  ucred who{};
  socklen_t size = sizeof(who);
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &who, &size) != 0) return std::nullopt;
  if (std::find(allowed_.begin(), allowed_.end(), who.uid) == allowed_.end()) return std::nullopt;

  Peer peer;
  peer.pid = who.pid;
  peer.uid = who.uid;
  if (who.pid <= 0) return peer; // it lives in a process namespace that we do not see

  const PeerProcess held(socket, who.pid, ask_);
  const std::string process = "/proc/" + std::to_string(who.pid);
  const bool local = shares_our_mounts(held, process);
  const ProgramPath executable(process);
  const PeerProcess::State state = held.state(); // after what is read by the number
  if (state.ended) return peer;
  SharedText cgroup = cgroups_.name(who.pid, state.cgroup_id);
  if (!cgroups_.remembers(state.cgroup_id) && held.state().ended) return peer; // so was that
  peer.local = local;
  peer.executable = shared(executable.view());
  peer.cgroup = std::move(cgroup);
  return peer;
}

bool PeerCheck::shares_our_mounts(const PeerProcess& held, const std::string& process) const
{
  if (!our_mounts_) return false;
  auto theirs = held.mounts();
  if (!theirs) theirs = mounts_of(process); // older kernels; it takes longer
  return theirs == our_mounts_;
}

SharedText PeerCheck::shared(std::string_view executable)
{
  const auto known =
      std::find_if(executables_.begin(), executables_.end(),
                   [executable](const SharedText& each) { return each.view() == executable; });
  if (known != executables_.end()) return *known;
  SharedText& next = executables_.at(std::exchange(oldest_, (oldest_ + 1) % executables_.size()));
  next = SharedText(executable);
  return next;
}

} // namespace purser
