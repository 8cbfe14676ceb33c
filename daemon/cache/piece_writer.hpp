#pragma once

#include "common/result.hpp"
#include "daemon/seal/sealing_key.hpp"
#include "daemon/store/byte_sink.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace purser {

// Gives a sink what is added, in pieces of one size so that it never lies in memory as a whole,
// and its digest behind it. After an error it is of no use.
class PieceWriter {
public:
  static constexpr std::size_t k_piece_size = std::size_t{64} << 10; // but for the last

  // `key` and `sink` outlive it.
  PieceWriter(const SealingKey& key, const ByteSink& sink);

  [[nodiscard]] Result<> add(std::string_view bytes);
  // Adds the digest of all that was added, and gives the sink what is left.
  [[nodiscard]] Result<> finish();

  // Of all that was added.
  [[nodiscard]] std::size_t size() const { return size_; }

private:
  [[nodiscard]] Result<> fill(std::string_view bytes);
  [[nodiscard]] Result<> give();

  const ByteSink& sink_;
  Digester digester_;
  std::string piece_; // the next
  std::size_t size_ = 0;
};

} // namespace purser
