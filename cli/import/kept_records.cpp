#include "cli/import/kept_records.hpp"

#include "cli/fields.hpp"
#include "common/protocol.hpp"

#include <unistd.h>

#include <array>
#include <cstdio>
#include <ctime>
#include <utility>

namespace purser::cli {
namespace {

using Json = nlohmann::json;

Json json_of(const Login& login)
{
  return {{"username", login.username}, {"secret", login.secret.reveal()}};
}

// Empty where it is missing or no text.
std::string raw_text(const Json& object, const char* name)
{
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

Login login_of(const Json& object)
{
  return {raw_text(object, "username"), Secret(raw_text(object, "secret"))};
}

EntryRecord entry_of(const Json& json)
{
  EntryRecord record{raw_text(json, "registry"), login_of(json), std::nullopt};
  if (const auto replaced = json.find("replaced"); replaced != json.end() && replaced->is_object())
    record.replaced = login_of(*replaced);
  return record;
}

FileRecord file_of(const Json& json)
{
  FileRecord record{raw_text(json, "path"), raw_text(json, "original"), {}};
  const auto removed = json.find("removed");
  if (removed == json.end() || !removed->is_array()) return record;
  for (const auto& each : *removed) {
    JsonPath path;
    if (each.is_array())
      for (const auto& step : each)
        if (step.is_string()) path.push_back(step.get<std::string>());
    if (!path.empty()) record.removed.push_back(std::move(path));
  }
  return record;
}

} // namespace

Result<> KeptRecords::keep(const EntryRecord& record)
{
  Json json = json_of(record.login);
  json["kind"] = "entry";
  json["registry"] = record.registry;
  json["replaced"] = record.replaced ? json_of(*record.replaced) : Json(nullptr);
  return keep(json);
}

Result<> KeptRecords::keep(const FileRecord& record)
{
  return keep(Json{{"kind", "file"},
                   {"path", record.path},
                   {"original", record.original},
                   {"removed", record.removed}});
}

Result<> KeptRecords::keep(const Json& record)
{
  std::array<char, 16> number{};
  std::snprintf(number.data(), number.size(), ".%06d", ++count_);
  const auto kept = ask("keep", run_ + number.data() + "\n" + record.dump());
  if (!kept) return kept.error();
  return {};
}

Result<std::vector<std::string>> KeptRecords::names() const
{
  const auto answer = ask("list", {});
  if (!answer) return answer.error();
  std::vector<std::string> names;
  const auto records = answer->find("records");
  if (records != answer->end() && records->is_array())
    for (const auto& name : *records)
      if (name.is_string()) names.push_back(name.get<std::string>());
  return names;
}

Result<KeptRecord> KeptRecords::recall(const std::string& name) const
{
  const auto json = ask("recall", name);
  if (!json) return json.error();
  KeptRecord record;
  const auto kind = raw_text(*json, "kind");
  if (kind == "entry") record.entry = entry_of(*json);
  if (kind == "file") record.file = file_of(*json);
  return record;
}

Result<> KeptRecords::forget(const std::string& name) const
{
  const auto done = ask("forget", name);
  if (!done) return done.error();
  return {};
}

Result<std::string> KeptRecords::minted_by(std::string_view registry) const
{
  const auto answer = ask("route", registry);
  if (!answer) return answer.error();
  return text_field(*answer, "provider", "");
}

std::string KeptRecords::run_name()
{
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  ::gmtime_r(&now, &parts);
  std::array<char, 32> text{};
  const auto size = std::strftime(text.data(), text.size(), "%Y%m%dT%H%M%SZ-", &parts);
  return std::string(text.data(), size) + std::to_string(::getpid());
}

Result<Json> KeptRecords::ask(const char* verb, std::string_view input) const
{
  return daemon_.post(std::string(protocol::k_import_path) + verb, input);
}

} // namespace purser::cli
