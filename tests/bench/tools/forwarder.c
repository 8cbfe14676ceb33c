/* The least that a helper could be: standard input to a Unix socket, the answer's body to
   standard output. No deadline, no checks, no environment. Usage: forwarder SOCKET */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static char buffer[1 << 16];

int main(int argc, char** argv)
{
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  char head[256];
  size_t used = 0;
  ssize_t got = read(0, buffer, 4096);
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (argc != 2 || got < 0 || fd < 0) return 2;
  strncpy(address.sun_path, argv[1], sizeof(address.sun_path) - 1);
  if (connect(fd, (const struct sockaddr*)&address, sizeof(address)) != 0) return 3;
  int size = snprintf(head, sizeof(head), "POST / HTTP/1.1\r\nContent-Length: %zd\r\n\r\n", got);
  memmove(buffer + size, buffer, (size_t)got);
  memcpy(buffer, head, (size_t)size);
  if (write(fd, buffer, (size_t)(size + got)) != size + got) return 4;
  while ((got = read(fd, buffer + used, sizeof(buffer) - 1 - used)) > 0) used += (size_t)got;
  buffer[used] = '\0';
  const char* body = strstr(buffer, "\r\n\r\n");
  if (got < 0 || body == NULL) return 5;
  size_t left = used - (size_t)(body + 4 - buffer);
  return write(1, body + 4, left) == (ssize_t)left ? 0 : 6;
}
