#pragma once

#include "common/file_descriptor.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/local/stream_protocol.hpp>

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

namespace purser {

// A client's connected Unix socket.
//
// A request mostly lies there when its client is accepted, and its answer fits into the
// socket's buffer. So each call is tried first, and the event loop hears of a socket only
// when a call would block: that saves half of the system calls of a request.
class ClientSocket {
public:
  // `connected` has O_NONBLOCK.
  ClientSocket(boost::asio::any_io_executor ex, FileDescriptor connected);

  // Waits for bytes and says how many there were; 0 where the client sends no more, the
  // connection broke, or somebody called close().
  [[nodiscard]] boost::asio::awaitable<std::size_t> read_some(std::span<char> room);

  // Writes both parts whole. False where the connection broke or was closed.
  [[nodiscard]] boost::asio::awaitable<bool> write(std::string_view head, std::string_view body);

  // Ends a read or write that waits.
  void close();
  [[nodiscard]] bool is_open() const;

private:
  using Stream = boost::asio::local::stream_protocol::socket;

  [[nodiscard]] int number();
  boost::asio::awaitable<bool> wait(Stream::wait_type event);

  boost::asio::any_io_executor ex_;
  FileDescriptor file_;
  std::optional<Stream> stream_; // owns the file once somebody waited for it
};

} // namespace purser
