/*
 * USB OTG_HS: Synopsys DWC2 core with its internal full-speed PHY, as a device or host with nothing
 * plugged in. RM0455 chapter "USB on-the-go high-speed (OTG_HS)".
 *
 * The core takes resets, flushes, modes, endpoint commands and words for its FIFOs, and counts
 * their space; nobody ever fetches them. As a device it finds its own pull-up's idle level on the
 * bus, so that it goes into suspend. Not modelled: ULPI, DMA, a partner on the cable.
 *
 * Reset values are those of H743's documentation, the same core release (GSNPSID); GHWCFGx were
 * read from such chips.
 */
#include <stdlib.h>
#include <string.h>

#include "devices.h"
#include "timing.h"

enum {
    GOTGCTL = 0x000,
    GOTGINT = 0x004,
    GAHBCFG = 0x008,
    GUSBCFG = 0x00C,
    GRSTCTL = 0x010,
    GINTSTS = 0x014,
    GINTMSK = 0x018,
    GRXFSIZ = 0x024,
    DIEPTXF0 = 0x028,
    GCCFG = 0x038,
    HPTXFSIZ = 0x100,
    DIEPTXF1 = 0x104,
    HCFG = 0x400,
    HPRT = 0x440,
    HCCHAR = 0x500,
    HCINT = 0x508,
    HCINTMSK = 0x50C,
    HAINTMSK = 0x418,
    DCFG = 0x800,
    DCTL = 0x804,
    DSTS = 0x808,
    DIEPMSK = 0x810,
    DOEPMSK = 0x814,
    DAINTMSK = 0x81C,
    DIEPEMPMSK = 0x834,
    DIEPCTL = 0x900,
    DIEPINT = 0x908,
    DOEPCTL = 0xB00,
    DOEPINT = 0xB08,
    PCGCCTL = 0xE00,
    FIFOS = 0x1000,     /* 4 KB of address space for each FIFO's push and pop */
    FIFO_RAM = 0x20000, /* the RAM itself, for debugging */
    ENDPOINTS = 9,
    ENDPOINT_SLOTS = 16, /* places in the register map; the last 7 are empty */
    CHANNELS = 16,
    TX_FIFOS = 16,
    REGION = 0x40000,
};

#define GAHBCFG_GINT    (1u << 0)
#define GAHBCFG_DMAEN   (1u << 5)
#define GAHBCFG_TXFELVL (1u << 7)
#define GUSBCFG_PHYSEL  (1u << 6)
#define GUSBCFG_FHMOD   (1u << 29)
#define GUSBCFG_FDMOD   (1u << 30)
/* PHY selection outlives a core reset. */
#define GUSBCFG_KEPT    0x000E8050u
#define GRSTCTL_CSRST   (1u << 0)
#define GRSTCTL_RXFFLSH (1u << 4)
#define GRSTCTL_TXFFLSH (1u << 5)
#define GRSTCTL_AHBIDL  (1u << 31)
#define GINTSTS_CMOD    (1u << 0)
#define GINTSTS_OTGINT  (1u << 2)
#define GINTSTS_NPTXFE  (1u << 5)
#define GINTSTS_GINAK   (1u << 6)
#define GINTSTS_GONAK   (1u << 7)
#define GINTSTS_ESUSP   (1u << 10)
#define GINTSTS_USBSUSP (1u << 11)
#define GINTSTS_IEPINT  (1u << 18)
#define GINTSTS_OEPINT  (1u << 19)
#define GINTSTS_HPRTINT (1u << 24)
#define GINTSTS_HCINT   (1u << 25)
#define GINTSTS_PTXFE   (1u << 26)
#define GINTSTS_SRQINT  (1u << 30)
#define GINTSTS_W1C     0xF0F0FC0Au
#define GOTGCTL_CIDSTS  (1u << 16)
#define GCCFG_PWRDWN    (1u << 16)
#define DCTL_SDIS       (1u << 1)
#define DCTL_GINSTS     (1u << 2)
#define DCTL_GONSTS     (1u << 3)
#define DSTS_SUSPSTS    (1u << 0)
#define EPCTL_USBAEP    (1u << 15)
#define EPCTL_DPID      (1u << 16)
#define EPCTL_NAKSTS    (1u << 17)
#define EPCTL_TYPE(v)   ((v) >> 18 & 3)
#define EPCTL_CNAK      (1u << 26)
#define EPCTL_SNAK      (1u << 27)
#define EPCTL_SD0PID    (1u << 28)
#define EPCTL_SD1PID    (1u << 29)
#define EPCTL_EPDIS     (1u << 30)
#define EPCTL_EPENA     (1u << 31)
#define EPINT_EPDISD    (1u << 1)
#define EPINT_INEPNE    (1u << 6)
#define EPINT_TXFE      (1u << 7)
#define HCCHAR_CHDIS    (1u << 30)
#define HCCHAR_CHENA    (1u << 31)
#define HCINT_CHH       (1u << 1)
#define HPRT_W1C        (1u << 1 | 1u << 2 | 1u << 3 | 1u << 5)

