/* The USB cable: who is connected, who is told, what a token gets, and how long things take. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../../../vboard/wire/usb.h"

struct device {
    struct usb_function function;
    unsigned resets, frame, resumes, acked, unacked;
    bool powered;
};

static void vbus(void *ctx, bool on)
{
    ((struct device *)ctx)->powered = on;
}

static void reset(void *ctx, bool active)
{
    ((struct device *)ctx)->resets += active;
}

static void frame(void *ctx, unsigned number)
{
    ((struct device *)ctx)->frame = number;
}

static void resume(void *ctx, bool active)
{
    ((struct device *)ctx)->resumes += active;
}

static enum usb_reply setup(void *ctx, const struct usb_token *t, const uint8_t data[8])
{
    (void)ctx;
    return t->address == 0 && data[1] == 6 ? USB_ACK : USB_NO_REPLY;
}

static enum usb_reply out(void *ctx, const struct usb_token *t, const struct usb_packet *p)
{
    (void)ctx;
    (void)t;
    return p->size > 2 ? USB_STALL : USB_ACK;
}

static enum usb_reply in(void *ctx, const struct usb_token *t, struct usb_packet *p)
{
    (void)ctx;
    if (t->endpoint != 1)
        return USB_NAK;
    p->toggle = 1;
    p->size = 3;
    memcpy(p->data, "abc", 3);
    return USB_DATA;
}

static void in_done(void *ctx, const struct usb_token *t, bool acked)
{
    struct device *d = ctx;

    (void)t;
    d->acked += acked;
    d->unacked += !acked;
}

static struct device device(const char *name)
{
    return (struct device){.function = {.name = name,
                                        .vbus = vbus,
                                        .reset = reset,
                                        .start_of_frame = frame,
                                        .resume = resume,
                                        .setup = setup,
                                        .out = out,
                                        .in = in,
                                        .in_done = in_done}};
}

static struct usb_cable *cable;
static struct device a, b;
static const struct usb_function *at_port;
static unsigned changes, wakeups;
static char log[256];

static void connected(void *ctx, const struct usb_function *f)
{
    (void)ctx;
    at_port = f;
    changes++;
}

static void remote_wakeup(void *ctx, bool active)
{
    (void)ctx;
    wakeups += active;
}

static void event(void *ctx, const char *what)
{
    (void)ctx;
    strcat(strcat(log, what), ";");
}

static void transaction(void *ctx, char kind, const struct usb_token *t, const struct usb_packet *p,
                        enum usb_reply reply)
{
    char text[8] = {kind, (char)('0' + t->endpoint), (char)('0' + (p ? p->size : 0)),
                    "xANSD"[reply], ';'};

    (void)ctx;
    strcat(log, text);
}

static const struct usb_port port = {.connected = connected, .remote_wakeup = remote_wakeup};
static const struct usb_observer observer = {.event = event, .transaction = transaction};

static int start(void **state)
{
    (void)state;
    cable = usb_cable_new();
    a = device("a");
    b = device("b");
    a.function.ctx = &a;
    b.function.ctx = &b;
    usb_attach(cable, &a.function);
    usb_attach(cable, &b.function);
    at_port = NULL;
    changes = wakeups = 0;
    log[0] = '\0';
    return cable ? 0 : -1;
}

static int stop(void **state)
{
    (void)state;
    usb_cable_free(cable);
    return 0;
}

static void power_reaches_all(void **state)
{
    struct device late = device("late");

    (void)state;
    late.function.ctx = &late;
    usb_power(cable, true);
    assert_true(a.powered && b.powered && usb_vbus(cable));
    usb_attach(cable, &late.function);
    assert_true(late.powered);
    usb_detach(cable, &late.function);
    usb_power(cable, false);
    assert_false(a.powered || b.powered);
    assert_true(late.powered);
}

static void one_is_connected(void **state)
{
    (void)state;
    usb_connect(cable, &a.function);
    usb_plug(cable, &port);
    assert_ptr_equal(at_port, &a.function); /* was there before the plug */
    usb_connect(cable, &a.function);
    assert_int_equal(changes, 1);
    usb_connect(cable, &b.function);
    assert_int_equal(changes, 3); /* a gone, b there */
    assert_ptr_equal(usb_connected(cable), &b.function);
    usb_disconnect(cable, &a.function); /* is not */
    assert_int_equal(changes, 3);
    usb_detach(cable, &b.function);
    assert_null(at_port);
}

static void signals_reach_the_connected_one(void **state)
{
    (void)state;
    usb_plug(cable, &port);
    usb_drive_reset(cable, true); /* nobody there */
    usb_connect(cable, &b.function);
    usb_drive_reset(cable, true);
    usb_drive_reset(cable, false);
    usb_start_of_frame(cable, 2048 + 5);
    usb_drive_resume(cable, true);
    usb_drive_resume(cable, false);
    usb_signal_wakeup(cable, &a.function, true);
    usb_signal_wakeup(cable, &b.function, true);
    assert_int_equal(a.resets + a.frame + a.resumes, 0);
    assert_int_equal(b.resets, 1);
    assert_int_equal(b.frame, 5);
    assert_int_equal(b.resumes, 1);
    assert_int_equal(wakeups, 1);
}

static void replies(void **state)
{
    const uint8_t get_descriptor[8] = {0x80, 6};
    struct usb_token t = {0, 0};
    struct usb_packet p = {.size = 2};

    (void)state;
    usb_cable_observe(cable, &observer);
    assert_int_equal(usb_setup(cable, &t, get_descriptor), USB_NO_REPLY);
    usb_connect(cable, &a.function);
    assert_int_equal(usb_setup(cable, &t, get_descriptor), USB_ACK);
    assert_int_equal(usb_out(cable, &t, &p), USB_ACK);
    p.size = 3;
    assert_int_equal(usb_out(cable, &t, &p), USB_STALL);
    assert_int_equal(usb_in(cable, &t, &p), USB_NAK);
    assert_int_equal(p.size, 0);
    t.endpoint = 1;
    assert_int_equal(usb_in(cable, &t, &p), USB_DATA);
    assert_memory_equal(p.data, "abc", 3);
    usb_in_done(cable, &t, &p, false);
    usb_in_done(cable, &t, &p, true);
    assert_int_equal(a.acked, 1);
    assert_int_equal(a.unacked, 1);
    assert_string_equal(log, "S08x;connect;S08A;O02A;O03S;I00N;I13D;I13D;");
}

/* USB 2.0, table 5-9: 19 packets of 64 bytes a frame, and no twentieth. */
static void nineteen_bulk_packets_a_frame(void **state)
{
    unsigned packet = USB_TOKEN_BITS + USB_DATA_BITS + 8 * 64 + USB_HANDSHAKE_BITS;

    (void)state;
    assert_int_equal((USB_FRAME_BITS - USB_SOF_BITS) / packet, 19);
    assert_int_equal(usb_time(USB_FRAME_BITS), USB_FRAME);
}

#define IN(f) cmocka_unit_test_setup_teardown(f, start, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN(power_reaches_all),
        IN(one_is_connected),
        IN(signals_reach_the_connected_one),
        IN(replies),
        cmocka_unit_test(nineteen_bulk_packets_a_frame),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
