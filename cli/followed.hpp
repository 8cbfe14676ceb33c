#pragma once

#include "cli/control_client.hpp"
#include "cli/exit_code.hpp"
#include "common/result.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <functional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

namespace purser::cli {

// What a list that grows says since the last look.
struct News {
  std::vector<nlohmann::json> items; // objects, the oldest first
  std::uint64_t lost = 0;            // that came since and were forgotten before this look
  bool restarted = false;            // another daemon answers than the last time
};

// A list of the daemon that grows, looked at again and again: what is new of it each time
// (docs/protocol.md, `run` and `after`).
class Followed {
public:
  // `name` is that of the list in the answer to GET `path`.
  Followed(std::string path, const char* name) : path_(std::move(path)), name_(name) {}

  // All that the daemon keeps, the first time. Errors are those of ControlClient, and
  // protocol_error of a daemon that is too old to be followed.
  [[nodiscard]] Result<News> look();

private:
  std::string path_;
  const char* name_;
  std::string run_; // empty before the first look
  std::uint64_t last_ = 0;
};

// Looks twice a second and hands over what is new, until nobody reads standard output any more or
// `show` returns false. The first failure ends it; a daemon that goes away later is waited for, and
// said on `err` once each time.
[[nodiscard]] ExitCode
follow(Followed& list, const std::function<bool(const News&)>& show, std::ostream& err);

} // namespace purser::cli
