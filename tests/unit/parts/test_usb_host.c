/*
 * The USB host against devices made here: one that keeps to the rules, ones that break them one at
 * a time, and one whose every answer is random.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../../vboard/parts/usb_host.h"

/* ---- time: a core of 1 GHz that only lets events happen ---- */

static uint64_t nanoseconds;

static uint64_t cycles(void *ctx)
{
    (void)ctx;
    return nanoseconds;
}

static void limit(void *ctx, uint64_t cycle)
{
    (void)ctx;
    (void)cycle;
}

static struct sched *sched;

static void run(vtime duration)
{
    vtime end = sched_now(sched) + duration;

    while (sched_next(sched) <= end) {
        uint64_t at = sched_cycle_of(sched, sched_next(sched));

        if (at > nanoseconds)
            nanoseconds = at;
        sched_run(sched);
    }
    nanoseconds = sched_cycle_of(sched, end);
}

/* ---- a device: endpoint 1 in both directions, bulk; endpoint 2 IN, interrupt ---- */

static const uint8_t descriptor[18] = {18, 1, 0, 2, 0, 0, 0, 8, 1, 0, 2, 0, 0, 1, 0, 0, 0, 1};
static const uint8_t configuration[] = {
    9, 2, 39, 0, 1, 1, 0, 0x80, 50, 9,  4, 0, 0, 3, 255,  0, 0, 0, 7, 5,
    1, 2, 64, 0, 0, 7, 5, 0x81, 2,  64, 0, 0, 7, 5, 0x82, 3, 8, 0, 4,
};

static struct {
    struct usb_function function;
    uint8_t address, next_address, setup[8];
    const uint8_t *reply;
    unsigned left, resets, frames, polls;
    uint8_t toggle[2]; /* of endpoint 1: OUT, IN; DATA1 of endpoint 0 is 1 by itself */
    uint8_t control_toggle;
    unsigned in_frame, most_in_frame; /* transactions of endpoint 1 */
    uint32_t received, sent, to_send;
    enum usb_reply bulk; /* ACK: takes and sends all; else what it answers */
    bool mute, repeats, long_packet, odd;
    uint64_t random;
} dev;

static uint32_t draw(uint32_t n)
{
    dev.random ^= dev.random << 13;
    dev.random ^= dev.random >> 7;
    dev.random ^= dev.random << 17;
    return (uint32_t)(dev.random >> 11) % n;
}

static void reset(void *ctx, bool active)
{
    (void)ctx;
    dev.resets += active;
    dev.address = dev.next_address = 0;
    memset(dev.toggle, 0, sizeof dev.toggle);
}

static void frame(void *ctx, unsigned number)
{
    (void)ctx;
    (void)number;
    dev.frames++;
    dev.in_frame = 0;
}

static enum usb_reply setup(void *ctx, const struct usb_token *t, const uint8_t data[8])
{
    unsigned length = data[6] | data[7] << 8;

    (void)ctx;
    if (dev.odd)
        return (enum usb_reply)draw(4);
    if (dev.mute || t->address != dev.address)
        return USB_NO_REPLY;
    memcpy(dev.setup, data, 8);
    dev.control_toggle = 1;
    dev.reply = data[3] == 1 ? descriptor : configuration;
    dev.left = data[3] == 1 ? sizeof descriptor : sizeof configuration;
    if (dev.left > length)
        dev.left = length;
    if (data[1] == 5)
        dev.next_address = data[2];
    return USB_ACK;
}

static void count(void)
{
    if (++dev.in_frame > dev.most_in_frame)
        dev.most_in_frame = dev.in_frame;
}

static enum usb_reply out(void *ctx, const struct usb_token *t, const struct usb_packet *p)
{
    (void)ctx;
    if (dev.odd)
        return (enum usb_reply)draw(4);
    if (t->endpoint == 0)
        return USB_ACK;
    count();
    if (dev.bulk != USB_ACK)
        return dev.bulk;
    if (p->toggle == dev.toggle[0]) {
        dev.toggle[0] ^= 1;
        dev.received += p->size;
    }
    return USB_ACK;
}

