#include "usb.h"

#include <stdlib.h>

struct usb_cable {
    struct usb_function *functions, *connected;
    const struct usb_port *port;
    const struct usb_observer *observer;
    bool vbus;
};

struct usb_cable *usb_cable_new(void)
{
    return calloc(1, sizeof(struct usb_cable));
}

void usb_cable_free(struct usb_cable *c)
{
    free(c);
}

void usb_cable_observe(struct usb_cable *c, const struct usb_observer *o)
{
    c->observer = o;
}

static void note(struct usb_cable *c, const char *what)
{
    if (c->observer && c->observer->event)
        c->observer->event(c->observer->ctx, what);
}

static void note_transaction(struct usb_cable *c, char kind, const struct usb_token *t,
                             const struct usb_packet *p, enum usb_reply reply)
{
    if (c->observer && c->observer->transaction)
        c->observer->transaction(c->observer->ctx, kind, t, p, reply);
}

/* ---- the device's end ---- */

void usb_attach(struct usb_cable *c, struct usb_function *f)
{
    f->next = c->functions;
    c->functions = f;
    if (c->vbus && f->vbus)
        f->vbus(f->ctx, true);
}

void usb_detach(struct usb_cable *c, struct usb_function *f)
{
    struct usb_function **at = &c->functions;

    usb_disconnect(c, f);
    while (*at && *at != f)
        at = &(*at)->next;
    if (*at)
        *at = f->next;
}

static void tell_port(struct usb_cable *c)
{
    if (c->port)
        c->port->connected(c->port->ctx, c->connected);
}

void usb_connect(struct usb_cable *c, struct usb_function *f)
{
    if (c->connected == f)
        return;
    if (c->connected)
        usb_disconnect(c, c->connected);
    c->connected = f;
    note(c, "connect");
    tell_port(c);
}

void usb_disconnect(struct usb_cable *c, struct usb_function *f)
{
    if (c->connected != f)
        return;
    c->connected = NULL;
    note(c, "disconnect");
    tell_port(c);
}

void usb_signal_wakeup(struct usb_cable *c, struct usb_function *f, bool active)
{
    if (c->connected != f)
        return;
    if (active)
        note(c, "remote wake-up");
    if (c->port && c->port->remote_wakeup)
        c->port->remote_wakeup(c->port->ctx, active);
}

bool usb_vbus(const struct usb_cable *c)
{
    return c->vbus;
}

/* ---- the host's end ---- */

void usb_plug(struct usb_cable *c, const struct usb_port *port)
{
    c->port = port;
    if (c->connected)
        tell_port(c);
}

void usb_power(struct usb_cable *c, bool on)
{
    if (c->vbus == on)
        return;
    c->vbus = on;
    note(c, on ? "VBUS on" : "VBUS off");
    /* A function may connect or detach itself from within. */
    for (struct usb_function *f = c->functions, *next; f; f = next) {
        next = f->next;
        if (f->vbus)
            f->vbus(f->ctx, on);
    }
}

struct usb_function *usb_connected(const struct usb_cable *c)
{
    return c->connected;
}

void usb_drive_reset(struct usb_cable *c, bool active)
{
    struct usb_function *f = c->connected;

    if (active)
        note(c, "reset");
    if (f)
        f->reset(f->ctx, active);
}

void usb_start_of_frame(struct usb_cable *c, unsigned number)
{
    struct usb_function *f = c->connected;

    if (f && f->start_of_frame)
        f->start_of_frame(f->ctx, number & 0x7FF);
}

void usb_drive_resume(struct usb_cable *c, bool active)
{
    struct usb_function *f = c->connected;

    if (active)
        note(c, "resume");
    if (f && f->resume)
        f->resume(f->ctx, active);
}

void usb_note_suspend(struct usb_cable *c)
{
    note(c, "suspend");
}

enum usb_reply usb_setup(struct usb_cable *c, const struct usb_token *t, const uint8_t data[8])
{
    struct usb_function *f = c->connected;
    enum usb_reply reply = f ? f->setup(f->ctx, t, data) : USB_NO_REPLY;

    if (c->observer) {
        struct usb_packet p = {.size = 8};

        for (unsigned i = 0; i < 8; i++)
            p.data[i] = data[i];
        note_transaction(c, 'S', t, &p, reply);
    }
    return reply;
}

enum usb_reply usb_out(struct usb_cable *c, const struct usb_token *t, const struct usb_packet *p)
{
    struct usb_function *f = c->connected;
    enum usb_reply reply = f ? f->out(f->ctx, t, p) : USB_NO_REPLY;

    note_transaction(c, 'O', t, p, reply);
    return reply;
}

enum usb_reply usb_in(struct usb_cable *c, const struct usb_token *t, struct usb_packet *p)
{
    struct usb_function *f = c->connected;
    enum usb_reply reply;

    p->size = 0;
    reply = f ? f->in(f->ctx, t, p) : USB_NO_REPLY;
    if (reply != USB_DATA)
        note_transaction(c, 'I', t, NULL, reply);
    return reply;
}

void usb_in_done(struct usb_cable *c, const struct usb_token *t, const struct usb_packet *p,
                 bool acked)
{
    struct usb_function *f = c->connected;

    if (f && f->in_done)
        f->in_done(f->ctx, t, acked);
    note_transaction(c, 'I', t, p, USB_DATA);
}
