/* The bus: frames, transactions, queues of requests. */
#include <stdlib.h>
#include <string.h>

#include "usb_host_int.h"

enum { ERRORS_MAX = 3 };

static vtime now(const struct usb_host *h)
{
    return sched_now(h->sched);
}

static struct pipe *pipe_of(struct usb_host *h, uint8_t endpoint)
{
    unsigned n = endpoint & 15;

    return n == 0 ? &h->pipe[PIPE_CONTROL] : &h->pipe[(endpoint & 0x80 ? 15 : 0) + n];
}

/* ---- requests ---- */

static void finish(struct usb_host *h, struct pipe *p, struct usb_request *r,
                   enum usb_status status)
{
    struct usb_request **at = &p->first;

    if (h->now.pipe == p && p->first == r)
        h->now.orphaned = true;
    while (*at != r)
        at = &(*at)->next;
    *at = r->next;
    for (p->last = p->first; p->last && p->last->next;)
        p->last = p->last->next;
    r->next = NULL;
    r->queued = false;
    r->status = status;
    p->refusing = VTIME_NEVER;
    if (p == &h->pipe[PIPE_CONTROL] && status == USB_OK)
        host_note_request(h, r);
    r->done(r->ctx, r);
}

void host_abort_pipe(struct usb_host *h, struct pipe *p, enum usb_status status)
{
    /* Not those that a callback submits anew. */
    struct usb_request *last = p->last, *r;

    do {
        r = p->first;
        if (r)
            finish(h, p, r, status);
    } while (r && r != last);
}

void host_abort(struct usb_host *h, enum usb_status status)
{
    for (unsigned i = 0; i < PIPES; i++)
        host_abort_pipe(h, &h->pipe[i], status);
}

static bool control_in(const struct usb_request *r)
{
    return r->setup[0] & 0x80 && r->length;
}

/* ---- transactions ---- */

/* The token of a pipe's next transaction. */
static char next_kind(const struct pipe *p)
{
    const struct usb_request *r = p->first;

    if (p->kind != USB_CONTROL)
        return p->in ? 'I' : 'O';
    if (r->stage == STAGE_SETUP)
        return 'S';
    return control_in(r) == (r->stage == STAGE_DATA) ? 'I' : 'O';
}

/* Bytes of its data packet; of an IN token the most that may come. */
static unsigned next_size(const struct pipe *p)
{
    const struct usb_request *r = p->first;
    uint32_t left = r->length - r->actual;

    if (p->kind == USB_CONTROL && r->stage != STAGE_DATA)
        return r->stage == STAGE_SETUP ? 8 : 0;
    return next_kind(p) == 'I' || left > p->packet ? p->packet : left;
}

static bool fits(const struct usb_host *h, const struct pipe *p)
{
    unsigned bits = USB_TOKEN_BITS + USB_DATA_BITS + 8 * next_size(p) + USB_HANDSHAKE_BITS;

    return now(h) + usb_time(bits) <= h->frame_end;
}

static bool wants(const struct usb_host *h, const struct pipe *p, bool periodic)
{
    return p->first && p->due <= h->frames && (p->kind == USB_INTERRUPT) == periodic;
}

/* The pipe whose turn it is: periodic ones first, the others one after the other. */
static struct pipe *choose(struct usb_host *h)
{
    for (unsigned i = 1; i < PIPES; i++) {
        if (wants(h, &h->pipe[i], true) && fits(h, &h->pipe[i]))
            return &h->pipe[i];
    }
    for (unsigned i = 1; i <= PIPES; i++) {
        unsigned turn = (h->turn + i) % PIPES;

        if (wants(h, &h->pipe[turn], false) && fits(h, &h->pipe[turn])) {
            h->turn = turn;
            return &h->pipe[turn];
        }
    }
    return NULL;
}

static void after(struct usb_host *h, unsigned bits)
{
    sched_at(h->sched, &h->bus, now(h) + usb_time(bits));
}

/* The bus is free: the next transaction begins, or nothing does until the next frame or request. */
static void begin(struct usb_host *h)
{
    struct transaction *t = &h->now;
    struct pipe *p;

    if (t->pipe || sched_pending(&h->bus) || !sched_pending(&h->frame) || !(p = choose(h)))
        return;
    *t = (struct transaction){.pipe = p, .kind = next_kind(p)};
    t->packet.size = (uint16_t)next_size(p);
    t->packet.toggle = p->toggle;
    if (p->kind == USB_CONTROL && p->first->stage != STAGE_DATA)
        t->packet.toggle = p->first->stage == STAGE_STATUS;
    if (t->kind == 'S')
        memcpy(t->packet.data, p->first->setup, 8);
    else if (t->kind == 'O' && t->packet.size)
        memcpy(t->packet.data, p->first->data + p->first->actual, t->packet.size);
    after(h, USB_TOKEN_BITS + (t->kind == 'I' ? 0 : USB_DATA_BITS + 8 * t->packet.size));
}

/* The device's turn. */
static void answer(struct usb_host *h)
{
    struct transaction *t = &h->now;
    struct usb_token token = {.address = h->address, .endpoint = t->pipe->number};
    unsigned bits = USB_HANDSHAKE_BITS;

    t->answered = true;
    if (t->kind == 'S')
        t->reply = usb_setup(h->cable, &token, t->packet.data);
    else if (t->kind == 'O')
        t->reply = usb_out(h->cable, &token, &t->packet);
    else
        t->reply = usb_in(h->cable, &token, &t->packet);
    if (t->reply == USB_NO_REPLY)
        bits = USB_TIMEOUT_BITS;
    else if (t->reply == USB_DATA)
        bits += USB_DATA_BITS + 8 * t->packet.size;
    after(h, bits);
}

