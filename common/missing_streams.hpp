#pragma once

#include <fcntl.h>
#include <poll.h>

#include <array>

namespace purser {

// Opens /dev/null for those of standard input, output and error that our caller closed: otherwise
// what is opened next, such as a socket, would become one of them. What is then written fails, as
// it should. First of all in main.
inline void open_missing_streams()
{
  std::array<pollfd, 3> streams{pollfd{0, 0, 0}, pollfd{1, 0, 0}, pollfd{2, 0, 0}};
  poll(streams.data(), streams.size(), 0);
  for (const pollfd& stream : streams)
    // The lowest free number is the one that is missing.
    if ((stream.revents & POLLNVAL) != 0) open("/dev/null", O_RDONLY);
}

} // namespace purser
