#pragma once

#include "helper/conversation.hpp"
#include "helper/deadline.hpp"
#include "helper/front_end.hpp"
#include "helper/verb.hpp"

#include <span>
#include <string_view>

namespace purser::helper {

// Says that the helper itself cannot go on, in one line, where this front end's errors
// are read. Returns the exit code.
int say_failure(FrontEnd front_end,
                std::string_view cause,
                std::string_view remedy,
                const Deadline& deadline);

// Answers the client in the daemon's place, after it gave none. Returns the exit code.
//
// "Not found" (Bazel: no headers) only where purser has nothing to do with the registry, so
// that public images still pull; everything else is an error that says why. To the kubelet
// every failure is an error: it goes on by itself. `scratch` is for the index of managed hosts.
int answer_without_daemon(FrontEnd front_end,
                          Verb verb,
                          std::string_view input,
                          const Ending& ending,
                          std::span<char> scratch,
                          const Deadline& deadline);

} // namespace purser::helper
