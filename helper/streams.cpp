#include "helper/streams.hpp"

#include <poll.h>
#include <unistd.h>

#include <cerrno>

namespace purser::helper {
namespace {

bool wait_for(int fd, short events, const Deadline& deadline)
{
  while (!deadline.passed()) {
    pollfd wanted{fd, events, 0};
    const int ready = poll(&wanted, 1, deadline.milliseconds_left());
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return false;
  }
  return false;
}

bool is_temporary(int error)
{
  return error == EINTR || error == EAGAIN;
}

} // namespace

Input read_input(std::span<char> space, const Deadline& deadline)
{
  std::size_t size = 0;
  while (size < space.size()) {
    if (!wait_for(STDIN_FILENO, POLLIN, deadline)) return {{}, Input::Problem::timed_out};
    const ssize_t got = read(STDIN_FILENO, space.data() + size, space.size() - size);
    if (got == 0) return {{space.data(), size}, Input::Problem::none};
    if (got > 0) size += static_cast<std::size_t>(got);
    if (got < 0 && !is_temporary(errno)) return {{}, Input::Problem::unreadable};
  }
  return {{}, Input::Problem::too_large};
}

bool write_text(Stream stream, std::string_view text, const Deadline& deadline)
{
  const int fd = static_cast<int>(stream);
  while (!text.empty()) {
    const ssize_t written = write(fd, text.data(), text.size());
    if (written > 0) text.remove_prefix(static_cast<std::size_t>(written));
    if (written >= 0) continue;
    if (!is_temporary(errno) || !wait_for(fd, POLLOUT, deadline)) return false;
  }
  return true;
}

std::string_view trimmed(std::string_view text)
{
  constexpr std::string_view k_space = " \t\n\v\f\r";
  while (!text.empty() && k_space.find(text.front()) != text.npos)
    text.remove_prefix(1);
  while (!text.empty() && k_space.find(text.back()) != text.npos)
    text.remove_suffix(1);
  return text;
}

} // namespace purser::helper
