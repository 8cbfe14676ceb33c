#pragma once

#include "helper/conversation.hpp"
#include "helper/deadline.hpp"
#include "helper/verb.hpp"

#include <span>
#include <string_view>

namespace purser::helper {

// Says on standard output that the helper itself cannot go on, in one line. Returns
// the exit code.
int say_failure(std::string_view cause, std::string_view remedy, const Deadline& deadline);

// Answers the client in the daemon's place, after it gave none. Returns the exit code.
//
// "Not found" only where purser has nothing to do with the registry, so that public
// images still pull; everything else is an error that says why. `scratch` is for the
// index of managed hosts.
int answer_without_daemon(Verb verb,
                          std::string_view input,
                          const Ending& ending,
                          std::span<char> scratch,
                          const Deadline& deadline);

} // namespace purser::helper
