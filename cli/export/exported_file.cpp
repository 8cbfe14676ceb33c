#include "cli/export/exported_file.hpp"

#include "common/file_descriptor.hpp"
#include "common/wiping.hpp"
#include "common/write_all.hpp"

#include <fcntl.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

namespace purser::cli {
namespace {

Error refused(const std::string& what)
{
  return with_remedy({Errc::misconfigured, what});
}

Error failed(const std::string& verb, const std::string& path)
{
  return refused("cannot " + verb + " " + path + ": " + std::generic_category().message(errno));
}

std::string folder_of(const std::string& path)
{
  const auto folder = std::filesystem::path(path).parent_path().string();
  return folder.empty() ? "." : folder;
}

Result<> check_folder(const std::string& folder)
{
  struct stat status = {};
  if (::stat(folder.c_str(), &status) != 0) return failed("write to the folder", folder);
  if (!S_ISDIR(status.st_mode)) return refused(folder + " is no folder");
  if (status.st_uid != ::geteuid() && status.st_uid != 0)
    return refused("the folder " + folder + " belongs to another user: choose one of yours");
  if ((status.st_mode & S_IWOTH) != 0 && (status.st_mode & S_ISVTX) == 0)
    return refused("everybody can write the folder " + folder + ": run: chmod o-w " + folder);
  return {};
}

bool is_in_memory(const std::string& folder)
{
  struct statfs system = {};
  if (::statfs(folder.c_str(), &system) != 0) return false;
  const auto kind = static_cast<unsigned long>(system.f_type);
  return kind == TMPFS_MAGIC || kind == RAMFS_MAGIC;
}

Error disk_refused(const std::string& folder)
{
  return refused("the folder " + folder +
                 " is on a disk, where passwords in plain text stay behind: choose one in memory "
                 "(below /run/user or /dev/shm), or say --plaintext-file");
}

} // namespace

Result<ExportedFile> ExportedFile::at(std::string path, bool may_be_on_disk)
{
  const std::string folder = folder_of(path);
  if (path.empty() || path.ends_with('/')) return refused("\"" + path + "\" is no name of a file");
  if (const auto good = check_folder(folder); !good) return good.error();
  const bool on_disk = !is_in_memory(folder);
  if (on_disk && !may_be_on_disk) return disk_refused(folder);
  struct stat status = {};
  if (::lstat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode))
    return refused(path + " is there and is no plain file: choose another name");
  return ExportedFile(std::move(path), on_disk);
}

Result<> ExportedFile::write(const Secret& text)
{
  if (holds(text)) return {};
  return replace(text);
}

bool ExportedFile::holds(const Secret& text) const
{
  const FileDescriptor file(::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  struct stat status = {};
  if (!file.is_open() || ::fstat(file.number(), &status) != 0) return false;
  const bool ours = status.st_dev == device_ && status.st_ino == inode_;
  if (!ours || (status.st_mode & 07777) != 0600) return false;
  WipingBuffer bytes(text.reveal().size() + 1);
  const auto size = ::read(file.number(), bytes.data(), bytes.size());
  return size >= 0 &&
         std::string_view(bytes.data(), static_cast<std::size_t>(size)) == text.reveal();
}

Result<> ExportedFile::replace(const Secret& text)
{
  std::string temporary = path_ + ".XXXXXX";
  const FileDescriptor file(::mkostemp(temporary.data(), O_CLOEXEC)); // 0600
  if (!file.is_open()) return failed("write", path_);
  struct stat status = {};
  const bool written = write_all(file.number(), text.reveal()) && ::fsync(file.number()) == 0 &&
                       ::fstat(file.number(), &status) == 0;
  if (!written || ::rename(temporary.c_str(), path_.c_str()) != 0) {
    const auto error = failed("write", path_);
    ::unlink(temporary.c_str());
    return error;
  }
  device_ = status.st_dev;
  inode_ = status.st_ino;
  const FileDescriptor parent(::open(folder_of(path_).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!parent.is_open() || ::fsync(parent.number()) != 0) return failed("write", path_);
  return {};
}

void ExportedFile::remove() const
{
  struct stat status = {};
  if (::lstat(path_.c_str(), &status) == 0 && status.st_dev == device_ && status.st_ino == inode_)
    ::unlink(path_.c_str());
}

Result<std::string> default_export_path(std::string_view name)
{
  const char* const runtime = ::secure_getenv("XDG_RUNTIME_DIR");
  if (runtime == nullptr || *runtime != '/')
    return refused("XDG_RUNTIME_DIR is not set, so there is no place for the file: name one with "
                   "--output");
  const std::string folder = std::string(runtime) + "/purser";
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST)
    return failed("make the folder", folder);
  return folder + "/" + std::string(name);
}

} // namespace purser::cli
