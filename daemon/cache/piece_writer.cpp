#include "daemon/cache/piece_writer.hpp"

#include <algorithm>

namespace purser {

PieceWriter::PieceWriter(const SealingKey& key, const ByteSink& sink) : sink_(sink), digester_(key)
{
  piece_.reserve(k_piece_size);
}

Result<> PieceWriter::add(std::string_view bytes)
{
  digester_.add(bytes);
  return fill(bytes);
}

Result<> PieceWriter::finish()
{
  if (auto filled = fill(digester_.digest()); !filled) return filled;
  return piece_.empty() ? Result<>() : give();
}

Result<> PieceWriter::fill(std::string_view bytes)
{
  size_ += bytes.size();
  while (!bytes.empty()) {
    const auto taken = bytes.substr(0, std::min(bytes.size(), k_piece_size - piece_.size()));
    piece_.append(taken);
    bytes.remove_prefix(taken.size());
    if (piece_.size() < k_piece_size) continue;
    if (auto given = give(); !given) return given;
  }
  return {};
}

Result<> PieceWriter::give()
{
  auto given = sink_(piece_);
  piece_.clear();
  return given;
}

} // namespace purser
