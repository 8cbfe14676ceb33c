#include "daemon/programs/job_stream.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>

namespace purser {
namespace {

constexpr long k_request_milliseconds = 10000;

bool wait_for_input(int fd, long until)
{
  const long left = until - now_in_milliseconds();
  pollfd wanted{fd, POLLIN, 0};
  return left > 0 && ::poll(&wanted, 1, static_cast<int>(left)) > 0;
}

} // namespace

long now_in_milliseconds()
{
  timespec now{};
  ::clock_gettime(CLOCK_BOOTTIME, &now);
  return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

bool read_job(const FileDescriptor& job, void* place, std::size_t size)
{
  const long until = now_in_milliseconds() + k_request_milliseconds;
  auto* next = static_cast<char*>(place);
  while (size > 0) {
    if (!wait_for_input(job.number(), until)) return false;
    const auto got = ::read(job.number(), next, size);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    next += got;
    size -= static_cast<std::size_t>(got);
  }
  return true;
}

void answer_job(const FileDescriptor& job, std::string_view text)
{
  while (!text.empty()) {
    const auto put = ::send(job.number(), text.data(), text.size(), MSG_NOSIGNAL);
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) return; // nobody listens
    text.remove_prefix(static_cast<std::size_t>(put));
  }
}

} // namespace purser
