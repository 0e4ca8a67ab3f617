#include "remote.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    VERSION = 0x0111,
    DEVICE_SIZE = 312,
    HEADER_SIZE = 48,
    ANSWER_MS = 20000, /* of the server itself */
    DRAIN = 4096,
};

static uint32_t get32(const uint8_t *p)
{
    uint32_t v;

    memcpy(&v, p, 4);
    return ntohl(v);
}

static void put32(uint8_t *p, uint32_t v)
{
    v = htonl(v);
    memcpy(p, &v, 4);
}

static long long now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

static int dial(unsigned port)
{
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd >= 0 && connect(fd, (struct sockaddr *)&to, sizeof(to)) != 0) {
        close(fd);
        return -1;
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    return fd;
}

static bool put(int fd, const uint8_t *bytes, size_t n)
{
    while (n != 0) {
        ssize_t sent = send(fd, bytes, n, MSG_NOSIGNAL);

        if (sent <= 0)
            return false;
        bytes += sent;
        n -= (size_t)sent;
    }
    return true;
}

/* 1: all came; 0: nothing did in time; -1: gone, or stuck in the middle. */
static int get(int fd, uint8_t *bytes, size_t n, long long timeout_ms)
{
    size_t got = 0;

    while (got < n) {
        struct pollfd line = {.fd = fd, .events = POLLIN};
        ssize_t more;

        if (poll(&line, 1, (int)(got ? ANSWER_MS : timeout_ms)) == 0)
            return got ? -1 : 0;
        more = recv(fd, bytes + got, n - got, 0);
        if (more < 0 && errno == EINTR)
            continue;
        if (more <= 0)
            return -1;
        got += (size_t)more;
    }
    return 1;
}

int remote_list(unsigned port, struct remote_device devices[REMOTE_DEVICES])
{
    uint8_t bytes[DEVICE_SIZE];
    int fd = dial(port), count = 0;
    uint32_t wanted;

    put32(bytes, VERSION << 16 | 0x8005);
    put32(bytes + 4, 0);
    if (fd < 0 || !put(fd, bytes, 8) || get(fd, bytes, 12, ANSWER_MS) != 1 || get32(bytes + 4)) {
        close(fd);
        return -1;
    }
    wanted = get32(bytes + 8);
    while ((uint32_t)count < wanted && count < REMOTE_DEVICES &&
           get(fd, bytes, DEVICE_SIZE, ANSWER_MS) == 1) {
        struct remote_device *d = &devices[count];
        uint8_t interfaces[4 * 255];

        memcpy(d->bus_id, bytes + 256, REMOTE_BUS_ID);
        d->bus_id[REMOTE_BUS_ID - 1] = '\0';
        d->bus = (uint8_t)get32(bytes + 288);
        d->address = (uint8_t)get32(bytes + 292);
        d->speed = (uint8_t)get32(bytes + 296);
        if (get(fd, interfaces, 4u * bytes[311], ANSWER_MS) != 1)
            break;
        count++;
    }
    close(fd);
    return count;
}

int remote_import(unsigned port, const char *bus_id)
{
    uint8_t bytes[DEVICE_SIZE] = {0};
    int fd = dial(port);

    put32(bytes, VERSION << 16 | 0x8003);
    strncpy((char *)bytes + 8, bus_id, REMOTE_BUS_ID - 1);
    if (fd < 0 || !put(fd, bytes, 8 + REMOTE_BUS_ID) || get(fd, bytes, 8, ANSWER_MS) != 1 ||
        get32(bytes + 4) || get(fd, bytes, DEVICE_SIZE, ANSWER_MS) != 1) {
        close(fd);
        return -1;
    }
    return fd;
}

/* Waits for the answer to a command; what else comes is thrown away. 1, 0, -1 as get(). */
static int await(int fd, uint32_t sequence, uint8_t *header, bool in, uint8_t *data,
                 unsigned length, long long deadline)
{
    for (;;) {
        long long left = deadline - now_ms();
        uint32_t actual;
        int status = get(fd, header, HEADER_SIZE, left > 0 ? left : 0);

        if (status != 1)
            return status;
        actual = get32(header) == 3 ? get32(header + 24) : 0;
        if (get32(header + 4) == sequence) {
            if (!in || actual == 0)
                return 1;
            return actual > length ? -1 : get(fd, data, actual, ANSWER_MS);
        }
        for (uint8_t rest[DRAIN]; in && actual != 0;) {
            unsigned n = actual > DRAIN ? DRAIN : actual;

            if (get(fd, rest, n, ANSWER_MS) != 1)
                return -1;
            actual -= n;
        }
    }
}

int remote_transfer(int fd, bool in, unsigned endpoint, const uint8_t *setup, uint8_t *data,
                    unsigned length, unsigned timeout_ms)
{
    static uint32_t next = 1;
    uint8_t packet[HEADER_SIZE] = {0};
    uint32_t sequence = next++;
    int status;

    put32(packet, 1);
    put32(packet + 4, sequence);
    put32(packet + 8, 1 << 16 | 1);
    put32(packet + 12, in);
    put32(packet + 16, endpoint);
    put32(packet + 24, length);
    put32(packet + 32, 0xFFFFFFFF);
    if (setup)
        memcpy(packet + 40, setup, 8);
    if (!put(fd, packet, sizeof(packet)) || (!in && !put(fd, data, length)))
        return REMOTE_GONE;
    status = await(fd, sequence, packet, in, data, length,
                   timeout_ms ? now_ms() + timeout_ms : INT64_MAX);
    if (status == 0) {
        uint32_t unlink = next++;

        memset(packet, 0, sizeof(packet));
        put32(packet, 2);
        put32(packet + 4, unlink);
        put32(packet + 8, 1 << 16 | 1);
        put32(packet + 20, sequence);
        if (!put(fd, packet, sizeof(packet)) ||
            await(fd, unlink, packet, in, data, length, now_ms() + ANSWER_MS) != 1)
            return REMOTE_GONE;
        return REMOTE_TIMEOUT;
    }
    if (status < 0)
        return REMOTE_GONE;
    return get32(packet + 20) ? (int)get32(packet + 20) : (int)get32(packet + 24);
}
