#pragma once

#include "common/result.hpp"
#include "daemon/http/http_client.hpp"
#include "daemon/providers/asker.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace purser {

// Whose variables and files a request is resolved with.
//
// A request of our own mount namespace: its own. Any other: its own variables but never
// what they name in files, or the daemon's own variables and files.
class Standpoint {
public:
  // The asker's variables; its files, where it is local. `own_home` stands in for the
  // HOME of a local asker that has none.
  static Standpoint of_asker(std::shared_ptr<const Asker> asker,
                             std::optional<std::string> own_home);
  static Standpoint of_daemon(std::shared_ptr<const Environment> own);

  // A variable that names no file.
  [[nodiscard]] std::optional<std::string_view> get(std::string_view name) const;

  // Every variable, as it came: visit(name, value).
  template <class Visitor>
  void visit(Visitor visitor) const
  {
    env_->visit(visitor);
  }
  // The home folder, where it is known and files count.
  [[nodiscard]] std::optional<std::string> home() const { return files_ ? home_ : std::nullopt; }

  // Whether files count. Where they do not, path() gives nothing.
  [[nodiscard]] bool has_files() const { return files_; }

  // The file that a variable names, absolute: `~` is the home, and a relative name begins
  // in the working directory. misconfigured where that is not known.
  [[nodiscard]] Result<std::optional<std::string>> path(std::string_view variable) const;
  // The same for a name that stands elsewhere; `where` is for the error.
  [[nodiscard]] Result<std::string> absolute(std::string_view name, std::string_view where) const;
  // `rest` in the home; empty where there is none.
  [[nodiscard]] std::string in_home(std::string_view rest) const;

private:
  Standpoint() = default;

  std::shared_ptr<const Environment> env_;
  std::optional<std::string> home_;
  std::string cwd_;
  bool files_ = false;
};

// The way out to the network: the proxy variables in both cases (upper case first), and
// AWS_CA_BUNDLE, then `profile_ca` (absolute), then SSL_CERT_FILE and SSL_CERT_DIR.
[[nodiscard]] Result<Egress> find_egress(const Standpoint& standpoint, std::string_view profile_ca);

} // namespace purser
