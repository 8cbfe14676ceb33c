#include "daemon/store/private_folder.hpp"

#include "common/write_all.hpp"
#include "daemon/store/file_error.hpp"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <filesystem>
#include <random>
#include <utility>

namespace purser {
namespace {

constexpr mode_t k_folder_mode = 0700;
constexpr mode_t k_file_mode = 0600;
constexpr mode_t k_writable_by_others = 022;

// A crash must not lose the name of what was flushed. Some file systems cannot flush a
// folder and say EINVAL: there is nothing more to be done there.
Result<> flush_folder(int folder, const std::string& path)
{
  if (fsync(folder) == 0 || errno == EINVAL) return {};
  return file_error("flush", path, errno);
}

Result<> make_folder(const std::filesystem::path& path)
{
  if (mkdir(path.c_str(), k_folder_mode) != 0) {
    if (errno == EEXIST) return {}; // by another process, meanwhile
    return file_error("make the folder", path.native(), errno);
  }
  const auto parent = path.parent_path();
  const FileDescriptor above(::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!above.is_open()) return {}; // a folder that we may enter and not read
  return flush_folder(above.number(), parent.native());
}

Result<> make_folders(const std::filesystem::path& path)
{
  struct stat status {};
  if (stat(path.c_str(), &status) == 0 || !path.has_relative_path()) return {};
  if (errno != ENOENT) return file_error("open", path.native(), errno);
  if (auto made = make_folders(path.parent_path()); !made) return made;
  return make_folder(path);
}

Result<> write_out(const FileDescriptor& file, const std::string& path, const ByteSource& source)
{
  const auto sink = [&file, &path](std::string_view piece) -> Result<> {
    if (!write_all(file.number(), piece)) return file_error("write", path, errno);
    return {};
  };
  if (auto written = source(sink); !written) return written;
  // The umask may have taken away what we need; nothing can have added to 0600.
  if (fchmod(file.number(), k_file_mode) != 0) return file_error("write", path, errno);
  if (fsync(file.number()) != 0) return file_error("flush", path, errno);
  return {};
}

// A file that is removed again unless it was finished.
class Unfinished {
public:
  Unfinished(int folder, const std::string& name) : folder_(folder), name_(name) {}
  ~Unfinished()
  {
    if (!finished_) unlinkat(folder_, name_.c_str(), 0);
  }
  Unfinished(const Unfinished&) = delete;
  Unfinished& operator=(const Unfinished&) = delete;

  void finish() { finished_ = true; }

private:
  int folder_;
  const std::string& name_;
  bool finished_ = false;
};

// A name that no other process or thread uses at the same time.
std::string unique_name(const std::string& name)
{
  std::random_device random;
  std::array<char, 32> suffix{};
  std::snprintf(suffix.data(), suffix.size(), ".%08x%08x.new", random(), random());
  return name + suffix.data();
}

} // namespace

PrivateFolder::PrivateFolder(std::string path, FileDescriptor folder)
  : path_(std::move(path)), folder_(std::move(folder))
{
}

Result<PrivateFolder> PrivateFolder::open(std::string path)
{
  if (auto made = make_folders(path); !made) return made.error();
  FileDescriptor folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder.is_open()) return file_error("open", path, errno);
  struct stat status {};
  if (fstat(folder.number(), &status) != 0) return file_error("look at", path, errno);
  if (status.st_uid != geteuid())
    return Error{Errc::misconfigured,
                 path + " belongs to user " + std::to_string(status.st_uid) + "; it must be yours"};
  if ((status.st_mode & k_writable_by_others) != 0)
    return Error{Errc::misconfigured, path + " is open to others; run: chmod 700 " + path};
  return PrivateFolder(std::move(path), std::move(folder));
}

Result<FileDescriptor> PrivateFolder::write_new(const std::string& name,
                                                const ByteSource& source) const
{
  FileDescriptor file(openat(folder_.number(), name.c_str(),
                             O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, k_file_mode));
  if (!file.is_open()) return file_error("write", path_of(name), errno);
  Unfinished fresh(folder_.number(), name); // also where the source throws
  if (auto written = write_out(file, path_of(name), source); !written) return written.error();
  fresh.finish();
  return file;
}

Result<PrivateFile> PrivateFolder::replace(const std::string& name, std::string_view bytes) const
{
  return replace(name, all_of(bytes));
}

Result<PrivateFile> PrivateFolder::replace(const std::string& name, const ByteSource& source) const
{
  const std::string fresh = name + ".new";
  if (unlinkat(folder_.number(), fresh.c_str(), 0) != 0 && errno != ENOENT)
    return file_error("remove", path_of(fresh), errno);
  auto file = write_new(fresh, source);
  if (!file) return file.error();
  if (renameat(folder_.number(), fresh.c_str(), folder_.number(), name.c_str()) != 0) {
    const int reason = errno;
    unlinkat(folder_.number(), fresh.c_str(), 0);
    return file_error("replace", path_of(name), reason);
  }
  if (auto flushed = flush(); !flushed) return flushed.error();
  struct stat status {};
  if (fstat(file->number(), &status) != 0) return file_error("look at", path_of(name), errno);
  return PrivateFile{std::move(*file), FileStamp(status), {}};
}

Result<bool> PrivateFolder::rename_unless_there(const std::string& from,
                                                const std::string& to) const
{
  const int in = folder_.number();
  if (renameat2(in, from.c_str(), in, to.c_str(), RENAME_NOREPLACE) == 0) return true;
  if (errno == EEXIST) return false;
  if (errno != EINVAL && errno != ENOSYS) return file_error("create", path_of(to), errno);
  // A file system without that operation, such as NFS.
  if (linkat(in, from.c_str(), in, to.c_str(), 0) != 0) {
    if (errno == EEXIST) return false;
    return file_error("create", path_of(to), errno);
  }
  unlinkat(in, from.c_str(), 0);
  return true;
}

Result<bool> PrivateFolder::create(const std::string& name, std::string_view bytes) const
{
  const std::string fresh = unique_name(name);
  const auto file = write_new(fresh, all_of(bytes));
  if (!file) return file.error();
  const auto renamed = rename_unless_there(fresh, name);
  if (!renamed || !*renamed) unlinkat(folder_.number(), fresh.c_str(), 0);
  if (!renamed) return renamed.error();
  // Also where another was first: whoever goes on relies on the file being there for good.
  if (auto flushed = flush(); !flushed) return flushed.error();
  return *renamed;
}

Result<> PrivateFolder::remove(const std::string& name) const
{
  if (unlinkat(folder_.number(), name.c_str(), 0) == 0) return flush();
  if (errno == ENOENT) return {};
  return file_error("remove", path_of(name), errno);
}

Result<> PrivateFolder::rename(const std::string& from, const std::string& to) const
{
  if (renameat(folder_.number(), from.c_str(), folder_.number(), to.c_str()) == 0) return flush();
  if (errno == ENOENT) return {};
  return file_error("rename", path_of(from), errno);
}

Result<> PrivateFolder::flush() const
{
  return flush_folder(folder_.number(), path_);
}

} // namespace purser
