#pragma once

#include "daemon/paths.hpp"

#include <sys/types.h>

#include <string>
#include <vector>

namespace purser {

// The folders that the daemon writes into: those of its socket, its state and its key. What is
// missing of them is made (0700), where the home that it belongs into is ours: afterwards it could
// not be.
[[nodiscard]] std::vector<std::string> own_folders(const Paths& paths);

// Whether these folders are what they were. The sandbox knows folders and not paths: one that takes
// the place of another is closed to it.
class FolderWatch {
public:
  explicit FolderWatch(std::vector<std::string> folders);

  // The first that is another one by now, or not there any more; null where there is none.
  [[nodiscard]] const std::string* changed() const;

private:
  struct Watched {
    std::string path;
    dev_t device;
    ino_t inode; // 0 where it is not there
  };
  [[nodiscard]] static Watched look_at(std::string path);

  std::vector<Watched> folders_;
};

} // namespace purser
