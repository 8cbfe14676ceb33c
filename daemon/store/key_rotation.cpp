#include "daemon/store/key_rotation.hpp"

#include "daemon/store/key_file.hpp"
#include "daemon/store/private_folder.hpp"
#include "daemon/store/store_format.hpp"

#include <filesystem>

namespace purser {

Result<> finish_rotation(const KeyLadder& ladder, const std::optional<std::string>& store_key_id)
{
  const std::string path = ladder.next_file();
  const auto there = stamp_of(path);
  if (!there) return there.error();
  if (!*there) return {};
  const auto next = ladder.find_next();
  if (!next) return next.error();
  if (*next && store_key_id && store_key_id == purser::store_key_id((*next)->key))
    return rename_key_file(path, ladder.generated_file());
  const std::filesystem::path file(path);
  const auto folder = PrivateFolder::open(file.parent_path().native());
  if (!folder) return folder.error();
  return folder->remove(file.filename().native()); // a key that seals nothing
}

} // namespace purser
