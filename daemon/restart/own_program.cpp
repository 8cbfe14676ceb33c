#include "daemon/restart/own_program.hpp"

#include <limits.h>
#include <unistd.h>

#include <array>
#include <utility>

namespace purser {

OwnProgram OwnProgram::of_this_process()
{
  std::array<char, PATH_MAX> path{};
  const auto size = ::readlink("/proc/self/exe", path.data(), path.size());
  if (size <= 0 || static_cast<std::size_t>(size) == path.size()) return OwnProgram("");
  return OwnProgram(std::string(path.data(), static_cast<std::size_t>(size)));
}

OwnProgram::OwnProgram(std::string path) : path_(std::move(path))
{
  struct stat status {};
  if (::stat(path_.c_str(), &status) == 0)
    ours_ = stamp_of(status);
  else
    path_.clear();
}

bool OwnProgram::replaced()
{
  const auto now = another();
  return now && std::exchange(seen_, now) == now;
}

bool OwnProgram::replaced_by_now() const
{
  return another().has_value();
}

OwnProgram::Stamp OwnProgram::stamp_of(const struct stat& status)
{
  return {status.st_dev, status.st_ino, status.st_size,
          std::int64_t{status.st_mtim.tv_sec} * 1'000'000'000 + status.st_mtim.tv_nsec};
}

std::optional<OwnProgram::Stamp> OwnProgram::another() const
{
  struct stat status {};
  if (path_.empty() || ::stat(path_.c_str(), &status) != 0) return std::nullopt;
  const bool ours = status.st_uid == 0 || status.st_uid == ::geteuid();
  if (!S_ISREG(status.st_mode) || !ours || (status.st_mode & (S_IWGRP | S_IWOTH)) != 0 ||
      ::access(path_.c_str(), X_OK) != 0)
    return std::nullopt;
  const Stamp there = stamp_of(status);
  if (there == ours_) return std::nullopt;
  return there;
}

} // namespace purser
