/*
 * OTG_HS as a device on the bus: what it answers to the host's tokens, and what its endpoint
 * registers do. RM0455, "OTG_HS device programming model", "Operational model".
 *
 * Not modelled: isochronous endpoints, LPM, thresholds.
 */
#include <string.h>

#include "otg_int.h"

enum { CONTROL = 0, ISOCHRONOUS = 1 }; /* EPTYP */

/* The largest packet of an endpoint: endpoint 0 has a code, in DIEPCTL0 for both directions. */
static unsigned packet_size(struct otg *u, uint32_t offset, unsigned n)
{
    static const uint8_t control[4] = {64, 32, 16, 8};

    return n ? *otg_ep(u, offset, n) & 0x7FF : control[*otg_ep(u, DIEPCTL, 0) & 3];
}

unsigned otg_packet_size(struct otg *u, unsigned n)
{
    unsigned size = packet_size(u, DIEPCTL, n);

    return size < USB_MAX_PACKET ? size : USB_MAX_PACKET;
}

static bool exists(struct otg *u, uint32_t ctl, unsigned n)
{
    return n < OTG_ENDPOINTS && *otg_ep(u, ctl, n) & EPCTL_USBAEP;
}

/*
 * The token reaches the core's logic: address, PHY clock, and no sleep in which the core stands
 * still (RCC_AHB1LPENR of the core, and of the ULPI clock, for which nobody is there to give it).
 */
static bool hears(struct otg *u)
{
    struct soc *soc = u->d.soc;
    uint32_t lpenr = *device_reg(soc->rcc, RCC_AHB1LPENR);

    if (!u->connected || *otg_reg(u, PCGCCTL) & PCGCCTL_STPPCLK || !soc_clock_hz(soc, CLOCK_USB))
        return false;
    return !cpu_sleeping(soc->cpu) || (lpenr >> 25 & 1 && !(lpenr >> 26 & 1));
}

static bool addressed(struct otg *u, const struct usb_token *t)
{
    if (!hears(u))
        return false;
    otg_active(u);
    return t->address == u->address;
}

/* ---- the bus ---- */

/* The bus is not idle any more. Drivers made by ST's tools stop the PHY clock when the bus is
   suspended, as it is between plugging in and the first reset, and never start it again: so the
   core does. */
static void wake(struct otg *u)
{
    *otg_reg(u, DSTS) &= ~DSTS_SUSPSTS;
    *otg_reg(u, PCGCCTL) &= ~PCGCCTL_STPPCLK;
}

static void reset(void *ctx, bool active)
{
    struct otg *u = ctx;

    if (active) {
        wake(u);
        sched_cancel(u->d.soc->sched, &u->suspend); /* SE0 is not idle */
        u->address = 0;
        u->in_setup = u->status_in = u->woke_itself = false;
        for (unsigned n = 1; n < OTG_ENDPOINTS; n++) {
            *otg_ep(u, DIEPCTL, n) &= ~EPCTL_USBAEP;
            *otg_ep(u, DOEPCTL, n) &= ~EPCTL_USBAEP;
        }
        *otg_reg(u, GINTSTS) |= GINTSTS_USBRST;
    } else {
        otg_active(u);
        *otg_reg(u, DSTS) |= DSTS_ENUMSPD_FS;
        *otg_reg(u, GINTSTS) |= GINTSTS_ENUMDNE;
    }
    otg_update_irq(u);
}

static void start_of_frame(void *ctx, unsigned number)
{
    struct otg *u = ctx;
    uint32_t *dsts = otg_reg(u, DSTS);

    if (!hears(u))
        return;
    otg_active(u);
    *dsts = (*dsts & ~(DSTS_FNSOF | DSTS_SUSPSTS)) | number << 8;
    u->woke_itself = false;
    *otg_reg(u, GINTSTS) |= GINTSTS_SOF;
    crs_usb_frame(u->d.soc);
    otg_update_irq(u);
}

