#pragma once

#include "cli/exit_code.hpp"
#include "cli/export/credential.hpp"
#include "cli/export/order.hpp"
#include "cli/export/stop_signals.hpp"
#include "common/result.hpp"
#include "common/secret.hpp"

#include <optional>
#include <ostream>
#include <string>
#include <vector>

namespace purser::cli {

// The credentials of an order, as they were last known.
class ExportedSet {
public:
  // Asks with the program `helper`. `order` and `err` outlive it.
  ExportedSet(std::string helper, const ExportOrder& order, std::ostream& err);

  // Asks for every registry, and tells on `err` what went wrong, once. Who fails keeps the
  // credential that is known; who is known to have none any more loses it. Ends early where
  // `stop` says so.
  void ask(const StopSignals& stop);

  // success where nothing went wrong the last time.
  [[nodiscard]] ExitCode verdict() const;
  // The file's text, of all that is known.
  [[nodiscard]] Result<Secret> text() const;

private:
  struct Entry {
    std::optional<ExportedCredential> credential;
    std::optional<Error> error;
  };
  void note(Entry& entry, Error error);

  std::string helper_;
  const ExportOrder& order_;
  std::ostream& err_;
  std::vector<Entry> entries_; // in the order of the registries
};

} // namespace purser::cli