/* FHMOD/FDMOD to CMOD: RM0455 tells software to wait 25 ms. */
#define TIME_MODE (15 * VTIME_MS)
/* Idle bus to ESUSP, and from there to USBSUSP (RM0455, "Suspended state"). */
#define TIME_SUSPEND (3 * VTIME_MS)
enum { PHY_HZ = 48000000, PHY_TOLERANCE_PPM = 2500 };

struct usb {
    struct device d;
    bool host;                /* mode in force */
    uint16_t words[TX_FIFOS]; /* waiting in each transmit FIFO */
    bool session;             /* level of the B session when last looked at */
    bool connected;           /* D+ is pulled up */
    bool sleep_warned;        /* about this connection */
    struct sched_event core_reset, flush, mode, suspend;
};

static struct usb *usb_of(struct device *d)
{
    return (struct usb *)d;
}

static uint32_t *word(struct usb *u, uint32_t offset)
{
    return device_reg(&u->d, offset);
}

static void after(struct usb *u, struct sched_event *e, vtime delay)
{
    sched_at(u->d.soc->sched, e, sched_now(u->d.soc->sched) + delay);
}

static vtime hclk(const struct usb *u, unsigned clocks)
{
    return vtime_of_clocks(clocks, soc_clock_hz(u->d.soc, CLOCK_HCLK));
}

/* ---- clock ---- */

/* The PHY clock that the core's logic behind the AHB side runs from. `what` needs it now. */
static bool phy_clocked(struct usb *u, const char *what)
{
    struct soc *soc = u->d.soc;
    uint64_t hz = soc_clock_hz(soc, CLOCK_USB), off;

    if (!(*word(u, GUSBCFG) & GUSBCFG_PHYSEL)) {
        complain(soc->complaints, UNIMPLEMENTED, "usb-ulpi",
                 "%s with GUSBCFG.PHYSEL = 0: there is no ULPI PHY, hence no clock", what);
        return false;
    }
    if (!hz) {
        complain(soc->complaints, GUEST_ERROR, "usb-clock",
                 "%s without the 48 MHz kernel clock (RCC_CDCCIP2R.USBSEL)", what);
        return false;
    }
    off = hz > PHY_HZ ? hz - PHY_HZ : PHY_HZ - hz;
    if (off * 1000000 > (uint64_t)PHY_HZ * PHY_TOLERANCE_PPM)
        complain(soc->complaints, HAZARD, "usb-clock",
                 "%s with a kernel clock of %llu Hz; full speed allows 48 MHz +- 0.25 %%", what,
                 (unsigned long long)hz);
    return true;
}

/* ---- FIFOs ---- */

/* Depth in words of transmit FIFO n. */
static unsigned fifo_depth(struct usb *u, unsigned n)
{
    return *word(u, n ? DIEPTXF1 + 4 * (n - 1) : DIEPTXF0) >> 16;
}

static unsigned fifo_space(struct usb *u, unsigned n)
{
    unsigned depth = fifo_depth(u, n);

    return u->words[n] < depth ? depth - u->words[n] : 0;
}

/* TXFELVL: the interrupt means completely empty, or half empty. */
static bool fifo_empty(struct usb *u, unsigned n)
{
    if (*word(u, GAHBCFG) & GAHBCFG_TXFELVL)
        return !u->words[n];
    return u->words[n] <= fifo_depth(u, n) / 2;
}

static unsigned fifo_of(struct usb *u, unsigned endpoint)
{
    return endpoint ? *word(u, DIEPCTL + 0x20 * endpoint) >> 22 & 15 : 0;
}

