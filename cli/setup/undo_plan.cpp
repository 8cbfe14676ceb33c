#include "cli/setup/undo_plan.hpp"

#include "cli/edit/change_diff.hpp"
#include "cli/edit/json_mask.hpp"
#include "cli/setup/text_plan.hpp"

#include <array>
#include <utility>

namespace purser::cli::setup {
namespace {

constexpr std::array<std::string_view, 2> k_shown{"credsStore", "credHelpers"};

// The text without our lines, wherever they are by now.
std::optional<std::string> without_lines(const std::string& text, const FileRecord& record)
{
  std::string result = text;
  for (const auto& splice : record.splices) {
    if (splice.inserted == "\n") continue; // the end of a line of somebody else's: it may stay
    const auto at = result.find(splice.inserted);
    if (at == std::string::npos) return std::nullopt;
    result.erase(at, splice.inserted.size());
  }
  return result;
}

// The last that was set is the first that is taken back.
Result<std::string> without_members(const std::string& text, const FileRecord& record)
{
  auto edit = JsonEdit::parse(text);
  if (!edit) return Error(edit.error().code, record.path + ": " + edit.error().what);
  for (auto member = record.members.rbegin(); member != record.members.rend(); ++member) {
    const auto* now = edit->find(member->path);
    if (now == nullptr || *now != member->after) continue;
    auto done =
        member->before ? edit->set(member->path, *member->before) : edit->remove(member->path);
    const JsonPath parent(member->path.begin(), member->path.end() - 1);
    const auto* left = edit->find(parent);
    if (done && member->made_parent && left != nullptr && left->empty())
      done = edit->remove(parent);
    if (!done) return done.error();
  }
  return edit->text();
}

bool is_bare(const std::string& text, const FileRecord& record)
{
  if (text.empty()) return true;
  if (record.members.empty()) return false;
  const auto edit = JsonEdit::parse(text);
  return edit && edit->find({})->empty();
}

std::string shown(const std::string& text, const FileRecord& record)
{
  return record.members.empty() ? with_last_line_ended(text) : masked_json(text, k_shown);
}

} // namespace

Result<std::optional<UndonePlan>> plan_undo(const FileRecord& record)
{
  auto file = EditedFile::read(record.path);
  if (!file) return file.error();
  file->remove_rest();
  if (!file->exists()) return std::optional<UndonePlan>();
  const auto& now = file->text();
  std::optional<std::string> after;
  if (now.size() == record.size) after = unspliced(now, record.splices);
  const bool exact = after.has_value();
  if (!after && record.members.empty()) {
    after = without_lines(now, record);
    if (!after && now.find("purser") != std::string::npos)
      return Error(Errc::interaction_required,
                   record.path + " was edited since; take purser's lines out by hand");
  }
  if (!after && !record.members.empty()) {
    auto rest = without_members(now, record);
    if (!rest) return rest.error();
    after = std::move(*rest);
  }
  if (!after || *after == now) return std::optional<UndonePlan>();
  const bool removes_file = record.created && is_bare(*after, record);
  auto diff = unified_diff(shown(now, record), removes_file ? "" : shown(*after, record),
                           {record.path, removes_file ? "/dev/null" : record.path},
                           record.members.empty() ? k_text_context : 3);
  UndonePlan plan{std::move(*file), std::move(*after), removes_file, exact, std::move(diff)};
  return std::optional<UndonePlan>(std::move(plan));
}

} // namespace purser::cli::setup
