#include "cli/export/exported_set.hpp"

#include "cli/export/helper_get.hpp"

#include <algorithm>
#include <utility>

namespace purser::cli {

using namespace std::chrono_literals;

ExportedSet::ExportedSet(std::string helper, const ExportOrder& order, std::ostream& err)
  : helper_(std::move(helper)), order_(order), err_(err), entries_(order.registries.size())
{
}

void ExportedSet::ask(const StopSignals& stop)
{
  for (std::size_t i = 0; i < entries_.size() && !stop.wait(0ms); ++i) {
    auto got = get_through(helper_, order_.registries[i], stop);
    if (stop.wait(0ms)) return; // what it says is that we stop
    Entry& entry = entries_[i];
    if (!got) {
      note(entry, got.error());
      continue;
    }
    if (std::exchange(entry.error, std::nullopt) && order_.keep)
      err_ << "purser: " << order_.registries[i].text() << ": has a credential again" << std::endl;
    entry.credential.emplace(std::move(*got));
  }
}

void ExportedSet::note(Entry& entry, Error error)
{
  if (error.code == Errc::not_configured) entry.credential.reset();
  const bool known = entry.error && entry.error->what == error.what;
  if (!known) err_ << "purser: " << error.what << std::endl; // whoever keeps a log reads it now
  entry.error = std::move(error);
}

ExitCode ExportedSet::verdict() const
{
  const auto fails = [](const Entry& entry) { return entry.error.has_value(); };
  const auto unknown = [](const Entry& entry) {
    return !entry.error || entry.error->code == Errc::not_configured;
  };
  if (std::none_of(entries_.begin(), entries_.end(), fails)) return ExitCode::success;
  return std::all_of(entries_.begin(), entries_.end(), unknown) ? ExitCode::no_credentials
                                                                : ExitCode::failure;
}

Result<Secret> ExportedSet::text() const
{
  std::vector<const ExportedCredential*> known;
  for (const auto& entry : entries_)
    if (entry.credential) known.push_back(&*entry.credential);
  return export_text(order_.format, known, order_.name);
}

} // namespace purser::cli
