#include "daemon/cache/cache_file.hpp"

#include "daemon/cache/cache_format.hpp"
#include "daemon/store/private_file.hpp"

#include <sys/stat.h>

#include <utility>

namespace purser {
namespace {

// Whether the folder that was opened is still the one at its path.
bool same_folder(const PrivateFolder& a, const PrivateFolder& b)
{
  struct stat one {};
  struct stat other {};
  return ::fstat(a.number(), &one) == 0 && ::fstat(b.number(), &other) == 0 &&
         one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

} // namespace

CacheFile::CacheFile(std::string path)
  : path_(std::move(path))
  , folder_(path_.substr(0, path_.rfind('/')))
  , name_(path_.substr(path_.rfind('/') + 1))
{
}

Result<std::optional<WipingBuffer>> CacheFile::read() const
{
  auto file = read_private_file(path_, k_max_cache_size);
  if (!file) return file.error();
  if (!*file) return std::optional<WipingBuffer>();
  return std::optional(std::move((*file)->bytes));
}

Result<> CacheFile::replace(const ByteSource& source)
{
  if (const auto there = is_private_file(path_); !there) return there.error();
  if (const auto taken = take(); !taken) return taken.error();
  const auto replaced = held_->folder.replace(name_, source);
  if (replaced) return {};
  (void)held_->folder.remove(name_);
  return replaced.error();
}

Result<> CacheFile::remove()
{
  const auto there = is_private_file(path_);
  if (!there) return there.error();
  if (!*there) return {};
  if (const auto taken = take(); !taken) return taken.error();
  return held_->folder.remove(name_);
}

Result<> CacheFile::set_aside()
{
  if (const auto taken = take(); !taken) return taken.error();
  return held_->folder.rename(name_, name_ + ".damaged");
}

Result<> CacheFile::take()
{
  auto folder = PrivateFolder::open(folder_);
  if (!folder) return folder.error();
  if (held_ && same_folder(held_->folder, *folder)) return {};
  held_.reset();
  auto lock = FileLock::try_take(*folder, name_ + ".lock");
  if (!lock) return lock.error();
  if (!*lock) return with_remedy({Errc::transient, "another purserd keeps its cache in " + path_});
  held_.emplace(std::move(*folder), std::move(**lock));
  return {};
}

} // namespace purser
