#pragma once

#include "common/result.hpp"
#include "common/wiping.hpp"
#include "daemon/store/byte_sink.hpp"
#include "daemon/store/file_lock.hpp"
#include "daemon/store/private_folder.hpp"

#include <optional>
#include <string>

namespace purser {

// The file that keeps the cache, in a folder of ours. All of it blocks.
//
// One process at a time keeps a cache there: who changes the file first takes the lock beside it,
// without waiting, and holds it as long as this object. For everybody else a change is an error
// (transient). A file that is not ours, or that others may read, is left as it is
// (misconfigured).
class CacheFile {
public:
  explicit CacheFile(std::string path);

  // Nothing where there is no file. Takes no lock.
  [[nodiscard]] Result<std::optional<WipingBuffer>> read() const;

  // Success means that it survives a crash, or that the file is gone for good. Where it cannot
  // be replaced the old one is removed, if possible: what it holds has been erased since.
  [[nodiscard]] Result<> replace(const ByteSource& source);
  [[nodiscard]] Result<> remove();
  // Renames the file to `NAME.damaged`.
  [[nodiscard]] Result<> set_aside();

  [[nodiscard]] const std::string& path() const { return path_; }

private:
  // Whose file of that name the lock is for; another folder may lie there by now.
  struct Holding {
    Holding(PrivateFolder f, FileLock l) : folder(std::move(f)), lock(std::move(l)) {}

    PrivateFolder folder;
    FileLock lock;
  };
  [[nodiscard]] Result<> take();

  std::string path_;
  std::string folder_;
  std::string name_;
  std::optional<Holding> held_;
};

} // namespace purser
