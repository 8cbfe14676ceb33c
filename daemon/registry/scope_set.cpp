#include "daemon/registry/scope_set.hpp"

#include "daemon/registry/repository_name.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

namespace purser {
namespace {

constexpr std::size_t k_max_entries = 64;
constexpr std::size_t k_max_bytes = std::size_t{4} << 10;

using Actions = std::set<std::string, std::less<>>;

std::vector<std::string_view> split(std::string_view text, char separator)
{
  std::vector<std::string_view> parts;
  for (;;) {
    const auto at = text.find(separator);
    if (const auto part = text.substr(0, at); !part.empty()) parts.push_back(part);
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

// RFC 6749, 3.3: %x21 / %x23-5B / %x5D-7E.
bool is_scope_character(char c)
{
  return c > ' ' && c < '\x7f' && c != '"' && c != '\\';
}

// An entry that is not opaque.
struct Right {
  std::string_view type; // `repository`, `repository(plugin)`
  std::string_view name; // may hold colons: `host:5000/a`
  std::string_view actions;
};

std::optional<Right> right_of(std::string_view entry)
{
  const auto first = entry.find(':');
  const auto last = entry.rfind(':');
  if (first == last) return std::nullopt; // one colon, or none
  return Right{entry.substr(0, first), entry.substr(first + 1, last - first - 1),
               entry.substr(last + 1)};
}

void add_actions(Actions& actions, std::string_view list)
{
  for (const auto action : split(list, ','))
    actions.emplace(action);
}

std::string joined(const Actions& actions)
{
  if (actions.contains("*")) return "*";
  std::string text;
  for (const auto& action : actions) {
    if (!text.empty()) text += ',';
    text += action;
  }
  return text;
}

// What a right is about, without the class of its type.
std::string resource_of(const Right& right)
{
  auto type = right.type;
  if (type.ends_with(')')) type = type.substr(0, type.find('('));
  std::string resource(type);
  resource += ':';
  resource += right.name;
  return resource;
}

bool is_action(std::string_view text)
{
  return text == "*" ||
         std::all_of(text.begin(), text.end(), [](char c) { return c >= 'a' && c <= 'z'; });
}

} // namespace

ScopeSet::ScopeSet(const std::vector<std::string>& entries)
{
  std::map<std::string, Actions, std::less<>> rights;
  std::set<std::string> clean;
  for (const auto& entry : entries) {
    if (const auto right = right_of(entry))
      add_actions(rights[entry.substr(0, entry.rfind(':') + 1)], right->actions);
    else
      clean.insert(entry);
  }
  for (const auto& [resource, actions] : rights) {
    if (!actions.empty()) clean.insert(resource + joined(actions));
  }
  entries_.assign(clean.begin(), clean.end());
}

Result<ScopeSet> ScopeSet::parse(std::string_view text)
{
  const Error refused(Errc::bad_request, "a scope is too long or has a character that none has");
  if (text.size() > k_max_bytes) return refused;
  std::vector<std::string> entries;
  for (const auto part : split(text, ' ')) {
    if (entries.size() == k_max_entries) return refused;
    if (!std::all_of(part.begin(), part.end(), is_scope_character)) return refused;
    entries.emplace_back(part);
  }
  return ScopeSet(entries);
}

Result<ScopeSet> ScopeSet::repository(std::string_view name, std::string_view actions)
{
  if (!is_repository_name(name))
    return Error{Errc::bad_request, "not the name of a repository: it has a part that none has"};
  const auto list = split(actions, ',');
  if (list.empty() || !std::all_of(list.begin(), list.end(), is_action))
    return Error{Errc::bad_request, "not actions: they are pull, push, delete or *, with commas"};
  std::string entry = "repository:";
  entry += name;
  entry += ':';
  entry += actions;
  return parse(entry);
}

ScopeSet ScopeSet::catalog()
{
  return ScopeSet({"registry:catalog:*"});
}

std::string ScopeSet::text() const
{
  std::string text;
  for (const auto& entry : entries_) {
    if (!text.empty()) text += ' ';
    text += entry;
  }
  return text;
}

std::vector<std::string> ScopeSet::by_need() const
{
  auto entries = entries_;
  std::stable_partition(entries.begin(), entries.end(), [](const auto& entry) {
    const auto right = right_of(entry);
    return right && right->actions != "pull";
  });
  return entries;
}

bool ScopeSet::covers(const ScopeSet& wanted) const
{
  std::map<std::string, Actions, std::less<>> held;
  for (const auto& entry : entries_) {
    if (const auto right = right_of(entry)) add_actions(held[resource_of(*right)], right->actions);
  }
  return std::all_of(wanted.entries_.begin(), wanted.entries_.end(), [&](const auto& entry) {
    const auto right = right_of(entry);
    if (!right) return std::binary_search(entries_.begin(), entries_.end(), entry);
    const auto found = held.find(resource_of(*right));
    if (found == held.end()) return false;
    const auto actions = split(right->actions, ',');
    return found->second.contains("*") ||
           std::all_of(actions.begin(), actions.end(),
                       [&](auto action) { return found->second.contains(action); });
  });
}

ScopeSet ScopeSet::merged(const ScopeSet& other) const
{
  auto entries = entries_;
  entries.insert(entries.end(), other.entries_.begin(), other.entries_.end());
  return ScopeSet(entries);
}

bool ScopeSet::only_pull() const
{
  return std::all_of(entries_.begin(), entries_.end(), [](const auto& entry) {
    const auto right = right_of(entry);
    return right && right->type.substr(0, right->type.find('(')) == "repository" &&
           right->actions == "pull";
  });
}

} // namespace purser
