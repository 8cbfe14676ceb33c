#include "cli/run/job_folder.hpp"

#include "common/socket_path.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <system_error>

namespace purser::cli::jobs {
namespace {

constexpr const char* k_prefix = "purser-job.";
constexpr const char* k_socket = "/agent.sock";
constexpr const char* k_lock = "/lock";
constexpr std::time_t k_lockless = 60; // seconds: a folder gets its lock as soon as it is there

std::string reason(int number)
{
  return std::generic_category().message(number);
}

// Empty where nobody but us and root can rename what we make there. Owners that a user namespace
// does not know are those of the machine around it.
std::string problem_of(const std::string& base)
{
  struct stat status {};
  if (!base.starts_with('/')) return "is no absolute path";
  if (::stat(base.c_str(), &status) != 0) return reason(errno);
  if (!S_ISDIR(status.st_mode)) return reason(ENOTDIR);
  if (::access(base.c_str(), W_OK | X_OK) != 0) return reason(errno);
  constexpr uid_t k_unknown = 65534;
  if (status.st_uid != ::geteuid() && status.st_uid != 0 && status.st_uid != k_unknown)
    return "belongs to another user";
  const bool sticky = (status.st_mode & S_ISVTX) != 0;
  const bool others =
      (status.st_mode & S_IWOTH) != 0 ||
      ((status.st_mode & S_IWGRP) != 0 && status.st_gid != ::getegid() && status.st_gid != 0);
  if (others && !sticky) return "can be written by others";
  return {};
}

FileDescriptor open_lock(const std::string& folder, int flags)
{
  return FileDescriptor(
      ::open((folder + k_lock).c_str(), O_RDWR | O_NOFOLLOW | O_CLOEXEC | flags, 0600));
}

bool is_ours(const std::string& path, struct stat& status)
{
  return ::lstat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode) &&
         status.st_uid == ::geteuid();
}

void sweep(const std::string& base)
{
  std::error_code failure;
  for (std::filesystem::directory_iterator each(base, failure), end; !failure && each != end;
       each.increment(failure))
    if (each->path().filename().string().starts_with(k_prefix))
      (void)remove_if_abandoned(each->path().string());
}

Result<JobFolder> make_in(const std::string& base)
{
  std::string path = base + (base.ends_with('/') ? "" : "/") + k_prefix + "XXXXXX";
  if (path.size() + std::string_view(k_socket).size() > SocketPath::k_max_size)
    return Error(Errc::misconfigured, "is too long for a socket's path");
  if (auto wrong = problem_of(base); !wrong.empty())
    return Error(Errc::misconfigured, std::move(wrong));
  sweep(base);
  if (::mkdtemp(path.data()) == nullptr) return Error(Errc::misconfigured, reason(errno));
  JobFolder folder{path, open_lock(path, O_CREAT)};
  if (folder.lock.is_open() && ::flock(folder.lock.number(), LOCK_EX | LOCK_NB) == 0) return folder;
  const int failed = errno;
  remove_job_folder(path);
  return Error(Errc::misconfigured, reason(failed));
}

} // namespace

std::vector<std::string> job_bases(const Variables& variables)
{
  std::vector<std::string> bases;
  if (auto named = variables("XDG_RUNTIME_DIR"); !named.empty()) bases.push_back(std::move(named));
  bases.push_back("/run/user/" + std::to_string(::geteuid()));
  for (const char* const name : {"RUNNER_TEMP", "TMPDIR"})
    if (auto named = variables(name); !named.empty()) bases.push_back(std::move(named));
  bases.emplace_back("/dev/shm");
  bases.emplace_back("/tmp");
  return bases;
}

Result<JobFolder> make_job_folder(const std::vector<std::string>& bases)
{
  std::string why;
  for (const auto& base : bases) {
    auto made = make_in(base);
    if (made) return made;
    why += (why.empty() ? "" : ", ") + base + ": " + made.error().what;
  }
  return Error(Errc::misconfigured, "there is no place for the folder of this job (" + why +
                                        "); name a folder of yours with --folder");
}

bool remove_job_folder(const std::string& path)
{
  std::error_code failure;
  std::filesystem::remove_all(path, failure);
  return !failure;
}

bool is_job_folder_name(const std::string& path)
{
  return std::filesystem::path(path).filename().string().starts_with(k_prefix);
}

bool remove_if_abandoned(const std::string& path)
{
  struct stat status {};
  if (!is_ours(path, status)) return true;
  const auto lock = open_lock(path, 0);
  const bool abandoned = lock.is_open() ? ::flock(lock.number(), LOCK_EX | LOCK_NB) == 0
                                        : status.st_ctime + k_lockless < std::time(nullptr);
  return abandoned && remove_job_folder(path);
}

} // namespace purser::cli::jobs
