#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace purser::cli {

// The program that clients run: the first docker-credential-NAME on `path`, which is PATH.
// Nothing where there is none. Folders that do not begin with a slash are left out, as docker
// does.
[[nodiscard]] std::optional<std::string> find_helper(std::string_view path,
                                                     std::string_view name = "purser");

// What `PROGRAM version` says of itself; nothing where it says nothing of that kind, or takes
// longer than `limit`.
[[nodiscard]] std::optional<std::string> version_of(const std::string& program,
                                                    std::chrono::milliseconds limit);

// Runs the helper's `list`, whose answer is thrown away: a helper starts the daemon where none
// runs. Returns when it has ended, or after `limit`.
void wake_daemon(const std::string& program, std::chrono::milliseconds limit);

// Why the helper finds and starts no daemon: the line that it tells clients, without its "purser:
// ". Asked with an entry that every daemon refuses, since the helper's `list` hides all trouble
// from docker; nothing where a daemon answered it after all, or the helper says nothing within
// `limit`.
[[nodiscard]] std::optional<std::string> why_no_daemon(const std::string& program,
                                                       std::chrono::milliseconds limit);

} // namespace purser::cli
