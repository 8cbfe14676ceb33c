#include "cli/edit/edited_file.hpp"

#include "common/file_descriptor.hpp"
#include "common/write_all.hpp"
#include "daemon/config/small_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

namespace purser::cli {
namespace {

Error failed(std::string_view verb, const std::string& path, int reason)
{
  const bool may_pass = reason == ENOSPC || reason == EDQUOT || reason == EIO || reason == EMFILE;
  return Error(may_pass ? Errc::transient : Errc::misconfigured,
               "cannot " + std::string(verb) + " " + path + ": " +
                   std::generic_category().message(reason));
}

// Where a crash leaves its rest.
std::string rest_of(const std::string& path)
{
  return path + ".purser-new";
}

Result<> check_kind(const struct stat& status, const std::string& path)
{
  const auto refused = [&path](const char* why) { return Error(Errc::misconfigured, path + why); };
  if (S_ISDIR(status.st_mode)) return refused(" is a folder; a file was expected");
  if (!S_ISREG(status.st_mode)) return refused(" is not a regular file");
  if (status.st_uid != ::geteuid()) return refused(" belongs to another user");
  if ((status.st_mode & S_IWUSR) == 0) return refused(" is read-only");
  return {};
}

// One byte more than the limit, so that a file that grows meanwhile is noticed.
Result<std::string> read_all(int fd, const std::string& path)
{
  std::string text(EditedFile::k_max_size + 1, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const auto got = ::read(fd, text.data() + size, text.size() - size);
    if (got == 0) break;
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failed("read", path, errno);
    size += static_cast<std::size_t>(got);
  }
  if (size > EditedFile::k_max_size)
    return Error(Errc::misconfigured, path + " is larger than 1 MiB");
  text.resize(size);
  text.shrink_to_fit();
  return text;
}

// The file that the path means: the target where it is a link, the path itself where nothing
// is there. O_NONBLOCK, as elsewhere: a FIFO must not hold us.
Result<std::string> resolved(const std::string& path)
{
  std::error_code failure;
  const auto real = std::filesystem::canonical(path, failure);
  if (!failure) return real.native();
  if (failure != std::errc::no_such_file_or_directory) return failed("open", path, failure.value());
  if (std::filesystem::is_symlink(std::filesystem::symlink_status(path, failure)))
    return Error(Errc::misconfigured, path + " is a link to nothing");
  return path;
}

// Opened, and kept from other programs of ours while it is: nobody else takes this lock.
Result<FileDescriptor> locked_folder(const std::filesystem::path& folder)
{
  FileDescriptor opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!opened.is_open()) return failed("open", folder, errno);
  if (::flock(opened.number(), LOCK_EX | LOCK_NB) == 0) return opened;
  if (errno != EWOULDBLOCK) return failed("lock", folder, errno);
  return Error(Errc::transient, "another purser edits a file in " + folder.native() + " now");
}

} // namespace

Result<EditedFile> EditedFile::read(const std::string& path)
{
  auto real = resolved(path);
  if (!real) return real.error();
  EditedFile file(std::move(*real));
  const FileDescriptor opened(
      ::open(file.path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW));
  if (!opened.is_open()) {
    if (errno == ENOENT) return file;
    return failed("open", path, errno);
  }
  if (::fstat(opened.number(), &file.status_) != 0) return failed("examine", path, errno);
  if (const auto kind = check_kind(file.status_, path); !kind) return kind.error();
  auto text = read_all(opened.number(), path);
  if (!text) return text.error();
  file.text_ = std::move(*text);
  file.exists_ = true;
  return file;
}

std::vector<std::string> EditedFile::missing_folders() const
{
  std::vector<std::string> missing;
  std::error_code ignored;
  auto folder = std::filesystem::path(path_).parent_path();
  for (; !std::filesystem::exists(folder, ignored); folder = folder.parent_path())
    missing.push_back(folder);
  std::reverse(missing.begin(), missing.end());
  return missing;
}

Result<> EditedFile::replace(std::string_view text)
{
  const auto path = std::filesystem::path(path_).parent_path();
  if (const auto made = make_own_folder(path); !made) return made.error();
  const auto folder = locked_folder(path);
  if (!folder) return folder.error();
  if (const auto written = write(text); !written) return written.error();
  if (::fsync(folder->number()) != 0) return failed("write to", path, errno);
  text_ = text;
  exists_ = true;
  if (::stat(path_.c_str(), &status_) != 0) return failed("examine", path_, errno);
  return {};
}

Result<> EditedFile::remove()
{
  const auto path = std::filesystem::path(path_).parent_path();
  const auto folder = locked_folder(path);
  if (!folder) return folder.error();
  if (const auto same = check_unchanged(); !same) return same.error();
  if (::unlink(path_.c_str()) != 0) return failed("remove", path_, errno);
  exists_ = false;
  text_.clear();
  if (::fsync(folder->number()) != 0) return failed("write to", path, errno);
  return {};
}

void EditedFile::remove_rest() const
{
  if (const auto folder = locked_folder(std::filesystem::path(path_).parent_path()))
    ::unlink(rest_of(path_).c_str());
}

// Between the last look and the rename there is a moment in which somebody else's text could
// be lost. Nobody who edits these files takes a lock that could close it.
Result<> EditedFile::check_unchanged() const
{
  const auto now = read(path_);
  if (!now) return now.error();
  const bool same = now->exists_ == exists_ && now->text_ == text_ &&
                    now->status_.st_dev == status_.st_dev && now->status_.st_ino == status_.st_ino;
  if (same) return {};
  return Error(Errc::transient, path_ + " was changed meanwhile; run the same command again");
}

// Always under the same name: what a crash leaves there may hold secrets, and the next edit
// takes it away. The folder is locked.
Result<> EditedFile::write(std::string_view text) const
{
  const auto temporary = rest_of(path_);
  ::unlink(temporary.c_str());
  const FileDescriptor file(
      ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file.is_open()) return failed("write to the folder of", path_, errno);
  const auto given_up = [&temporary](Error error) {
    ::unlink(temporary.c_str());
    return error;
  };
  if (!write_all(file.number(), text)) return given_up(failed("write", path_, errno));
  const bool kept_group =
      !exists_ || ::fchown(file.number(), static_cast<uid_t>(-1), status_.st_gid) == 0;
  const bool kept_mode = !exists_ || ::fchmod(file.number(), status_.st_mode & 07777U) == 0;
  if (!kept_group || !kept_mode)
    return given_up(failed("keep the group and mode of", path_, errno));
  if (::fsync(file.number()) != 0) return given_up(failed("write", path_, errno));
  if (const auto same = check_unchanged(); !same) return given_up(same.error());
  if (::rename(temporary.c_str(), path_.c_str()) != 0)
    return given_up(failed("replace", path_, errno));
  return {};
}

} // namespace purser::cli
