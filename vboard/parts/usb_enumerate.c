/* The port and its device: power, connection, reset, descriptors, configuration (USB 2.0, chapters
   7.1.7 and 9). */
#include <stdlib.h>
#include <string.h>

#include "usb_host_int.h"

/* USB 2.0, 7.1.7.3, 7.1.7.5, 7.1.7.7, 9.2.6.1 .. 9.2.6.4. */
#define TIME_DEBOUNCE (100 * VTIME_MS)
#define TIME_RESET    (50 * VTIME_MS)
#define TIME_RECOVERY (10 * VTIME_MS)
#define TIME_RESUME   (20 * VTIME_MS)
#define TIME_REQUEST  (5 * VTIME_S)
enum { TRIES = 3, ADDRESS = 1, DEVICE_SIZE = 18, CONFIGURATION_HEAD = 9 };

static void after(struct usb_host *h, vtime delay)
{
    sched_at(h->sched, &h->step, sched_now(h->sched) + delay);
}

static unsigned word_at(const uint8_t *p)
{
    return p[0] | (unsigned)p[1] << 8;
}

/* ---- pipes ---- */

static void control_pipe(struct usb_host *h, unsigned packet)
{
    h->pipe[PIPE_CONTROL] = (struct pipe){
        .exists = true, .kind = USB_CONTROL, .packet = (uint16_t)packet, .refusing = VTIME_NEVER};
}

static void remove_pipe(struct usb_host *h, struct pipe *p)
{
    p->exists = false;
    host_abort_pipe(h, p, USB_GONE);
}

/* bInterval of a full-speed interrupt endpoint is in frames; isochronous ones get no pipe. */
static void add_pipe(struct usb_host *h, const uint8_t *endpoint, unsigned interface)
{
    unsigned number = endpoint[2] & 15, kind = endpoint[3] & 3;
    bool in = endpoint[2] & 0x80;
    unsigned packet = word_at(endpoint + 4) & 0x7FF;
    struct pipe *p = &h->pipe[(in ? 15 : 0) + number];

    if (!number || kind == USB_ISOCHRONOUS || kind == USB_CONTROL || !packet ||
        packet > USB_MAX_PACKET)
        return;
    if (p->exists)
        remove_pipe(h, p);
    *p = (struct pipe){.exists = true,
                       .number = (uint8_t)number,
                       .kind = (uint8_t)kind,
                       .interface = (uint8_t)interface,
                       .in = in,
                       .packet = (uint16_t)packet,
                       .interval = endpoint[6] ? endpoint[6] : 1,
                       .refusing = VTIME_NEVER};
}

/* Pipes of one interface (or of all: -1) in one alternate setting. */
static void add_pipes(struct usb_host *h, int interface, unsigned alternate)
{
    unsigned current = 0;
    bool chosen = false;

    for (size_t i = 0; i + 2 <= h->configuration_size && h->configuration[i] >= 2;
         i += h->configuration[i]) {
        const uint8_t *d = h->configuration + i;

        if (i + d[0] > h->configuration_size)
            break;
        if (d[1] == DESC_INTERFACE && d[0] >= 9) {
            current = d[2];
            chosen = (interface < 0 || current == (unsigned)interface) && d[3] == alternate;
        } else if (d[1] == DESC_ENDPOINT && d[0] >= 7 && chosen) {
            add_pipe(h, d, current);
        }
    }
}

static void remove_pipes(struct usb_host *h, int interface)
{
    for (unsigned i = 1; i < PIPES; i++) {
        if (h->pipe[i].exists && (interface < 0 || h->pipe[i].interface == (unsigned)interface))
            remove_pipe(h, &h->pipe[i]);
    }
}

void host_note_request(struct usb_host *h, const struct usb_request *r)
{
    unsigned value = word_at(r->setup + 2), index = word_at(r->setup + 4);

    if (r->setup[0] == 0x00 && r->setup[1] == REQ_SET_ADDRESS) {
        h->address = value & 0x7F;
    } else if (r->setup[0] == 0x00 && r->setup[1] == REQ_SET_CONFIGURATION) {
        remove_pipes(h, -1);
        if (value == h->configuration[5])
            add_pipes(h, -1, 0);
    } else if (r->setup[0] == 0x01 && r->setup[1] == REQ_SET_INTERFACE) {
        remove_pipes(h, (int)index);
        add_pipes(h, (int)index, value);
    } else if (r->setup[0] == 0x02 && r->setup[1] == REQ_CLEAR_FEATURE && value == 0 &&
               index & 15) {
        h->pipe[(index & 0x80 ? 15 : 0) + (index & 15)].toggle = 0;
    }
}

/* ---- enumeration ---- */

static void try_again(struct usb_host *h, const char *why);
static void next_step(struct usb_host *h);