static enum usb_reply in(void *ctx, const struct usb_token *t, struct usb_packet *p)
{
    (void)ctx;
    if (dev.odd) {
        p->size = (uint16_t)draw(USB_MAX_PACKET + 1);
        p->toggle = (uint8_t)draw(2);
        for (unsigned i = 0; i < p->size; i++)
            p->data[i] = (uint8_t)draw(256);
        return draw(3) ? USB_DATA : (enum usb_reply)draw(5);
    }
    if (t->endpoint == 2) {
        dev.polls++;
        return USB_NAK;
    }
    if (t->endpoint == 1) {
        count();
        if (dev.bulk != USB_ACK)
            return dev.bulk;
        p->toggle = dev.toggle[1] ^ dev.repeats;
        p->size = dev.to_send < 64 ? (uint16_t)dev.to_send : 64;
        return USB_DATA;
    }
    if (dev.setup[1] == 0x77)
        return USB_STALL;
    p->toggle = dev.control_toggle;
    p->size = dev.left > 8 ? 8 : (uint16_t)dev.left;
    if (dev.setup[1] == 6)
        memcpy(p->data, dev.reply, p->size);
    else
        p->size = 0;
    if (dev.long_packet)
        p->size = 9;
    return USB_DATA;
}

static void in_done(void *ctx, const struct usb_token *t, bool acked)
{
    (void)ctx;
    (void)acked;
    if (dev.odd)
        return;
    if (t->endpoint == 1) {
        unsigned n = dev.to_send < 64 ? dev.to_send : 64;

        dev.sent += n;
        dev.to_send -= n;
        if (!dev.repeats)
            dev.toggle[1] ^= 1;
        dev.repeats = false;
        return;
    }
    dev.control_toggle ^= 1;
    if (dev.setup[1] == 6) {
        unsigned n = dev.left > 8 ? 8 : dev.left;

        dev.reply += n;
        dev.left -= n;
    }
    dev.address = dev.next_address;
}

/* ---- the host and its user ---- */

static struct usb_cable *cable;
static struct usb_host *host;
static unsigned attachments, detachments, completions;
static char why[128];

static void attached(void *ctx)
{
    (void)ctx;
    attachments++;
}

static void detached(void *ctx)
{
    (void)ctx;
    detachments++;
}

static void failed(void *ctx, const char *text)
{
    (void)ctx;
    strncpy(why, text, sizeof why - 1);
}

static void done(void *ctx, struct usb_request *r)
{
    (void)ctx;
    (void)r;
    completions++;
}

static int start(void **state)
{
    static const struct sched_source source = {.cycles = cycles, .limit = limit};
    static const struct usb_host_user user = {
        .attached = attached, .detached = detached, .failed = failed};

    (void)state;
    nanoseconds = 0;
    sched = sched_new(&source, 1000000000);
    cable = usb_cable_new();
    host = usb_host_new(sched, cable, &user);
    memset(&dev, 0, sizeof dev);
    dev.bulk = USB_ACK;
    dev.random = 88172645463325252u;
    dev.function = (struct usb_function){.reset = reset,
                                         .start_of_frame = frame,
                                         .setup = setup,
                                         .out = out,
                                         .in = in,
                                         .in_done = in_done};
    attachments = detachments = completions = 0;
    why[0] = '\0';
    usb_attach(cable, &dev.function);
    usb_host_start(host);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    usb_host_free(host);
    usb_cable_free(cable);
    sched_free(sched);
    return 0;
}

static int start_ready(void **state)
{
    start(state);
    usb_connect(cable, &dev.function);
    run(400 * VTIME_MS);
    return attachments == 1 ? 0 : -1;
}

static struct usb_request request(uint8_t endpoint, uint8_t *data, uint32_t length)
{
    return (struct usb_request){.endpoint = endpoint, .data = data, .length = length, .done = done};
}

static struct usb_request control(uint8_t kind, uint8_t number, uint8_t length, uint8_t *data)
{
    struct usb_request r = request(0, data, length);

