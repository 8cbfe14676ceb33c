/* A kernel before 6.5, as far as Unix sockets go: it has no descriptor for who is at the other end. Preloaded with LD_PRELOAD. */
#define _GNU_SOURCE
#include <errno.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PEER_DESCRIPTOR 77 /* SO_PEERPIDFD */

int getsockopt(int socket, int level, int name, void *value, socklen_t *size)
{
    if (level == SOL_SOCKET && name == PEER_DESCRIPTOR) {
        errno = ENOPROTOOPT;
        return -1;
    }
    return (int)syscall(SYS_getsockopt, socket, level, name, value, size);
}
