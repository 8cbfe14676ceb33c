#pragma once

#include "common/file_descriptor.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace purser {

// An entry for the journal in its native protocol (systemd.io/JOURNAL_NATIVE_PROTOCOL): what it can
// be searched by. Names are literals of capital letters, digits and `_`; a value may hold any byte,
// and is cut off after k_max_value.
class JournalEntry {
public:
  static constexpr std::size_t k_max_value = 1024;

  void add(std::string_view name, std::string_view value);
  [[nodiscard]] std::string_view bytes() const { return bytes_; }

private:
  std::string bytes_;
};

// Sends entries to the journal of this machine. Never waits: what it does not take at once, or
// where there is none, is dropped and counted.
class Journal {
public:
  static constexpr std::string_view k_socket = "/run/systemd/journal/socket";

  explicit Journal(std::string socket = std::string(k_socket)) : path_(std::move(socket)) {}

  // Whether it was taken; errno says why not.
  bool send(const JournalEntry& entry);
  // Since the last one that was taken.
  [[nodiscard]] std::uint64_t dropped() const { return dropped_; }

private:
  [[nodiscard]] bool try_to_send(std::string_view bytes);

  std::string path_;
  FileDescriptor socket_;
  std::uint64_t dropped_ = 0;
};

} // namespace purser