static enum bus_status access_fifo(struct usb *u, struct bus_access *a)
{
    unsigned n = (a->addr - u->d.base - FIFOS) / FIFOS;

    if (!a->write)
        memset(a->data, 0, a->size);
    if (u->d.peek)
        return BUS_OK;
    if (a->addr - u->d.base >= FIFO_RAM) {
        complain(u->d.soc->complaints, UNIMPLEMENTED, "usb-fifo-ram",
                 "direct access to the FIFO RAM at OTG_HS+0x%05x", (unsigned)(a->addr - u->d.base));
    } else if (!a->write) {
        complain(u->d.soc->complaints, GUEST_ERROR, "usb-fifo-empty",
                 "read of the receive FIFO, which is empty");
    } else if (n >= TX_FIFOS || !fifo_space(u, n)) {
        complain(u->d.soc->complaints, GUEST_ERROR, "usb-fifo-full",
                 "word written to transmit FIFO %u, which has no space (%u words deep)", n,
                 n < TX_FIFOS ? fifo_depth(u, n) : 0);
    } else {
        u->words[n]++;
    }
    return BUS_OK;
}

/* ---- interrupts ---- */

static uint32_t in_flags(struct usb *u, unsigned n)
{
    return *word(u, DIEPINT + 0x20 * n) | (fifo_empty(u, fifo_of(u, n)) ? EPINT_TXFE : 0);
}

static uint32_t daint(struct usb *u)
{
    uint32_t in_mask = *word(u, DIEPMSK) & ~EPINT_TXFE, out_mask = *word(u, DOEPMSK);
    uint32_t empty_mask = *word(u, DIEPEMPMSK), bits = 0;

    for (unsigned n = 0; n < ENDPOINTS; n++) {
        uint32_t mask = in_mask | (empty_mask >> n & 1 ? EPINT_TXFE : 0);

        if (mask && in_flags(u, n) & mask)
            bits |= 1u << n;
        if (*word(u, DOEPINT + 0x20 * n) & out_mask)
            bits |= 0x10000u << n;
    }
    return bits;
}

static uint32_t haint(struct usb *u)
{
    uint32_t bits = 0;

    for (unsigned n = 0; n < CHANNELS; n++) {
        if (*word(u, HCINT + 0x20 * n) & *word(u, HCINTMSK + 0x20 * n))
            bits |= 1u << n;
    }
    return bits;
}

static uint32_t gintsts(struct usb *u)
{
    uint32_t flags = *word(u, GINTSTS) & GINTSTS_W1C;

    if (*word(u, GOTGINT))
        flags |= GINTSTS_OTGINT;
    if (!u->words[0])
        flags |= GINTSTS_NPTXFE;
    flags |= GINTSTS_PTXFE;
    if (u->host) {
        flags |= GINTSTS_CMOD;
        if (*word(u, HPRT) & HPRT_W1C & ~(1u << 2))
            flags |= GINTSTS_HPRTINT;
        if (haint(u) & *word(u, HAINTMSK))
            flags |= GINTSTS_HCINT;
    } else {
        uint32_t bits = daint(u) & *word(u, DAINTMSK);

        if (*word(u, DCTL) & DCTL_GINSTS)
            flags |= GINTSTS_GINAK;
        if (*word(u, DCTL) & DCTL_GONSTS)
            flags |= GINTSTS_GONAK;
        if (bits & 0xFFFF)
            flags |= GINTSTS_IEPINT;
        if (bits >> 16)
            flags |= GINTSTS_OEPINT;
    }
    return flags;
}

static void update_irq(struct usb *u)
{
    soc_irq(u->d.soc, IRQ_OTG_HS,
            *word(u, GAHBCFG) & GAHBCFG_GINT && gintsts(u) & *word(u, GINTMSK));
}

static uint32_t read_gintsts(struct device *d, unsigned i)
{
    (void)i;
    return gintsts(usb_of(d));
}

static uint32_t read_daint(struct device *d, unsigned i)
{
    (void)i;
    return daint(usb_of(d));
}

static uint32_t read_haint(struct device *d, unsigned i)
{
    (void)i;
    return haint(usb_of(d));
}

static uint32_t read_diepint(struct device *d, unsigned i)
{
    return in_flags(usb_of(d), i);
}

static uint32_t read_dtxfsts(struct device *d, unsigned i)
{
    struct usb *u = usb_of(d);

    return fifo_space(u, fifo_of(u, i));
}

