#include "common/forwarded.hpp"

#include "common/protocol.hpp"

#include <limits.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>

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

bool is_forwarded(std::string_view name)
{
  const auto& prefixes = protocol::k_forwarded_prefixes;
  const auto& names = protocol::k_forwarded_names;
  return std::any_of(prefixes.begin(), prefixes.end(),
                     [name](std::string_view prefix) { return name.starts_with(prefix); }) ||
         name.starts_with(protocol::k_forwarded_actions_prefix) ||
         std::find(names.begin(), names.end(), name) != names.end();
}

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
