#include "helper/exchange.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>

namespace purser::helper {
namespace {

enum class Progress { done, broken, timed_out };

bool is_temporary(int error)
{
  return error == EINTR || error == EAGAIN;
}

Progress wait_for(int socket, short events, const Deadline& deadline)
{
  pollfd wanted{socket, events, 0};
  const int ready = poll(&wanted, 1, deadline.milliseconds_left());
  if (ready == 0 || deadline.passed()) return Progress::timed_out;
  return ready < 0 && errno != EINTR ? Progress::broken : Progress::done;
}

// Drops the first `count` bytes.
void advance(std::array<iovec, 3>& parts, std::size_t count)
{
  for (iovec& part : parts) {
    const std::size_t gone = count < part.iov_len ? count : part.iov_len;
    part.iov_base = static_cast<char*>(part.iov_base) + gone;
    part.iov_len -= gone;
    count -= gone;
  }
}

bool is_empty(const std::array<iovec, 3>& parts)
{
  return parts[0].iov_len == 0 && parts[1].iov_len == 0 && parts[2].iov_len == 0;
}

// One system call, unless the request is larger than the buffer of the socket.
Progress send_all(int socket, std::array<iovec, 3> parts, const Deadline& deadline)
{
  while (!is_empty(parts)) {
    msghdr message{};
    message.msg_iov = parts.data();
    message.msg_iovlen = parts.size();
    const ssize_t sent = sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0) {
      advance(parts, static_cast<std::size_t>(sent));
      continue;
    }
    if (!is_temporary(errno)) return Progress::broken;
    if (const Progress waited = wait_for(socket, POLLOUT, deadline); waited != Progress::done)
      return waited;
  }
  return Progress::done;
}

Exchange receive(int socket, Response& response, const Deadline& deadline)
{
  for (;;) {
    switch (wait_for(socket, POLLIN, deadline)) {
    case Progress::timed_out: return Exchange::timed_out;
    case Progress::broken: return Exchange::broken;
    case Progress::done: break;
    }
    const std::span<char> space = response.free_space();
    const ssize_t got = recv(socket, space.data(), space.size(), MSG_DONTWAIT);
    if (got < 0 && is_temporary(errno)) continue;
    if (got <= 0) return Exchange::broken;
    switch (response.received(static_cast<std::size_t>(got))) {
    case Response::State::incomplete: break;
    case Response::State::complete: return Exchange::answered;
    case Response::State::garbled: return Exchange::garbled;
    case Response::State::too_large: return Exchange::too_large;
    }
  }
}

} // namespace

Exchange exchange(int socket, Request& request, Response& response, const Deadline& deadline)
{
  response.clear();
  const auto parts = request.parts(deadline.milliseconds_left());
  if (send_all(socket, parts, deadline) == Progress::timed_out) return Exchange::timed_out;
  // A daemon that refuses a request may close its side before it has read it all: its
  // answer is there nevertheless.
  return receive(socket, response, deadline);
}

} // namespace purser::helper