/* WKUINT tells of a host's resume; to its own wake-up the device sees frames follow. Noticed
   without a PHY clock, too. */
static void resume(void *ctx, bool active)
{
    struct otg *u = ctx;

    otg_active(u);
    if (active && *otg_reg(u, DSTS) & DSTS_SUSPSTS && !u->woke_itself) {
        *otg_reg(u, GINTSTS) |= GINTSTS_WKUINT;
        exti_direct(u->d.soc, EXTI_USB_WAKEUP, IRQ_OTG_HS_WKUP);
    }
    wake(u);
    otg_update_irq(u);
}

/* ---- tokens ---- */

/* The first token behind SETUP packets ends the setup stage. */
static void end_setup_stage(struct otg *u)
{
    if (u->in_setup && otg_rx_fits(u, 0)) {
        otg_rx_put(u, RX_SETUP_DONE, 0, 0, NULL, 0);
        u->in_setup = false;
    }
}

/* "SETUP packets are accepted irrespective of the endpoint's NAK and STALL bits"; both directions
   then NAK until the program allows the data and status stages. */
static enum usb_reply setup(void *ctx, const struct usb_token *t, const uint8_t data[8])
{
    struct otg *u = ctx;
    unsigned n = t->endpoint;
    uint32_t *out, *in, *size;

    if (!addressed(u, t) || !exists(u, DOEPCTL, n) || EPCTL_TYPE(*otg_ep(u, DOEPCTL, n)) != CONTROL)
        return USB_NO_REPLY;
    if (!otg_rx_fits(u, 8)) {
        complain(u->d.soc->complaints, GUEST_ERROR, "usb-rx-fifo",
                 "no space for a SETUP packet in the receive FIFO of %u words, %u are filled",
                 (unsigned)*otg_reg(u, GRXFSIZ), u->rx.count);
        return USB_NO_REPLY;
    }
    out = otg_ep(u, DOEPCTL, n);
    in = otg_ep(u, DIEPCTL, n);
    size = otg_ep(u, DOEPTSIZ, n);
    otg_rx_put(u, RX_SETUP, n, 0, data, 8);
    u->in_setup = true;
    u->status_in = !(data[0] & 0x80) || !(data[6] | data[7]);
    u->wrote_data = !(data[0] & 0x80) && data[6] | data[7];
    if (*size & TSIZ_STUPCNT)
        *size -= TSIZ_ONE_SETUP;
    else
        *otg_ep(u, DOEPINT, n) |= EPINT_B2BSTUP;
    u->in[n].superseded = *in & EPCTL_EPENA;
    u->in[n].in_air = 0;
    *out = (*out & ~EPCTL_STALL) | EPCTL_NAKSTS | EPCTL_DPID;
    *in = (*in & ~EPCTL_STALL) | EPCTL_NAKSTS | EPCTL_DPID;
    otg_update_irq(u);
    return USB_ACK;
}

static enum usb_reply refuse(struct otg *u, uint32_t flags, unsigned n, uint32_t why)
{
    *otg_ep(u, flags, n) |= why;
    otg_update_irq(u);
    return USB_NAK;
}

/* What is in the FIFO belongs to the packet; the last of a transfer is followed by a word that says
   so. */
static void receive(struct otg *u, unsigned n, const struct usb_packet *p)
{
    uint32_t *ctl = otg_ep(u, DOEPCTL, n), *size = otg_ep(u, DOEPTSIZ, n);

    otg_rx_put(u, RX_OUT, n, p->toggle, p->data, p->size);
    *ctl ^= EPCTL_DPID;
    *size -= TSIZ_ONE_PACKET;
    if (*size & TSIZ_PKTCNT && p->size == packet_size(u, DOEPCTL, n))
        return;
    *ctl |= EPCTL_NAKSTS;
    otg_rx_put(u, RX_OUT_DONE, n, 0, NULL, 0);
}

