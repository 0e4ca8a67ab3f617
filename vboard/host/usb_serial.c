#include "usb_serial.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../parts/usb_host.h"

/* USB CDC 1.2 and PSTN 1.2: class codes and requests. */
enum {
    CLASS_CDC = 2,
    SUBCLASS_ACM = 2,
    CLASS_DATA = 10,
    SET_LINE_CODING = 0x20,
    SET_CONTROL_LINE_STATE = 0x22,
    DTR = 1,
    RTS = 2,
};
enum { READS = 4, READ_SIZE = 128, WRITES = 2, WRITE_SIZE = 4096, NOTIFICATION_SIZE = 64 };
/* Reads stop while so many bytes wait for the PC's reader. */
enum { BACKLOG = 65536 };

struct transfer {
    struct usb_request request;
    uint8_t data[WRITE_SIZE];
};

struct usb_serial {
    struct usb_host *host;
    struct console *console;
    bool present, open, moved;
    uint8_t control_interface, in, out, notify; /* endpoints; notify 0: none */
    struct transfer reads[READS], writes[WRITES], notification;
    struct usb_request coding, line_state;
    uint8_t line_coding[7];
    bool line_is; /* DTR as the device was told */
};

static void read_done(void *ctx, struct usb_request *r)
{
    struct usb_serial *u = ctx;

    for (uint32_t i = 0; i < r->actual; i++)
        console_write(u->console, r->data[i]);
    u->moved |= r->actual != 0;
    if (r->status == USB_STALLED)
        u->present = false; /* a driver gives up */
    else if (r->status == USB_OK && u->open && console_backlog(u->console) < BACKLOG)
        usb_host_submit(u->host, r);
}

static void write_done(void *ctx, struct usb_request *r)
{
    struct usb_serial *u = ctx;

    u->moved |= r->actual != 0;
}

static void notified(void *ctx, struct usb_request *r)
{
    struct usb_serial *u = ctx;

    if (r->status == USB_OK && u->open)
        usb_host_submit(u->host, r);
}

static void control_done(void *ctx, struct usb_request *r)
{
    (void)ctx;
    (void)r;
}

/* ---- control ---- */

static void control(struct usb_serial *u, struct usb_request *r, uint8_t request, unsigned value,
                    uint8_t length, uint8_t *data)
{
    r->setup[0] = 0x21; /* to the interface, class */
    r->setup[1] = request;
    r->setup[2] = (uint8_t)value;
    r->setup[3] = (uint8_t)(value >> 8);
    r->setup[4] = u->control_interface;
    r->setup[6] = length;
    r->data = data;
    r->done = control_done;
    r->ctx = u;
    usb_host_submit(u->host, r);
}

static void set_line(struct usb_serial *u, bool open)
{
    static const uint8_t coding[7] = {0x00, 0xC2, 0x01, 0x00, 0, 0, 8}; /* 115200 8N1 */

    if (u->line_state.queued || u->coding.queued)
        return;
    if (open) {
        memcpy(u->line_coding, coding, sizeof(coding));
        control(u, &u->coding, SET_LINE_CODING, 0, sizeof(coding), u->line_coding);
    }
    control(u, &u->line_state, SET_CONTROL_LINE_STATE, open ? DTR | RTS : 0, 0, NULL);
    u->line_is = open;
}

/* ---- the device ---- */

/* The first ACM function; its data interface is the next one with that class. */
static bool find_function(struct usb_serial *u, const uint8_t *d, size_t size)
{
    bool acm = false, data = false;

    u->in = u->out = u->notify = 0;
    for (size_t i = 0; i + 2 <= size && d[i] >= 2 && i + d[i] <= size; i += d[i]) {
        const uint8_t *p = d + i;

        if (p[1] == 4 && p[0] >= 9) {
            data = acm && p[5] == CLASS_DATA && !u->in;
            if (!acm && p[5] == CLASS_CDC && p[6] == SUBCLASS_ACM) {
                acm = true;
                u->control_interface = p[2];
            }
        } else if (p[1] == 5 && p[0] >= 7 && data) {
            *(p[2] & 0x80 ? &u->in : &u->out) = p[2];
        } else if (p[1] == 5 && p[0] >= 7 && acm && !u->notify && !u->in) {
            u->notify = p[2];
        }
    }
    return u->in && u->out;
}

