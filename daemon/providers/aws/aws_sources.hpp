#pragma once

#include "common/result.hpp"
#include "daemon/async/worker.hpp"
#include "daemon/providers/aging_table.hpp"
#include "daemon/providers/aws/aws_keys.hpp"
#include "daemon/providers/aws/chain.hpp"
#include "daemon/providers/aws/profile_files.hpp"
#include "daemon/providers/aws/profile_settings.hpp"
#include "daemon/providers/standpoint.hpp"
#include "daemon/seal/sealing_key.hpp"
#include "daemon/time/clock.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace purser::aws {

// Whose keys a request means, resolved.
struct AwsSource {
  std::string place;                  // in a sentence: `profile "prod"`, `the environment`
  std::optional<std::string> profile; // where it is one
  std::string fingerprint;            // keyed digest of the keys and all properties of the profile
  std::string sealed_keys;            // see open_keys()
  ProfileSettings settings;
};

// Finds the AWS credentials of requests.
//
// A source is kept per what it was resolved from (the variables that decide, the rule's
// profile, the files' names), so that a warm resolution reads no file. It is dropped as soon
// as a file may have changed, and in any case after 10 s, for the sake of network file systems.
class AwsSources {
public:
  AwsSources(boost::asio::any_io_executor ex,
             Clock& clock,
             WorkerPool& files,
             const SealingKey& key);

  using Source = std::shared_ptr<const AwsSource>;
  // Errors: those of find_keys(), read_profiles() and read_settings().
  [[nodiscard]] boost::asio::awaitable<Result<Source>>
  resolve(Standpoint standpoint, std::optional<std::string> rule_profile);

private:
  struct Kept {
    Source source;
    std::weak_ptr<FileWatch> watch;
  };

  [[nodiscard]] Result<ProfilePaths> find_paths(const Standpoint& standpoint) const;
  [[nodiscard]] std::string question(const Standpoint& standpoint,
                                     const ProfileChoice& choice,
                                     const ProfilePaths& paths) const;
  [[nodiscard]] Source recall(const std::string& question);
  [[nodiscard]] Result<Source> evaluate(const ChainInput& input) const;

  Clock& clock_;
  const SealingKey& key_;
  ProfileFiles files_;
  AgingTable<Kept> kept_;
};

[[nodiscard]] Result<AwsKeys> open_keys(const AwsSource& source, const SealingKey& key);

} // namespace purser::aws
