#include "helper/run_folder.hpp"

#include "common/socket_path.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace purser::helper {
namespace {

constexpr mode_t k_mode = 0700;

Line because(std::string_view path, std::string_view what)
{
  Line problem;
  problem << "the folder ";
  problem.quote(path) << " " << what;
  return problem;
}

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

Descriptor open_below(int parent, const char* name)
{
  return Descriptor(openat(parent, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
}

// One step down; `path` is the way so far, with `name`, for the message.
RunFolder step(const Descriptor& parent, const char* name, std::string_view path)
{
  RunFolder next;
  next.folder = open_below(parent.get(), name);
  if (next.folder.open()) return next;
  const int error = errno;
  if (is_link(parent.get(), name)) {
    next.problem = because(path, "is a symbolic link");
    return next;
  }
  if (error != ENOENT) {
    next.problem = because(path, strerror(error));
    return next;
  }
  if (!is_ours(parent.get())) {
    next.problem = because(path, "does not exist, nor does a folder of ours to make it in");
    return next;
  }
  // Somebody else may make it at the same time.
  if (mkdirat(parent.get(), name, k_mode) == 0 || errno == EEXIST)
    next.folder = open_below(parent.get(), name);
  if (!next.folder.open()) next.problem = because(path, strerror(errno));
  return next;
}

// Empty where the folder is as it must be.
Line problem_of(const Descriptor& folder, std::string_view path)
{
  struct stat status {};
  if (fstat(folder.get(), &status) != 0) return because(path, strerror(errno));
  if (status.st_uid != geteuid()) return because(path, "belongs to another user");
  if ((status.st_mode & 0777) != k_mode) return because(path, "must have mode 0700");
  return {};
}

} // namespace

RunFolder open_run_folder(std::string_view socket_path)
{
  RunFolder here;
  here.folder = Descriptor(open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));

  const std::size_t last = socket_path.rfind('/'); // the path is absolute
  std::size_t start = 1;
  while (start <= last && here.problem.empty()) {
    const std::size_t end = socket_path.find('/', start);
    const std::string_view name(socket_path.data() + start, end - start);
    std::array<char, SocketPath::k_max_size + 1> text{};
    std::copy(name.begin(), name.end(), text.begin());
    if (!name.empty()) here = step(here.folder, text.data(), {socket_path.data(), end});
    start = end + 1;
  }
  if (here.problem.empty()) here.problem = problem_of(here.folder, {socket_path.data(), last});
  return here;
}

} // namespace purser::helper
