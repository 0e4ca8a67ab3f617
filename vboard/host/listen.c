#include "listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int listen_on_loopback(const char *text, uint16_t *port, char *error, size_t error_size)
{
    struct sockaddr_in addr = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof(addr);
    char *end;
    unsigned long number = strtoul(text, &end, 10);
    int one = 1, fd;

    if (end == text || *end != '\0' || number > 65535) {
        snprintf(error, error_size, "a port is a number from 0 to 65535, not '%s'", text);
        return -1;
    }
    addr.sin_port = htons((uint16_t)number);
    fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd >= 0)
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    if (fd < 0 || bind(fd, (struct sockaddr *)&addr, sizeof(addr)) != 0 || listen(fd, 1) != 0 ||
        getsockname(fd, (struct sockaddr *)&addr, &size) != 0) {
        snprintf(error, error_size, "port %s: %s", text, strerror(errno));
        if (fd >= 0)
            close(fd);
        return -1;
    }
    fcntl(fd, F_SETFL, O_NONBLOCK);
    *port = ntohs(addr.sin_port);
    return fd;
}

int listen_accept(int listener)
{
    int one = 1, fd = accept(listener, NULL, NULL);

    if (fd < 0)
        return -1;
    fcntl(fd, F_SETFL, O_NONBLOCK);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one,
               sizeof(one)); /* fails on Unix sockets: no harm */
    return fd;
}