/* Eight free places in the request queue, and the FIFO's space. */
static uint32_t read_hnptxsts(struct device *d, unsigned i)
{
    (void)i;
    return 8u << 16 | fifo_space(usb_of(d), 0);
}

static uint32_t read_hptxsts(struct device *d, unsigned i)
{
    (void)i;
    return 8u << 16 | *word(usb_of(d), HPTXFSIZ) >> 16;
}

/* ---- session, mode, connection ---- */

static bool session_valid(struct usb *u)
{
    uint32_t otg = *word(u, GOTGCTL);

    return otg >> 6 & 1 && otg >> 7 & 1; /* BVALOEN, BVALOVAL; no cable brings VBUS */
}

static uint32_t read_gotgctl(struct device *d, unsigned i)
{
    struct usb *u = usb_of(d);
    uint32_t v = *word(u, GOTGCTL);

    (void)i;
    if (session_valid(u))
        v |= 1u << 19; /* BSVLD */
    if (v >> 4 & 1 && v >> 5 & 1)
        v |= 1u << 18; /* ASVLD by AVALOEN and AVALOVAL */
    if (u->host)
        v |= 1u << 21; /* CURMOD */
    return v;
}

/* The supply of the transceiver. */
static void check_board_side(struct usb *u)
{
    struct soc *soc = u->d.soc;

    if (!(*device_reg(soc->pwr, 0x0C) >> 24 & 1))
        complain(soc->complaints, GUEST_ERROR, "usb-supply",
                 "USB connected while PWR_CR3.USB33DEN = 0: the transceiver is isolated");
}

/* A program that never sleeps may leave the bit as reset has it; one that does must clear it. */
void usb_sleeping(struct soc *soc)
{
    struct usb *u = (struct usb *)soc->usb;

    if (!u->connected || u->sleep_warned || !(*device_reg(soc->rcc, 0x160) >> 26 & 1))
        return;
    u->sleep_warned = true;
    complain(soc->complaints, HAZARD, "usb-ulpi-in-sleep",
             "WFI while USB is connected with the full-speed PHY and "
             "RCC_AHB1LPENR.USB1OTGULPILPEN = 1: the USB core stands still in sleep");
}

/* The pull-up on D+ is there: SDIS = 0, transceiver on, session valid, device mode. SRQINT tells a
   device that a session began. */
static void evaluate_connection(struct usb *u)
{
    bool session = session_valid(u);
    bool wanted =
        !u->host && !(*word(u, DCTL) & DCTL_SDIS) && *word(u, GCCFG) & GCCFG_PWRDWN && session;

    if (session && !u->session && !u->host)
        *word(u, GINTSTS) |= GINTSTS_SRQINT;
    u->session = session;
    if (wanted == u->connected)
        return;
    if (wanted && !phy_clocked(u, "connecting"))
        return;
    u->connected = wanted;
    u->sleep_warned = false;
    if (wanted) {
        check_board_side(u);
        after(u, &u->suspend, TIME_SUSPEND);
    } else {
        sched_cancel(u->d.soc->sched, &u->suspend);
        *word(u, DSTS) &= ~DSTS_SUSPSTS;
    }
}

/* No host drives the bus, so that the own pull-up's level, which is idle, stays. */
static void suspend(void *ctx, vtime at)
{
    struct usb *u = ctx;
    uint32_t *flags = word(u, GINTSTS);

    (void)at;
    if (!(*flags & GINTSTS_ESUSP) && !(*word(u, DSTS) & DSTS_SUSPSTS)) {
        *flags |= GINTSTS_ESUSP;
        after(u, &u->suspend, TIME_SUSPEND);
    } else {
        *flags |= GINTSTS_USBSUSP;
        *word(u, DSTS) |= DSTS_SUSPSTS;
    }
    update_irq(u);
}

static bool wants_host(struct usb *u)
{
    uint32_t cfg = *word(u, GUSBCFG);

    if (cfg & GUSBCFG_FHMOD)
        return true;
    return !(cfg & GUSBCFG_FDMOD) && !(*word(u, GOTGCTL) & GOTGCTL_CIDSTS);
}

static void change_mode(void *ctx, vtime at)
{
    struct usb *u = ctx;

    (void)at;
    u->host = wants_host(u);
    evaluate_connection(u);
    update_irq(u);
}

