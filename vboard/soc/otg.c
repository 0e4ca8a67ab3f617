/*
 * USB OTG_HS: Synopsys DWC2 core with its internal full-speed PHY. RM0455 chapter "USB on-the-go
 * high-speed (OTG_HS)". Here: registers, resets, modes, session, connection, suspend, interrupts;
 * FIFOs in otg_fifo.c, DMA in otg_dma.c, traffic as a device in otg_device.c.
 *
 * Not modelled: ULPI, a host's channels (nothing can be plugged into this board as a device),
 * battery charging detection, LPM.
 *
 * Reset values are those of H743's documentation, the same core release (GSNPSID); GHWCFGx were
 * read from such chips.
 */
#include <stdlib.h>

#include "otg_int.h"
#include "timing.h"

enum { REGION = 0x40000 };

/* PHY selection outlives a core reset. */
#define GUSBCFG_KEPT 0x000E8050u
#define HCCHAR_CHDIS (1u << 30)
#define HCCHAR_CHENA (1u << 31)
#define HCINT_CHH    (1u << 1)
#define HPRT_W1C     (1u << 1 | 1u << 2 | 1u << 3 | 1u << 5)

/* FHMOD/FDMOD to CMOD: RM0455 tells software to wait 25 ms. */
#define TIME_MODE (15 * VTIME_MS)
/* Idle bus to ESUSP, and from there to USBSUSP (RM0455, "Suspended state"). */
#define TIME_SUSPEND (3 * VTIME_MS)
enum { PHY_HZ = 48000000, PHY_TOLERANCE_PPM = 2500 };

static void after(struct otg *u, struct sched_event *e, vtime delay)
{
    sched_at(u->d.soc->sched, e, sched_now(u->d.soc->sched) + delay);
}

static vtime hclk(const struct otg *u, unsigned clocks)
{
    return vtime_of_clocks(clocks, soc_clock_hz(u->d.soc, CLOCK_HCLK));
}

/* ---- clock ---- */