static enum usb_reply out(void *ctx, const struct usb_token *t, const struct usb_packet *p)
{
    struct otg *u = ctx;
    unsigned n = t->endpoint;
    uint32_t ctl;

    if (!addressed(u, t) || !exists(u, DOEPCTL, n))
        return USB_NO_REPLY;
    ctl = *otg_ep(u, DOEPCTL, n);
    if (EPCTL_TYPE(ctl) == ISOCHRONOUS) {
        complain(u->d.soc->complaints, UNIMPLEMENTED, "usb-isochronous",
                 "OUT token to isochronous endpoint %u", n);
        return USB_NO_REPLY;
    }
    if (!n)
        end_setup_stage(u);
    if (ctl & EPCTL_STALL)
        return USB_STALL;
    if (p->toggle != !!(ctl & EPCTL_DPID))
        return USB_ACK; /* sent again because our ACK was lost */
    if (p->size > packet_size(u, DOEPCTL, n)) {
        *otg_ep(u, DOEPINT, n) |= EPINT_BERR;
        otg_update_irq(u);
        return USB_NO_REPLY;
    }
    if (!(ctl & EPCTL_EPENA))
        return refuse(u, DOEPINT, n, EPINT_NAK | (n ? 0 : EPINT_OTEPDIS));
    /* Two more words of status: this transfer's end, and that of a SETUP (13 words are reserved for
       those in a FIFO as the manual sizes it). */
    if (ctl & EPCTL_NAKSTS || *otg_reg(u, DCTL) & DCTL_GONSTS ||
        !(*otg_ep(u, DOEPTSIZ, n) & TSIZ_PKTCNT) || !otg_rx_fits(u, p->size + 8))
        return refuse(u, DOEPINT, n, EPINT_NAK);
    receive(u, n, p);
    otg_update_irq(u);
    return USB_ACK;
}

static enum usb_reply in(void *ctx, const struct usb_token *t, struct usb_packet *p)
{
    struct otg *u = ctx;
    unsigned n = t->endpoint, fifo, size;
    uint32_t ctl;

    if (!addressed(u, t) || !exists(u, DIEPCTL, n))
        return USB_NO_REPLY;
    ctl = *otg_ep(u, DIEPCTL, n);
    if (EPCTL_TYPE(ctl) == ISOCHRONOUS) {
        complain(u->d.soc->complaints, UNIMPLEMENTED, "usb-isochronous",
                 "IN token to isochronous endpoint %u", n);
        return USB_NO_REPLY;
    }
    if (!n) {
        end_setup_stage(u);
        otg_dma_status_stage(u);
        otg_update_irq(u);
    }
    if (ctl & EPCTL_STALL)
        return USB_STALL;
    fifo = otg_fifo_of(u, n);
    if (!(ctl & EPCTL_EPENA) || ctl & EPCTL_NAKSTS || *otg_reg(u, DCTL) & DCTL_GINSTS ||
        !(*otg_ep(u, DIEPTSIZ, n) & TSIZ_PKTCNT))
        return refuse(u, DIEPINT, n, EPINT_NAK | (u->tx[fifo].count ? 0 : EPINT_ITTXFE));
    size = otg_packet_size(u, n);
    if (size > u->in[n].unsent)
        size = u->in[n].unsent;
    if ((size + 3) / 4 > u->tx[fifo].count)
        return refuse(u, DIEPINT, n, EPINT_NAK | EPINT_ITTXFE);
    p->toggle = !!(ctl & EPCTL_DPID);
    p->size = (uint16_t)size;
    otg_tx_peek(u, fifo, p->data, size);
    u->in[n].in_air = (uint16_t)(size + 1); /* 0 = none */
    return USB_DATA;
}

