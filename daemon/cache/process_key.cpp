#include "daemon/cache/process_key.hpp"

#include <utility>

namespace purser {

ProcessKey::ProcessKey() : bytes_(random_key_bytes()), key_(SealingKey::from_bytes(bytes_).value())
{
}

Result<> ProcessKey::become(Secret bytes)
{
  auto key = SealingKey::from_bytes(bytes);
  if (!key) return key.error();
  bytes_ = std::move(bytes);
  key_ = std::move(*key);
  return {};
}

} // namespace purser