    r.setup[0] = kind;
    r.setup[1] = number;
    r.setup[3] = 1;
    r.setup[6] = length;
    return r;
}

static void enumeration(void **state)
{
    size_t size;

    (void)state;
    run(VTIME_S);
    assert_int_equal(dev.frames + attachments, 0); /* an empty port is quiet */
    usb_connect(cable, &dev.function);
    run(99 * VTIME_MS);
    assert_int_equal(dev.resets, 0); /* debounced */
    run(300 * VTIME_MS);
    assert_int_equal(attachments, 1);
    assert_int_equal(dev.resets, 1);
    assert_int_not_equal(dev.address, 0);
    assert_int_equal(usb_host_address(host), dev.address);
    assert_memory_equal(usb_host_device(host), descriptor, sizeof descriptor);
    assert_memory_equal(usb_host_configuration(host, &size), configuration, sizeof configuration);
    assert_int_equal(size, sizeof configuration);
    usb_disconnect(cable, &dev.function);
    assert_int_equal(detachments, 1);
    assert_false(usb_host_ready(host));
}

static void gives_up_on_a_mute_device(void **state)
{
    (void)state;
    dev.mute = true;
    usb_connect(cable, &dev.function);
    run(2 * VTIME_S);
    assert_int_equal(dev.resets, 3);
    assert_string_equal(why, "first 8 bytes of the device descriptor: no answer");
    dev.mute = false;
    run(VTIME_S);
    assert_int_equal(attachments, 0);
    usb_disconnect(cable, &dev.function); /* plugged in anew it gets another chance */
    usb_connect(cable, &dev.function);
    run(VTIME_S);
    assert_int_equal(attachments, 1);
}

/* USB 2.0, table 5-9. */
static void bulk_fills_the_frames(void **state)
{
    enum { SIZE = 64 * 19 * 50 };
    static uint8_t data[SIZE];
    struct usb_request r = request(1, data, SIZE);
    vtime began = sched_now(sched);

    (void)state;
    assert_int_equal(usb_host_submit(host, &r), 0);
    while (!completions)
        run(VTIME_MS / 10);
    assert_int_equal(r.status, USB_OK);
    assert_int_equal(dev.received, SIZE);
    assert_int_equal(dev.most_in_frame, 19);
    assert_in_range((sched_now(sched) - began) / VTIME_MS, 49, 51);
    r = request(0x81, data, SIZE);
    dev.to_send = SIZE;
    dev.most_in_frame = 0;
    assert_int_equal(usb_host_submit(host, &r), 0);
    run(52 * VTIME_MS);
    assert_int_equal(r.actual, SIZE);
    assert_int_equal(dev.most_in_frame, 19);
}

static void reads_end_as_the_rules_say(void **state)
{
    uint8_t data[200];
    struct usb_request r = request(0x81, data, 200), zero = request(1, data, 128);

    (void)state;
    dev.to_send = 70;
    usb_host_submit(host, &r);
    run(2 * VTIME_MS);
    assert_int_equal(completions, 1); /* by a short packet */
    assert_int_equal(r.actual, 70);
    zero.zero_packet = true;
    dev.in_frame = 0;
    usb_host_submit(host, &zero);
    run(VTIME_MS / 2);
    assert_int_equal(completions, 2);
    assert_true(zero.zero_sent);
    /* The device did not see our ACK: the packet comes again, and counts once. */
    dev.to_send = 30;
    dev.repeats = true;
    usb_host_submit(host, &r);
    run(2 * VTIME_MS);
    assert_int_equal(r.actual, 0); /* after the repeated one came an empty one */
}

