#pragma once

#include "daemon/observe/audit.hpp"
#include "daemon/observe/journal.hpp"

#include <cstdint>
#include <optional>
#include <utility>

namespace purser {

// An event as the journal gets it: a sentence, and fields to search by (docs/operations.md). Never
// a secret: an event has none. `dropped` is how many before it the journal did not take.
[[nodiscard]] JournalEntry journal_entry(const AuditEvent& event, std::uint64_t dropped);

// Events go there where somebody wants that, and how it goes is logged: the first one of a row that
// is dropped is a warning, and so is how many they were when one is taken again.
class AuditJournal {
public:
  // Without a journal nothing is sent.
  explicit AuditJournal(std::optional<Journal> journal) : journal_(std::move(journal)) {}

  void add(const AuditEvent& event);

private:
  std::optional<Journal> journal_;
};

// That of this process: with the machine's journal where PURSER_AUDIT_JOURNAL is 1. Not by default:
// the journal is kept for months, may leave the machine, and gets a line for every pull.
[[nodiscard]] AuditJournal& audit_journal();

} // namespace purser
