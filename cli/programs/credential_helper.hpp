#pragma once

#include "cli/programs/child_program.hpp"
#include "cli/programs/login.hpp"
#include "common/result.hpp"

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace purser::cli {

// A program that speaks the docker-credential protocol: purser's own, which starts a daemon where
// none runs, or somebody else's. Source of the protocol: docker/docker-credential-helpers.
//
// Errors: timeout, misconfigured (it cannot be started), protocol_error (it answers something
// else), transient (it says that it failed). What purser's helper says is quoted; what others
// print beside a failure is not, for nobody knows what is in it.
class CredentialHelper {
public:
  enum class Whose { ours, foreign };
  // The helper of ours ends before.
  static constexpr std::chrono::seconds k_our_limit{10};
  // Somebody may have to type a passphrase.
  static constexpr std::chrono::seconds k_foreign_limit{60};

  // `stop`: a descriptor; where it can be read, every verb ends at once.
  CredentialHelper(std::string path, Whose whose, int stop = -1)
    : path_(std::move(path)), whose_(whose), stop_(stop)
  {
  }

  // User names by the names of registries.
  [[nodiscard]] Result<std::map<std::string, std::string>> list() const;
  // Nothing where it is not found.
  [[nodiscard]] Result<std::optional<Login>> get(std::string_view registry) const;
  [[nodiscard]] Result<> store(std::string_view registry, const Login& login) const;
  [[nodiscard]] Result<> erase(std::string_view registry) const;

  [[nodiscard]] const std::string& path() const { return path_; }

private:
  [[nodiscard]] Result<ChildOutcome> run(const char* verb, std::string_view input) const;
  [[nodiscard]] Error failed(const char* verb, std::string_view said) const;

  std::string path_; // absolute
  Whose whose_;
  int stop_;
};

} // namespace purser::cli
