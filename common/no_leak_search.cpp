// A source of programs that are not dumpable: the address sanitizer's search for leaks attaches to
// the process like a debugger, which they do not allow.
#if defined(__SANITIZE_ADDRESS__)
extern "C" const char* __asan_default_options(); // NOLINT(bugprone-reserved-identifier)
extern "C" const char* __asan_default_options()  // NOLINT(bugprone-reserved-identifier)
{
  return "detect_leaks=0";
}
#endif
