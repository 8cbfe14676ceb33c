#include "daemon/observe/journal.hpp"

#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>

namespace purser {
namespace {

// 64 bits, the lowest first.
void append_size(std::string& bytes, std::uint64_t size)
{
  for (int i = 0; i < 8; ++i, size >>= 8U)
    bytes.push_back(static_cast<char>(size & 0xffU));
}

} // namespace

void JournalEntry::add(std::string_view name, std::string_view value)
{
  value = value.substr(0, k_max_value);
  bytes_.append(name);
  if (value.find('\n') == std::string_view::npos) {
    bytes_.push_back('=');
  } else { // a value of several lines says how long it is
    bytes_.push_back('\n');
    append_size(bytes_, value.size());
  }
  bytes_.append(value).push_back('\n');
}

bool Journal::send(const JournalEntry& entry)
{
  const bool sent = try_to_send(entry.bytes());
  dropped_ = sent ? 0 : dropped_ + 1;
  return sent;
}

// By the path each time, so that a journal which was started again gets the next one.
bool Journal::try_to_send(std::string_view bytes)
{
  if (!socket_.is_open())
    socket_ = FileDescriptor(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket_.is_open()) return false;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path_.size() >= sizeof(address.sun_path)) {
    errno = ENAMETOOLONG;
    return false;
  }
  path_.copy(static_cast<char*>(address.sun_path), path_.size());
  const auto sent = ::sendto(socket_.number(), bytes.data(), bytes.size(), MSG_NOSIGNAL,
                             reinterpret_cast<const sockaddr*>(&address), // NOLINT
                             sizeof(address));
  return sent == static_cast<ssize_t>(bytes.size());
}

} // namespace purser
