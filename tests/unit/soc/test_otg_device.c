/*
 * OTG_HS with a host at the other end of the cable: what the core answers to tokens, and what its
 * registers show for them, step by step.
 */
#include "chip.h"

#include <string.h>

#include "../../../vboard/soc/devices.h"
#include "../../../vboard/wire/usb.h"

enum {
    RCC = 0x58024400,
    OTG = 0x40040000,
    GOTGCTL = OTG,
    GOTGINT = OTG + 0x04,
    GAHBCFG = OTG + 0x08,
    GUSBCFG = OTG + 0x0C,
    GINTSTS = OTG + 0x14,
    GRXSTSR = OTG + 0x1C,
    GRXSTSP = OTG + 0x20,
    GRXFSIZ = OTG + 0x24,
    DIEPTXF0 = OTG + 0x28,
    GCCFG = OTG + 0x38,
    DIEPTXF1 = OTG + 0x104,
    DCFG = OTG + 0x800,
    DCTL = OTG + 0x804,
    DSTS = OTG + 0x808,
    PCGCCTL = OTG + 0xE00,
    FIFO0 = OTG + 0x1000,
    FIFO1 = OTG + 0x2000,
};
#define DIEPCTL(n)  (OTG + 0x900 + 0x20 * (n))
#define DIEPINT(n)  (OTG + 0x908 + 0x20 * (n))
#define DIEPTSIZ(n) (OTG + 0x910 + 0x20 * (n))
#define DIEPDMA(n)  (OTG + 0x914 + 0x20 * (n))
#define DOEPCTL(n)  (OTG + 0xB00 + 0x20 * (n))
#define DOEPINT(n)  (OTG + 0xB08 + 0x20 * (n))
#define DOEPTSIZ(n) (OTG + 0xB10 + 0x20 * (n))
#define DOEPDMA(n)  (OTG + 0xB14 + 0x20 * (n))
#define EPENA       (1u << 31)
#define WKUINT      (1u << 31)
#define SRQINT      (1u << 30)
enum {
    SOF = 1 << 3,
    RXFLVL = 1 << 4,
    ESUSP = 1 << 10,
    USBSUSP = 1 << 11,
    USBRST = 1 << 12,
    ENUMDNE = 1 << 13,
    OTGINT = 1 << 2,
};
enum { USBAEP = 1 << 15, DPID = 1 << 16, NAKSTS = 1 << 17, EP_STALL = 1 << 21, CNAK = 1 << 26 };
enum { XFRC = 1, STUP = 1 << 3, TOC = 1 << 3, ITTXFE = 1 << 4, OTEPDIS = 1 << 4, BERR = 1 << 12 };
enum { AHBERR = 1 << 2, OTEPSPR = 1 << 5, STPKTRX = 1 << 15 };
enum { BULK = 2 << 18, ONE_PACKET = 1 << 19 };
enum { AXI = 0x24000000, DTCM = 0x20000000, NOTHING = 0x60000000 };
enum { RX_GLOBAL_NAK = 1, RX_OUT = 2, RX_OUT_DONE = 3, RX_SETUP_DONE = 4, RX_SETUP = 6 };

static struct soc *soc;
static struct usb_cable *cable;
static const struct usb_function *plugged;
static unsigned wakeups;

static void connected(void *ctx, const struct usb_function *f)
{
    (void)ctx;
    plugged = f;
}

static void remote_wakeup(void *ctx, bool active)
{
    (void)ctx;
    wakeups += active;
}

static const struct usb_port port = {.connected = connected, .remote_wakeup = remote_wakeup};

