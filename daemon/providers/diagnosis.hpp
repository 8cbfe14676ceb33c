#pragma once

#include "daemon/renewal/renewing.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace purser {

// One thing that was looked at on the way to a credential.
struct Finding {
  enum class State {
    good,
    used,    // of several, this one
    absent,  // not there, which is no fault
    skipped, // not looked at, since something before it decided
    warning, // out of the ordinary
    failed,
  };

  Finding(std::string_view t, State s, std::string w) : topic(t), state(s), text(std::move(w)) {}

  std::string_view topic; // a literal: "source", "keys"; docs/protocol.md lists them
  State state;
  std::string text; // for people, built from names like an error: never a secret
};

[[nodiscard]] std::string_view to_string(Finding::State state);

// Who somebody's keys belong to, as AWS says.
struct Principal {
  std::string arn;
  std::string account;
};

// What is found out while a request is answered, for who asked to hear it (`purser doctor`).
// It is told along the way of an ordinary request, so that it cannot be another one.
struct Diagnosis {
  enum class Trouble {
    none,
    configuration, // nobody knows which rules were meant
    no_source,     // nothing is configured that credentials could come from
    no_handout,    // of a token by scope: its credential cannot be obtained
  };

  // Of a request that wants to know the kind of its trouble, and is not to do more for that than
  // it would do.
  [[nodiscard]] static std::shared_ptr<Diagnosis> of_trouble()
  {
    auto diagnosis = std::make_shared<Diagnosis>();
    diagnosis->thorough = false;
    return diagnosis;
  }

  void add(std::string_view topic, Finding::State state, std::string text)
  {
    findings.emplace_back(topic, state, std::move(text));
  }

  std::vector<Finding> findings; // in the order of events
  std::optional<Principal> principal;
  std::optional<RenewalView> token; // what the cache knows of it
  Trouble trouble = Trouble::none;
  bool thorough = true; // what the request alone would not find out is asked for, too
};

} // namespace purser
