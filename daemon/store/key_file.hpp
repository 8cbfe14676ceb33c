#pragma once

#include "common/result.hpp"
#include "common/secret.hpp"
#include "daemon/store/private_file.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace purser {

// What a key file holds: a key, or one under a passphrase.
struct KeyText {
  std::optional<Secret> plain;
  std::string wrapped; // as wrapped_key.hpp has it; empty where it is plain
};

// The text of a key in a file: 64 hexadecimal digits and a line feed.
[[nodiscard]] Secret key_line(const Secret& key);

// Nothing where there is no file. A file that was replaced while it was read is read again.
// misconfigured where it holds no key. Blocks.
[[nodiscard]] Result<std::optional<KeyText>> read_key_file(const std::string& path,
                                                           FileOwner owner);

// Replaces the key file at `path` durably, and then overwrites the one that was there, as far as
// its file system writes in place. Only for who holds the lock of the store. Blocks.
[[nodiscard]] Result<> replace_key_file(const std::string& path, std::string_view text);
// The same with the file `from`, which lies in the same folder.
[[nodiscard]] Result<> rename_key_file(const std::string& from, const std::string& to);

} // namespace purser