/* The PHY clock that the core's logic behind the AHB side runs from. `what` needs it now. */
bool otg_phy_clocked(struct otg *u, const char *what)
{
    struct soc *soc = u->d.soc;
    uint64_t hz = soc_clock_hz(soc, CLOCK_USB), off;

    if (!(*otg_reg(u, GUSBCFG) & GUSBCFG_PHYSEL)) {
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

/* ---- interrupts ---- */

static uint32_t in_flags(struct otg *u, unsigned n)
{
    return *otg_ep(u, DIEPINT, n) | (otg_tx_empty(u, otg_fifo_of(u, n)) ? EPINT_TXFE : 0);
}

static uint32_t daint(struct otg *u)
{
    uint32_t in_mask = *otg_reg(u, DIEPMSK) & ~EPINT_TXFE, out_mask = *otg_reg(u, DOEPMSK);
    uint32_t empty_mask = *otg_reg(u, DIEPEMPMSK), bits = 0;

    for (unsigned n = 0; n < OTG_ENDPOINTS; n++) {
        uint32_t mask = in_mask | (empty_mask >> n & 1 ? EPINT_TXFE : 0);

        if (mask && in_flags(u, n) & mask)
            bits |= 1u << n;
        if (*otg_ep(u, DOEPINT, n) & out_mask)
            bits |= 0x10000u << n;
    }
    return bits;
}

static uint32_t haint(struct otg *u)
{
    uint32_t bits = 0;

    for (unsigned n = 0; n < OTG_CHANNELS; n++) {
        if (*otg_ep(u, HCINT, n) & *otg_ep(u, HCINTMSK, n))
            bits |= 1u << n;
    }
    return bits;
}

static uint32_t gintsts(struct otg *u)
{
    uint32_t flags = *otg_reg(u, GINTSTS) & GINTSTS_W1C;

    if (*otg_reg(u, GOTGINT))
        flags |= GINTSTS_OTGINT;
    if (!u->tx[0].count)
        flags |= GINTSTS_NPTXFE;
    if (u->rx.count)
        flags |= GINTSTS_RXFLVL;
    flags |= GINTSTS_PTXFE;
    if (u->host) {
        flags |= GINTSTS_CMOD;
        if (*otg_reg(u, HPRT) & HPRT_W1C & ~(1u << 2))
            flags |= GINTSTS_HPRTINT;
        if (haint(u) & *otg_reg(u, HAINTMSK))
            flags |= GINTSTS_HCINT;
    } else {
        uint32_t bits = daint(u) & *otg_reg(u, DAINTMSK);

        if (*otg_reg(u, DCTL) & DCTL_GINSTS)
            flags |= GINTSTS_GINAK;
        if (*otg_reg(u, DCTL) & DCTL_GONSTS)
            flags |= GINTSTS_GONAK;
        if (bits & 0xFFFF)
            flags |= GINTSTS_IEPINT;
        if (bits >> 16)
            flags |= GINTSTS_OEPINT;
    }
    return flags;
}

/* The line follows with the bus clock: in Stop only EXTI hears of the bus. */
void otg_update_irq(struct otg *u)
{
    if (!soc_clock_hz(u->d.soc, CLOCK_HCLK))
        return;
    otg_dma_look(u);
    soc_irq(u->d.soc, IRQ_OTG_HS,
            *otg_reg(u, GAHBCFG) & GAHBCFG_GINT && gintsts(u) & *otg_reg(u, GINTMSK));
}

static uint32_t read_gintsts(struct device *d, unsigned i)
{
    (void)i;
    return gintsts(otg_of(d));
}

static uint32_t read_daint(struct device *d, unsigned i)
{
    (void)i;
    return daint(otg_of(d));
}

static uint32_t read_haint(struct device *d, unsigned i)
{
    (void)i;
    return haint(otg_of(d));
}

static uint32_t read_diepint(struct device *d, unsigned i)
{
    return in_flags(otg_of(d), i);
}

static uint32_t read_dtxfsts(struct device *d, unsigned i)
{
    struct otg *u = otg_of(d);

    return otg_tx_space(u, otg_fifo_of(u, i));
}

/* Eight free places in the request queue, and the FIFO's space. */
static uint32_t read_hnptxsts(struct device *d, unsigned i)
{
    (void)i;
    return 8u << 16 | otg_tx_space(otg_of(d), 0);
}

static uint32_t read_hptxsts(struct device *d, unsigned i)
{
    (void)i;
    return 8u << 16 | *otg_reg(otg_of(d), HPTXFSIZ) >> 16;
}

/* ---- session, mode, connection ---- */

static bool session_valid(struct otg *u)
{
    uint32_t otg = *otg_reg(u, GOTGCTL);

    if (otg >> 6 & 1) /* BVALOEN, BVALOVAL */
        return otg >> 7 & 1;
    return *otg_reg(u, GCCFG) & GCCFG_VBDEN && usb_vbus(u->cable);
}

static uint32_t read_gotgctl(struct device *d, unsigned i)
{
    struct otg *u = otg_of(d);
    uint32_t v = *otg_reg(u, GOTGCTL);

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
static void check_board_side(struct otg *u)
{
    struct soc *soc = u->d.soc;

    if (!(*device_reg(soc->pwr, 0x0C) >> 24 & 1))
        complain(soc->complaints, GUEST_ERROR, "usb-supply",
                 "USB connected while PWR_CR3.USB33DEN = 0: the transceiver is isolated");
}

/* A program that never sleeps may leave the bit as reset has it; one that does must clear it. */
void otg_sleeping(struct soc *soc)
{
    struct otg *u = (struct otg *)soc->otg;

    if (!u->connected || u->sleep_warned || !(*device_reg(soc->rcc, RCC_AHB1LPENR) >> 26 & 1))
        return;
    u->sleep_warned = true;
    complain(soc->complaints, HAZARD, "usb-ulpi-in-sleep",
             "WFI while USB is connected with the full-speed PHY and "
             "RCC_AHB1LPENR.USB1OTGULPILPEN = 1: the USB core stands still in sleep");
}

/* The pull-up on D+ is there: SDIS = 0, transceiver on, session valid, device mode. SRQINT tells a
   device that a session began, SEDET that it ended. */
void otg_evaluate_connection(struct otg *u)
{
    bool session = session_valid(u);
    bool wanted = !u->host && !(*otg_reg(u, DCTL) & DCTL_SDIS) &&
                  *otg_reg(u, GCCFG) & GCCFG_PWRDWN && session;

    if (session && !u->session && !u->host)
        *otg_reg(u, GINTSTS) |= GINTSTS_SRQINT;
    if (!session && u->session && !u->host)
        *otg_reg(u, GOTGINT) |= GOTGINT_SEDET;
    u->session = session;
    if (wanted == u->connected)
        return;
    if (wanted && !otg_phy_clocked(u, "connecting"))
        return;
    u->connected = wanted;
    u->sleep_warned = false;
    if (wanted) {
        check_board_side(u);
        otg_active(u);
        usb_connect(u->cable, &u->function);
    } else {
        sched_cancel(u->d.soc->sched, &u->suspend);
        *otg_reg(u, DSTS) &= ~DSTS_SUSPSTS;
        usb_disconnect(u->cable, &u->function);
    }
}

void otg_active(struct otg *u)
{
    u->activity = sched_now(u->d.soc->sched);
    if (u->connected && !sched_pending(&u->suspend))
        after(u, &u->suspend, TIME_SUSPEND);
}

/* The bus is idle for long enough: early suspend, then suspend. */
static void suspend(void *ctx, vtime at)
{
    struct otg *u = ctx;
    uint32_t *flags = otg_reg(u, GINTSTS), *dsts = otg_reg(u, DSTS);
    vtime idle = sched_now(u->d.soc->sched) - u->activity;

    (void)at; /* may lie a little before the last activity */
    if (idle < TIME_SUSPEND) {
        sched_at(u->d.soc->sched, &u->suspend, u->activity + TIME_SUSPEND);
        return;
    }
    if (idle < 2 * TIME_SUSPEND) {
        *flags |= GINTSTS_ESUSP;
        sched_at(u->d.soc->sched, &u->suspend, u->activity + 2 * TIME_SUSPEND);
    } else {
        *flags |= GINTSTS_USBSUSP;
        *dsts |= DSTS_SUSPSTS;
    }
    otg_update_irq(u);
}

static bool wants_host(struct otg *u)
{
    uint32_t cfg = *otg_reg(u, GUSBCFG);

    if (cfg & GUSBCFG_FHMOD)
        return true;
    return !(cfg & GUSBCFG_FDMOD) && !(*otg_reg(u, GOTGCTL) & GOTGCTL_CIDSTS);
}

static void change_mode(void *ctx, vtime at)
{
    struct otg *u = ctx;

    (void)at;
    u->host = wants_host(u);
    otg_evaluate_connection(u);
    otg_update_irq(u);
}

static void evaluate_mode(struct otg *u)
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
    evaluate_mode(otg_of(d));
}

static void write_gahbcfg(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    (void)i;
    if (value & ~old & GAHBCFG_DMAEN)
        memory_has_masters(d->soc);
}

/* Session and transceiver: with DCTL, what decides whether D+ is pulled up. */
static void write_connection(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    (void)i;
    (void)value;
    (void)old;
    otg_evaluate_connection(otg_of(d));
}

static void write_grstctl(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    struct otg *u = otg_of(d);
    uint32_t *reset = otg_reg(u, GRSTCTL);
    uint32_t flush = GRSTCTL_RXFFLSH | GRSTCTL_TXFFLSH;

    (void)i;
    (void)old;
    if (value & GRSTCTL_CSRST) {
        *reset |= GRSTCTL_CSRST;
        if (otg_phy_clocked(u, "core reset"))
            after(u, &u->core_reset, hclk(u, CLOCKS_USB_SOFT_RESET));
    }
    if (value & flush) {
        *reset |= value & flush;
        if (otg_phy_clocked(u, "FIFO flush"))
            after(u, &u->flush, hclk(u, CLOCKS_USB_FLUSH));
    }
}

static void flushed(void *ctx, vtime at)
{
    struct otg *u = ctx;
    uint32_t *reset = otg_reg(u, GRSTCTL);
    unsigned which = *reset >> 6 & 0x1F;

    (void)at;
    if (*reset & GRSTCTL_TXFFLSH) {
        for (unsigned n = 0; n < OTG_TX_FIFOS; n++) {
            if (which == 0x10 || which == n)
                otg_tx_flush(u, n);
        }
    }
    if (*reset & GRSTCTL_RXFFLSH)
        otg_rx_flush(u);
    *reset &= ~(GRSTCTL_RXFFLSH | GRSTCTL_TXFFLSH);
    otg_update_irq(u);
}

/* RWUSIG drives K on a suspended bus, for as long as it is set. */
static void write_dctl(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    struct otg *u = otg_of(d);
    uint32_t *dctl = otg_reg(u, DCTL);

    (void)i;
    otg_global_nak(u, value);
    if ((*dctl ^ old) & DCTL_RWUSIG && *otg_reg(u, DSTS) & DSTS_SUSPSTS) {
        u->woke_itself = true;
        usb_signal_wakeup(u->cable, &u->function, *dctl & DCTL_RWUSIG);
    }
    otg_evaluate_connection(u);
}

static void write_layout(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    (void)i;
    (void)value;
    (void)old;
    otg_of(d)->layout_seen = false;
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
    READS("GRXSTSR", GRXSTSR, otg_rx_status),
    READS("GRXSTSP", GRXSTSP, otg_rx_pop),
    ACTS("GRXFSIZ", GRXFSIZ, 0x00000200, 0x0000FFFF, write_layout),
    ACTS("DIEPTXF0", DIEPTXF0, 0x02000200, 0xFFFFFFFF, write_layout),
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
     .count = OTG_ENDPOINTS - 1, .write = write_layout},
    {.name = "DIEPTXF (absent)", .offset = DIEPTXF1 + 4 * 8, .count = 7},

    PLAIN("HCFG", HCFG, 0, 0x00000007),
    PLAIN("HFIR", 0x404, 0x0000EA60, 0x0001FFFF),
    FIXED("HFNUM", 0x408, 0x00003FFF),
    READS("HPTXSTS", 0x410, read_hptxsts),
    READS("HAINT", 0x414, read_haint),
    PLAIN("HAINTMSK", HAINTMSK, 0, 0x0000FFFF),
    {.name = "HPRT", .offset = HPRT, .writable = 0x0001F1C0, .w1c = HPRT_W1C},
    EACH_ACTS("HCCHAR", HCCHAR, OTG_CHANNELS, 0x3FFEFFFF, write_hcchar),
    EACH("HCSPLT", 0x504, OTG_CHANNELS, 0x8001FFFF),
    EACH_FLAGS("HCINT", HCINT, OTG_CHANNELS, 0x7FF, NULL),
    EACH("HCINTMSK", HCINTMSK, OTG_CHANNELS, 0x000007FF),
    EACH("HCTSIZ", 0x510, OTG_CHANNELS, 0xFFFFFFFF),
    EACH("HCDMA", 0x514, OTG_CHANNELS, 0xFFFFFFFF),

    ACTS("DCFG", DCFG, 0x02200000, 0x0300DFF7, otg_write_dcfg),
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

    EACH_ACTS("DIEPCTL", DIEPCTL, OTG_ENDPOINTS, 0x03EC87FF, otg_write_diepctl),
    EACH_FLAGS("DIEPINT", DIEPINT, OTG_ENDPOINTS, 0x0000FB7F, read_diepint),
    EACH("DIEPTSIZ", 0x910, OTG_ENDPOINTS, 0x7FFFFFFF),
    EACH("DIEPDMA", 0x914, OTG_ENDPOINTS, 0xFFFFFFFF),
    EACH_FLAGS("DTXFSTS", 0x918, OTG_ENDPOINTS, 0, read_dtxfsts),
    EACH_ACTS("DOEPCTL", DOEPCTL, OTG_ENDPOINTS, 0x003C87FF, otg_write_doepctl),
    EACH_FLAGS("DOEPINT", DOEPINT, OTG_ENDPOINTS, 0x0000F37F, NULL),
    EACH("DOEPTSIZ", 0xB10, OTG_ENDPOINTS, 0x7FFFFFFF),
    EACH("DOEPDMA", 0xB14, OTG_ENDPOINTS, 0xFFFFFFFF),
    /* Drivers for all chips of the family clear these for 15 endpoints. */
    EACH("DIEPINT (absent)", DIEPINT + 0x20 * OTG_ENDPOINTS, OTG_ENDPOINT_SLOTS - OTG_ENDPOINTS, 0),
    EACH("DOEPINT (absent)", DOEPINT + 0x20 * OTG_ENDPOINTS, OTG_ENDPOINT_SLOTS - OTG_ENDPOINTS, 0),

    PLAIN("PCGCCTL", PCGCCTL, 0, 0x00000023),
    PLAIN("PCGCCTL1", 0xE04, 0, 0x0000000F),
};
/* clang-format on */

static enum bus_status access_otg(struct device *d, struct bus_access *a)
{
    struct otg *u = otg_of(d);
    enum bus_status status =
        a->addr - d->base >= FIFOS ? otg_access_fifo(u, a) : device_access_regs(d, a);

    if (!d->peek)
        otg_update_irq(u);
    return status;
}

static void reset(struct device *d)
{
    struct otg *u = otg_of(d);
    struct sched *s = d->soc->sched;

    sched_cancel(s, &u->core_reset);
    sched_cancel(s, &u->flush);
    sched_cancel(s, &u->mode);
    sched_cancel(s, &u->suspend);
    sched_cancel(s, &u->dma);
    u->host = u->session = u->connected = false;
    otg_device_reset(u);
    usb_disconnect(u->cable, &u->function);
    otg_update_irq(u);
}

/* CSRST: all registers but those that a driver sets up before it. */
static void core_reset(void *ctx, vtime at)
{
    struct otg *u = ctx;
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
        value[i] = *otg_reg(u, kept[i].offset) & kept[i].mask;
    device_reset(&u->d);
    for (unsigned i = 0; i < KEPT; i++)
        *otg_reg(u, kept[i].offset) = (*otg_reg(u, kept[i].offset) & ~kept[i].mask) | value[i];
    otg_evaluate_connection(u);
    otg_update_irq(u);
}

/* What waited for the PHY clock goes on when it comes. */
static void clocks_changed(struct device *d)
{
    struct otg *u = otg_of(d);
    uint32_t pending = *otg_reg(u, GRSTCTL);
    bool had = u->had_clock;

    otg_update_irq(u);
    u->had_clock = soc_clock_hz(d->soc, CLOCK_USB);
    if (!u->had_clock) {
        /* In a system reset the clocks stop just before this block is reset; its gate is off then.
           A suspended device needs none in Stop. */
        bool rests = d->soc->power != SOC_RUNS && *otg_reg(u, DSTS) & DSTS_SUSPSTS;

        if (had && u->connected && device_clocked(d) && !rests)
            complain(d->soc->complaints, GUEST_ERROR, "usb-clock",
                     "the 48 MHz kernel clock stopped while the device is connected");
        return;
    }
    if (!(*otg_reg(u, GUSBCFG) & GUSBCFG_PHYSEL))
        return;
    if (pending & GRSTCTL_CSRST && !sched_pending(&u->core_reset))
        after(u, &u->core_reset, hclk(u, CLOCKS_USB_SOFT_RESET));
    if (pending & (GRSTCTL_RXFFLSH | GRSTCTL_TXFFLSH) && !sched_pending(&u->flush))
        after(u, &u->flush, hclk(u, CLOCKS_USB_FLUSH));
    otg_evaluate_connection(u);
}

static void destroy(struct device *d)
{
    usb_cable_free(otg_of(d)->cable);
}

struct usb_cable *soc_usb(struct soc *soc)
{
    return otg_of(soc->otg)->cable;
}

int otg_create(struct soc *soc)
{
    struct otg *u = calloc(1, sizeof *u);

    if (!u || !(u->cable = usb_cable_new())) {
        free(u);
        return -1;
    }
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
    u->d.destroy = destroy;
    u->d.access = access_otg;
    u->core_reset = (struct sched_event){.fn = core_reset, .ctx = u};
    u->flush = (struct sched_event){.fn = flushed, .ctx = u};
    u->mode = (struct sched_event){.fn = change_mode, .ctx = u};
    u->suspend = (struct sched_event){.fn = suspend, .ctx = u};
    u->dma = (struct sched_event){.fn = otg_dma_event, .ctx = u};
    u->function = otg_function;
    u->function.ctx = u;
    if (device_init(&u->d, soc) < 0) {
        usb_cable_free(u->cable);
        free(u);
        return -1;
    }
    usb_attach(u->cable, &u->function);
    soc->otg = &u->d;
    return 0;
}