/* In the order in which they are asked. */
enum step {
    STEP_HEAD,
    STEP_ADDRESS,
    STEP_DEVICE,
    STEP_LENGTH,
    STEP_CONFIGURATION,
    STEP_CONFIGURE,
    STEP_DONE
};

static const char *const step_names[] = {
    [STEP_HEAD] = "first 8 bytes of the device descriptor",
    [STEP_ADDRESS] = "SET_ADDRESS",
    [STEP_DEVICE] = "device descriptor",
    [STEP_LENGTH] = "head of the configuration descriptor",
    [STEP_CONFIGURATION] = "configuration descriptor",
    [STEP_CONFIGURE] = "SET_CONFIGURATION",
};

static void ask(struct usb_host *h, uint8_t request, unsigned value, unsigned length, uint8_t *data)
{
    struct usb_request *r = &h->request;

    memset(r->setup, 0, sizeof r->setup);
    r->setup[0] = length ? 0x80 : 0x00;
    r->setup[1] = request;
    r->setup[2] = (uint8_t)value;
    r->setup[3] = (uint8_t)(value >> 8);
    r->setup[6] = (uint8_t)length;
    r->setup[7] = (uint8_t)(length >> 8);
    r->data = data;
    after(h, TIME_REQUEST);
    usb_host_submit(h, r);
}

static void next_step(struct usb_host *h)
{
    switch ((enum step)h->at) {
    case STEP_HEAD:
        ask(h, REQ_GET_DESCRIPTOR, DESC_DEVICE << 8, 8, h->device);
        break;
    case STEP_ADDRESS:
        ask(h, REQ_SET_ADDRESS, ADDRESS, 0, NULL);
        break;
    case STEP_DEVICE:
        ask(h, REQ_GET_DESCRIPTOR, DESC_DEVICE << 8, DEVICE_SIZE, h->device);
        break;
    case STEP_LENGTH:
        ask(h, REQ_GET_DESCRIPTOR, DESC_CONFIGURATION << 8, CONFIGURATION_HEAD, h->configuration);
        break;
    case STEP_CONFIGURATION:
        ask(h, REQ_GET_DESCRIPTOR, DESC_CONFIGURATION << 8, word_at(h->configuration + 2),
            h->configuration);
        break;
    case STEP_CONFIGURE:
        ask(h, REQ_SET_CONFIGURATION, h->configuration[5], 0, NULL);
        break;
    case STEP_DONE:
        h->state = PORT_READY;
        h->user.attached(h->user.ctx);
        break;
    }
}

/* Whether what came is what was asked for. */
static bool plausible(const struct usb_host *h)
{
    const struct usb_request *r = &h->request;

    switch ((enum step)h->at) {
    case STEP_HEAD:
        return r->actual == 8 && h->device[1] == DESC_DEVICE &&
               (h->device[7] == 8 || h->device[7] == 16 || h->device[7] == 32 ||
                h->device[7] == 64);
    case STEP_DEVICE:
        return r->actual == DEVICE_SIZE && h->device[1] == DESC_DEVICE;
    case STEP_LENGTH:
        return r->actual == CONFIGURATION_HEAD && h->configuration[1] == DESC_CONFIGURATION &&
               word_at(h->configuration + 2) >= CONFIGURATION_HEAD &&
               word_at(h->configuration + 2) <= USB_CONFIGURATION_MAX;
    case STEP_CONFIGURATION:
        return r->actual >= CONFIGURATION_HEAD && r->actual == word_at(h->configuration + 2);
    default:
        return true;
    }
}

static void asked(void *ctx, struct usb_request *r)
{
    struct usb_host *h = ctx;

    if (h->state != PORT_ENUMERATES || r->status == USB_GONE)
        return;
    sched_cancel(h->sched, &h->step);
    if (r->status != USB_OK) {
        try_again(h, usb_status_name(r->status));
        return;
    }
    if (!plausible(h)) {
        try_again(h, "not valid");
        return;
    }
    if (h->at == STEP_HEAD)
        control_pipe(h, h->device[7]);
    if (h->at == STEP_CONFIGURATION)
        h->configuration_size = r->actual;
    h->at++;
    /* A new address needs 2 ms to settle (9.2.6.3); other requests follow in the next frame. */
    if (h->at == STEP_ADDRESS + 1)
        after(h, TIME_RECOVERY);
    else
        next_step(h);
}

/* ---- the port ---- */

/* The device that was is no more. */
static void forget(struct usb_host *h)
{
    bool was_ready = h->state == PORT_READY;

    h->state = PORT_EMPTY;
    host_stop_frames(h);
    host_abort(h, USB_GONE);
    for (unsigned i = 0; i < PIPES; i++)
        h->pipe[i].exists = false;
    sched_cancel(h->sched, &h->step);
    h->address = 0;
    h->configuration_size = 0;
    h->suspended = h->resuming = false;
    if (was_ready)
        h->user.detached(h->user.ctx);
}

