#include "common/forwarded_entries.hpp"

#include "common/forwarded_variables.hpp"

#include <limits.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <string_view>

namespace purser {
namespace {

// Nothing where the entry is not NAME=VALUE.
std::string_view name_of(const char* entry)
{
  const char* equals = std::strchr(entry, '=');
  return equals == nullptr ? std::string_view{}
                           : std::string_view(entry, static_cast<std::size_t>(equals - entry));
}

class Entries {
public:
  explicit Entries(std::span<char> space) : space_(space) {}

  void add(std::string_view entry)
  {
    if (entry.size() + 1 > space_.size() - size_) {
      fits_ = false;
      return;
    }
    std::memcpy(space_.data() + size_, entry.data(), entry.size());
    size_ += entry.size();
    space_[size_++] = '\0';
  }

  [[nodiscard]] std::size_t size() const { return fits_ ? size_ : 0; }

private:
  std::span<char> space_;
  std::size_t size_ = 0;
  bool fits_ = true;
};

} // namespace

std::size_t write_entries(std::span<char> space)
{
  Entries entries(space);
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry)
    if (is_forwarded(name_of(*entry))) entries.add(*entry);

  // A working directory that was removed, or that is outside our root, is not sent.
  std::array<char, PATH_MAX> folder; // NOLINT(cppcoreguidelines-pro-type-member-init): 4 KiB
  if (getcwd(folder.data(), folder.size()) != nullptr && folder[0] == '/')
    entries.add(folder.data());
  entries.add("");
  return entries.size();
}

} // namespace purser
