#include "daemon/store/private_file.hpp"

#include "daemon/store/file_error.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>

namespace purser {
namespace {

constexpr std::int64_t k_ns_per_second = 1'000'000'000;

constexpr mode_t k_others = 077;
constexpr mode_t k_others_but_reading_group = 037;

std::int64_t nanoseconds(const timespec& time)
{
  return std::int64_t{time.tv_sec} * k_ns_per_second + time.tv_nsec;
}

std::string octal(mode_t mode)
{
  char text[8] = {};
  std::snprintf(text, sizeof text, "%04o", static_cast<unsigned>(mode) & 07777U);
  return text;
}

Error refused(const std::string& path, const std::string& why)
{
  return {Errc::misconfigured, path + " " + why};
}

Result<> check(const std::string& path, const struct stat& status, FileOwner owner)
{
  if (S_ISDIR(status.st_mode)) return refused(path, "is a folder; move it away");
  if (!S_ISREG(status.st_mode)) return refused(path, "is not a plain file; move it away");
  const bool of_the_system = owner == FileOwner::us_or_the_system && status.st_uid == 0;
  if (status.st_uid != geteuid() && !of_the_system)
    return refused(path, "belongs to user " + std::to_string(status.st_uid) + "; it must be yours");
  const mode_t forbidden = of_the_system ? k_others_but_reading_group : k_others;
  if ((status.st_mode & forbidden) != 0)
    return refused(path, "is open to others (mode " + octal(status.st_mode) +
                             "): its contents may be known; run: chmod 600 " + path);
  return {};
}

// Has the kernel map pages all at once, where it can (Linux 5.14): one fault for each costs more
// than to read them.
void map_pages(WipingBuffer& bytes)
{
#ifdef MADV_POPULATE_WRITE
  constexpr std::size_t k_worth_it = std::size_t{64} << 10;
  if (bytes.size() < k_worth_it) return;
  const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  const auto begin = reinterpret_cast<std::uintptr_t>(bytes.data()); // NOLINT: asked by address
  const std::size_t skipped = (page - begin % page) % page;
  (void)madvise(bytes.data() + skipped, (bytes.size() - skipped) / page * page,
                MADV_POPULATE_WRITE);
#else
  (void)bytes;
#endif
}

// Reads up to `size` bytes, fewer where the file is shorter.
Result<WipingBuffer> read_all(const FileDescriptor& file, const std::string& path, std::size_t size)
{
  WipingBuffer bytes(size);
  map_pages(bytes);
  std::size_t done = 0;
  while (done < size) {
    const ssize_t n = read(file.number(), bytes.data() + done, size - done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return file_error("read", path, errno);
    if (n == 0) break;
    done += static_cast<std::size_t>(n);
  }
  bytes.resize(done);
  return bytes;
}

} // namespace

FileStamp::FileStamp(const struct stat& status)
  : device(status.st_dev)
  , inode(status.st_ino)
  , size(status.st_size)
  , modified_ns(nanoseconds(status.st_mtim))
  , changed_ns(nanoseconds(status.st_ctim))
{
}

Result<std::optional<FileStamp>> stamp_of(const std::string& path)
{
  struct stat status {};
  if (lstat(path.c_str(), &status) == 0) return std::optional(FileStamp(status));
  if (errno == ENOENT) return std::optional<FileStamp>();
  return file_error("look at", path, errno);
}

Result<bool> is_private_file(const std::string& path)
{
  struct stat status {};
  if (lstat(path.c_str(), &status) != 0) {
    if (errno == ENOENT) return false;
    return file_error("look at", path, errno);
  }
  if (auto checked = check(path, status, FileOwner::us); !checked) return checked.error();
  return true;
}

Result<std::optional<PrivateFile>>
read_private_file(const std::string& path, std::size_t limit, FileOwner owner)
{
  // Not blocking: a pipe of that name must not hold the thread.
  FileDescriptor file(open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK));
  if (!file.is_open()) {
    if (errno == ENOENT) return std::optional<PrivateFile>();
    if (errno == ELOOP) return refused(path, "is a symbolic link; put the file itself there");
    return file_error("read", path, errno);
  }
  struct stat status {};
  if (fstat(file.number(), &status) != 0) return file_error("look at", path, errno);
  if (auto checked = check(path, status, owner); !checked) return checked.error();
  const auto size = static_cast<std::size_t>(status.st_size);
  if (size > limit)
    return refused(path, "is larger than " + std::to_string(limit) + " bytes; move it away");
  auto bytes = read_all(file, path, size);
  if (!bytes) return bytes.error();
  return std::optional(PrivateFile{std::move(file), FileStamp(status), std::move(*bytes)});
}

} // namespace purser