static void begin_reset(struct usb_host *h)
{
    forget(h);
    h->state = PORT_RESET;
    usb_drive_reset(h->cable, true);
    after(h, TIME_RESET);
}

static void try_again(struct usb_host *h, const char *why)
{
    char text[128];
    unsigned at = h->at;

    if (++h->tries < TRIES) {
        begin_reset(h);
        return;
    }
    forget(h);
    h->state = PORT_FAILED;
    text[0] = '\0';
    strcat(strcat(strcat(text, step_names[at]), ": "), why);
    if (h->user.failed)
        h->user.failed(h->user.ctx, text);
}

static void step_event(void *ctx, vtime at)
{
    struct usb_host *h = ctx;

    (void)at;
    if (h->resuming) {
        h->resuming = h->suspended = false;
        usb_drive_resume(h->cable, false);
        host_start_frames(h);
        return;
    }
    switch (h->state) {
    case PORT_DEBOUNCE:
        h->tries = 0;
        begin_reset(h);
        break;
    case PORT_RESET:
        usb_drive_reset(h->cable, false);
        host_start_frames(h);
        h->state = PORT_RECOVERY;
        after(h, TIME_RECOVERY);
        break;
    case PORT_RECOVERY:
        h->state = PORT_ENUMERATES;
        h->at = STEP_HEAD;
        control_pipe(h, USB_MAX_PACKET);
        next_step(h);
        break;
    case PORT_ENUMERATES:
        if (h->request.queued)
            try_again(h, "time-out");
        else
            next_step(h);
        break;
    default:
        break;
    }
}

static void connected(void *ctx, const struct usb_function *f)
{
    struct usb_host *h = ctx;

    if (h->state == PORT_OFF)
        return;
    forget(h);
    if (f) {
        h->state = PORT_DEBOUNCE;
        after(h, TIME_DEBOUNCE);
    }
}

static void remote_wakeup(void *ctx, bool active)
{
    struct usb_host *h = ctx;

    if (active && h->suspended)
        usb_host_resume(h);
}

void host_init_port(struct usb_host *h)
{
    h->port = (struct usb_port){.ctx = h, .connected = connected, .remote_wakeup = remote_wakeup};
    h->step = (struct sched_event){.fn = step_event, .ctx = h};
    h->request = (struct usb_request){.done = asked, .ctx = h};
}

struct usb_host *usb_host_new(struct sched *s, struct usb_cable *cable,
                              const struct usb_host_user *user)
{
    struct usb_host *h = calloc(1, sizeof *h);

    if (!h)
        return NULL;
    h->sched = s;
    h->cable = cable;
    h->user = *user;
    host_init_bus(h);
    host_init_port(h);
    return h;
}

void usb_host_free(struct usb_host *h)
{
    if (!h)
        return;
    usb_host_stop(h);
    free(h);
}

void usb_host_start(struct usb_host *h)
{
    if (h->state != PORT_OFF)
        return;
    h->state = PORT_EMPTY;
    usb_power(h->cable, true);
    usb_plug(h->cable, &h->port);
}

void usb_host_stop(struct usb_host *h)
{
    if (h->state == PORT_OFF)
        return;
    usb_plug(h->cable, NULL);
    forget(h);
    h->state = PORT_OFF;
    usb_power(h->cable, false);
}

/* ---- for the user ---- */

bool usb_host_ready(const struct usb_host *h)
{
    return h->state == PORT_READY;
}

unsigned usb_host_address(const struct usb_host *h)
{
    return usb_host_ready(h) ? h->address : 0;
}

const uint8_t *usb_host_device(const struct usb_host *h)
{
    return usb_host_ready(h) ? h->device : NULL;
}

const uint8_t *usb_host_configuration(const struct usb_host *h, size_t *size)
{
    *size = usb_host_ready(h) ? h->configuration_size : 0;
    return usb_host_ready(h) ? h->configuration : NULL;
}

void usb_host_reset(struct usb_host *h)
{
    if (h->state != PORT_READY)
        return;
    h->tries = 0;
    begin_reset(h);
}

void usb_host_suspend(struct usb_host *h)
{
    if (h->state != PORT_READY || h->suspended)
        return;
    h->suspended = true;
    host_stop_frames(h);
    usb_note_suspend(h->cable);
}

void usb_host_resume(struct usb_host *h)
{
    if (!h->suspended || h->resuming)
        return;
    h->resuming = true;
    usb_drive_resume(h->cable, true);
    after(h, TIME_RESUME);
}
