#include "daemon/providers/exec/program_file.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

namespace purser {
namespace {

Error unusable(const std::string& path, const std::string& why)
{
  return with_remedy({Errc::misconfigured, "the program " + path + " " + why});
}

bool is_trusted(uid_t owner)
{
  return owner == 0 || owner == ::geteuid();
}

// Of a path without links: each folder that it is in.
Result<> check_folders(const std::filesystem::path& path, const std::string& program)
{
  for (auto folder = path.parent_path();; folder = folder.parent_path()) {
    struct stat status = {};
    if (::stat(folder.c_str(), &status) != 0)
      return unusable(program, "is in a folder that cannot be examined: " + folder.string());
    if (!is_trusted(status.st_uid))
      return unusable(program, "is in a folder of another user, " + folder.string() + ": move it");
    const bool sticky = (status.st_mode & S_ISVTX) != 0;
    if ((status.st_mode & S_IWOTH) != 0 && !sticky)
      return unusable(program,
                      "is in a folder that everybody can write: run: chmod o-w " + folder.string());
    if (!folder.has_relative_path()) return {};
  }
}

} // namespace

Result<bool> check_program_file(const std::string& path)
{
  std::error_code problem;
  const auto real = std::filesystem::canonical(path, problem);
  struct stat status = {};
  if (problem || ::stat(real.c_str(), &status) != 0)
    return unusable(
        path, "cannot be found (" +
                  (problem ? problem : std::error_code(errno, std::generic_category())).message() +
                  "): install it, or correct \"command\" in the rule");
  if (!S_ISREG(status.st_mode)) return unusable(path, "is no plain file: correct \"command\"");
  if (!is_trusted(status.st_uid)) return unusable(path, "belongs to another user: chown it");
  if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0)
    return unusable(path, "can be written by others: run: chmod go-w " + real.string());
  if (::access(real.c_str(), X_OK) != 0)
    return unusable(path, "is not executable: run: chmod u+x " + real.string());
  // Where there are links on the way, the folders that hold them count as well.
  for (const auto& way : {real, std::filesystem::path(path).lexically_normal()})
    if (const auto good = check_folders(way, path); !good) return good.error();
  return true;
}

} // namespace purser
