#include "common/run_folder.hpp"

#include "common/socket_path.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <utility>

namespace purser {
namespace {

constexpr mode_t k_mode = 0700;

bool is_ours(int folder)
{
  struct stat status {};
  return fstat(folder, &status) == 0 && status.st_uid == geteuid();
}

bool is_link(int parent, const char* name)
{
  struct stat status {};
  return fstatat(parent, name, &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(status.st_mode);
}

FileDescriptor open_below(int parent, const char* name)
{
  return FileDescriptor(openat(parent, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
}

RunFolder refused(std::string_view path, std::string_view problem)
{
  RunFolder folder;
  folder.path = path;
  folder.problem = problem;
  return folder;
}

// One step down; `path` is the way so far, with `name`.
RunFolder step(int parent, const char* name, std::string_view path, Makeable makeable)
{
  RunFolder next;
  next.folder = open_below(parent, name);
  if (next.folder.is_open()) return next;
  const int error = errno;
  if (is_link(parent, name)) return refused(path, "is a symbolic link");
  if (error != ENOENT) return refused(path, strerror(error));
  if (makeable == Makeable::ours && !is_ours(parent))
    return refused(path, "does not exist, nor does a folder of ours to make it in");
  // Somebody else may make it at the same time.
  if (mkdirat(parent, name, k_mode) == 0 || errno == EEXIST) next.folder = open_below(parent, name);
  if (!next.folder.is_open()) return refused(path, strerror(errno));
  return next;
}

RunFolder checked(RunFolder found, std::string_view path)
{
  struct stat status {};
  if (fstat(found.folder.number(), &status) != 0) return refused(path, strerror(errno));
  if (status.st_uid != geteuid()) return refused(path, "belongs to another user");
  if ((status.st_mode & 0777) != k_mode) return refused(path, "must have mode 0700");
  return found;
}

} // namespace

RunFolder open_run_folder(std::string_view socket_path, Makeable makeable)
{
  RunFolder here;
  here.folder = FileDescriptor(open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));

  const std::size_t last = socket_path.rfind('/'); // the path is absolute
  std::size_t start = 1;
  while (start <= last && here.problem.empty()) {
    const std::size_t end = socket_path.find('/', start);
    const std::string_view name(socket_path.data() + start, end - start);
    std::array<char, SocketPath::k_max_size + 1> text{};
    std::copy_n(name.data(), std::min(name.size(), SocketPath::k_max_size), text.data());
    if (!name.empty())
      here = step(here.folder.number(), text.data(), {socket_path.data(), end}, makeable);
    start = end + 1;
  }
  if (!here.problem.empty()) return here;
  return checked(std::move(here), {socket_path.data(), last});
}

} // namespace purser