static void evaluate_mode(struct usb *u)
{
    if (wants_host(u) == u->host)
        sched_cancel(u->d.soc->sched, &u->mode);
    else if (!sched_pending(&u->mode))
        after(u, &u->mode, TIME_MODE);
}

/* ---- register writes ---- */

static void write_gusbcfg(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    (void)i;
    (void)value;
    (void)old;
    evaluate_mode(usb_of(d));
}

static void write_gahbcfg(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    (void)i;
    if (value & ~old & GAHBCFG_DMAEN)
        complain(d->soc->complaints, UNIMPLEMENTED, "usb-dma", "GAHBCFG.DMAEN: no DMA here");
}

/* Session and transceiver: with DCTL, what decides whether D+ is pulled up. */
static void write_connection(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    (void)i;
    (void)value;
    (void)old;
    evaluate_connection(usb_of(d));
}

static void write_grstctl(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    struct usb *u = usb_of(d);
    uint32_t *reset = word(u, GRSTCTL);
    uint32_t flush = GRSTCTL_RXFFLSH | GRSTCTL_TXFFLSH;

    (void)i;
    (void)old;
    if (value & GRSTCTL_CSRST) {
        *reset |= GRSTCTL_CSRST;
        if (phy_clocked(u, "core reset"))
            after(u, &u->core_reset, hclk(u, CLOCKS_USB_SOFT_RESET));
    }
    if (value & flush) {
        *reset |= value & flush;
        if (phy_clocked(u, "FIFO flush"))
            after(u, &u->flush, hclk(u, CLOCKS_USB_FLUSH));
    }
}

static void flushed(void *ctx, vtime at)
{
    struct usb *u = ctx;
    uint32_t *reset = word(u, GRSTCTL);
    unsigned which = *reset >> 6 & 0x1F;

    (void)at;
    if (*reset & GRSTCTL_TXFFLSH) {
        for (unsigned n = 0; n < TX_FIFOS; n++) {
            if (which == 0x10 || which == n)
                u->words[n] = 0;
        }
    }
    *reset &= ~(GRSTCTL_RXFFLSH | GRSTCTL_TXFFLSH);
    update_irq(u);
}

static void write_dctl(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    struct usb *u = usb_of(d);
    uint32_t *dctl = word(u, DCTL);

    (void)i;
    (void)old;
    if (value >> 7 & 1)
        *dctl |= DCTL_GINSTS;
    if (value >> 8 & 1)
        *dctl &= ~DCTL_GINSTS;
    if (value >> 9 & 1)
        *dctl |= DCTL_GONSTS;
    if (value >> 10 & 1)
        *dctl &= ~DCTL_GONSTS;
    evaluate_connection(u);
}

/*
 * The command bits of DIEPCTLx and DOEPCTLx, which read as 0 but for EPENA. Without traffic an
 * endpoint stops at once.
 */
static void endpoint_command(uint32_t *ctl, uint32_t *flags, uint32_t value, uint32_t old, bool in)
{
    if (value & EPCTL_CNAK) {
        *ctl &= ~EPCTL_NAKSTS;
        *flags &= ~EPINT_INEPNE;
    }
    if (value & EPCTL_SNAK) {
        *ctl |= EPCTL_NAKSTS;
        if (in)
            *flags |= EPINT_INEPNE;
    }
    if (value & EPCTL_SD0PID)
        *ctl &= ~EPCTL_DPID;
    if (value & EPCTL_SD1PID)
        *ctl |= EPCTL_DPID;
    if (value & EPCTL_EPENA)
        *ctl |= EPCTL_EPENA;
    if (value & EPCTL_EPDIS && old & EPCTL_EPENA) {
        *ctl &= ~EPCTL_EPENA;
        *flags |= EPINT_EPDISD;
    }
}

static void write_diepctl(struct device *d, unsigned n, uint32_t value, uint32_t old)
{
    uint32_t *ctl = device_reg(d, DIEPCTL + 0x20 * n);

    endpoint_command(ctl, device_reg(d, DIEPINT + 0x20 * n), value, old, true);
    if (!n)
        *ctl |= EPCTL_USBAEP;
}

