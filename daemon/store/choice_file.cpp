#include "daemon/store/choice_file.hpp"

#include "daemon/store/private_file.hpp"
#include "daemon/store/private_folder.hpp"

#include <filesystem>

namespace purser {

Result<std::optional<StoreChoice>> ChoiceFile::read() const
{
  const auto file = read_private_file(path_, k_max_choice);
  if (!file) return file.error();
  if (!*file) return std::optional<StoreChoice>();
  const auto& bytes = (*file)->bytes;
  auto choice = parse_choice({bytes.data(), bytes.size()});
  if (choice) return std::optional(std::move(*choice));
  return with_remedy({choice.error().code, path_ + " " + choice.error().what +
                                               ": remove it, and the next login chooses anew, or "
                                               "set store.kind to where your logins are"});
}

Result<StoreChoice> ChoiceFile::create(const StoreChoice& choice) const
{
  const std::filesystem::path path(path_);
  const auto folder = PrivateFolder::open(path.parent_path().native());
  if (!folder) return folder.error();
  const auto created = folder->create(path.filename().native(), encode_choice(choice));
  if (!created) return created.error();
  if (*created) return choice;
  auto there = read();
  if (!there) return there.error();
  if (!*there) return Error{Errc::transient, path_ + " was removed meanwhile"};
  return std::move(**there);
}

Result<> ChoiceFile::replace(const StoreChoice& choice) const
{
  const std::filesystem::path path(path_);
  const auto folder = PrivateFolder::open(path.parent_path().native());
  if (!folder) return folder.error();
  const auto written = folder->replace(path.filename().native(), encode_choice(choice));
  if (!written) return written.error();
  return {};
}

} // namespace purser