/* A core that is ready to be connected, with a host that has done nothing yet. */
static int setup_ready(void **state)
{
    (void)state;
    soc = chip_new();
    chip_write(soc, RCC + RCC_AHB1ENR, 1 << 25);
    chip_set(soc, RCC, 1 << 12);
    chip_write(soc, RCC + 0x54, 3 << 20);
    chip_set(soc, 0x5802480C, 1 << 24);
    chip_clear(soc, RCC + RCC_AHB1LPENR, 1 << 26);
    chip_run(soc, 20 * VTIME_US);
    chip_set(soc, GUSBCFG, 1 << 6 | 1 << 30);
    chip_set(soc, GCCFG, 1 << 16);
    chip_write(soc, GRXFSIZ, 128);
    chip_write(soc, DIEPTXF0, 64u << 16 | 128);
    chip_write(soc, DIEPTXF1, 64u << 16 | 192);
    chip_set(soc, GAHBCFG, 1 << 7);
    plugged = NULL;
    wakeups = 0;
    cable = soc_usb(soc);
    usb_plug(cable, &port);
    usb_power(cable, true);
    return 0;
}

static void frames(unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        usb_start_of_frame(cable, i + 1);
        chip_run(soc, VTIME_MS);
    }
}

/* Connected, reset by the host, endpoint 1 open in both directions. */
static int setup(void **state)
{
    setup_ready(state);
    chip_set(soc, GOTGCTL, 3 << 6);
    chip_clear(soc, DCTL, 1 << 1);
    usb_drive_reset(cable, true);
    chip_run(soc, 10 * VTIME_MS);
    usb_drive_reset(cable, false);
    chip_write(soc, DOEPTSIZ(0), 3u << 29);
    chip_write(soc, DIEPCTL(1), USBAEP | BULK | 1 << 22 | 64 | 1 << 28);
    chip_write(soc, DOEPCTL(1), USBAEP | BULK | 64 | 1 << 28);
    chip_write(soc, GINTSTS, 0xFFFFFFFF);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    soc_free(soc);
    return 0;
}

static enum usb_reply send(unsigned endpoint, unsigned toggle, const char *text)
{
    struct usb_token t = {.endpoint = (uint8_t)endpoint};
    struct usb_packet p = {.toggle = (uint8_t)toggle, .size = (uint16_t)strlen(text)};

    memcpy(p.data, text, p.size);
    return usb_out(cable, &t, &p);
}

static enum usb_reply ask(unsigned endpoint, struct usb_packet *p, bool acknowledge)
{
    struct usb_token t = {.endpoint = (uint8_t)endpoint};
    enum usb_reply reply = usb_in(cable, &t, p);

    if (reply == USB_DATA)
        usb_in_done(cable, &t, p, acknowledge);
    return reply;
}

static enum usb_reply request(unsigned address, uint8_t kind, uint8_t number, uint8_t value)
{
    const uint8_t data[8] = {kind, number, value};
    struct usb_token t = {.address = (uint8_t)address};

    return usb_setup(cable, &t, data);
}

/* Pops a status word: endpoint, bytes, kind. */
static void pops(unsigned endpoint, unsigned bytes, unsigned kind)
{
    uint32_t status = chip_read(soc, GRXSTSP);

    assert_int_equal(status & 15, endpoint);
    assert_int_equal(status >> 4 & 0x7FF, bytes);
    assert_int_equal(status >> 17 & 15, kind);
}

static void start_in(unsigned n, unsigned bytes)
{
    chip_write(soc, DIEPTSIZ(n), ((bytes + 63) / 64 ? (bytes + 63) / 64 : 1) << 19 | bytes);
    chip_set(soc, DIEPCTL(n), EPENA | CNAK);
}

static void start_out(unsigned n, unsigned packets)
{
    chip_write(soc, DOEPTSIZ(n), packets << 19 | packets * 64);
    chip_set(soc, DOEPCTL(n), EPENA | CNAK);
}

