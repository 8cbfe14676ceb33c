#include "cli/setup/undo_run.hpp"

#include "cli/setup/chosen_clients.hpp"
#include "cli/setup/client_files.hpp"
#include "cli/setup/journal.hpp"
#include "cli/setup/undo_plan.hpp"

#include <unistd.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace purser::cli::setup {
namespace {

bool names(const std::vector<std::string>& clients, const std::string& configuration)
{
  return std::any_of(clients.begin(), clients.end(), [&configuration](const std::string& client) {
    return configuration_of(client) == configuration;
  });
}

FileState take_back(UndonePlan& plan, std::string& what)
{
  const auto done = plan.removes_file ? plan.file.remove() : plan.file.replace(plan.after);
  if (!done) {
    what = done.error().what;
    return FileState::failed;
  }
  if (plan.removes_file) return FileState::removed;
  return plan.exact ? FileState::restored : FileState::partly_restored;
}

// What undo does with one record; `what` says why where it failed.
FileState undo_record(const FileRecord& record, Dialogue& dialogue, std::string& what)
{
  auto plan = plan_undo(record);
  if (!plan) {
    what = plan.error().what;
    return plan.error().code == Errc::interaction_required ? FileState::by_hand : FileState::failed;
  }
  if (!*plan) return FileState::nothing_left;
  switch (dialogue.ask(record.client, (*plan)->diff)) {
  case Dialogue::Answer::only_shown: return FileState::would_change;
  case Dialogue::Answer::leave_it: return FileState::declined;
  case Dialogue::Answer::nobody_to_ask:
    what = record.path + " was not changed: nobody is here to ask; say --yes";
    return FileState::failed;
  case Dialogue::Answer::do_it: break;
  }
  return take_back(**plan, what);
}

// Those that were made for a file which is gone; one that somebody uses by now stays.
void remove_folders(const FileRecord& record)
{
  if (!record.created || ::access(record.path.c_str(), F_OK) == 0) return;
  for (auto folder = record.folders.rbegin(); folder != record.folders.rend(); ++folder)
    if (::rmdir(folder->c_str()) != 0) return;
}

bool has_done_its_duty(FileState state)
{
  return state == FileState::restored || state == FileState::partly_restored ||
         state == FileState::removed || state == FileState::nothing_left;
}

} // namespace

void undo_all(const std::vector<std::string>& clients, Dialogue& dialogue)
{
  const auto files = ClientFiles::of(environment_variable);
  if (!files) return dialogue.warn(files.error().what);
  const auto seen = Journal::open(files->journal, Journal::Use::reading);
  if (!seen) return dialogue.warn(seen.error().what);
  if (seen->records().empty()) return dialogue.say("nothing to undo");
  const bool dry_run = dialogue.form().dry_run;
  auto journal =
      Journal::open(files->journal, dry_run ? Journal::Use::reading : Journal::Use::writing);
  if (!journal) return dialogue.warn(journal.error().what);
  for (std::size_t i = journal->records().size(); i-- > 0;) {
    const auto record = journal->records()[i];
    if (!clients.empty() && !names(clients, record.client)) continue;
    FileOutcome outcome{record.client, record.path, FileState::failed, "", {}};
    outcome.state = undo_record(record, dialogue, outcome.what);
    const bool done = has_done_its_duty(outcome.state);
    dialogue.tell(std::move(outcome));
    if (!done || dry_run) continue;
    remove_folders(record);
    if (const auto dropped = journal->drop(i); !dropped) dialogue.warn(dropped.error().what);
  }
}

} // namespace purser::cli::setup
