#pragma once

#include <libsecret/secret.h>

#include <memory>

// GLib's objects, each with an owner that gives it back.
namespace purser::keyring {

struct Unref {
  void operator()(gpointer object) const { g_object_unref(object); }
};
template <class T>
using ObjectPtr = std::unique_ptr<T, Unref>;

struct FreeError {
  void operator()(GError* error) const { g_error_free(error); }
};
using ErrorPtr = std::unique_ptr<GError, FreeError>;

struct UnrefTable {
  void operator()(GHashTable* table) const { g_hash_table_unref(table); }
};
using TablePtr = std::unique_ptr<GHashTable, UnrefTable>;

struct UnrefSchema {
  void operator()(SecretSchema* schema) const { secret_schema_unref(schema); }
};
using SchemaPtr = std::unique_ptr<SecretSchema, UnrefSchema>;

// libsecret wipes the value when its last owner gives it back.
struct UnrefValue {
  void operator()(SecretValue* value) const { secret_value_unref(value); }
};
using ValuePtr = std::unique_ptr<SecretValue, UnrefValue>;

// The list itself, not what it holds.
struct FreeList {
  void operator()(GList* list) const { g_list_free(list); }
};
using ListPtr = std::unique_ptr<GList, FreeList>;

// For a parameter `GError**`: `ErrorPtr error; call(..., Into(error))`. The error is there once
// the whole expression is over.
class Into {
public:
  explicit Into(ErrorPtr& target) : target_(target) {}
  ~Into() { target_.reset(raw_); }
  Into(const Into&) = delete;
  Into& operator=(const Into&) = delete;

  operator GError**() { return &raw_; } // NOLINT(google-explicit-constructor)

private:
  ErrorPtr& target_;
  GError* raw_ = nullptr;
};

} // namespace purser::keyring
