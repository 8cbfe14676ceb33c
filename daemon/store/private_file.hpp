#pragma once

#include "common/file_descriptor.hpp"
#include "common/result.hpp"
#include "common/wiping.hpp"

#include <sys/stat.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace purser {

// Tells one version of a file from another, for as long as one of the two is held
// open: only then can its inode number not be given to another file.
struct FileStamp {
  FileStamp() = default;
  explicit FileStamp(const struct stat& status);

  friend bool operator==(const FileStamp&, const FileStamp&) = default;

  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::int64_t size = 0;
  std::int64_t modified_ns = 0; // since 1970, as the kernel keeps it
  std::int64_t changed_ns = 0;
};

// Whose file is acceptable.
enum class FileOwner {
  us,              // ours, and nobody else may read or write it
  us_or_the_system // or root's, and at most a group may read it besides: what systemd provides
};

struct PrivateFile {
  FileDescriptor file;
  FileStamp stamp;
  WipingBuffer bytes;
};

// Nothing where there is no file. Blocks. misconfigured for permissions.
[[nodiscard]] Result<std::optional<FileStamp>> stamp_of(const std::string& path);

// Whether there is a file, which read_private_file() would not refuse to look at for what it is
// or who may read it. Blocks.
[[nodiscard]] Result<bool> is_private_file(const std::string& path);

// The whole of a file; nothing where there is none. A link, a folder, a file that
// others may read or write, one of another owner and one over `limit` bytes are
// refused (misconfigured) with what to do. Blocks.
[[nodiscard]] Result<std::optional<PrivateFile>>
read_private_file(const std::string& path, std::size_t limit, FileOwner owner = FileOwner::us);

} // namespace purser
