#include "daemon/server/client_socket.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

namespace purser {
namespace asio = boost::asio;

namespace {

bool would_block()
{
  return errno == EAGAIN || errno == EWOULDBLOCK;
}

iovec part(std::string_view text)
{
  // Not written to by sendmsg; the interface is older than const.
  return {const_cast<char*>(text.data()), text.size()};
}

// As sendmsg().
ssize_t send_parts(int socket, std::string_view head, std::string_view body)
{
  std::array<iovec, 2> parts{part(head), part(body)};
  msghdr message{};
  message.msg_iov = parts.data();
  message.msg_iovlen = parts.size();
  ssize_t sent = 0;
  do
    sent = ::sendmsg(socket, &message, MSG_NOSIGNAL);
  while (sent < 0 && errno == EINTR);
  return sent;
}

} // namespace

ClientSocket::ClientSocket(asio::any_io_executor ex, FileDescriptor connected)
  : ex_(std::move(ex)), file_(std::move(connected))
{
}

asio::awaitable<std::size_t> ClientSocket::read_some(std::span<char> room)
{
  while (is_open()) {
    const ssize_t size = ::recv(number(), room.data(), room.size(), 0);
    if (size >= 0) co_return static_cast<std::size_t>(size);
    if (errno == EINTR) continue;
    if (!would_block() || !co_await wait(Stream::wait_read)) break;
  }
  co_return 0;
}

asio::awaitable<bool> ClientSocket::write(std::string_view head, std::string_view body)
{
  while (is_open()) {
    const ssize_t sent = send_parts(number(), head, body);
    if (sent < 0 && (!would_block() || !co_await wait(Stream::wait_write))) break;
    auto size = static_cast<std::size_t>(std::max<ssize_t>(sent, 0));
    const auto of_head = std::min(size, head.size());
    head.remove_prefix(of_head);
    body.remove_prefix(size - of_head);
    if (head.empty() && body.empty()) co_return true;
  }
  co_return false;
}

void ClientSocket::close()
{
  boost::system::error_code ignored;
  if (stream_) stream_->close(ignored);
  file_ = {};
}

bool ClientSocket::is_open() const
{
  return stream_ ? stream_->is_open() : file_.is_open();
}

int ClientSocket::number()
{
  return stream_ ? stream_->native_handle() : file_.number();
}

// False where it cannot become ready any more.
asio::awaitable<bool> ClientSocket::wait(Stream::wait_type event)
{
  if (!stream_) {
    stream_.emplace(ex_);
    boost::system::error_code problem;
    stream_->assign(asio::local::stream_protocol(), file_.number(), problem);
    if (problem) co_return false;
    file_.release();
  }
  const auto [problem] = co_await stream_->async_wait(event, asio::as_tuple(asio::use_awaitable));
  co_return !problem;
}

} // namespace purser