static void in_done(void *ctx, const struct usb_token *t, bool acked)
{
    struct otg *u = ctx;
    unsigned n = t->endpoint, size;
    uint32_t *ctl, *tsiz;

    if (n >= OTG_ENDPOINTS || !u->in[n].in_air)
        return; /* flushed, disabled or reset meanwhile */
    size = u->in[n].in_air - 1u;
    u->in[n].in_air = 0;
    if (!acked) {
        if (!n)
            *otg_ep(u, DIEPINT, n) |= EPINT_TOC;
        otg_update_irq(u);
        return;
    }
    ctl = otg_ep(u, DIEPCTL, n);
    tsiz = otg_ep(u, DIEPTSIZ, n);
    otg_tx_drop(u, otg_fifo_of(u, n), size);
    u->in[n].unsent -= size;
    *ctl ^= EPCTL_DPID;
    if (*tsiz & TSIZ_PKTCNT)
        *tsiz -= TSIZ_ONE_PACKET;
    if (!(*tsiz & TSIZ_PKTCNT)) {
        *ctl &= ~EPCTL_EPENA;
        *otg_ep(u, DIEPINT, n) |= EPINT_XFRC;
    }
    if (!n && u->status_in) {
        u->status_in = false;
        u->address = *otg_reg(u, DCFG) >> 4 & 0x7F;
    }
    otg_update_irq(u);
}

static void vbus(void *ctx, bool on)
{
    struct otg *u = ctx;

    (void)on;
    otg_evaluate_connection(u);
    otg_update_irq(u);
}

const struct usb_function otg_function = {
    .name = "OTG_HS",
    .speed = USB_FULL_SPEED,
    .vbus = vbus,
    .reset = reset,
    .start_of_frame = start_of_frame,
    .resume = resume,
    .setup = setup,
    .out = out,
    .in = in,
    .in_done = in_done,
};

/* ---- what pops out of the receive FIFO ---- */

/* "This field is decremented every time a packet is read from the RxFIFO" (DOEPTSIZx.XFRSIZ). */
static void count_received(struct otg *u, unsigned n, uint32_t bytes)
{
    uint32_t *size = otg_ep(u, DOEPTSIZ, n), left = *size & TSIZ_XFRSIZ;

    if (bytes > left) {
        complain(u->d.soc->complaints, GUEST_ERROR, "usb-out-size",
                 "%u bytes received on endpoint %u where DOEPTSIZ had %u left: it must be a "
                 "multiple of the packet size",
                 (unsigned)bytes, n, (unsigned)left);
        bytes = left;
    }
    *size -= bytes;
}

void otg_popped(struct otg *u, uint32_t status)
{
    unsigned n = status & 15;

    switch (status >> 17 & 15) {
    case RX_GLOBAL_NAK:
        *otg_reg(u, DCTL) |= DCTL_GONSTS;
        break;
    case RX_OUT:
        count_received(u, n, status >> 4 & 0x7FF);
        break;
    case RX_OUT_DONE:
        *otg_ep(u, DOEPCTL, n) &= ~EPCTL_EPENA;
        *otg_ep(u, DOEPINT, n) |= EPINT_XFRC;
        break;
    case RX_SETUP_DONE:
        *otg_ep(u, DOEPCTL, n) &= ~EPCTL_EPENA;
        *otg_ep(u, DOEPINT, n) |= EPINT_STUP;
        break;
    default:
        break;
    }
}

/* ---- registers ---- */