static void reset_and_enumeration(void **state)
{
    (void)state;
    assert_null(plugged);
    chip_set(soc, GOTGCTL, 3 << 6);
    chip_clear(soc, DCTL, 1 << 1);
    assert_non_null(plugged);
    chip_write(soc, DIEPCTL(1), USBAEP | BULK | 64);
    usb_drive_reset(cable, true);
    assert_int_equal(chip_read(soc, GINTSTS) & (USBRST | ENUMDNE), USBRST);
    assert_int_equal(chip_read(soc, DIEPCTL(1)) & USBAEP, 0);
    chip_run(soc, 20 * VTIME_MS);
    assert_int_equal(chip_read(soc, GINTSTS) & USBSUSP, 0); /* SE0 is not idle */
    usb_drive_reset(cable, false);
    assert_int_equal(chip_read(soc, GINTSTS) & ENUMDNE, ENUMDNE);
    assert_int_equal(chip_read(soc, DSTS) >> 1 & 3, 3);
    usb_start_of_frame(cable, 0x123);
    assert_int_equal(chip_read(soc, GINTSTS) & SOF, SOF);
    assert_int_equal(chip_read(soc, DSTS) >> 8 & 0x3FFF, 0x123);
    chip_set(soc, DCTL, 1 << 1);
    assert_null(plugged);
}

static void vbus_makes_a_session(void **state)
{
    (void)state;
    usb_power(cable, false);
    chip_set(soc, GCCFG, 1 << 21);
    chip_clear(soc, DCTL, 1 << 1);
    assert_null(plugged);
    assert_int_equal(chip_read(soc, GOTGCTL) >> 19 & 1, 0);
    usb_power(cable, true);
    assert_non_null(plugged);
    assert_int_equal(chip_read(soc, GINTSTS) & (SRQINT | OTGINT), SRQINT);
    assert_int_equal(chip_read(soc, GOTGCTL) >> 19 & 1, 1);
    usb_power(cable, false);
    assert_null(plugged);
    assert_int_equal(chip_read(soc, GOTGINT), 1 << 2);
    assert_int_equal(chip_read(soc, GINTSTS) & OTGINT, OTGINT);
    chip_write(soc, GOTGINT, 1 << 2);
    assert_int_equal(chip_read(soc, GINTSTS) & OTGINT, 0);
}

/* Both directions NAK behind a SETUP packet; its end shows with the next token. */
static void setup_stage(void **state)
{
    struct usb_packet p;

    (void)state;
    chip_set(soc, DIEPCTL(0), EP_STALL);
    assert_int_equal(request(0, 0x80, 6, 0), USB_ACK);
    assert_int_equal(chip_read(soc, DIEPCTL(0)) & (EP_STALL | NAKSTS), NAKSTS);
    assert_int_equal(chip_read(soc, DOEPCTL(0)) & NAKSTS, NAKSTS);
    assert_int_equal(chip_read(soc, DOEPTSIZ(0)) >> 29, 2);
    assert_int_equal(chip_read(soc, GRXSTSR) >> 17 & 15, RX_SETUP);
    pops(0, 8, RX_SETUP);
    assert_int_equal(chip_read(soc, FIFO0), 0x0680);
    assert_int_equal(chip_read(soc, FIFO0), 0);
    assert_int_equal(chip_read(soc, GINTSTS) & RXFLVL, 0);
    assert_int_equal(chip_read(soc, DOEPINT(0)) & STUP, 0);
    assert_int_equal(ask(0, &p, true), USB_NAK);
    pops(0, 0, RX_SETUP_DONE);
    assert_int_equal(chip_read(soc, DOEPINT(0)) & STUP, STUP);
    start_in(0, 5);
    assert_int_equal(ask(0, &p, true), USB_NAK); /* nothing in the FIFO yet */
    assert_int_equal(chip_read(soc, DIEPINT(0)) & ITTXFE, ITTXFE);
    chip_write(soc, FIFO0, 0x64636261);
    assert_int_equal(ask(0, &p, true), USB_NAK); /* not the whole packet */
    chip_write(soc, FIFO0, 0x65);
    assert_int_equal(ask(0, &p, true), USB_DATA);
    assert_int_equal(p.toggle, 1);
    assert_int_equal(p.size, 5);
    assert_memory_equal(p.data, "abcde", 5);
    assert_int_equal(chip_read(soc, DIEPINT(0)) & XFRC, XFRC);
    assert_int_equal(chip_read(soc, DIEPCTL(0)) & EPENA, 0);
    assert_int_equal(chip_errors(soc), 0);
}