static void write_doepctl(struct device *d, unsigned n, uint32_t value, uint32_t old)
{
    uint32_t *ctl = device_reg(d, DOEPCTL + 0x20 * n);

    if (!n)
        value &= ~EPCTL_EPDIS; /* the control OUT endpoint cannot be disabled */
    endpoint_command(ctl, device_reg(d, DOEPINT + 0x20 * n), value, old, false);
    if (!n)
        *ctl |= EPCTL_USBAEP;
}

/* A channel is halted by CHDIS and CHENA together. */
static void write_hcchar(struct device *d, unsigned n, uint32_t value, uint32_t old)
{
    uint32_t *hcchar = device_reg(d, HCCHAR + 0x20 * n);

    (void)old;
    if (value & HCCHAR_CHDIS) {
        *hcchar &= ~(HCCHAR_CHDIS | HCCHAR_CHENA);
        *device_reg(d, HCINT + 0x20 * n) |= HCINT_CHH;
    } else if (value & HCCHAR_CHENA) {
        *hcchar |= HCCHAR_CHENA;
        complain(d->soc->complaints, UNIMPLEMENTED, "usb-host",
                 "host channel %u enabled: there is no device", n);
    }
}

static void write_deachmsk(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    (void)i;
    (void)old;
    if (value)
        complain(d->soc->complaints, UNIMPLEMENTED, "usb-endpoint-interrupts",
                 "OTG_DEACHINTMSK = 0x%08x: the lines of endpoint 1 never rise", (unsigned)value);
}

/* clang-format off */
#define PLAIN(n, o, r, w)   {.name = (n), .offset = (o), .reset = (r), .writable = (w)}
#define FIXED(n, o, r)      {.name = (n), .offset = (o), .reset = (r)}
#define READS(n, o, f)      {.name = (n), .offset = (o), .read = (f)}
#define ACTS(n, o, r, w, f) {.name = (n), .offset = (o), .reset = (r), .writable = (w), .write = (f)}
#define EACH(n, o, c, w)    {.name = (n), .offset = (o), .writable = (w), .count = (c), .stride = 0x20}
#define EACH_ACTS(n, o, c, w, f)                                                                   \
    {.name = (n), .offset = (o), .writable = (w), .count = (c), .stride = 0x20, .write = (f)}
#define EACH_FLAGS(n, o, c, clear, f)                                                              \
    {.name = (n), .offset = (o), .w1c = (clear), .count = (c), .stride = 0x20, .read = (f)}

