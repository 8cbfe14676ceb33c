#pragma once

#include "common/result.hpp"
#include "daemon/seal/sealing_key.hpp"
#include "daemon/store/held_keys.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace purser {

// Where the key may lie; an empty path means that there is no such place.
struct KeyPlaces {
  std::string credentials_directory; // $CREDENTIALS_DIRECTORY: `purser-key` in it
  std::string configured_file;       // named in the configuration
  std::string generated_file; // made where there is none; outside the folder of what it seals
};

struct FoundKey {
  FoundKey(SealingKey k, std::string p) : key(std::move(k)), place(std::move(p)) {}

  SealingKey key;
  std::string place; // its file, for people
};

// Finds the key that stored credentials are sealed with: the first place that has one,
// in the order of KeyPlaces. What each protects from is in docs/security.md.
//
// A key file has 32 bytes, or 64 hexadecimal digits and perhaps a line feed, and is
// readable by its owner only. A configured file must exist; a place that holds
// something wrong is an error (misconfigured), never a reason to go on to the next.
// The generated file may have its key under a passphrase (wrapped_key.hpp): then it is
// found where HeldKeys has it, and interaction_required otherwise.
// Blocks. Several threads may use it at once.
class KeyLadder {
public:
  static constexpr std::string_view k_credential_name = "purser-key";

  explicit KeyLadder(KeyPlaces places, std::shared_ptr<const HeldKeys> held = {})
    : places_(std::move(places)), held_(std::move(held))
  {
  }

  // Nothing where only the generated file is left, and it does not exist.
  [[nodiscard]] Result<std::optional<FoundKey>> find() const;
  // The key that is to take the place of the generated one (key_rotation.hpp); nothing where no
  // rotation is under way, and none was cut short.
  [[nodiscard]] Result<std::optional<FoundKey>> find_next() const;
  // As find(), or makes the generated file. Only where nothing is sealed yet. Of many
  // that do so at once, all get the same key. The key survives a crash of the machine.
  [[nodiscard]] Result<FoundKey> find_or_generate() const;

  // The file that find_or_generate() would make, and its successor.
  [[nodiscard]] const std::string& generated_file() const { return places_.generated_file; }
  [[nodiscard]] std::string next_file() const { return places_.generated_file + ".next"; }

private:
  [[nodiscard]] Result<std::optional<FoundKey>> find_generated(const std::string& path) const;

  KeyPlaces places_;
  std::shared_ptr<const HeldKeys> held_; // null: no passphrase can be given
};

// What a caller is told while the key is under a passphrase that nobody gave.
[[nodiscard]] Error locked_error();

} // namespace purser
