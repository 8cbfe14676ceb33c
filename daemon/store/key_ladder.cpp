#include "daemon/store/key_ladder.hpp"

#include "daemon/store/private_file.hpp"
#include "daemon/store/private_folder.hpp"

#include <filesystem>

namespace purser {
namespace {

constexpr std::size_t k_hex_size = 2 * SealingKey::k_size;
constexpr std::size_t k_max_key_file = 256;

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

Secret to_hex_line(const Secret& bytes)
{
  constexpr std::string_view k_digits = "0123456789abcdef";
  const auto from = bytes.reveal();
  return Secret::filled(2 * from.size() + 1, [from, k_digits](std::span<char> out) {
    for (std::size_t i = 0; i < from.size(); ++i) {
      const auto byte = static_cast<unsigned char>(from[i]);
      out[2 * i] = k_digits[byte >> 4];
      out[2 * i + 1] = k_digits[byte & 15];
    }
    out.back() = '\n';
  });
}

std::optional<Secret> parse_key(std::string_view text)
{
  if (text.size() == SealingKey::k_size) return Secret(text);
  if (text.ends_with('\n')) text.remove_suffix(1);
  if (text.size() != k_hex_size) return std::nullopt;
  return from_hex(text);
}

Result<std::optional<FoundKey>> read_key(const std::string& path, FileOwner owner)
{
  const auto file = read_private_file(path, k_max_key_file, owner);
  if (!file) return file.error();
  if (!*file) return std::optional<FoundKey>();
  const auto bytes = parse_key({(*file)->bytes.data(), (*file)->bytes.size()});
  if (!bytes)
    return Error{Errc::misconfigured, path + " holds no key: that is 32 bytes or 64 hex digits"};
  auto key = SealingKey::from_bytes(*bytes);
  if (!key) return key.error();
  return std::optional(FoundKey(std::move(*key), path));
}

} // namespace

Result<std::optional<FoundKey>> KeyLadder::find() const
{
  if (!places_.credentials_directory.empty()) {
    const auto path = places_.credentials_directory + "/" + std::string(k_credential_name);
    auto found = read_key(path, FileOwner::us_or_the_system);
    if (!found || *found) return found; // systemd sets the variable for other credentials, too
  }
  if (!places_.configured_file.empty()) {
    auto found = read_key(places_.configured_file, FileOwner::us);
    if (found && !*found)
      return Error{Errc::misconfigured,
                   "the configured key file " + places_.configured_file + " does not exist"};
    return found;
  }
  return read_key(places_.generated_file, FileOwner::us);
}

Result<FoundKey> KeyLadder::find_or_generate() const
{
  auto found = find();
  if (!found) return found.error();
  if (*found) return std::move(**found);

  const std::filesystem::path path(places_.generated_file);
  const auto folder = PrivateFolder::open(path.parent_path().native());
  if (!folder) return folder.error();
  const auto line = to_hex_line(random_key_bytes());
  const auto created = folder->create(path.filename().native(), line.reveal());
  if (!created) return created.error();

  auto made = read_key(path.native(), FileOwner::us); // perhaps another process's
  if (!made) return made.error();
  if (!*made)
    return with_remedy({Errc::transient, path.native() + " was removed just now; try again"});
  return std::move(**made);
}

} // namespace purser
