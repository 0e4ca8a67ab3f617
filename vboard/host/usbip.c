#include "usbip.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../parts/usb_host.h"
#include "listen.h"

enum {
    VERSION = 0x0111,
    OP_REQ_IMPORT = 0x8003,
    OP_REP_IMPORT = 0x0003,
    OP_REQ_DEVLIST = 0x8005,
    OP_REP_DEVLIST = 0x0005,
    OP_SIZE = 8,
    CMD_SUBMIT = 1,
    CMD_UNLINK = 2,
    RET_SUBMIT = 3,
    RET_UNLINK = 4,
    HEADER_SIZE = 48,
    BUSID_SIZE = 32,
    DEVICE_SIZE = 312,
    PATH_SIZE = 256,
    FULL_SPEED = 2,
    URB_ZERO_PACKET = 0x40,
    ISO_NONE = -1, /* number_of_packets of what is not isochronous; some send 0 */
};
/* Linux's error numbers, whatever ours are. */
enum {
    L_ENOENT = 2,
    L_ENODEV = 19,
    L_EINVAL = 22,
    L_EPIPE = 32,
    L_EPROTO = 71,
    L_EOVERFLOW = 75,
    L_ECONNRESET = 104,
    L_ESHUTDOWN = 108
};
enum {
    LENGTH_MAX = 1 << 20, /* of one transfer */
    URBS_MAX = 256,       /* under way */
    OUTPUT_MAX = 16 << 20,
};

static const char bus_id[] = "1-1";

struct client {
    int fd; /* -1: free */
    bool imported;
    uint8_t *in, *out;
    size_t in_count, in_room, out_count, out_room;
};

struct urb {
    struct usb_request request;
    struct usbip *usbip;
    struct client *client; /* NULL: gone */
    uint32_t sequence;
    bool in;
    struct urb *next;
};

struct usbip {
    struct usb_host *host;
    int listener;
    struct client clients[USBIP_CLIENTS];
    struct urb *urbs;
    unsigned urb_count;
    bool resetting; /* at a client's wish: the device stays its own */
    bool moved;
};

static uint32_t get32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static uint8_t *put32(uint8_t *p, uint32_t v)
{
    for (int shift = 24; shift >= 0; shift -= 8)
        *p++ = (uint8_t)(v >> shift);
    return p;
}

static uint8_t *put16(uint8_t *p, uint32_t v)
{
    *p++ = (uint8_t)(v >> 8);
    *p++ = (uint8_t)v;
    return p;
}

/* ---- clients ---- */

static void drop(struct usbip *u, struct client *c)
{
    for (struct urb *urb = u->urbs, *next; urb; urb = next) {
        next = urb->next;
        if (urb->client == c) {
            urb->client = NULL;
            usb_host_cancel(u->host, &urb->request); /* frees it */
            next = u->urbs;                          /* its end may have ended others */
        }
    }
    close(c->fd);
    free(c->in);
    free(c->out);
    *c = (struct client){.fd = -1};
}

static bool grow(uint8_t **bytes, size_t *room, size_t wanted)
{
    uint8_t *more;

    if (wanted <= *room)
        return true;
    more = realloc(*bytes, wanted * 2);
    if (!more)
        return false;
    *bytes = more;
    *room = wanted * 2;
    return true;
}

/* Sends what the socket takes now. */
static void flush(struct usbip *u, struct client *c)
{
    size_t done = 0;

    while (c->fd >= 0 && done < c->out_count) {
        ssize_t n = send(c->fd, c->out + done, c->out_count - done, MSG_NOSIGNAL);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EAGAIN)
            break;
        if (n <= 0) {
            drop(u, c);
            return;
        }
        done += (size_t)n;
    }
    if (done != 0) {
        memmove(c->out, c->out + done, c->out_count - done);
        c->out_count -= done;
    }
}

/* A client that does not read is dropped at last; later, because this is called from within. */
static void queue(struct client *c, const void *bytes, size_t n)
{
    if (c->out_count + n > OUTPUT_MAX || !grow(&c->out, &c->out_room, c->out_count + n)) {
        shutdown(c->fd, SHUT_RDWR);
        return;
    }
    if (n != 0)
        memcpy(c->out + c->out_count, bytes, n);
    c->out_count += n;
}

/* ---- list and import ---- */

