#include "daemon/store/file_lock.hpp"

#include "daemon/store/file_error.hpp"

#include <fcntl.h>

#include <cerrno>
#include <thread>
#include <utility>

namespace purser {

using namespace std::chrono_literals;

namespace {

// There is no call that waits for a lock with a limit and without signals.
constexpr std::chrono::milliseconds k_between_attempts{2};

// Belongs to the open file, not to the process: threads exclude each other, too.
bool try_lock(const FileDescriptor& file)
{
  struct flock whole {};
  whole.l_type = F_WRLCK;
  whole.l_whence = SEEK_SET;
  return fcntl(file.number(), F_OFD_SETLK, &whole) == 0;
}

} // namespace

Result<FileLock> FileLock::take(const PrivateFolder& folder,
                                const std::string& name,
                                std::chrono::milliseconds limit)
{
  FileDescriptor file(openat(folder.number(), name.c_str(),
                             O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0600));
  if (!file.is_open()) return file_error("open", folder.path_of(name), errno);
  for (auto waited = 0ms; !try_lock(file); waited += k_between_attempts) {
    if (errno != EAGAIN && errno != EACCES && errno != EINTR)
      return file_error("lock", folder.path_of(name), errno);
    if (waited >= limit)
      return with_remedy(
          {Errc::transient, "another process holds " + folder.path_of(name) + "; try again"});
    std::this_thread::sleep_for(k_between_attempts);
  }
  return FileLock(std::move(file));
}

} // namespace purser
