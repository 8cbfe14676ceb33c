#pragma once

#include <string>
#include <utility>

namespace purser {

// Where the token comes from that a rule's role is asked for with.
struct WebIdentityRule {
  enum class From {
    actions,  // the endpoint that GitHub Actions, Forgejo or Gitea tells a job of
    variable, // of the request
    file,
  };

  explicit WebIdentityRule(From f, std::string n = {}) : from(f), name(std::move(n)) {}

  From from;
  std::string name;     // of the variable, or the file's, absolute
  std::string audience; // to ask `actions` for; empty: that of the role's partition
};

} // namespace purser
