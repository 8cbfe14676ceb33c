#pragma once

#include "daemon/time/clock.hpp"

#include <cstddef>
#include <iterator>
#include <list>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace purser {

// Values by key that are forgotten at an age, and the oldest where there are too many.
// Forgetting happens when the table is used, and by forget_old() where nobody uses it. Calls tell
// the time, which does not go back.
template <class Value>
class AgingTable {
public:
  AgingTable(std::size_t limit, Duration age) : limit_(limit), age_(age) {}

  // Null where it is not known (any more); valid until the next call.
  [[nodiscard]] Value* find(const std::string& key, BootTime now)
  {
    forget_old(now);
    const auto found = places_.find(key);
    return found == places_.end() ? nullptr : &found->second->value;
  }

  // Makes the age of `key` zero. False where it is not known.
  bool touch(const std::string& key, BootTime now)
  {
    forget_old(now);
    const auto found = places_.find(key);
    if (found == places_.end()) return false;
    found->second->since = now;
    entries_.splice(entries_.end(), entries_, found->second);
    return true;
  }

  // The age of the new value is zero.
  void put(const std::string& key, Value value, BootTime now)
  {
    erase(key);
    entries_.push_back(Entry{key, std::move(value), now});
    places_[entries_.back().key] = std::prev(entries_.end());
    forget_old(now);
  }

  void erase(const std::string& key)
  {
    const auto found = places_.find(key);
    if (found == places_.end()) return;
    const auto entry = found->second;
    places_.erase(found);
    entries_.erase(entry);
  }

  [[nodiscard]] std::size_t size() const { return places_.size(); }

  void forget_old(BootTime now)
  {
    while (!entries_.empty() &&
           (entries_.size() > limit_ || now - entries_.front().since >= age_)) {
      places_.erase(entries_.front().key);
      entries_.pop_front();
    }
  }

private:
  struct Entry {
    std::string key;
    Value value;
    BootTime since;
  };

  std::size_t limit_;
  Duration age_;
  std::list<Entry> entries_;                                               // the oldest first
  std::map<std::string_view, typename std::list<Entry>::iterator> places_; // keys: of entries_
};

} // namespace purser
