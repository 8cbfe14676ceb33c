#include "cli/setup/record_json.hpp"

#include <string>

namespace purser::cli::setup {
namespace {

using Json = nlohmann::json;

constexpr int k_version = 1;

Json to_json(const FileRecord& record)
{
  auto splices = Json::array();
  for (const auto& splice : record.splices)
    splices.push_back(
        {{"at", splice.at}, {"removed", splice.removed}, {"inserted", splice.inserted}});
  auto members = Json::array();
  for (const auto& member : record.members) {
    Json each{{"path", member.path}, {"after", member.after}, {"made_parent", member.made_parent}};
    if (member.before) each["before"] = *member.before;
    members.push_back(std::move(each));
  }
  return {{"client", record.client},      {"path", record.path}, {"created", record.created},
          {"folders", record.folders},    {"size", record.size}, {"splices", std::move(splices)},
          {"members", std::move(members)}};
}

// Throws what nlohmann throws where the record is not one of ours.
FileRecord record_from(const Json& json)
{
  FileRecord record;
  json.at("client").get_to(record.client);
  json.at("path").get_to(record.path);
  json.at("created").get_to(record.created);
  json.at("folders").get_to(record.folders);
  json.at("size").get_to(record.size);
  for (const auto& each : json.at("splices")) {
    TextSplice splice;
    each.at("at").get_to(splice.at);
    each.at("removed").get_to(splice.removed);
    each.at("inserted").get_to(splice.inserted);
    record.splices.push_back(std::move(splice));
  }
  for (const auto& each : json.at("members")) {
    SetMember member;
    each.at("path").get_to(member.path);
    each.at("after").get_to(member.after);
    each.at("made_parent").get_to(member.made_parent);
    if (each.contains("before")) member.before = each.at("before");
    record.members.push_back(std::move(member));
  }
  return record;
}

} // namespace

Json to_json(const std::vector<FileRecord>& records)
{
  auto list = Json::array();
  for (const auto& record : records)
    list.push_back(to_json(record));
  return {{"version", k_version}, {"records", std::move(list)}};
}

std::optional<std::vector<FileRecord>> records_from(const Json& json)
{
  try {
    if (json.at("version") != k_version) return std::nullopt;
    std::vector<FileRecord> records;
    for (const auto& each : json.at("records"))
      records.push_back(record_from(each));
    return records;
  } catch (const Json::exception&) {
    return std::nullopt;
  }
}

} // namespace purser::cli::setup
