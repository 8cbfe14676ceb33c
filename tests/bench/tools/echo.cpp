// A bare server to compare with: epoll, one recv and one send a connection, and always
// the same valid answer. Usage: bench_echo SOCKET BODY_BYTES; it prints a line when it
// listens, and ends with its standard input.
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <string>
#include <string_view>

namespace {

int listen_at(std::string_view path)
{
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) return -1;
  return ::listen(fd, 1024) == 0 ? fd : -1;
}

void watch(int loop, int fd)
{
  epoll_event wanted{};
  wanted.events = EPOLLIN;
  wanted.data.fd = fd;
  ::epoll_ctl(loop, EPOLL_CTL_ADD, fd, &wanted);
}

void answer(int fd, const std::string& reply)
{
  std::array<char, 65'536> request{};
  if (::recv(fd, request.data(), request.size(), 0) > 0)
    static_cast<void>(::send(fd, reply.data(), reply.size(), MSG_NOSIGNAL));
  ::close(fd);
}

void serve(int listener, const std::string& reply)
{
  const int loop = ::epoll_create1(EPOLL_CLOEXEC);
  watch(loop, listener);
  watch(loop, STDIN_FILENO);
  std::array<epoll_event, 64> events{};
  for (;;) {
    const int count = ::epoll_wait(loop, events.data(), static_cast<int>(events.size()), -1);
    for (int i = 0; i < count; ++i) {
      const int fd = events[static_cast<std::size_t>(i)].data.fd;
      if (fd == STDIN_FILENO) return;
      if (fd != listener) {
        answer(fd, reply);
        continue;
      }
      const int accepted = ::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (accepted >= 0) watch(loop, accepted);
    }
  }
}

} // namespace

int main(int argc, char** argv)
{
  if (argc != 3) return 2;
  std::size_t size = 0;
  const std::string_view number = argv[2];
  std::from_chars(number.data(), number.data() + number.size(), size);
  const int listener = listen_at(argv[1]);
  if (listener < 0) return 1;
  std::puts("ready");
  std::fflush(stdout);
  serve(listener, "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(size) + "\r\n\r\n" +
                      std::string(size, 'x'));
  return 0;
}