static const struct reg regs[] = {
    {.name = "GOTGCTL", .offset = GOTGCTL, .reset = GOTGCTL_CIDSTS, .writable = 0x00101EFE,
     .read = read_gotgctl, .write = write_connection},
    {.name = "GOTGINT", .offset = GOTGINT, .w1c = 0x001E0304},
    ACTS("GAHBCFG", GAHBCFG, 0, 0x000001BF, write_gahbcfg),
    ACTS("GUSBCFG", GUSBCFG, 0x00001400, 0x63FEBF57, write_gusbcfg),
    ACTS("GRSTCTL", GRSTCTL, GRSTCTL_AHBIDL, 0x000007C0, write_grstctl),
    {.name = "GINTSTS", .offset = GINTSTS, .w1c = GINTSTS_W1C, .read = read_gintsts},
    PLAIN("GINTMSK", GINTMSK, 0, 0xFFFFFFFE),
    FIXED("GRXSTSR", 0x01C, 0),
    FIXED("GRXSTSP", 0x020, 0),
    PLAIN("GRXFSIZ", GRXFSIZ, 0x00000200, 0x0000FFFF),
    PLAIN("DIEPTXF0", DIEPTXF0, 0x02000200, 0xFFFFFFFF),
    READS("HNPTXSTS", 0x02C, read_hnptxsts),
    ACTS("GCCFG", GCCFG, 0, 0x007F0000, write_connection),
    PLAIN("CID", 0x03C, 0x00002300, 0xFFFFFFFF),
    FIXED("GSNPSID", 0x040, 0x4F54330A),
    FIXED("GHWCFG1", 0x044, 0),
    FIXED("GHWCFG2", 0x048, 0x229FE190),
    FIXED("GHWCFG3", 0x04C, 0x03B8D2E8),
    FIXED("GHWCFG4", 0x050, 0xE3F00030),
    PLAIN("GLPMCFG", 0x054, 0, 0x11FF1FFF),
    PLAIN("GPWRDN", 0x058, 0, 0x00000001),
    PLAIN("GDFIFOCFG", 0x05C, 0, 0xFFFFFFFF),
    PLAIN("GADPCTL", 0x060, 0, 0x1FFFFFFF),
    PLAIN("HPTXFSIZ", HPTXFSIZ, 0x02000400, 0xFFFFFFFF),
    {.name = "DIEPTXF", .offset = DIEPTXF1, .reset = 0x02000400, .writable = 0xFFFFFFFF,
     .count = ENDPOINTS - 1},
    {.name = "DIEPTXF (absent)", .offset = DIEPTXF1 + 4 * 8, .count = 7},

    PLAIN("HCFG", HCFG, 0, 0x00000007),
    PLAIN("HFIR", 0x404, 0x0000EA60, 0x0001FFFF),
    FIXED("HFNUM", 0x408, 0x00003FFF),
    READS("HPTXSTS", 0x410, read_hptxsts),
    READS("HAINT", 0x414, read_haint),
    PLAIN("HAINTMSK", HAINTMSK, 0, 0x0000FFFF),
    {.name = "HPRT", .offset = HPRT, .writable = 0x0001F1C0, .w1c = HPRT_W1C},
    EACH_ACTS("HCCHAR", HCCHAR, CHANNELS, 0x3FFEFFFF, write_hcchar),
    EACH("HCSPLT", 0x504, CHANNELS, 0x8001FFFF),
    EACH_FLAGS("HCINT", HCINT, CHANNELS, 0x7FF, NULL),
    EACH("HCINTMSK", HCINTMSK, CHANNELS, 0x000007FF),
    EACH("HCTSIZ", 0x510, CHANNELS, 0xFFFFFFFF),
    EACH("HCDMA", 0x514, CHANNELS, 0xFFFFFFFF),

    PLAIN("DCFG", DCFG, 0x02200000, 0x0300DFF7),
    ACTS("DCTL", DCTL, DCTL_SDIS, 0x00040873, write_dctl),
    FIXED("DSTS", DSTS, 0x00000010),
    PLAIN("DIEPMSK", DIEPMSK, 0, 0x0000237F),
    PLAIN("DOEPMSK", DOEPMSK, 0, 0x0000737F),
    READS("DAINT", 0x818, read_daint),
    PLAIN("DAINTMSK", DAINTMSK, 0, 0xFFFFFFFF),
    PLAIN("DVBUSDIS", 0x828, 0x000017D7, 0x0000FFFF),
    PLAIN("DVBUSPULSE", 0x82C, 0x000005B8, 0x0000FFFF),
    PLAIN("DTHRCTL", 0x830, 0, 0x0BFF0FFF),
    PLAIN("DIEPEMPMSK", DIEPEMPMSK, 0, 0x0000FFFF),
    FIXED("DEACHINT", 0x838, 0),
    ACTS("DEACHINTMSK", 0x83C, 0, 0x00020002, write_deachmsk),
    PLAIN("DIEPEACHMSK1", 0x844, 0, 0x0000237F),
    PLAIN("DOEPEACHMSK1", 0x884, 0, 0x0000737F),

    EACH_ACTS("DIEPCTL", DIEPCTL, ENDPOINTS, 0x03EC87FF, write_diepctl),
    EACH_FLAGS("DIEPINT", DIEPINT, ENDPOINTS, 0x0000FB7F, read_diepint),
    EACH("DIEPTSIZ", 0x910, ENDPOINTS, 0x7FFFFFFF),
    EACH("DIEPDMA", 0x914, ENDPOINTS, 0xFFFFFFFF),
    EACH_FLAGS("DTXFSTS", 0x918, ENDPOINTS, 0, read_dtxfsts),
    EACH_ACTS("DOEPCTL", DOEPCTL, ENDPOINTS, 0x003C87FF, write_doepctl),
    EACH_FLAGS("DOEPINT", DOEPINT, ENDPOINTS, 0x0000F37F, NULL),
    EACH("DOEPTSIZ", 0xB10, ENDPOINTS, 0x7FFFFFFF),
    EACH("DOEPDMA", 0xB14, ENDPOINTS, 0xFFFFFFFF),
    /* Drivers for all chips of the family clear these for 15 endpoints. */
    EACH("DIEPINT (absent)", DIEPINT + 0x20 * ENDPOINTS, ENDPOINT_SLOTS - ENDPOINTS, 0),
    EACH("DOEPINT (absent)", DOEPINT + 0x20 * ENDPOINTS, ENDPOINT_SLOTS - ENDPOINTS, 0),

    PLAIN("PCGCCTL", PCGCCTL, 0, 0x00000023),
    PLAIN("PCGCCTL1", 0xE04, 0, 0x0000000F),
};
/* clang-format on */