static void new_address_counts_after_the_status_stage(void **state)
{
    struct usb_packet p;

    (void)state;
    assert_int_equal(request(0, 0x00, 5, 7), USB_ACK);
    chip_set(soc, DCFG, 7 << 4);
    assert_int_equal(request(7, 0x00, 5, 7), USB_NO_REPLY);
    start_in(0, 0);
    assert_int_equal(ask(0, &p, true), USB_DATA);
    assert_int_equal(p.size, 0);
    assert_int_equal(request(0, 0x80, 6, 0), USB_NO_REPLY);
    assert_int_equal(request(7, 0x80, 6, 0), USB_ACK);
    usb_drive_reset(cable, true);
    usb_drive_reset(cable, false);
    assert_int_equal(request(0, 0x80, 6, 0), USB_ACK);
}

static void out_transfer(void **state)
{
    char full[65];

    (void)state;
    memset(full, 'x', 64);
    full[64] = '\0';
    assert_int_equal(send(1, 0, full), USB_NAK); /* not enabled */
    start_out(1, 3);
    assert_int_equal(send(1, 0, full), USB_ACK);
    assert_int_equal(chip_read(soc, DOEPCTL(1)) & DPID, DPID);
    assert_int_equal(send(1, 0, full), USB_ACK); /* the same once more: thrown away */
    assert_int_equal(send(1, 1, "abc"), USB_ACK);
    assert_int_equal(chip_read(soc, DOEPTSIZ(1)) >> 19, 1);
    assert_int_equal(chip_read(soc, DOEPCTL(1)) & (NAKSTS | EPENA), NAKSTS | EPENA);
    assert_int_equal(send(1, 0, "d"), USB_NAK); /* a short packet ended it */
    pops(1, 64, RX_OUT);
    for (unsigned i = 0; i < 16; i++)
        assert_int_equal(chip_read(soc, FIFO0), 0x78787878);
    pops(1, 3, RX_OUT);
    assert_int_equal(chip_read(soc, FIFO0), 0x00636261);
    assert_int_equal(chip_read(soc, DOEPTSIZ(1)) & 0x7FFFF, 3 * 64 - 67);
    assert_int_equal(chip_read(soc, DOEPINT(1)) & XFRC, 0);
    pops(1, 0, RX_OUT_DONE);
    assert_int_equal(chip_read(soc, DOEPINT(1)) & XFRC, XFRC);
    assert_int_equal(chip_read(soc, DOEPCTL(1)) & EPENA, 0);
    assert_int_equal(chip_errors(soc), 0);
}

static void full_receive_fifo_answers_nak(void **state)
{
    (void)state;
    chip_write(soc, GRXFSIZ, 20);
    start_out(1, 10);
    assert_int_equal(send(1, 0, "0123456789012345678901234567890123456789"), USB_ACK);
    assert_int_equal(send(1, 1, "0123456789012345678901234567890123456789"), USB_NAK);
    assert_int_equal(chip_errors(soc), 0);
}

static void in_transfer_of_several_packets(void **state)
{
    struct usb_packet p;

    (void)state;
    start_in(1, 100);
    for (unsigned i = 0; i < 25; i++)
        chip_write(soc, FIFO1, i);
    assert_int_equal(chip_read(soc, DIEPTSIZ(1)), 2 * ONE_PACKET); /* XFRSIZ: still to be pushed */
    assert_int_equal(ask(1, &p, false), USB_DATA);                 /* no ACK: */
    assert_int_equal(p.toggle, 0);
    assert_int_equal(ask(1, &p, true), USB_DATA); /* the same again */
    assert_int_equal(p.toggle, 0);
    assert_int_equal(p.size, 64);
    assert_int_equal(chip_read(soc, DIEPTSIZ(1)), ONE_PACKET);
    assert_int_equal(chip_read(soc, DIEPINT(1)) & XFRC, 0);
    assert_int_equal(ask(1, &p, true), USB_DATA);
    assert_int_equal(p.toggle, 1);
    assert_int_equal(p.size, 36);
    assert_int_equal(p.data[0], 16);
    assert_int_equal(chip_read(soc, DIEPINT(1)) & XFRC, XFRC);
    assert_int_equal(ask(1, &p, true), USB_NAK);
    assert_int_equal(chip_errors(soc), 0);
}