static void refused(struct usb_host *h, struct pipe *p)
{
    if (p->kind == USB_INTERRUPT) {
        p->due = h->frames + p->interval;
        return;
    }
    if (p->refusing == VTIME_NEVER)
        p->refusing = now(h);
    else if (now(h) - p->refusing >= USB_FRAME)
        p->due = h->frames + 1;
}

/* The packet passed. `last`: it ended the data of the request. */
static void advance(struct usb_host *h, struct pipe *p, bool last)
{
    struct usb_request *r = p->first;

    if (p->kind == USB_INTERRUPT)
        p->due = h->frames + p->interval;
    if (p->kind != USB_CONTROL) {
        if (last)
            finish(h, p, r, USB_OK);
        return;
    }
    if (r->stage == STAGE_STATUS) {
        finish(h, p, r, USB_OK);
    } else if (r->stage == STAGE_SETUP) {
        p->toggle = 1;
        r->stage = r->length ? STAGE_DATA : STAGE_STATUS;
    } else if (last) {
        r->stage = STAGE_STATUS;
    }
}

static void sent(struct usb_host *h, struct pipe *p)
{
    struct usb_request *r = p->first;
    unsigned size = h->now.packet.size;
    bool data = p->kind != USB_CONTROL || r->stage == STAGE_DATA;

    if (!data) {
        advance(h, p, false);
        return;
    }
    p->toggle ^= 1;
    r->actual += size;
    if (size == 0)
        r->zero_sent = true;
    advance(h, p,
            r->actual == r->length &&
                (p->kind == USB_CONTROL || size < p->packet || !r->zero_packet || r->zero_sent));
}

static void received(struct usb_host *h, struct pipe *p)
{
    struct usb_request *r = p->first;
    const struct usb_packet *packet = &h->now.packet;
    bool data = p->kind != USB_CONTROL || r->stage == STAGE_DATA;

    if (packet->toggle != (data ? p->toggle : 1))
        return; /* sent again: our ACK was lost (8.6.4) */
    if (packet->size > p->packet || packet->size > (data ? r->length - r->actual : 0)) {
        finish(h, p, r, USB_BABBLED);
        return;
    }
    if (data) {
        if (packet->size)
            memcpy(r->data + r->actual, packet->data, packet->size);
        r->actual += packet->size;
        p->toggle ^= 1;
    }
    advance(h, p, r->actual == r->length || packet->size < p->packet);
}

/* The transaction is over. */
static void conclude(struct usb_host *h)
{
    struct transaction *t = &h->now;
    struct pipe *p = t->pipe;
    struct usb_request *r = p->first;

    if (t->reply == USB_DATA) {
        struct usb_token token = {.address = h->address, .endpoint = p->number};

        usb_in_done(h->cable, &token, &t->packet, true);
    }
    t->pipe = NULL;
    if (t->orphaned || !r)
        return;
    if (t->reply != USB_NO_REPLY)
        r->errors = 0;
    if (t->reply != USB_NAK)
        p->refusing = VTIME_NEVER;
    switch (t->reply) {
    case USB_NO_REPLY:
        if (++r->errors >= ERRORS_MAX)
            finish(h, p, r, USB_BROKEN);
        break;
    case USB_NAK:
        refused(h, p);
        break;
    case USB_STALL:
        finish(h, p, r, USB_STALLED);
        break;
    case USB_ACK:
        sent(h, p);
        break;
    case USB_DATA:
        received(h, p);
        break;
    }
}

static void bus_event(void *ctx, vtime at)
{
    struct usb_host *h = ctx;

    (void)at;
    if (h->now.pipe && !h->now.answered) {
        answer(h);
        return;
    }
    if (h->now.pipe)
        conclude(h);
    begin(h);
}

/* ---- frames ---- */

static void frame_event(void *ctx, vtime at)
{
    struct usb_host *h = ctx;

    h->frames++;
    h->frame_end = at + USB_FRAME;
    sched_at(h->sched, &h->frame, h->frame_end);
    usb_start_of_frame(h->cable, (unsigned)h->frames);
    if (!h->now.pipe)
        after(h, USB_SOF_BITS);
}

void host_start_frames(struct usb_host *h)
{
    if (!sched_pending(&h->frame))
        sched_at(h->sched, &h->frame, now(h));
}

void host_stop_frames(struct usb_host *h)
{
    sched_cancel(h->sched, &h->frame);
    sched_cancel(h->sched, &h->bus);
    h->now.pipe = NULL;
}

void host_init_bus(struct usb_host *h)
{
    h->frame = (struct sched_event){.fn = frame_event, .ctx = h};
    h->bus = (struct sched_event){.fn = bus_event, .ctx = h};
}

/* ---- for the user ---- */

int usb_host_submit(struct usb_host *h, struct usb_request *r)
{
    struct pipe *p = pipe_of(h, r->endpoint);
    bool usable = h->state == PORT_READY || (h->state == PORT_ENUMERATES && r == &h->request);

    if (!usable || !p->exists)
        return -1;
    if (p->kind == USB_CONTROL)
        r->length = r->setup[6] | (uint32_t)r->setup[7] << 8;
    r->actual = 0;
    r->errors = 0;
    r->stage = STAGE_SETUP;
    r->zero_sent = false;
    r->queued = true;
    r->next = NULL;
    if (p->last)
        p->last->next = r;
    else
        p->first = r;
    p->last = r;
    begin(h);
    return 0;
}

void usb_host_cancel(struct usb_host *h, struct usb_request *r)
{
    if (r->queued)
        finish(h, pipe_of(h, r->endpoint), r, USB_CANCELLED);
}

const char *usb_status_name(enum usb_status status)
{
    static const char *const names[] = {"ok",   "stalled",  "no answer", "too much data",
                                        "gone", "cancelled"};

    return names[status];
}