static enum bus_status access_usb(struct device *d, struct bus_access *a)
{
    struct usb *u = usb_of(d);
    enum bus_status status =
        a->addr - d->base >= FIFOS ? access_fifo(u, a) : device_access_regs(d, a);

    if (a->write)
        update_irq(u);
    return status;
}

static void reset(struct device *d)
{
    struct usb *u = usb_of(d);
    struct sched *s = d->soc->sched;

    sched_cancel(s, &u->core_reset);
    sched_cancel(s, &u->flush);
    sched_cancel(s, &u->mode);
    sched_cancel(s, &u->suspend);
    memset(u->words, 0, sizeof u->words);
    u->host = u->session = u->connected = false;
    *word(u, DIEPCTL) = *word(u, DOEPCTL) = EPCTL_USBAEP;
    update_irq(u);
}

/* CSRST: all registers but those that a driver sets up before it. */
static void core_reset(void *ctx, vtime at)
{
    struct usb *u = ctx;
    static const struct kept {
        uint32_t offset, mask;
    } kept[] = {
        {GUSBCFG, GUSBCFG_KEPT}, {GCCFG, 0xFFFFFFFF},   {HCFG, 3}, {DCFG, 3},
        {DCTL, DCTL_SDIS},       {PCGCCTL, 0xFFFFFFFF},
    };
    enum { KEPT = sizeof kept / sizeof kept[0] };
    uint32_t value[KEPT];

    (void)at;
    for (unsigned i = 0; i < KEPT; i++)
        value[i] = *word(u, kept[i].offset) & kept[i].mask;
    device_reset(&u->d);
    for (unsigned i = 0; i < KEPT; i++)
        *word(u, kept[i].offset) = (*word(u, kept[i].offset) & ~kept[i].mask) | value[i];
    evaluate_connection(u);
    update_irq(u);
}

/* What waited for the PHY clock goes on when it comes. */
static void clocks_changed(struct device *d)
{
    struct usb *u = usb_of(d);
    uint32_t pending = *word(u, GRSTCTL);

    if (!soc_clock_hz(d->soc, CLOCK_USB)) {
        /* In a system reset the clocks stop just before this block is reset; its gate is off then.
         */
        if (u->connected && device_clocked(d))
            complain(d->soc->complaints, GUEST_ERROR, "usb-clock",
                     "the 48 MHz kernel clock stopped while the device is connected");
        return;
    }
    if (!(*word(u, GUSBCFG) & GUSBCFG_PHYSEL))
        return;
    if (pending & GRSTCTL_CSRST && !sched_pending(&u->core_reset))
        after(u, &u->core_reset, hclk(u, CLOCKS_USB_SOFT_RESET));
    if (pending & (GRSTCTL_RXFFLSH | GRSTCTL_TXFFLSH) && !sched_pending(&u->flush))
        after(u, &u->flush, hclk(u, CLOCKS_USB_FLUSH));
    evaluate_connection(u);
}

int usb_create(struct soc *soc)
{
    struct usb *u = calloc(1, sizeof *u);

    if (!u)
        return -1;
    u->d.name = "OTG_HS";
    u->d.base = 0x40040000;
    u->d.size = REGION;
    u->d.regs = regs;
    u->d.reg_count = sizeof regs / sizeof regs[0];
    u->d.gate = (struct rcc_gate){RCC_AHB1ENR, RCC_AHB1RSTR, 25};
    u->d.on = ON_AHB;
    u->d.word_only = true;
    u->d.reset = reset;
    u->d.clocks_changed = clocks_changed;
    u->d.access = access_usb;
    u->core_reset = (struct sched_event){.fn = core_reset, .ctx = u};
    u->flush = (struct sched_event){.fn = flushed, .ctx = u};
    u->mode = (struct sched_event){.fn = change_mode, .ctx = u};
    u->suspend = (struct sched_event){.fn = suspend, .ctx = u};
    if (device_init(&u->d, soc) < 0) {
        free(u);
        return -1;
    }
    soc->usb = &u->d;
    return 0;
}
