#pragma once

#include "common/result.hpp"

#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace purser {

// Tells whether one of a few files may have changed since the watch began: written,
// replaced, moved, removed, made, or reached through another link or folder than before.
//
// May report a change that is none; never misses one that this machine made. Changes that
// another machine makes on a network file system go unnoticed, as do new mounts: whoever
// relies on this looks again from time to time. One inotify instance each.
class FileWatch {
public:
  // Begin before reading the files. Blocks, since paths are looked up. transient where
  // watching is not possible (the system's limits, a folder that we may not read).
  [[nodiscard]] static Result<FileWatch> begin(const std::vector<std::string>& absolute_paths);

  FileWatch(FileWatch&& other) noexcept : FileWatch() { swap(other); }
  FileWatch& operator=(FileWatch&& other) noexcept
  {
    swap(other);
    return *this;
  }
  ~FileWatch();

  // Never blocks. Once true, always true.
  [[nodiscard]] bool changed();

private:
  FileWatch() = default;
  void swap(FileWatch& other) noexcept;
  Result<> add_path(const std::string& path);
  bool is_ours(int watch, const char* name) const;

  int inotify_ = -1;
  std::set<std::pair<int, std::string>> names_; // in watched folders
  std::set<int> files_;                         // watched themselves
  bool changed_ = false;
};

} // namespace purser
