#include "daemon/config/small_file.hpp"

#include "common/file_descriptor.hpp"
#include "common/write_all.hpp"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

namespace purser {
namespace {

Error failed(std::string_view verb, const std::string& path)
{
  const int reason = errno;
  const bool may_pass = reason == ENOSPC || reason == EDQUOT || reason == EIO || reason == EMFILE;
  return Error(may_pass ? Errc::transient : Errc::misconfigured,
               "cannot " + std::string(verb) + " " + path + ": " +
                   std::generic_category().message(reason));
}

Result<> check_ours(int fd, const std::string& path)
{
  struct stat status {};
  if (::fstat(fd, &status) != 0) return failed("examine", path);
  if (!S_ISREG(status.st_mode)) return Error(Errc::misconfigured, path + " is not a regular file");
  if (status.st_uid != ::geteuid() && status.st_uid != 0)
    return Error(Errc::misconfigured, path + " belongs to another user");
  if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0)
    return Error(Errc::misconfigured, path + " can be written by others; run: chmod go-w " + path);
  return {};
}

// In pieces: the limit is far more than most files have. A file that grows meanwhile is noticed.
Result<std::string> read_all(int fd, const std::string& path, std::size_t limit)
{
  constexpr std::size_t k_piece = 4096;
  std::string text;
  for (;;) {
    const std::size_t size = text.size();
    text.resize(size + k_piece);
    const auto got = ::read(fd, text.data() + size, k_piece);
    if (got < 0 && errno != EINTR) return failed("read", path);
    text.resize(size + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    if (text.size() > limit) break;
    if (got == 0) return text;
  }
  return Error(Errc::misconfigured, path + " is larger than " + std::to_string(limit) + " bytes");
}

} // namespace

Result<std::optional<std::string>> read_own_file(const std::string& path, std::size_t limit)
{
  // O_NONBLOCK: a FIFO in its place must not hold us.
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!file.is_open()) {
    if (errno == ENOENT || errno == ENOTDIR) return std::optional<std::string>();
    return failed("open", path);
  }
  if (const auto ours = check_ours(file.number(), path); !ours) return ours.error();
  auto text = read_all(file.number(), path, limit);
  if (!text) return text.error();
  return std::optional<std::string>(std::move(*text));
}

// Not create_directories: it would make them 0777 less the umask, which belongs to the
// whole process.
Result<> make_own_folder(const std::string& path)
{
  if (::mkdir(path.c_str(), 0700) == 0 || errno == EEXIST) return {};
  const std::filesystem::path folder(path);
  if (errno != ENOENT || !folder.has_relative_path()) return failed("make the folder", path);
  if (const auto parent = make_own_folder(folder.parent_path()); !parent) return parent.error();
  if (::mkdir(path.c_str(), 0700) == 0 || errno == EEXIST) return {};
  return failed("make the folder", path);
}

Result<> replace_file(const std::string& path, std::string_view text)
{
  const auto folder = std::filesystem::path(path).parent_path();
  if (const auto made = make_own_folder(folder); !made) return made.error();
  std::string temporary = path + ".XXXXXX";
  const FileDescriptor file(::mkostemp(temporary.data(), O_CLOEXEC)); // 0600
  if (!file.is_open()) return failed("write", path);
  const bool written = write_all(file.number(), text) && ::fsync(file.number()) == 0;
  if (!written || ::rename(temporary.c_str(), path.c_str()) != 0) {
    const auto error = failed("write", path);
    ::unlink(temporary.c_str());
    return error;
  }
  const FileDescriptor parent(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!parent.is_open() || ::fsync(parent.number()) != 0) return failed("write", path);
  return {};
}

} // namespace purser