static void stall_babble_and_absent_endpoints(void **state)
{
    struct usb_packet p;

    (void)state;
    chip_set(soc, DIEPCTL(1), EP_STALL);
    assert_int_equal(ask(1, &p, true), USB_STALL);
    chip_set(soc, DOEPCTL(1), EP_STALL);
    assert_int_equal(send(1, 0, "a"), USB_STALL);
    chip_clear(soc, DOEPCTL(1), EP_STALL);
    chip_write(soc, DOEPCTL(1), (chip_read(soc, DOEPCTL(1)) & ~0x7FFu) | 8);
    assert_int_equal(send(1, 0, "more than 8 bytes"), USB_NO_REPLY);
    assert_int_equal(chip_read(soc, DOEPINT(1)) & BERR, BERR);
    assert_int_equal(ask(5, &p, true), USB_NO_REPLY);
    assert_int_equal(send(15, 0, "a"), USB_NO_REPLY);
}

static void suspend_resume_and_wakeup(void **state)
{
    (void)state;
    frames(5);
    assert_int_equal(chip_read(soc, GINTSTS) & (ESUSP | USBSUSP), 0);
    chip_run(soc, 6 * VTIME_MS);
    assert_int_equal(chip_read(soc, GINTSTS) & (ESUSP | USBSUSP), ESUSP | USBSUSP);
    assert_int_equal(chip_read(soc, DSTS) & 1, 1);
    chip_set(soc, PCGCCTL,
             1); /* a driver stops the PHY clock; the resume is noticed all the same */
    usb_drive_resume(cable, true);
    assert_int_equal((uint32_t)chip_read(soc, GINTSTS) & WKUINT, WKUINT);
    assert_int_equal(chip_read(soc, DSTS) & 1, 0);
    assert_int_equal(chip_read(soc, PCGCCTL) & 1, 0);
    usb_drive_resume(cable, false);
    chip_write(soc, GINTSTS, 0xFFFFFFFF);
    frames(2);
    chip_run(soc, 7 * VTIME_MS);
    chip_set(soc, DCTL, 1); /* RWUSIG */
    assert_int_equal(wakeups, 1);
    chip_clear(soc, DCTL, 1);
    chip_write(soc, GINTSTS, 0xFFFFFFFF);
    usb_drive_resume(cable, true);
    usb_drive_resume(cable, false);
    assert_int_equal((uint32_t)chip_read(soc, GINTSTS) & WKUINT, 0); /* its own wake-up */
    frames(1);
    assert_int_equal(chip_read(soc, GINTSTS) & SOF, SOF);
}

static void deaf_without_phy_clock(void **state)
{
    (void)state;
    chip_set(soc, PCGCCTL, 1);
    assert_int_equal(request(0, 0x80, 6, 0), USB_NO_REPLY);
    chip_clear(soc, PCGCCTL, 1);
    assert_int_equal(request(0, 0x80, 6, 0), USB_ACK);
    /* The ULPI clock's enable for sleep: the core stands still while the CPU, asleep here, does. */
    chip_set(soc, RCC + RCC_AHB1LPENR, 1 << 26);
    assert_int_equal(request(0, 0x80, 6, 0), USB_NO_REPLY);
}