static void errors_have_names(void **state)
{
    uint8_t data[64];
    struct usb_request r = control(0xC0, 0x77, 8, data), bulk = request(0x81, data, 64);

    (void)state;
    usb_host_submit(host, &r);
    run(5 * VTIME_MS);
    assert_int_equal(r.status, USB_STALLED);
    r = control(0x80, 6, 18, data);
    dev.long_packet = true;
    usb_host_submit(host, &r);
    run(5 * VTIME_MS);
    assert_int_equal(r.status, USB_BABBLED);
    dev.long_packet = false;
    dev.bulk = USB_NO_REPLY;
    usb_host_submit(host, &bulk);
    run(5 * VTIME_MS);
    assert_int_equal(bulk.status, USB_BROKEN);
    bulk.endpoint = 0x83;
    assert_int_equal(usb_host_submit(host, &bulk), -1);
}

static void a_device_that_refuses_is_asked_less(void **state)
{
    uint8_t data[64];
    struct usb_request r = request(0x81, data, 64), poll = request(0x82, data, 8);

    (void)state;
    dev.bulk = USB_NAK;
    usb_host_submit(host, &r);
    run(3 * VTIME_MS);
    dev.most_in_frame = 0;
    run(10 * VTIME_MS);
    assert_int_equal(dev.most_in_frame, 1);
    usb_host_cancel(host, &r);
    assert_int_equal(r.status, USB_CANCELLED);
    usb_host_submit(host, &poll);
    dev.polls = 0;
    run(40 * VTIME_MS);
    assert_in_range(dev.polls, 9, 11); /* bInterval 4 */
    usb_host_reset(host);
    assert_int_equal(poll.status, USB_GONE);
    assert_int_equal(detachments, 1);
    run(300 * VTIME_MS);
    assert_int_equal(attachments, 2);
}

static void suspend_and_remote_wakeup(void **state)
{
    unsigned frames;

    (void)state;
    usb_host_suspend(host);
    frames = dev.frames;
    run(VTIME_S);
    assert_int_equal(dev.frames, frames);
    usb_signal_wakeup(cable, &dev.function, true);
    run(10 * VTIME_MS);
    usb_signal_wakeup(cable, &dev.function, false);
    assert_int_equal(dev.frames, frames); /* 20 ms of resume */
    run(20 * VTIME_MS);
    assert_in_range(dev.frames - frames, 8, 12);
}

/* Whatever comes: each request ends once, nothing is read or written where it should not. */
static void random_answers(void **state)
{
    enum { REQUESTS = 8, ROUNDS = 3000 };
    static uint8_t data[REQUESTS][300];
    static struct usb_request r[REQUESTS];
    unsigned submitted = 0;

    (void)state;
    memset(r, 0, sizeof r);
    for (unsigned round = 0; round < ROUNDS; round++) {
        struct usb_request *one = &r[draw(REQUESTS)];
        static const uint8_t endpoints[] = {0, 1, 0x81, 0x82, 0x85};

        dev.odd = usb_host_ready(host);
        if (one->queued) {
            usb_host_cancel(host, one);
        } else {
            *one = request(endpoints[draw(5)], data[one - r], draw(300));
            for (unsigned i = 0; i < 8; i++)
                one->setup[i] = (uint8_t)draw(draw(2) ? 256 : 12);
            if (one->endpoint == 0)
                one->setup[7] = 0;
            submitted += usb_host_submit(host, one) == 0;
        }
        run(VTIME_MS * draw(3));
        if (draw(100) == 0)
            usb_host_reset(host);
        if (draw(200) == 0) {
            usb_disconnect(cable, &dev.function);
            dev.odd = false;
            usb_connect(cable, &dev.function);
        }
        if (!usb_host_ready(host)) {
            dev.odd = false;
            run(400 * VTIME_MS);
        }
    }
    usb_disconnect(cable, &dev.function);
    assert_true(submitted > ROUNDS / 4);
    assert_int_equal(completions, submitted);
}

#define IN(s, f) cmocka_unit_test_setup_teardown(f, s, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN(start, enumeration),
        IN(start, gives_up_on_a_mute_device),
        IN(start_ready, bulk_fills_the_frames),
        IN(start_ready, reads_end_as_the_rules_say),
        IN(start_ready, errors_have_names),
        IN(start_ready, a_device_that_refuses_is_asked_less),
        IN(start_ready, suspend_and_remote_wakeup),
        IN(start_ready, random_answers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