static uint8_t *put_device(struct usbip *u, uint8_t *p)
{
    const uint8_t *d = usb_host_device(u->host);
    size_t size;
    const uint8_t *configuration = usb_host_configuration(u->host, &size);

    memset(p, 0, DEVICE_SIZE);
    snprintf((char *)p, PATH_SIZE, "/sys/devices/vboard/usb1/%s", bus_id);
    memcpy(p + PATH_SIZE, bus_id, sizeof(bus_id));
    p = put32(p + PATH_SIZE + BUSID_SIZE, 1);
    p = put32(p, usb_host_address(u->host));
    p = put32(p, FULL_SPEED);
    p = put16(p, d[8] | (uint32_t)d[9] << 8);
    p = put16(p, d[10] | (uint32_t)d[11] << 8);
    p = put16(p, d[12] | (uint32_t)d[13] << 8);
    *p++ = d[4];
    *p++ = d[5];
    *p++ = d[6];
    *p++ = configuration[5];
    *p++ = d[17];
    *p++ = configuration[4];
    return p;
}

/* Class, subclass, protocol of each interface's first setting: bNumInterfaces of them, as the
   header says, whatever there really are. */
static uint8_t *put_interfaces(struct usbip *u, uint8_t *p)
{
    size_t size;
    const uint8_t *d = usb_host_configuration(u->host, &size);
    unsigned count = 0, wanted = d[4];

    for (size_t i = 0; i + 2 <= size && d[i] >= 2 && i + d[i] <= size && count < wanted;
         i += d[i]) {
        if (d[i + 1] == 4 && d[i] >= 9 && d[i + 3] == 0) {
            *p++ = d[i + 5];
            *p++ = d[i + 6];
            *p++ = d[i + 7];
            *p++ = 0;
            count++;
        }
    }
    for (; count < wanted; count++, p += 4)
        memset(p, 0, 4);
    return p;
}

static void list(struct usbip *u, struct client *c)
{
    uint8_t reply[OP_SIZE + 4 + DEVICE_SIZE + 4 * 256], *p = reply;
    bool ready = usb_host_ready(u->host);

    p = put32(put16(put16(p, VERSION), OP_REP_DEVLIST), 0);
    p = put32(p, ready);
    if (ready)
        p = put_interfaces(u, put_device(u, p));
    queue(c, reply, (size_t)(p - reply));
}

static void import(struct usbip *u, struct client *c, const uint8_t *wanted)
{
    uint8_t reply[OP_SIZE + DEVICE_SIZE], *p = reply;
    bool good = usb_host_ready(u->host) && strncmp((const char *)wanted, bus_id, BUSID_SIZE) == 0;

    for (unsigned i = 0; i < USBIP_CLIENTS; i++)
        good = good && !u->clients[i].imported;
    p = put32(put16(put16(p, VERSION), OP_REP_IMPORT), good ? 0 : 1);
    if (good)
        p = put_device(u, p);
    queue(c, reply, (size_t)(p - reply));
    c->imported = good;
}

/* ---- transfers ---- */

static void put_header(uint8_t *reply, uint32_t command, uint32_t sequence, int32_t status)
{
    memset(reply, 0, HEADER_SIZE);
    put32(reply, command);
    put32(reply + 4, sequence);
    put32(reply + 20, (uint32_t)status);
}

static void answer_submit(struct client *c, uint32_t sequence, int32_t status, bool in,
                          const uint8_t *data, uint32_t actual)
{
    uint8_t reply[HEADER_SIZE];

    put_header(reply, RET_SUBMIT, sequence, status);
    put32(reply + 24, actual);
    put32(reply + 32, (uint32_t)ISO_NONE);
    queue(c, reply, sizeof(reply));
    if (in)
        queue(c, data, actual);
}

static int32_t linux_status(enum usb_status status)
{
    static const int16_t errors[] = {
        [USB_OK] = 0,
        [USB_STALLED] = L_EPIPE,
        [USB_BROKEN] = L_EPROTO,
        [USB_BABBLED] = L_EOVERFLOW,
        [USB_GONE] = L_ESHUTDOWN,
        [USB_CANCELLED] = L_ECONNRESET,
    };

    return -errors[status];
}

static void remove_urb(struct usbip *u, struct urb *urb)
{
    struct urb **at = &u->urbs;

    while (*at != urb)
        at = &(*at)->next;
    *at = urb->next;
    u->urb_count--;
    free(urb->request.data);
    free(urb);
}

/* Not for one that its client has unlinked: RET_UNLINK is its answer. */
static void done(void *ctx, struct usb_request *r)
{
    struct urb *urb = ctx;
    struct usbip *u = urb->usbip;

    if (urb->client && r->status != USB_CANCELLED)
        answer_submit(urb->client, urb->sequence, linux_status(r->status), urb->in, r->data,
                      r->actual);
    u->moved = true;
    remove_urb(u, urb);
}

/* Requests to a hub's port (USB 2.0, 11.24.2). SET_FEATURE(PORT_RESET) is what clients send for a
   reset of the device (Linux's stub_rx.c); PORT_SUSPEND is for tests, of PCs that sleep. */
