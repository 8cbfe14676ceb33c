#pragma once

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

namespace purser {

// A folder of this test only, removed with all that is in it.
class TemporaryFolder {
public:
  TemporaryFolder()
  {
    std::string name = (std::filesystem::temp_directory_path() / "purser-test-XXXXXX").native();
    path_ = mkdtemp(name.data());
  }
  ~TemporaryFolder()
  {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  [[nodiscard]] std::string operator/(std::string_view name) const
  {
    return (path_ / name).native();
  }

private:
  std::filesystem::path path_;
};

inline std::string contents_of(const std::string& path)
{
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// Mode 0600 where the file is new.
inline void put_file(const std::string& path, std::string_view bytes)
{
  namespace fs = std::filesystem;
  const bool fresh = !fs::exists(fs::symlink_status(path));
  std::ofstream(path, std::ios::binary) << bytes;
  if (fresh) fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write);
}

} // namespace purser