static void mistakes_are_counted(void **state)
{
    (void)state;
    start_in(1, 4);
    chip_write(soc, FIFO1, 1);
    assert_int_equal(chip_errors(soc), 0);
    chip_write(soc, FIFO1, 2);
    assert_int_equal(chip_complained(soc, "usb-fifo-excess"), 1);
    chip_set(soc, DIEPCTL(1), 1 << 30);
    start_in(1, 4);
    assert_int_equal(chip_complained(soc, "usb-stale-fifo"), 1);
    chip_write(soc, DIEPTXF1, 64u << 16 | 100);
    start_out(1, 1);
    assert_int_equal(chip_complained(soc, "usb-fifo-layout"), 2); /* RX and TX 0 */
    assert_int_equal(send(1, 0, "abcd"), USB_ACK);
    pops(1, 4, RX_OUT);
    chip_read(soc, GRXSTSP);
    assert_int_equal(chip_complained(soc, "usb-fifo-order"), 1);
}

/* ---- DMA ---- */

static int setup_dma(void **state)
{
    setup(state);
    chip_set(soc, GAHBCFG, 1 << 5);
    for (unsigned i = 0; i < 64; i++)
        chip_write(soc, AXI + 4 * i, 0xA0000000 + i);
    return 0;
}

static void settle(void)
{
    chip_run(soc, 10 * VTIME_US);
}

static void dma_takes_out_packets(void **state)
{
    (void)state;
    chip_write(soc, DOEPDMA(1), AXI + 32);
    start_out(1, 2);
    assert_int_equal(send(1, 0, "0123456789abcdef0123456789abcdef0123456789abcdef0123456789ABCDEF"),
                     USB_ACK);
    settle();
    assert_int_equal(chip_read(soc, DOEPINT(1)) & XFRC, 0);
    assert_int_equal(chip_read(soc, DOEPDMA(1)), AXI + 32 + 64);
    assert_int_equal(send(1, 1, "short"), USB_ACK);
    settle();
    assert_int_equal(chip_read(soc, DOEPINT(1)) & XFRC, XFRC);
    assert_int_equal(chip_read(soc, DOEPCTL(1)) & EPENA, 0);
    assert_int_equal(chip_read(soc, DOEPTSIZ(1)) & 0x7FFFF, 64 - 5);
    assert_int_equal(chip_read(soc, AXI + 32), 0x33323130);
    assert_int_equal(chip_read(soc, AXI + 32 + 60), 0x46454443);
    assert_int_equal(chip_read(soc, AXI + 32 + 64), 0x726F6873);
    assert_int_equal(chip_read(soc, AXI + 32 + 68), 0xA0000074); /* one byte of it */
    assert_int_equal(chip_read(soc, AXI + 32 + 72), 0xA0000000 + (32 + 72) / 4);
    assert_int_equal(chip_read(soc, AXI + 28), 0xA0000000 + 7);
    assert_int_equal(chip_read(soc, GINTSTS) & RXFLVL, 0);
    assert_int_equal(chip_errors(soc), 0);
}

static void dma_fills_in_packets(void **state)
{
    struct usb_packet p;

    (void)state;
    chip_write(soc, DIEPDMA(1), AXI);
    start_in(1, 130);
    assert_int_equal(ask(1, &p, true), USB_NAK); /* not there yet */
    settle();
    assert_int_equal(chip_read(soc, DIEPDMA(1)), AXI + 132);
    assert_int_equal(chip_read(soc, DIEPTSIZ(1)) & 0x7FFFF, 0);
    assert_int_equal(ask(1, &p, false), USB_DATA);
    assert_int_equal(ask(1, &p, true), USB_DATA); /* sent again */
    assert_int_equal(p.size, 64);
    assert_memory_equal(p.data, "\0\0\0\xA0\1\0\0\xA0", 8);
    assert_int_equal(ask(1, &p, true), USB_DATA);
    assert_memory_equal(p.data, "\20\0\0\xA0", 4);
    assert_int_equal(chip_read(soc, DIEPINT(1)) & XFRC, 0);
    assert_int_equal(ask(1, &p, true), USB_DATA);
    assert_int_equal(p.size, 2);
    assert_int_equal(chip_read(soc, DIEPINT(1)) & XFRC, XFRC);
    assert_int_equal(chip_read(soc, DIEPCTL(1)) & EPENA, 0);
    assert_int_equal(chip_errors(soc), 0);
}

