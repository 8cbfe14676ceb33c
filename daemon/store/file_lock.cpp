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

Result<FileDescriptor> open_lock(const PrivateFolder& folder, const std::string& name)
{
  FileDescriptor file(openat(folder.number(), name.c_str(),
                             O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0600));
  if (!file.is_open()) return file_error("open", folder.path_of(name), errno);
  return file;
}

// False where another holds it. The lock belongs to the open file, not to the process: threads
// exclude each other, too.
Result<bool>
try_lock_whole(const FileDescriptor& file, const PrivateFolder& folder, const std::string& name)
{
  struct flock whole {};
  whole.l_type = F_WRLCK;
  whole.l_whence = SEEK_SET;
  if (fcntl(file.number(), F_OFD_SETLK, &whole) == 0) return true;
  if (errno == EAGAIN || errno == EACCES || errno == EINTR) return false;
  return file_error("lock", folder.path_of(name), errno);
}

} // namespace

Result<std::optional<FileLock>> FileLock::try_take(const PrivateFolder& folder,
                                                   const std::string& name)
{
  auto file = open_lock(folder, name);
  if (!file) return file.error();
  const auto locked = try_lock_whole(*file, folder, name);
  if (!locked) return locked.error();
  if (!*locked) return std::optional<FileLock>();
  return std::optional(FileLock(std::move(*file)));
}

Result<FileLock> FileLock::take(const PrivateFolder& folder,
                                const std::string& name,
                                std::chrono::milliseconds limit)
{
  auto file = open_lock(folder, name);
  if (!file) return file.error();
  for (auto waited = 0ms;; waited += k_between_attempts) {
    const auto locked = try_lock_whole(*file, folder, name);
    if (!locked) return locked.error();
    if (*locked) return FileLock(std::move(*file));
    if (waited >= limit)
      return with_remedy(
          {Errc::transient, "another process holds " + folder.path_of(name) + "; try again"});
    std::this_thread::sleep_for(k_between_attempts);
  }
}

} // namespace purser