static bool is_port_request(const uint8_t *setup, uint8_t request, uint8_t feature)
{
    return setup[0] == 0x23 && setup[1] == request && setup[2] == feature && setup[3] == 0;
}

static bool on_port(struct usbip *u, const uint8_t *setup)
{
    enum { CLEAR_FEATURE = 1, SET_FEATURE = 3, PORT_SUSPEND = 2, PORT_RESET = 4 };

    if (is_port_request(setup, SET_FEATURE, PORT_RESET)) {
        u->resetting = true;
        usb_host_reset(u->host);
    } else if (is_port_request(setup, SET_FEATURE, PORT_SUSPEND)) {
        usb_host_suspend(u->host);
    } else if (is_port_request(setup, CLEAR_FEATURE, PORT_SUSPEND)) {
        usb_host_resume(u->host);
    } else {
        return false;
    }
    return true;
}

static void submit(struct usbip *u, struct client *c, const uint8_t *packet, const uint8_t *data)
{
    uint32_t sequence = get32(packet + 4), endpoint = get32(packet + 16) & 15;
    uint32_t length = get32(packet + 24);
    bool in = get32(packet + 12) == 1;
    const uint8_t *setup = packet + 40;
    struct urb *urb;

    if (endpoint == 0 && on_port(u, setup)) {
        answer_submit(c, sequence, 0, in, NULL, 0);
        return;
    }
    if (endpoint == 0 &&
        (length != (setup[6] | (uint32_t)setup[7] << 8) || (length && in != !!(setup[0] & 0x80)))) {
        answer_submit(c, sequence, -L_EINVAL, in, NULL, 0);
        return;
    }
    urb = u->urb_count < URBS_MAX ? calloc(1, sizeof(*urb)) : NULL;
    if (urb)
        urb->request.data = calloc(1, length + 1);
    if (!urb || !urb->request.data) {
        free(urb);
        shutdown(c->fd, SHUT_RDWR);
        return;
    }
    if (!in && length)
        memcpy(urb->request.data, data, length);
    memcpy(urb->request.setup, setup, 8);
    urb->request.endpoint = (uint8_t)(endpoint | (in && endpoint ? 0x80 : 0));
    urb->request.length = length;
    urb->request.zero_packet = get32(packet + 20) & URB_ZERO_PACKET;
    urb->request.done = done;
    urb->request.ctx = urb;
    urb->usbip = u;
    urb->client = c;
    urb->sequence = sequence;
    urb->in = in;
    urb->next = u->urbs;
    u->urbs = urb;
    u->urb_count++;
    u->moved = true;
    if (usb_host_submit(u->host, &urb->request) != 0) {
        answer_submit(c, sequence, usb_host_ready(u->host) ? -L_ENOENT : -L_ENODEV, in, NULL, 0);
        remove_urb(u, urb);
    }
}

static void unlink_urb(struct usbip *u, struct client *c, const uint8_t *packet)
{
    uint8_t reply[HEADER_SIZE];
    uint32_t sequence = get32(packet + 20);
    struct urb *urb = u->urbs;
    int32_t status = 0; /* it was answered already */

    while (urb && (urb->client != c || urb->sequence != sequence))
        urb = urb->next;
    if (urb) {
        status = -L_ECONNRESET;
        usb_host_cancel(u->host, &urb->request);
    }
    put_header(reply, RET_UNLINK, get32(packet + 4), status);
    queue(c, reply, sizeof(reply));
}

/* ---- packets ---- */

/* Serves one packet of n bytes that have come; returns its length, 0 if it is not complete, -1 if
   it is none. */
static long serve_operation(struct usbip *u, struct client *c, const uint8_t *p, size_t n)
{
    uint32_t code;

    if (n < OP_SIZE)
        return 0;
    code = get32(p) & 0xFFFF;
    if (get32(p) >> 16 != VERSION)
        return -1;
    if (code == OP_REQ_DEVLIST) {
        list(u, c);
        return OP_SIZE;
    }
    if (code != OP_REQ_IMPORT)
        return -1;
    if (n < OP_SIZE + BUSID_SIZE)
        return 0;
    import(u, c, p + OP_SIZE);
    return OP_SIZE + BUSID_SIZE;
}

static long serve_command(struct usbip *u, struct client *c, const uint8_t *p, size_t n)
{
    uint32_t command, length = 0;

    if (n < HEADER_SIZE)
        return 0;
    command = get32(p);
    if (command == CMD_UNLINK) {
        unlink_urb(u, c, p);
        return HEADER_SIZE;
    }
    if (command != CMD_SUBMIT || get32(p + 24) > LENGTH_MAX || get32(p + 12) > 1)
        return -1;
    if (get32(p + 32) != 0 && get32(p + 32) != (uint32_t)ISO_NONE)
        return -1;
    if (get32(p + 12) == 0)
        length = get32(p + 24);
    if (n < HEADER_SIZE + length)
        return 0;
    submit(u, c, p, p + HEADER_SIZE);
    return HEADER_SIZE + (long)length;
}

