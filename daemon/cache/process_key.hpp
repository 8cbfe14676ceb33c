#pragma once

#include "common/result.hpp"
#include "common/secret.hpp"
#include "daemon/seal/sealing_key.hpp"

namespace purser {

// The key of this process: all that it holds is sealed and digested with it. It keeps the bytes
// that the key was made of beside it, since the cache takes them along to the next process.
class ProcessKey {
public:
  // One that nobody else has.
  ProcessKey();

  // Becomes the key that these bytes make, at the same address: before anything was sealed or
  // digested. misconfigured unless they are SealingKey::k_size bytes.
  [[nodiscard]] Result<> become(Secret bytes);

  [[nodiscard]] const SealingKey& key() const { return key_; }
  [[nodiscard]] const Secret& bytes() const { return bytes_; }

private:
  Secret bytes_;
  SealingKey key_;
};

} // namespace purser
