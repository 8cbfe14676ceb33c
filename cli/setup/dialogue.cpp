#include "cli/setup/dialogue.hpp"

#include "cli/printable.hpp"

#include <utility>

namespace purser::cli::setup {
namespace {

std::string for_people(FileState state)
{
  switch (state) {
  case FileState::unchanged: return "asks purser already";
  case FileState::would_change: return "would change";
  case FileState::changed: return "changed";
  case FileState::declined: return "left as it is";
  case FileState::restored: return "as it was before";
  case FileState::partly_restored: return "was edited since; only purser's own entries are gone";
  case FileState::removed: return "removed";
  case FileState::nothing_left: return "has nothing of purser's any more";
  case FileState::by_hand:
  case FileState::failed: break;
  }
  return {};
}

} // namespace

std::string to_string(FileState state)
{
  switch (state) {
  case FileState::unchanged: return "unchanged";
  case FileState::would_change: return "would_change";
  case FileState::changed: return "changed";
  case FileState::declined: return "declined";
  case FileState::restored: return "restored";
  case FileState::partly_restored: return "partly_restored";
  case FileState::removed: return "removed";
  case FileState::nothing_left: return "nothing_left";
  case FileState::by_hand: return "by_hand";
  case FileState::failed: break;
  }
  return "failed";
}

Dialogue::Answer Dialogue::ask(const std::string& client, const std::string& diff)
{
  if (!form_.json) out_ << client << ":\n" << diff;
  if (form_.dry_run) return Answer::only_shown;
  if (form_.yes) return Answer::do_it;
  if (in_ == nullptr) return Answer::nobody_to_ask;
  out_ << "Change it? [y/N] " << std::flush;
  std::string answer;
  std::getline(*in_, answer);
  const bool yes = answer == "y" || answer == "Y" || answer == "yes";
  return yes ? Answer::do_it : Answer::leave_it;
}

void Dialogue::tell(FileOutcome outcome)
{
  const bool bad = outcome.state == FileState::failed || outcome.state == FileState::by_hand;
  failed_ = failed_ || bad;
  if (!form_.json) {
    if (bad)
      err_ << "purser: " << outcome.client << ": " << printable(outcome.what) << '\n';
    else
      out_ << outcome.client << ": " << printable(outcome.path) << ' ' << for_people(outcome.state)
           << '\n';
    for (const auto& note : outcome.notes)
      out_ << "  " << note << '\n';
  }
  nlohmann::json told{{"client", std::move(outcome.client)},
                      {"path", std::move(outcome.path)},
                      {"state", to_string(outcome.state)},
                      {"notes", std::move(outcome.notes)}};
  told["error"] = bad ? nlohmann::json(std::move(outcome.what)) : nlohmann::json();
  told_.push_back(std::move(told));
}

void Dialogue::say(const std::string& what)
{
  if (!form_.json) out_ << what << '\n';
}

void Dialogue::warn(const std::string& what)
{
  failed_ = true;
  if (!form_.json) err_ << "purser: " << printable(what) << '\n';
  warnings_.push_back(what);
}

void Dialogue::finish()
{
  if (!form_.json) return;
  const nlohmann::json report{{"version", 1}, {"files", told_}, {"problems", warnings_}};
  out_ << report.dump(2, ' ', true, nlohmann::json::error_handler_t::replace) << '\n';
}

} // namespace purser::cli::setup
