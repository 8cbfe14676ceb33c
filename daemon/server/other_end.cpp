#include "daemon/server/other_end.hpp"

#include "common/file_descriptor.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace purser {
namespace {

struct Question {
  nlmsghdr head{};
  unix_diag_req about{};
};
static_assert(sizeof(Question) == NLMSG_LENGTH(sizeof(unix_diag_req)));

// By its number and its cookie: numbers are given again after four billion sockets.
std::optional<Question> question_about(int socket)
{
  struct stat status {};
  std::uint64_t cookie = 0;
  socklen_t size = sizeof(cookie);
  if (::fstat(socket, &status) != 0 ||
      ::getsockopt(socket, SOL_SOCKET, SO_COOKIE, &cookie, &size) != 0)
    return std::nullopt;
  Question question;
  question.head.nlmsg_len = sizeof(question);
  question.head.nlmsg_type = SOCK_DIAG_BY_FAMILY;
  question.head.nlmsg_flags = NLM_F_REQUEST;
  question.about.sdiag_family = AF_UNIX;
  question.about.udiag_states = ~0U;
  question.about.udiag_ino = static_cast<std::uint32_t>(status.st_ino);
  question.about.udiag_show = UDIAG_SHOW_PEER;
  std::memcpy(question.about.udiag_cookie, &cookie, sizeof(cookie));
  return question;
}

// The attribute UNIX_DIAG_PEER of the kernel's answer; 0 where there is none.
std::uint32_t peer_in(std::span<const std::byte> answer)
{
  nlmsghdr head{};
  constexpr std::size_t k_start = NLMSG_HDRLEN + NLMSG_ALIGN(sizeof(unix_diag_msg));
  if (answer.size() < k_start) return 0;
  std::memcpy(&head, answer.data(), sizeof(head));
  if (head.nlmsg_type != SOCK_DIAG_BY_FAMILY) return 0;
  auto rest = answer.subspan(k_start);
  rtattr next{};
  while (rest.size() >= sizeof(next)) {
    std::memcpy(&next, rest.data(), sizeof(next));
    if (next.rta_len < sizeof(next) || next.rta_len > rest.size()) return 0;
    std::uint32_t number = 0;
    if (next.rta_type == UNIX_DIAG_PEER && next.rta_len >= RTA_LENGTH(sizeof(number))) {
      std::memcpy(&number, rest.data() + RTA_LENGTH(0), sizeof(number));
      return number;
    }
    if (RTA_ALIGN(next.rta_len) >= rest.size()) return 0;
    rest = rest.subspan(RTA_ALIGN(next.rta_len));
  }
  return 0;
}

// "socket:[NUMBER]" is what the link of a descriptor says.
bool leads_to(int folder, const char* link, std::string_view target)
{
  std::array<char, 64> text{};
  const ssize_t size = ::readlinkat(folder, link, text.data(), text.size());
  return size > 0 && std::string_view(text.data(), static_cast<std::size_t>(size)) == target;
}

struct CloseFolder {
  void operator()(DIR* folder) const { ::closedir(folder); }
};

} // namespace

std::optional<ino_t> other_end(int socket)
{
  const auto question = question_about(socket);
  const FileDescriptor kernel(
      ::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_SOCK_DIAG));
  if (!question || !kernel.is_open()) return std::nullopt;
  if (::send(kernel.number(), &*question, sizeof(*question), 0) < 0) return std::nullopt;
  std::array<std::byte, 512> answer{}; // it is there when send() returns
  const ssize_t size = ::recv(kernel.number(), answer.data(), answer.size(), 0);
  if (size <= 0) return std::nullopt;
  const std::uint32_t number = peer_in({answer.data(), static_cast<std::size_t>(size)});
  if (number == 0) return std::nullopt;
  return number;
}

bool has_socket(int process, ino_t number)
{
  FileDescriptor opened(::openat(process, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!opened.is_open()) return false;
  const std::unique_ptr<DIR, CloseFolder> folder(::fdopendir(opened.number()));
  if (!folder) return false;
  const int links = opened.release(); // the folder closes it
  const std::string target = "socket:[" + std::to_string(number) + "]";
  for (int seen = 0; seen < k_most_descriptors;) {
    const dirent* entry = ::readdir(folder.get());
    if (entry == nullptr) return false;
    if (entry->d_name[0] == '.') continue;
    if (leads_to(links, entry->d_name, target)) return true;
    ++seen;
  }
  return false;
}

} // namespace purser
