#pragma once

#include "common/file_descriptor.hpp"
#include "common/result.hpp"
#include "common/wiping.hpp"
#include "daemon/store/byte_sink.hpp"

#include <cstdint>
#include <vector>

namespace purser {

// Memory that outlives the process where somebody else holds its descriptor: the service
// manager. It holds one version of some bytes, and never half of one: two places take turns,
// each with a head (size and sequence number, 8 bytes each, little-endian) that is written after
// the bytes. What is no longer the newest is given back. All of it blocks, though not for long.
class CacheMemory {
public:
  [[nodiscard]] static Result<CacheMemory> make();
  // One that another process made, which may have died at any moment.
  explicit CacheMemory(FileDescriptor memory) : memory_(std::move(memory)) {}

  // Whether this is such a memory, of ours.
  [[nodiscard]] static bool is_one(int descriptor);

  // What may be whole, the newest first: the bytes themselves have to tell.
  [[nodiscard]] std::vector<WipingBuffer> versions() const;
  // transient where there is no memory, and the source's error where it fails; then the old
  // version is still there.
  [[nodiscard]] Result<> write(const ByteSource& source);
  void clear();

  [[nodiscard]] int number() const { return memory_.number(); }

private:
  struct Head {
    std::uint64_t size;
    std::uint64_t sequence;
  };
  [[nodiscard]] Head head(int place) const;
  // How many bytes the source gave.
  [[nodiscard]] Result<std::uint64_t> write_body(int place, const ByteSource& source) const;
  void give_back(int place);

  FileDescriptor memory_;
};

} // namespace purser
