#include "daemon/territory.hpp"

#include "common/run_folder.hpp"
#include "daemon/config/small_file.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

namespace purser {
namespace {

std::string folder_of(const std::string& file)
{
  return file.substr(0, file.rfind('/'));
}

// The folder, or the nearest one above it that is there.
bool is_on_our_ground(std::string folder)
{
  struct stat status {};
  while (!folder.empty() && ::stat(folder.c_str(), &status) != 0)
    folder = folder_of(folder);
  return !folder.empty() && status.st_uid == ::geteuid();
}

} // namespace

std::vector<std::string> own_folders(const Paths& paths)
{
  std::vector<std::string> folders;
  for (const auto& file : {paths.socket, paths.store.credentials, paths.store.key.generated_file}) {
    std::string folder = folder_of(file);
    if (folder.empty() || std::find(folders.begin(), folders.end(), folder) != folders.end())
      continue;
    // Where it cannot be made, whoever wants to write there says why.
    if (file == paths.socket)
      (void)open_run_folder(file, Makeable::allowed);
    else if (is_on_our_ground(folder))
      (void)make_own_folder(folder);
    folders.push_back(std::move(folder));
  }
  return folders;
}

FolderWatch::FolderWatch(std::vector<std::string> folders)
{
  for (auto& folder : folders)
    folders_.push_back(look_at(std::move(folder)));
}

const std::string* FolderWatch::changed() const
{
  for (const auto& before : folders_) {
    const Watched now = look_at(before.path);
    if (now.inode != before.inode || now.device != before.device) return &before.path;
  }
  return nullptr;
}

FolderWatch::Watched FolderWatch::look_at(std::string path)
{
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return {std::move(path), 0, 0};
  return {std::move(path), status.st_dev, status.st_ino};
}

} // namespace purser
