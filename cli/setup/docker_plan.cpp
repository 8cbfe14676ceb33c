#include "cli/setup/docker_plan.hpp"

#include "cli/edit/change_diff.hpp"
#include "cli/edit/json_mask.hpp"
#include "cli/printable.hpp"
#include "cli/setup/text_plan.hpp"
#include "common/ecr_host.hpp"

#include <strings.h>

#include <algorithm>
#include <array>
#include <map>
#include <utility>

namespace purser::cli::setup {
namespace {

constexpr std::string_view k_purser = "purser";
constexpr std::array<std::string_view, 2> k_shown{"credsStore", "credHelpers"};

// Go's JSON package takes a member for a field whatever its case: the spelling that is there.
std::string spelling_in(const nlohmann::json& root, const char* name)
{
  for (const auto& member : root.items())
    if (::strcasecmp(member.key().c_str(), name) == 0) return member.key();
  return name;
}

bool names_helper(const nlohmann::json* value)
{
  return value == nullptr || value->is_null() || value->is_string();
}

// Builds a plan member by member; stops at the first that cannot be set.
class Builder {
public:
  Builder(EditedFile file, JsonEdit edit, FileRecord record)
    : file_(std::move(file)), edit_(std::move(edit)), record_(std::move(record))
  {
  }

  [[nodiscard]] Result<> name_purser(const JsonPath& path);
  [[nodiscard]] Result<> name_helpers(const std::vector<RegistryKey>& registries,
                                      DockerDialect dialect);
  [[nodiscard]] Result<> name_store();
  [[nodiscard]] PlannedFile finished() &&;

private:
  EditedFile file_;
  JsonEdit edit_;
  FileRecord record_;
  std::vector<std::string> notes_;
};

Result<> Builder::name_purser(const JsonPath& path)
{
  const auto* before = edit_.find(path);
  if (!names_helper(before))
    return Error(Errc::misconfigured, path.front() + " does not name a program");
  if (before != nullptr && *before == k_purser) return {};
  SetMember member;
  member.path = path;
  member.after = k_purser;
  if (before != nullptr) member.before = *before;
  member.made_parent = path.size() > 1 && edit_.find({path.front()}) == nullptr;
  if (const auto set = edit_.set(path, k_purser); !set) return set.error();
  record_.members.push_back(std::move(member));
  return {};
}

Result<> Builder::name_store()
{
  const auto store = spelling_in(*edit_.find({}), "credsStore");
  const auto* before = edit_.find({store});
  const auto program = before != nullptr && before->is_string() ? before->get<std::string>() : "";
  if (!program.empty() && program != k_purser)
    notes_.push_back("what docker-credential-" + printable(program) +
                     " keeps stays there, and is not asked any more");
  return name_purser({store});
}

Result<> Builder::name_helpers(const std::vector<RegistryKey>& registries, DockerDialect dialect)
{
  const auto helpers = spelling_in(*edit_.find({}), "credHelpers");
  const auto is_ours = [&registries](const RegistryKey& key) {
    return parse_ecr_host(key.host()).has_value() ||
           std::find(registries.begin(), registries.end(), key) != registries.end();
  };
  std::map<std::string, std::string> foreign;
  if (const auto* there = edit_.find({helpers}); there != nullptr && there->is_object())
    for (const auto& [name, helper] : there->items())
      if (helper.is_string() && helper != k_purser) foreign[name] = helper;
  for (const auto& [name, helper] : foreign) {
    const auto key = RegistryKey::parse(name);
    if (!key || !is_ours(*key)) {
      notes_.push_back(printable(name) + " stays with docker-credential-" + printable(helper));
      continue;
    }
    if (const auto named = name_purser({helpers, name}); !named) return named.error();
  }
  for (const auto& key : registries) {
    const auto name = dialect == DockerDialect::docker ? key.docker_spelling() : key.registry();
    if (const auto named = name_purser({helpers, std::string(name)}); !named) return named.error();
  }
  return {};
}

PlannedFile Builder::finished() &&
{
  record_.splices = edit_.splices();
  record_.size = edit_.text().size();
  const auto before = masked_json(file_.text(), k_shown);
  auto diff = unified_diff(before, masked_json(edit_.text(), k_shown),
                           {record_.created ? "/dev/null" : record_.path, record_.path});
  std::string after = edit_.text();
  return {std::move(file_), std::move(after), std::move(record_), std::move(diff), notes_};
}

} // namespace

Planned plan_docker_file(const std::string& client,
                         const std::string& path,
                         DockerDialect dialect,
                         const std::vector<RegistryKey>& registries)
{
  auto file = EditedFile::read(path);
  if (!file) return file.error();
  auto edit = JsonEdit::parse(file->text());
  if (!edit) return Error(edit.error().code, path + ": " + edit.error().what);
  auto record = new_record(client, path, *file);
  Builder builder(std::move(*file), std::move(*edit), std::move(record));
  auto done = builder.name_helpers(registries, dialect);
  if (done && dialect == DockerDialect::docker) done = builder.name_store();
  if (!done) return Error(done.error().code, path + ": " + done.error().what);
  return std::move(builder).finished();
}

} // namespace purser::cli::setup