/* What has no place in the FIFO stays in memory until there is. */
static void dma_waits_for_space(void **state)
{
    struct usb_packet p;

    (void)state;
    chip_write(soc, DIEPTXF1, 20u << 16 | 192);
    chip_write(soc, DIEPDMA(1), AXI);
    start_in(1, 128);
    settle();
    assert_int_equal(chip_read(soc, DIEPDMA(1)), AXI + 64);
    chip_write(soc, AXI + 64, 0x55667788);
    assert_int_equal(ask(1, &p, true), USB_DATA);
    settle();
    assert_int_equal(ask(1, &p, true), USB_DATA);
    assert_memory_equal(p.data, "\x88\x77\x66\x55", 4);
}

static void dma_takes_setup_packets(void **state)
{
    struct usb_packet p;

    (void)state;
    assert_int_equal(request(0, 0x21, 0x20, 3), USB_ACK);
    settle();
    assert_int_equal(chip_read(soc, DOEPINT(0)) & STPKTRX, 0); /* nowhere to put it */
    chip_write(soc, DOEPTSIZ(0), 3u << 29 | ONE_PACKET | 24);
    chip_write(soc, DOEPDMA(0), AXI);
    chip_set(soc, DOEPCTL(0), EPENA);
    settle();
    assert_int_equal(chip_read(soc, DOEPINT(0)) & (STPKTRX | STUP), STPKTRX);
    assert_int_equal(chip_read(soc, AXI), 0x00032021);
    assert_int_equal(chip_read(soc, AXI + 4), 0);
    assert_int_equal(chip_read(soc, DOEPDMA(0)), AXI + 8);
    assert_int_equal(chip_read(soc, DOEPTSIZ(0)) & 0x7FFFF, 16);
    assert_int_equal(send(0, 1, ""), USB_NAK);
    settle();
    assert_int_equal(chip_read(soc, DOEPINT(0)) & STUP, STUP);
    assert_int_equal(chip_read(soc, DOEPCTL(0)) & EPENA, 0);
    assert_int_equal(ask(0, &p, true), USB_NAK);
    assert_int_equal(chip_read(soc, DOEPINT(0)) & OTEPSPR, 0); /* it had no data stage */
}

/* The host has gone on to the status stage of what it wrote. */
static void dma_tells_of_the_status_stage(void **state)
{
    const uint8_t line_coding[8] = {0x21, 0x20, 0, 0, 0, 0, 7, 0};
    struct usb_token t = {0};
    struct usb_packet p;

    (void)state;
    chip_write(soc, DOEPTSIZ(0), 3u << 29 | ONE_PACKET | 24);
    chip_write(soc, DOEPDMA(0), AXI);
    chip_set(soc, DOEPCTL(0), EPENA);
    assert_int_equal(usb_setup(cable, &t, line_coding), USB_ACK);
    settle();
    assert_int_equal(send(0, 1, "1234567"), USB_NAK);
    settle();
    chip_write(soc, DOEPDMA(0), AXI + 64);
    start_out(0, 1);
    assert_int_equal(send(0, 1, "1234567"), USB_ACK);
    settle();
    assert_int_equal(chip_read(soc, DOEPINT(0)) & (XFRC | OTEPSPR), XFRC);
    assert_int_equal(chip_read(soc, AXI + 64), 0x34333231);
    ask(0, &p, true);
    assert_int_equal(chip_read(soc, DOEPINT(0)) & OTEPSPR, 0); /* the data are not taken yet */
    chip_write(soc, DOEPINT(0), XFRC);
    ask(0, &p, true);
    assert_int_equal(chip_read(soc, DOEPINT(0)) & OTEPSPR, OTEPSPR);
    chip_write(soc, DOEPINT(0), OTEPSPR);
    ask(0, &p, true);
    assert_int_equal(chip_read(soc, DOEPINT(0)) & OTEPSPR, 0);
}

