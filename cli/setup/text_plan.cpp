#include "cli/setup/text_plan.hpp"

#include "cli/edit/change_diff.hpp"

#include <utility>

namespace purser::cli::setup {

std::string with_last_line_ended(std::string text)
{
  if (!text.empty() && !text.ends_with('\n')) text += '\n';
  return text;
}

PlannedFile plan_appended(EditedFile file, FileRecord record, const std::string& text)
{
  const auto& before = file.text();
  auto after = text.empty() ? before : with_last_line_ended(before);
  if (after.size() > before.size()) record.splices.push_back({before.size(), "", "\n"});
  if (!text.empty()) record.splices.push_back({after.size(), "", text});
  after += text;
  record.size = after.size();
  auto diff =
      unified_diff(with_last_line_ended(before), after,
                   {record.created ? "/dev/null" : record.path, record.path}, k_text_context);
  return {std::move(file), std::move(after), std::move(record), std::move(diff), {}};
}

FileRecord new_record(const std::string& client, const std::string& path, const EditedFile& file)
{
  FileRecord record;
  record.client = client;
  record.path = path;
  record.created = !file.exists();
  record.folders = file.missing_folders();
  return record;
}

} // namespace purser::cli::setup
