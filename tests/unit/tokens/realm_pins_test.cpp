#include "daemon/tokens/realm_pins.hpp"

#include <gtest/gtest.h>

namespace purser::test {
namespace {

const std::string k_registry = "registry.example.com";

TEST(RealmPins, TheFirstIsAnybodyAndEveryOtherIsAnErrorThatNamesBoth)
{
  RealmPins pins;
  EXPECT_TRUE(pins.check(k_registry, "auth.example.com", false));
  pins.note(k_registry, "auth.example.com");
  EXPECT_TRUE(pins.check(k_registry, "auth.example.com", false));
  EXPECT_TRUE(pins.check("other.example.com", "evil.example.com", false));
  const auto changed = pins.check(k_registry, "evil.example.com", false);
  ASSERT_FALSE(changed);
  EXPECT_EQ(changed.error().code, Errc::unsafe);
  for (const char* const name : {"registry.example.com", "auth.example.com", "evil.example.com"})
    EXPECT_NE(changed.error().what.find(name), std::string::npos);
}

TEST(RealmPins, WhatTheConfigurationNamesIsNoSurprise)
{
  RealmPins pins;
  pins.note(k_registry, "auth.example.com");
  EXPECT_TRUE(pins.check(k_registry, "new.example.com", true));
  pins.note(k_registry, "new.example.com");
  EXPECT_FALSE(pins.check(k_registry, "auth.example.com", false));
  pins.forget(k_registry);
  EXPECT_TRUE(pins.check(k_registry, "auth.example.com", false));
}

} // namespace
} // namespace purser::test
