#include "daemon/store/key_file.hpp"

#include "common/file_descriptor.hpp"
#include "daemon/seal/sealing_key.hpp"
#include "daemon/store/private_folder.hpp"
#include "daemon/store/wrapped_key.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <span>
#include <utility>

namespace purser {
namespace {

constexpr std::size_t k_hex_size = 2 * SealingKey::k_size;
constexpr std::size_t k_max_key_file = 256;
constexpr int k_most_readings = 8; // of a file that is replaced again and again

std::optional<unsigned> hex_digit(char c)
{
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A' + 10);
  return std::nullopt;
}

std::optional<Secret> from_hex(std::string_view hex)
{
  bool valid = true;
  auto bytes = Secret::filled(hex.size() / 2, [hex, &valid](std::span<char> out) {
    for (std::size_t i = 0; i < out.size(); ++i) {
      const auto high = hex_digit(hex[2 * i]);
      const auto low = hex_digit(hex[2 * i + 1]);
      valid = valid && high && low;
      out[i] = static_cast<char>(high.value_or(0) << 4 | low.value_or(0));
    }
  });
  return valid ? std::optional(std::move(bytes)) : std::nullopt;
}

std::optional<KeyText> parse_key(std::string_view text)
{
  if (is_wrapped_key(text)) return KeyText{std::nullopt, std::string(text)};
  if (text.size() == SealingKey::k_size) return KeyText{Secret(text), {}};
  if (text.ends_with('\n')) text.remove_suffix(1);
  if (text.size() != k_hex_size) return std::nullopt;
  auto bytes = from_hex(text);
  if (!bytes) return std::nullopt;
  return KeyText{std::move(bytes), {}};
}

// Whether another file lies there by now, or none.
bool was_replaced(const std::string& path, const FileStamp& stamp)
{
  const auto now = stamp_of(path);
  return now && (!*now || **now != stamp);
}

// The file itself, whatever its name becomes.
class Old {
public:
  explicit Old(const std::string& path)
    : file_(::open(path.c_str(), O_WRONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK))
  {
  }

  // An attempt: nothing depends on it.
  void overwrite() const
  {
    struct stat status {};
    if (!file_.is_open() || ::fstat(file_.number(), &status) != 0) return;
    constexpr std::array<char, k_max_key_file> k_zeros{};
    const auto size = std::min(static_cast<std::size_t>(status.st_size), k_zeros.size());
    if (::pwrite(file_.number(), k_zeros.data(), size, 0) > 0) (void)::fdatasync(file_.number());
  }

private:
  FileDescriptor file_;
};

} // namespace

Secret key_line(const Secret& key)
{
  constexpr std::string_view k_digits = "0123456789abcdef";
  const auto from = key.reveal();
  return Secret::filled(2 * from.size() + 1, [from, k_digits](std::span<char> out) {
    for (std::size_t i = 0; i < from.size(); ++i) {
      const auto byte = static_cast<unsigned char>(from[i]);
      out[2 * i] = k_digits[byte >> 4];
      out[2 * i + 1] = k_digits[byte & 15];
    }
    out.back() = '\n';
  });
}

Result<std::optional<KeyText>> read_key_file(const std::string& path, FileOwner owner)
{
  for (int left = k_most_readings;; --left) {
    const auto file = read_private_file(path, k_max_key_file, owner);
    if (!file) return file.error();
    if (!*file) return std::optional<KeyText>();
    auto text = parse_key({(*file)->bytes.data(), (*file)->bytes.size()});
    if (text) return std::optional(std::move(*text));
    if (left <= 1 || !was_replaced(path, (*file)->stamp))
      return Error{Errc::misconfigured, path + " holds no key: that is 32 bytes or 64 hex digits"};
  }
}

Result<> replace_key_file(const std::string& path, std::string_view text)
{
  const std::filesystem::path file(path);
  const auto folder = PrivateFolder::open(file.parent_path().native());
  if (!folder) return folder.error();
  const Old old(path);
  const auto replaced = folder->replace(file.filename().native(), text);
  if (!replaced) return replaced.error();
  old.overwrite();
  return {};
}

Result<> rename_key_file(const std::string& from, const std::string& to)
{
  const std::filesystem::path file(to);
  const auto folder = PrivateFolder::open(file.parent_path().native());
  if (!folder) return folder.error();
  const Old old(to);
  const auto renamed =
      folder->rename(std::filesystem::path(from).filename().native(), file.filename().native());
  if (!renamed) return renamed.error();
  old.overwrite();
  return {};
}

} // namespace purser