static void attached(void *ctx)
{
    struct usb_serial *u = ctx;
    size_t size;
    const uint8_t *configuration = usb_host_configuration(u->host, &size);

    u->present = find_function(u, configuration, size);
    u->line_is = u->open = false;
    if (!u->present)
        fprintf(stderr, "vboard: --usb: the device on USB has no CDC ACM function\n");
}

static void detached(void *ctx)
{
    struct usb_serial *u = ctx;

    u->present = u->open = false;
}

static void failed(void *ctx, const char *why)
{
    (void)ctx;
    fprintf(stderr, "vboard: --usb: the device on USB cannot be enumerated: %s\n", why);
}

static void prepare(struct usb_serial *u, struct transfer *t, uint8_t endpoint, uint32_t length,
                    void (*done)(void *ctx, struct usb_request *r))
{
    t->request.endpoint = endpoint;
    t->request.data = t->data;
    t->request.length = length;
    t->request.done = done;
    t->request.ctx = u;
    usb_host_submit(u->host, &t->request);
}

static void open_port(struct usb_serial *u, bool open)
{
    if (open != u->line_is)
        set_line(u, open);
    if (!open && u->open) {
        for (unsigned i = 0; i < READS; i++)
            usb_host_cancel(u->host, &u->reads[i].request);
        for (unsigned i = 0; i < WRITES; i++)
            usb_host_cancel(u->host, &u->writes[i].request);
        usb_host_cancel(u->host, &u->notification.request);
    }
    u->open = open;
}

static void start_reads(struct usb_serial *u)
{
    for (unsigned i = 0; i < READS && console_backlog(u->console) < BACKLOG; i++) {
        if (!u->reads[i].request.queued)
            prepare(u, &u->reads[i], u->in, READ_SIZE, read_done);
    }
    if (u->notify && !u->notification.request.queued)
        prepare(u, &u->notification, u->notify, NOTIFICATION_SIZE, notified);
}

static void start_writes(struct usb_serial *u)
{
    for (unsigned i = 0; i < WRITES; i++) {
        size_t n;

        if (u->writes[i].request.queued)
            continue;
        n = console_read(u->console, u->writes[i].data, WRITE_SIZE);
        if (n == 0)
            return;
        prepare(u, &u->writes[i], u->out, (uint32_t)n, write_done);
    }
}

bool usb_serial_poll(struct usb_serial *u)
{
    bool moved = u->moved;

    u->moved = false;
    console_flush(u->console);
    if (!u->present) {
        console_is_open(u->console); /* takes a client, who waits for the device */
        return moved;
    }
    open_port(u, console_is_open(u->console));
    if (u->open) {
        start_reads(u);
        start_writes(u);
    }
    return moved;
}

struct console *usb_serial_console(struct usb_serial *u)
{
    return u->console;
}

struct usb_serial *usb_serial_new(struct sched *s, struct usb_cable *cable, const char *where,
                                  char *error, size_t error_size)
{
    struct usb_serial *u = calloc(1, sizeof(*u));
    struct usb_host_user user = {
        .ctx = u, .attached = attached, .detached = detached, .failed = failed};

    if (u != NULL)
        u->host = usb_host_new(s, cable, &user);
    if (u == NULL || u->host == NULL) {
        snprintf(error, error_size, "out of memory");
        usb_serial_free(u);
        return NULL;
    }
    u->console = console_open(where, "usb", error, error_size);
    if (u->console == NULL) {
        usb_serial_free(u);
        return NULL;
    }
    usb_host_start(u->host);
    return u;
}

void usb_serial_free(struct usb_serial *u)
{
    if (u == NULL)
        return;
    usb_host_free(u->host);
    console_close(u->console);
    free(u);
}
