#pragma once

#include "common/result.hpp"
#include "daemon/async/file_watch.hpp"
#include "daemon/async/worker.hpp"
#include "daemon/config/web_identity_rule.hpp"
#include "daemon/providers/aging_table.hpp"
#include "daemon/providers/aws/aws_source.hpp"
#include "daemon/providers/aws/chain.hpp"
#include "daemon/providers/aws/profile_files.hpp"
#include "daemon/providers/standpoint.hpp"
#include "daemon/seal/sealing_key.hpp"
#include "daemon/time/clock.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace purser::aws {

// A file with a token that a source needs. That of a session is missing before the first login.
struct TokenFile {
  enum class Kind { web_identity, sso, login };

  std::string path;
  Kind kind;
};

// What a file with a token shows.
struct TokenLook {
  Secret subject; // whom it speaks for; empty where the file's name says it
  Secret content; // empty where it is missing
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

  struct Question {
    Question(Standpoint s, std::optional<std::string> p, std::string r, bool m)
      : standpoint(std::move(s))
      , rule_profile(std::move(p))
      , region(std::move(r))
      , machine_counts(m)
    {
    }

    Standpoint standpoint;
    std::optional<std::string> rule_profile;
    std::string region;                // of the registry: where STS is asked if nothing else says
    bool machine_counts;               // see ChainInput
    std::optional<RoleRequest> role{}; // to assume with what the chain finds, ...
    std::optional<WebIdentityRule> web_identity{}; // ... or with this instead
    std::vector<std::string> environment{};        // of programs; see ChainInput
    // Of whoever awaits the answer: then nothing is answered from what was kept.
    ChainTrace* trace = nullptr;
    // Of whoever awaits the answer, too: told where it is kept, if it is, for recall(); empty where
    // no files count.
    std::string* kept_as = nullptr;
  };
  // Errors: those of find_source(), rule_web_identity(), read_profiles(), read_settings(),
  // read_token_file() and choose_urls().
  [[nodiscard]] boost::asio::awaitable<Result<AwsSourcePtr>> resolve(Question question);

  // What would be found again where it was kept; null where it is not kept any more.
  [[nodiscard]] AwsSourcePtr recall(const std::string& kept_as);

  // Drops what is kept and too old.
  void forget_old() { kept_.forget_old(clock_.now()); }

private:
  struct Tokens {
    std::map<std::string, TokenLook> by_file;
    std::shared_ptr<FileWatch> watch; // null where watching is not possible
  };
  struct Kept {
    AwsSourcePtr source;
    std::weak_ptr<FileWatch> watch;
    std::shared_ptr<FileWatch> tokens; // null where there are none
  };

  [[nodiscard]] Result<ProfilePaths> find_paths(const Standpoint& standpoint) const;
  [[nodiscard]] std::string
  digest(const Question& question, const ProfileChoice& choice, const ProfilePaths& paths) const;
  boost::asio::awaitable<Result<Tokens>> read_tokens(std::vector<TokenFile> files);
  [[nodiscard]] Result<AwsSourcePtr> complete(FoundSource found,
                                              const ChainInput& input,
                                              const Tokens& tokens,
                                              const std::string& region) const;
  void
  take_origin(AwsSource& source, KeyOrigin origin, const Tokens& tokens, FieldList& fields) const;

  Clock& clock_;
  const SealingKey& key_;
  WorkerPool& pool_;
  ProfileFiles files_;
  AgingTable<Kept> kept_;
};

} // namespace purser::aws
