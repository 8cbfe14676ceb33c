#pragma once

#include <sys/types.h>
#include <unistd.h>

#include <charconv>
#include <string_view>

namespace purser {

// Whether the owner of a daemon's socket may be asked: our own user, root (who listens for a system
// unit), or whom somebody named beside the path of the socket, which was mounted into a container
// of another user. `named` and `socket` are PURSER_SOCKET_UID and PURSER_SOCKET; a number is all of
// its digits. Needs no library, so that the helper can use it.
[[nodiscard]] inline bool
is_trusted_peer(uid_t owner, std::string_view named, std::string_view socket)
{
  if (owner == ::geteuid() || owner == 0) return true;
  uid_t number = 0;
  const auto [end, problem] = std::from_chars(named.data(), named.data() + named.size(), number);
  return !socket.empty() && !named.empty() && problem == std::errc{} &&
         end == named.data() + named.size() && number == owner;
}

} // namespace purser
