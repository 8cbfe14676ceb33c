#pragma once

#include "common/registry_key.hpp"
#include "daemon/providers/aging_table.hpp"
#include "daemon/providers/asker.hpp"
#include "daemon/providers/aws/aws_source.hpp"
#include "daemon/seal/sealing_key.hpp"
#include "daemon/time/clock.hpp"

#include <string>

namespace purser::ecr {

// What questions without a rule were resolved to, by all that a request brings: who asks the same
// again is spared the look at profiles, endpoints and the way out to the network.
//
// An answer holds only while AwsSources would find the same source for it: whoever uses it asks
// there, since files may have changed.
class KnownQuestions {
public:
  static constexpr std::size_t k_most = 64; // shells and jobs, more or less
  static constexpr Duration k_age = std::chrono::minutes(1);

  struct Answer {
    std::string kept_as; // in AwsSources
    aws::AwsSourcePtr source;
    std::string identity; // its digest
    std::string shown;    // the source, for people
    std::string issuer;   // the host of it
  };

  explicit KnownQuestions(const SealingKey& key) : key_(key) {}

  // Equal for equal questions. Keyed, since the variables hold secrets.
  [[nodiscard]] std::string name(const RegistryKey& key, const Asker& asker) const;

  // Null where it is not known (any more); valid until the next call.
  [[nodiscard]] const Answer* find(const std::string& name, BootTime now)
  {
    return answers_.find(name, now);
  }
  void put(const std::string& name, Answer answer, BootTime now)
  {
    answers_.put(name, std::move(answer), now);
  }
  void forget_old(BootTime now) { answers_.forget_old(now); }

private:
  const SealingKey& key_;
  AgingTable<Answer> answers_{k_most, k_age};
};

} // namespace purser::ecr
