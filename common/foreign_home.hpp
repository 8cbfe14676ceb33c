#pragma once

#include <sys/stat.h>
#include <unistd.h>

namespace purser {

// Whether the folder that HOME names belongs to another user, as after `sudo -E`: what lies there
// is not ours to use, and what we would leave there its owner could not use. Root's is none: HOME
// is
// `/` in containers that give their users none. Needs no library, so that the helper can use it.
[[nodiscard]] inline bool is_foreign_home(const char* home)
{
  struct stat status {};
  return home != nullptr && *home == '/' && ::stat(home, &status) == 0 &&
         status.st_uid != ::geteuid() && status.st_uid != 0;
}

} // namespace purser
