#include "daemon/async/file_watch.hpp"

#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstdint>
#include <deque>
#include <string_view>
#include <system_error>

namespace purser {
namespace {

constexpr int k_max_links = 40; // as the kernel

// IN_MASK_ADD, since two paths may have a folder in common.
constexpr std::uint32_t k_folder_events = IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO |
                                          IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR | IN_MASK_ADD;
// What is written is seen at the file itself: it may be written under another of its names,
// and a busy folder has little to report.
constexpr std::uint32_t k_file_events =
    IN_MODIFY | IN_CLOSE_WRITE | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF | IN_MASK_ADD;

std::deque<std::string> components(std::string_view path)
{
  std::deque<std::string> parts;
  while (!path.empty()) {
    const auto part = path.substr(0, path.find('/'));
    path.remove_prefix(std::min(path.size(), part.size() + 1));
    if (!part.empty() && part != ".") parts.emplace_back(part);
  }
  return parts;
}

// What a symbolic link says; empty where `path` is none.
std::string link_target(const std::string& path)
{
  std::array<char, PATH_MAX> text{};
  const ssize_t size = ::readlink(path.c_str(), text.data(), text.size());
  return size <= 0 ? std::string{} : std::string(text.data(), static_cast<std::size_t>(size));
}

// Because of errno.
Error cannot_watch(const std::string& what)
{
  return Error{Errc::transient,
               "cannot watch " + what + ": " + std::generic_category().message(errno)};
}

} // namespace

Result<FileWatch> FileWatch::begin(const std::vector<std::string>& absolute_paths)
{
  FileWatch watch;
  watch.inotify_ = ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  if (watch.inotify_ < 0) return cannot_watch("files");
  for (const std::string& path : absolute_paths) {
    if (auto added = watch.add_path(path); !added) return added.error();
  }
  return watch;
}

FileWatch::~FileWatch()
{
  if (inotify_ >= 0) ::close(inotify_);
}

void FileWatch::swap(FileWatch& other) noexcept
{
  std::swap(inotify_, other.inotify_);
  std::swap(names_, other.names_);
  std::swap(files_, other.files_);
  std::swap(changed_, other.changed_);
}

// Watches the name of each component in its folder, along symbolic links, up to the file
// or to the first component that is not there: that one may come.
Result<> FileWatch::add_path(const std::string& path)
{
  std::deque<std::string> rest = components(path);
  std::string folder = "/";
  for (int links = 0; !rest.empty();) {
    const std::string name = std::move(rest.front());
    rest.pop_front();
    const std::string full = folder + name;
    const int watch = ::inotify_add_watch(inotify_, folder.c_str(), k_folder_events);
    if (watch >= 0) names_.emplace(watch, name);
    // Folders above, which others own, may be closed to us; that of the file may not.
    if (watch < 0 && (rest.empty() || errno != EACCES)) return cannot_watch(folder);

    if (const std::string target = link_target(full); !target.empty()) {
      if (++links > k_max_links)
        return Error{Errc::transient, "cannot watch " + path + ": too many links"};
      std::deque<std::string> onward = components(target);
      rest.insert(rest.begin(), onward.begin(), onward.end());
      if (target.front() == '/') folder = "/";
      continue;
    }
    struct stat status = {};
    if (name != ".." && ::lstat(full.c_str(), &status) != 0) return {}; // not there, or no way in
    if (rest.empty()) {
      const int file = ::inotify_add_watch(inotify_, full.c_str(), k_file_events);
      if (file < 0) return cannot_watch(full);
      files_.insert(file);
      return {};
    }
    folder = full + "/";
  }
  return {};
}

bool FileWatch::is_ours(int watch, const char* name) const
{
  return files_.contains(watch) || names_.contains({watch, name});
}

bool FileWatch::changed()
{
  // Events of folders themselves, an overflow of the queue and a watch that ended mean
  // that we may have missed something.
  constexpr std::uint32_t k_lost =
      IN_DELETE_SELF | IN_MOVE_SELF | IN_IGNORED | IN_UNMOUNT | IN_Q_OVERFLOW;
  alignas(inotify_event) std::array<char, 4096> buffer; // NOLINT(*-member-init): read into
  while (!changed_) {
    const ssize_t size = ::read(inotify_, buffer.data(), buffer.size());
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) {
      changed_ = size == 0 || errno != EAGAIN;
      break;
    }
    for (std::size_t at = 0; at < static_cast<std::size_t>(size);) {
      const auto* event = reinterpret_cast<const inotify_event*>(buffer.data() + at);
      if ((event->mask & k_lost) != 0 || is_ours(event->wd, event->len == 0 ? "" : event->name))
        changed_ = true;
      at += sizeof(inotify_event) + event->len;
    }
  }
  return changed_;
}

} // namespace purser
