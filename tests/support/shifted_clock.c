/* Moves the clocks of one program, as if its machine had been suspended meanwhile: CLOCK_BOOTTIME and civil time are ahead by
   what the file that SHIFTED_CLOCK names holds (nanoseconds, 64 bits), CLOCK_MONOTONIC is not. A timer for a moment rings
   soon after the clock was moved past it. Preloaded with LD_PRELOAD; see rig_clock.py. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define SECOND 1000000000LL
#define LOOK (SECOND / 20) /* how soon a move is noticed */

static const volatile int64_t *ahead;

__attribute__((constructor)) static void open_offset(void)
{
  const int fd = open(getenv("SHIFTED_CLOCK"), O_RDONLY | O_CLOEXEC);
  void *const there = fd < 0 ? MAP_FAILED : mmap(NULL, sizeof *ahead, PROT_READ, MAP_SHARED, fd, 0);
  if (there == MAP_FAILED)
    abort();
  close(fd);
  ahead = there;
}

static int64_t nanoseconds(const struct timespec *t) { return t->tv_sec * SECOND + t->tv_nsec; }

static struct timespec timespec_of(int64_t t)
{
  return (struct timespec){.tv_sec = t / SECOND, .tv_nsec = t % SECOND};
}

int clock_gettime(clockid_t clock, struct timespec *t)
{
  const int failed = (int)syscall(SYS_clock_gettime, clock, t);
  if (!failed && (clock == CLOCK_BOOTTIME || clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
    *t = timespec_of(nanoseconds(t) + *ahead);
  return failed;
}

time_t time(time_t *result)
{
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (result)
    *result = now.tv_sec;
  return now.tv_sec;
}

int gettimeofday(struct timeval *restrict t, void *restrict zone)
{
  struct timespec now;
  (void)zone;
  clock_gettime(CLOCK_REALTIME, &now);
  t->tv_sec = now.tv_sec;
  t->tv_usec = now.tv_nsec / 1000;
  return 0;
}

/* Early is allowed, and looked at again. What waits for the clock to be set is left alone. */
int timerfd_settime(int fd, int flags, const struct itimerspec *wanted, struct itimerspec *before)
{
  struct itimerspec real = *wanted;
  const int64_t at = nanoseconds(&wanted->it_value);
  if (flags == TFD_TIMER_ABSTIME && at != 0) {
    struct timespec now;
    syscall(SYS_clock_gettime, CLOCK_BOOTTIME, &now);
    const int64_t latest = nanoseconds(&now) + LOOK;
    const int64_t moved = at - *ahead;
    real.it_value = timespec_of(moved > latest ? latest : moved > 0 ? moved : 1);
  }
  return (int)syscall(SYS_timerfd_settime, fd, flags, &real, before);
}
