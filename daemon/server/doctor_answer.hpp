#pragma once

#include "daemon/providers/diagnosis.hpp"
#include "daemon/server/json_answer.hpp"
#include "daemon/time/clock.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace purser {

// What a doctor ends with.
struct Verdict {
  Verdict(std::string_view o, std::optional<Errc> c, std::string s)
    : outcome(o), code(c), sentence(std::move(s))
  {
  }

  std::string_view outcome; // "ok", "configuration", "no_credentials", "failed"
  std::optional<Errc> code; // where it is not "ok"
  std::string sentence;     // for people
};

// Whom it was asked about; empty where it was the daemon itself.
struct Patient {
  std::string registry; // canonical
  std::string provider; // who answers for it; empty where nobody does
};

// The answer of `POST /v1/doctor` (docs/protocol.md). Never a secret.
[[nodiscard]] Json doctor_json(const Diagnosis& diagnosis,
                               const Patient& patient,
                               const Verdict& verdict,
                               const Clock& clock);

// "fresh, 1 m old, alive for another 11 h 59 m, until 2026-01-02T03:04:05Z"
[[nodiscard]] std::string token_phrase(const RenewalView& token, const Clock& clock);

} // namespace purser