/* The command bits of DIEPCTLx and DOEPCTLx, which read as 0 but for EPENA. */
static void endpoint_command(uint32_t *ctl, uint32_t *flags, uint32_t value, uint32_t old)
{
    if (value & EPCTL_CNAK)
        *ctl &= ~EPCTL_NAKSTS;
    if (value & EPCTL_SNAK)
        *ctl |= EPCTL_NAKSTS;
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

/* A transfer begins. */
static void start_in(struct otg *u, unsigned n)
{
    struct otg_in *in = &u->in[n];

    otg_check_layout(u);
    if (u->tx[otg_fifo_of(u, n)].count && !in->in_air)
        complain(u->d.soc->complaints, HAZARD, "usb-stale-fifo",
                 "IN transfer on endpoint %u begins with %u words of an older one in its FIFO: "
                 "the host gets those",
                 n, u->tx[otg_fifo_of(u, n)].count);
    in->unsent = *otg_ep(u, DIEPTSIZ, n) & TSIZ_XFRSIZ;
    in->unfetched = in->unsent;
    in->superseded = false;
}

void otg_write_diepctl(struct device *d, unsigned n, uint32_t value, uint32_t old)
{
    struct otg *u = otg_of(d);
    uint32_t *ctl = otg_ep(u, DIEPCTL, n), *flags = otg_ep(u, DIEPINT, n);

    if ((value ^ old) & EPCTL_USBAEP)
        u->layout_seen = false;
    endpoint_command(ctl, flags, value, old);
    if (value & EPCTL_CNAK)
        *flags &= ~EPINT_INEPNE;
    if (value & EPCTL_SNAK)
        *flags |= EPINT_INEPNE;
    if (!n) {
        *ctl |= EPCTL_USBAEP;
        *otg_ep(u, DOEPCTL, 0) = (*otg_ep(u, DOEPCTL, 0) & ~3u) | (*ctl & 3);
    }
    if (!(*ctl & EPCTL_EPENA))
        u->in[n].in_air = 0;
    else if (!(old & EPCTL_EPENA) || (u->in[n].superseded && value & EPCTL_CNAK))
        start_in(u, n);
}

void otg_write_doepctl(struct device *d, unsigned n, uint32_t value, uint32_t old)
{
    struct otg *u = otg_of(d);
    uint32_t *ctl = otg_ep(u, DOEPCTL, n);

    if (!n)
        value &= ~EPCTL_EPDIS; /* the control OUT endpoint cannot be disabled */
    endpoint_command(ctl, otg_ep(u, DOEPINT, n), value, old);
    if (!n)
        *ctl = (*ctl & ~3u) | EPCTL_USBAEP | (*otg_ep(u, DIEPCTL, 0) & 3);
    if (*ctl & ~old & EPCTL_EPENA)
        otg_check_layout(u);
}

/* A new address counts from the end of the request's status stage on. */
void otg_write_dcfg(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    struct otg *u = otg_of(d);

    (void)i;
    (void)value;
    (void)old;
    if (!u->status_in)
        u->address = *otg_reg(u, DCFG) >> 4 & 0x7F;
}

/* The global OUT NAK is in effect once its word was taken out of the receive FIFO. */
void otg_global_nak(struct otg *u, uint32_t dctl)
{
    uint32_t *stored = otg_reg(u, DCTL);

    if (dctl >> 7 & 1)
        *stored |= DCTL_GINSTS;
    if (dctl >> 8 & 1)
        *stored &= ~DCTL_GINSTS;
    if (dctl >> 9 & 1 && !(*stored & DCTL_GONSTS))
        u->nak_pending = true;
    if (dctl >> 10 & 1) {
        u->nak_pending = false;
        *stored &= ~DCTL_GONSTS;
    }
    otg_rx_retry(u);
}

void otg_rx_retry(struct otg *u)
{
    if (u->nak_pending && otg_rx_fits(u, 0)) {
        u->nak_pending = false;
        otg_rx_put(u, RX_GLOBAL_NAK, 0, 0, NULL, 0);
    }
}

void otg_device_reset(struct otg *u)
{
    for (unsigned n = 0; n < OTG_TX_FIFOS; n++)
        otg_tx_flush(u, n);
    otg_rx_flush(u);
    memset(u->in, 0, sizeof u->in);
    u->address = 0;
    u->in_setup = u->status_in = u->wrote_data = false;
    u->nak_pending = u->woke_itself = u->layout_seen = false;
    *otg_ep(u, DIEPCTL, 0) = *otg_ep(u, DOEPCTL, 0) = EPCTL_USBAEP;
}
