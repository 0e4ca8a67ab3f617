/*
 * The internal DMA of OTG_HS (GAHBCFG.DMAEN): the core itself takes packets out of its receive FIFO
 * and fills the transmit FIFOs, through DOEPDMAx and DIEPDMAx. RM0455, "OTG_HS device programming
 * model", "Operational model" in DMA mode; sequences as in stm32h7xx_hal_pcd.c with dma_enable.
 *
 * A packet at a time, as an AHB master: past the data cache, and not to the TCMs. SETUP packets
 * wait in the FIFO until DOEPCTL0.EPENA gives them a place.
 *
 * UNVERIFIED: unaligned addresses (here: to the word below), an endpoint after an AHB error (here:
 * disabled, the packet lost), the bytes of memory's last word behind a packet's end (here: kept),
 * and when OTEPSPR comes (here: with the first IN token of a status stage that finds the data
 * stage's XFRC taken). Thresholds are not modelled.
 */
#include "dma_int.h"
#include "otg_int.h"

enum { DIEPDMA = 0x914, DOEPDMA = 0xB14 };

static bool on(struct otg *u)
{
    return *otg_reg(u, GAHBCFG) & GAHBCFG_DMAEN && soc_clock_hz(u->d.soc, CLOCK_HCLK);
}

/* ---- accesses ---- */

static bool word(struct otg *u, uint32_t addr, uint8_t *data, unsigned size, bool write)
{
    struct soc *soc = u->d.soc;

    if (!dma_is_tcm(addr))
        return dma_access(soc, addr, data, size, write, &u->dma_stall) == BUS_OK;
    complain(soc->complaints, GUEST_ERROR, "usb-dma-tcm",
             "OTG_HS: %s at 0x%08x, which is the core's own memory (TCM): AHB error",
             write ? "write" : "read", (unsigned)addr);
    return false;
}

/* Between memory at *reg and data; *reg goes on by words. False: an AHB error, and *reg shows
   where. */
static bool move(struct otg *u, uint32_t *reg, uint8_t *data, unsigned bytes, bool write)
{
    uint32_t begin;

    if (*reg & 3)
        complain(u->d.soc->complaints, GUEST_ERROR, "usb-dma-align",
                 "OTG_HS: DMA address 0x%08x is not aligned to words", (unsigned)*reg);
    *reg &= ~3u;
    begin = *reg;
    for (unsigned at = 0; at < bytes; at += 4, *reg += 4) {
        unsigned left = bytes - at, size = left < 4 ? left & 2 : 4;

        if (size && !word(u, *reg, data + at, size, write))
            return false;
        if (left < 4 && left & 1 && !word(u, *reg + size, data + at + size, 1, write))
            return false;
    }
    if (write)
        bus_changed(u->d.soc->bus, begin, bytes);
    return true;
}

/* ---- jobs ---- */

/* The receive FIFO's head can leave it. */
static bool can_receive(struct otg *u)
{
    uint32_t status;

    if (!otg_rx_head(u, &status))
        return false;
    return (status >> 17 & 15) != RX_SETUP || *otg_ep(u, DOEPCTL, status & 15) & EPCTL_EPENA;
}

static void receive(struct otg *u)
{
    uint8_t data[USB_MAX_PACKET];
    uint32_t status = 0, kind;
    unsigned bytes, n;

    otg_rx_head(u, &status);
    kind = status >> 17 & 15;
    n = status & 15;
    bytes = status >> 4 & 0x7FF;
    otg_rx_take(u, data, bytes);
    if (bytes && !move(u, otg_ep(u, DOEPDMA, n), data, bytes, true)) {
        *otg_ep(u, DOEPCTL, n) &= ~EPCTL_EPENA;
        *otg_ep(u, DOEPINT, n) |= EPINT_AHBERR;
        return;
    }
    if (kind == RX_SETUP) {
        uint32_t *size = otg_ep(u, DOEPTSIZ, n), left = *size & TSIZ_XFRSIZ;

        *size -= left < bytes ? left : bytes;
        *otg_ep(u, DOEPINT, n) |= EPINT_STPKTRX;
    }
    otg_popped(u, status);
}

static unsigned next_size(struct otg *u, unsigned n)
{
    unsigned most = otg_packet_size(u, n), left = u->in[n].unfetched;

    return left < most ? left : most;
}

static bool can_fetch(struct otg *u, unsigned n)
{
    unsigned words = (next_size(u, n) + 3) / 4;

    return words && *otg_ep(u, DIEPCTL, n) & EPCTL_EPENA &&
           otg_tx_space(u, otg_fifo_of(u, n)) >= words;
}

static void fetch(struct otg *u, unsigned n)
{
    uint8_t data[USB_MAX_PACKET];
    unsigned bytes = next_size(u, n);

    if (!move(u, otg_ep(u, DIEPDMA, n), data, bytes, false)) {
        *otg_ep(u, DIEPCTL, n) &= ~EPCTL_EPENA;
        *otg_ep(u, DIEPINT, n) |= EPINT_AHBERR;
        return;
    }
    u->in[n].unfetched -= bytes;
    otg_tx_put(u, n, data, bytes);
}

/* ---- when ---- */

void otg_dma_look(struct otg *u)
{
    struct soc *soc = u->d.soc;
    bool work;

    if (!on(u) || sched_pending(&u->dma))
        return;
    work = can_receive(u);
    for (unsigned n = 0; !work && n < OTG_ENDPOINTS; n++)
        work = can_fetch(u, n);
    if (work)
        sched_at(soc->sched, &u->dma,
                 sched_now(soc->sched) +
                     vtime_of_clocks(CLOCKS_USB_DMA_PACKET, soc_clock_hz(soc, CLOCK_HCLK)) +
                     u->dma_stall);
}

void otg_dma_event(void *ctx, vtime at)
{
    struct otg *u = ctx;
    unsigned n = 0;

    (void)at;
    if (!on(u))
        return;
    u->dma_stall = 0; /* of this packet, for the next to wait */
    if (can_receive(u)) {
        receive(u);
    } else {
        while (n < OTG_ENDPOINTS && !can_fetch(u, n))
            n++;
        if (n < OTG_ENDPOINTS)
            fetch(u, n);
    }
    otg_rx_retry(u);
    otg_update_irq(u); /* looks for the next */
}

void otg_dma_status_stage(struct otg *u)
{
    if (!u->wrote_data || !on(u) || *otg_ep(u, DOEPINT, 0) & EPINT_XFRC)
        return;
    u->wrote_data = false;
    *otg_ep(u, DOEPINT, 0) |= EPINT_OTEPSPR;
}