static void serve(struct usbip *u, struct client *c)
{
    size_t at = 0;
    long used = 1;

    while (c->fd >= 0 && used > 0 && at < c->in_count) {
        used = c->imported ? serve_command(u, c, c->in + at, c->in_count - at)
                           : serve_operation(u, c, c->in + at, c->in_count - at);
        if (used > 0)
            at += (size_t)used;
    }
    if (used < 0) {
        drop(u, c);
        return;
    }
    memmove(c->in, c->in + at, c->in_count - at);
    c->in_count -= at;
}

static void receive(struct usbip *u, struct client *c)
{
    enum { CHUNK = 65536 };
    ssize_t n;

    if (!grow(&c->in, &c->in_room, c->in_count + CHUNK)) {
        drop(u, c);
        return;
    }
    n = recv(c->fd, c->in + c->in_count, CHUNK, 0);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n <= 0) {
        drop(u, c);
        return;
    }
    c->in_count += (size_t)n;
    serve(u, c);
}

/* ---- the device ---- */

static void attached(void *ctx)
{
    ((struct usbip *)ctx)->resetting = false;
}

/* Its client is told by the end of the connection, as when the device is pulled out there. */
static void detached(void *ctx)
{
    struct usbip *u = ctx;

    for (unsigned i = 0; i < USBIP_CLIENTS && !u->resetting; i++) {
        if (u->clients[i].imported) {
            flush(u, &u->clients[i]);
            if (u->clients[i].fd >= 0)
                shutdown(u->clients[i].fd, SHUT_RDWR);
        }
    }
}

static void failed(void *ctx, const char *why)
{
    struct usbip *u = ctx;

    fprintf(stderr, "vboard: --usbip: the device on USB cannot be enumerated: %s\n", why);
    u->resetting = false;
    detached(ctx);
}

/* ---- */

void usbip_serve(struct usbip *u, int fd)
{
    for (unsigned i = 0; i < USBIP_CLIENTS; i++) {
        if (u->clients[i].fd < 0) {
            u->clients[i].fd = fd;
            return;
        }
    }
    close(fd);
}

bool usbip_poll(struct usbip *u)
{
    bool moved = u->moved;
    int fd;

    u->moved = false;
    while (u->listener >= 0 && (fd = listen_accept(u->listener)) >= 0)
        usbip_serve(u, fd);
    /* Whoever has the device first: he may have hung up, and somebody else want it now. */
    for (unsigned imported = 2; imported-- > 0;) {
        for (unsigned i = 0; i < USBIP_CLIENTS; i++) {
            struct client *c = &u->clients[i];

            if (c->fd >= 0 && c->imported == imported)
                receive(u, c);
            if (c->fd >= 0)
                flush(u, c);
        }
    }
    return moved || u->moved;
}

void usbip_descriptors(const struct usbip *u, struct pollfd *fds)
{
    fds[0] = (struct pollfd){.fd = u->listener, .events = POLLIN};
    for (unsigned i = 0; i < USBIP_CLIENTS; i++)
        fds[1 + i] = (struct pollfd){.fd = u->clients[i].fd, .events = POLLIN};
}

struct usbip *usbip_new(struct sched *s, struct usb_cable *cable, const char *port, char *error,
                        size_t error_size)
{
    struct usbip *u = calloc(1, sizeof(*u));
    struct usb_host_user user = {
        .ctx = u, .attached = attached, .detached = detached, .failed = failed};
    uint16_t number;

    if (u)
        u->host = usb_host_new(s, cable, &user);
    if (!u || !u->host) {
        snprintf(error, error_size, "out of memory");
        free(u);
        return NULL;
    }
    u->listener = -1;
    for (unsigned i = 0; i < USBIP_CLIENTS; i++)
        u->clients[i].fd = -1;
    if (port) {
        u->listener = listen_on_loopback(port, &number, error, error_size);
        if (u->listener < 0) {
            usbip_free(u);
            return NULL;
        }
        printf("usbip listening on 127.0.0.1:%u\n", number);
        fflush(stdout);
    }
    usb_host_start(u->host);
    return u;
}

void usbip_free(struct usbip *u)
{
    if (!u)
        return;
    for (unsigned i = 0; i < USBIP_CLIENTS; i++) {
        if (u->clients[i].fd >= 0)
            drop(u, &u->clients[i]);
    }
    usb_host_free(u->host);
    if (u->listener >= 0)
        close(u->listener);
    free(u);
}
