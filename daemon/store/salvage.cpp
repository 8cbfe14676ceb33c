#include "daemon/store/salvage.hpp"

#include "daemon/store/byte_format.hpp"

#include <optional>
#include <set>
#include <utility>

namespace purser {
namespace {

constexpr std::size_t k_count_at = 32;
constexpr std::size_t k_width = 4;
constexpr std::uint64_t k_most_records = k_max_store_size / SealingKey::k_overhead;

// The sealed text at `at`, behind its size; nothing where that cannot be one.
std::optional<std::string_view> sealed_at(std::string_view bytes, std::size_t at, std::size_t most)
{
  if (at >= bytes.size()) return std::nullopt;
  ByteReader reader(bytes.substr(at));
  const auto text = reader.sized(k_width);
  if (!text || text->size() < SealingKey::k_overhead || text->size() > most) return std::nullopt;
  return text;
}

// How many records the head tells of; nothing where that cannot be.
std::uint64_t told(std::string_view bytes)
{
  ByteReader reader(bytes);
  (void)reader.take(k_count_at);
  const auto count = reader.number(k_width).value_or(0);
  return count <= k_most_records ? count : 0;
}

} // namespace

Salvage salvage(const SealingKey& key, std::string_view bytes)
{
  constexpr std::size_t k_sizes = 24; // of the three fields, see FieldList
  constexpr std::size_t k_most_name = k_max_stored_name + SealingKey::k_overhead + k_sizes;
  constexpr std::size_t k_most_secret = k_max_stored_secret + SealingKey::k_overhead;
  Salvage found;
  std::set<RecordName> lost;
  for (std::size_t at = 0; at < bytes.size();) {
    const auto sealed_name = sealed_at(bytes, at, k_most_name);
    auto named = sealed_name ? open_record_name(key, *sealed_name) : std::nullopt;
    if (!named) {
      ++at; // until something opens again
      continue;
    }
    at += k_width + sealed_name->size();
    const auto sealed_secret = sealed_at(bytes, at, k_most_secret);
    auto& [name, username] = *named;
    SealedRecord record(std::move(username), SharedBytes(std::string(*sealed_name)),
                        SharedBytes(std::string(sealed_secret.value_or(""))));
    if (!open_secret(key, name, record)) {
      lost.insert(std::move(name));
      continue;
    }
    at += k_width + sealed_secret->size();
    found.records.try_emplace(std::move(name), std::move(record));
  }
  for (const auto& name : lost)
    if (!found.records.contains(name)) found.lost.push_back(name);
  const std::uint64_t count = told(bytes);
  const std::uint64_t named = found.records.size() + found.lost.size();
  found.unnamed = count > named ? count - named : 0;
  return found;
}

} // namespace purser
