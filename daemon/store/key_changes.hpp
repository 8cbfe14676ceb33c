#pragma once

#include "common/result.hpp"
#include "common/secret.hpp"
#include "daemon/store/held_keys.hpp"
#include "daemon/store/key_ladder.hpp"
#include "daemon/store/sealed_file.hpp"
#include "daemon/store/store_format.hpp"

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

namespace purser {

// What people do to the key of the sealed file: another key, a passphrase, none. Each change is
// made under the lock of the store and is whole at every moment of a crash. All of it blocks, most
// of it for as long as a guess at a passphrase costs.
class KeyChanges {
public:
  enum class Kind {
    none,      // not made yet
    elsewhere, // from systemd or a configured file: not ours to change
    plain,     // the generated one
    wrapped    // the generated one, under a passphrase
  };
  struct State {
    Kind kind = Kind::none;
    std::string place; // its file
    bool open = false; // it can be used: it needs no passphrase, or one was given
  };

  static constexpr std::size_t k_least_passphrase = 8; // bytes

  // `credentials` is the sealed file; `held` the same as the ladder's.
  KeyChanges(std::string credentials,
             KeyLadder ladder,
             std::shared_ptr<HeldKeys> held,
             std::chrono::milliseconds lock_limit = SealedFile::k_lock_limit);

  [[nodiscard]] Result<State> state() const;
  // Opens what is under the passphrase; HeldKeys has it afterwards. rejected where it is wrong.
  [[nodiscard]] Result<> open(const Secret& passphrase) const;
  // Puts the plain key under a passphrase (a new key where there is none); it is not held.
  // bad_request where the passphrase is too short or too long.
  [[nodiscard]] Result<> wrap(const Secret& passphrase) const;
  // Puts it in plain text again. rejected where the passphrase is wrong.
  [[nodiscard]] Result<> unwrap(const Secret& passphrase) const;
  // Makes a new key and seals all records anew; how many there are. The passphrase stays, and has
  // to be given where there is one.
  [[nodiscard]] Result<std::size_t> rotate(const Secret& passphrase) const;

private:
  class Locked;
  [[nodiscard]] Result<State> expect(Kind wanted) const;
  // All records of the store, sealed with `to`.
  [[nodiscard]] Result<SealedRecords>
  resealed(const Locked& locked, const SealingKey& from, const SealingKey& to) const;
  // What the file of a new key holds.
  [[nodiscard]] Result<Secret>
  next_text(Kind kind, const Secret& key, const Secret& passphrase) const;

  std::string credentials_;
  KeyLadder ladder_;
  std::shared_ptr<HeldKeys> held_;
  std::chrono::milliseconds lock_limit_;
};

} // namespace purser
