#include "helper/daemon_program.hpp"

#include "helper/environment.hpp"

#include <unistd.h>

#include <cstring>
#include <string_view>

namespace purser::helper {
namespace {

// The folder of this program, wherever a symbolic link to it may be; empty where it
// is not known.
std::string_view own_folder(std::array<char, PATH_MAX>& space)
{
  const ssize_t size = readlink("/proc/self/exe", space.data(), space.size());
  if (size <= 0 || static_cast<std::size_t>(size) == space.size()) return {};
  const std::string_view path(space.data(), static_cast<std::size_t>(size));
  const std::size_t slash = path.rfind('/');
  return slash == path.npos ? std::string_view{} : std::string_view(path.data(), slash);
}

// Whether there is a program at `folder` and `rest`; if so, its path is left in `program`.
bool found(DaemonProgram& program, std::string_view folder, std::string_view rest)
{
  if (folder.size() + rest.size() >= program.path.size()) return false;
  std::memcpy(program.path.data(), folder.data(), folder.size());
  std::memcpy(program.path.data() + folder.size(), rest.data(), rest.size());
  program.path[folder.size() + rest.size()] = '\0';
  return access(program.path.data(), X_OK) == 0;
}

} // namespace

DaemonProgram find_daemon_program()
{
  DaemonProgram program;
  if (const std::string_view asked = variable("PURSER_DAEMON"); !asked.empty()) {
    if (asked.front() != '/')
      program.problem << "PURSER_DAEMON is not an absolute path";
    else if (!found(program, asked, ""))
      (program.problem << "PURSER_DAEMON names no program: ").quote(asked);
    return program;
  }
  std::array<char, PATH_MAX> space{};
  const std::string_view folder = own_folder(space);
  if (!folder.empty() && found(program, folder, "/purserd")) return program;
  if (!folder.empty() && found(program, folder, "/../libexec/purserd")) return program;
  if (found(program, PURSER_LIBEXECDIR, "/purserd")) return program;
  (program.problem << "purserd is not installed in ").quote(folder) << " or " << PURSER_LIBEXECDIR;
  return program;
}

} // namespace purser::helper