static void dma_errors(void **state)
{
    (void)state;
    chip_write(soc, DIEPDMA(1), NOTHING + 16);
    start_in(1, 64);
    settle();
    assert_int_equal(chip_read(soc, DIEPINT(1)) & AHBERR, AHBERR);
    assert_int_equal(chip_read(soc, DIEPDMA(1)), NOTHING + 16);
    assert_int_equal(chip_read(soc, DIEPCTL(1)) & EPENA, 0);
    assert_int_equal(chip_errors(soc), 0);
    chip_write(soc, DOEPDMA(1), DTCM);
    start_out(1, 1);
    assert_int_equal(send(1, 0, "lost"), USB_ACK);
    settle();
    assert_int_equal(chip_read(soc, DOEPINT(1)) & AHBERR, AHBERR);
    assert_int_equal(chip_complained(soc, "usb-dma-tcm"), 1);
    chip_write(soc, DIEPDMA(1), AXI + 2);
    start_in(1, 4);
    settle();
    assert_int_equal(chip_complained(soc, "usb-dma-align"), 1);
}

/* ---- Stop ---- */

/* Masks interrupts, sets SCR.SLEEPDEEP, enables OTG_HS_WKUP and OTG_HS in the NVIC; WFI, then a
 * loop. */
static const uint16_t stop_program[] = {0xB672, 0xF64E, 0x5010, 0xF2CE, 0x0000, 0x2104,
                                        0x6001, 0xF24E, 0x1008, 0xF2CE, 0x0000, 0xF44F,
                                        0x5140, 0x6001, 0xBF30, 0xE7FE};

static void suspend_and_stop(void)
{
    frames(3);
    chip_run(soc, 10 * VTIME_MS);
    assert_int_equal(chip_read(soc, DSTS) & 1, 1);
    chip_program(soc, stop_program, sizeof stop_program / sizeof stop_program[0]);
    chip_run(soc, 100 * VTIME_US);
    assert_int_equal(soc->power, SOC_STOPPED);
}

static void resume_ends_stop(void **state)
{
    (void)state;
    chip_set(soc, 0x58000090, 1 << 11); /* EXTI_CPUIMR2, line 43 */
    suspend_and_stop();
    usb_drive_resume(cable, true);
    chip_run(soc, 100 * VTIME_US);
    assert_int_equal(soc->power, SOC_RUNS);
    assert_true(chip_irq_pending(soc, IRQ_OTG_HS_WKUP));
    chip_run(soc, 20 * VTIME_MS);
    usb_drive_resume(cable, false);
    assert_int_equal(chip_read(soc, GINTSTS) & WKUINT, WKUINT);
    assert_int_equal(chip_errors(soc), 0);
}

static void masked_resume_does_not_end_stop(void **state)
{
    (void)state;
    chip_set(soc, GAHBCFG, 1);
    chip_set(soc, OTG + 0x18, 1u << 31); /* GINTMSK: needs the clock */
    suspend_and_stop();
    usb_drive_resume(cable, true);
    chip_run(soc, 20 * VTIME_MS);
    assert_int_equal(soc->power, SOC_STOPPED);
}

#define IN(s, f) cmocka_unit_test_setup_teardown(f, s, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN(setup_ready, reset_and_enumeration),
        IN(setup_ready, vbus_makes_a_session),
        IN(setup, setup_stage),
        IN(setup, new_address_counts_after_the_status_stage),
        IN(setup, out_transfer),
        IN(setup, full_receive_fifo_answers_nak),
        IN(setup, in_transfer_of_several_packets),
        IN(setup, stall_babble_and_absent_endpoints),
        IN(setup, suspend_resume_and_wakeup),
        IN(setup, deaf_without_phy_clock),
        IN(setup, mistakes_are_counted),
        IN(setup_dma, dma_takes_out_packets),
        IN(setup_dma, dma_fills_in_packets),
        IN(setup_dma, dma_waits_for_space),
        IN(setup_dma, dma_takes_setup_packets),
        IN(setup_dma, dma_tells_of_the_status_stage),
        IN(setup_dma, dma_errors),
        IN(setup, resume_ends_stop),
        IN(setup, masked_resume_does_not_end_stop),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
