/*
 * The FIFOs of OTG_HS. RM0455, "OTG_HS FIFO architecture" (device), "Operations in slave mode".
 *
 * Receive: one FIFO for all OUT endpoints. A packet is a status word, which GRXSTSP pops, and its
 * data. Transmit: one FIFO for each IN endpoint, which the program fills with whole packets.
 */
#include <string.h>

#include "otg_int.h"

static bool put(struct otg_fifo *f, uint32_t word)
{
    if (f->count == OTG_RAM_WORDS)
        return false;
    f->word[(f->head + f->count++) % OTG_RAM_WORDS] = word;
    return true;
}

static uint32_t get(struct otg_fifo *f)
{
    uint32_t word = f->word[f->head];

    f->head = (f->head + 1) % OTG_RAM_WORDS;
    f->count--;
    return word;
}

static unsigned words_of(unsigned bytes)
{
    return (bytes + 3) / 4;
}

/* ---- where they lie ---- */

struct range {
    unsigned start, depth;
};

static struct range tx_range(struct otg *u, unsigned fifo)
{
    uint32_t v = *otg_reg(u, fifo ? DIEPTXF1 + 4 * (fifo - 1) : DIEPTXF0);

    return (struct range){v & 0xFFFF, v >> 16};
}

static bool overlap(struct range a, struct range b)
{
    return a.start < b.start + b.depth && b.start < a.start + a.depth;
}

/* "The application must program the RAM start addresses so that the FIFOs do not overlap" (RM0455,
   FIFO RAM allocation); reset values do, so that only those in use count. */
void otg_check_layout(struct otg *u)
{
    struct range used[OTG_ENDPOINTS + 1] = {{0, *otg_reg(u, GRXFSIZ)}};
    unsigned count = 1;

    if (u->layout_seen)
        return;
    u->layout_seen = true;
    for (unsigned n = 0; n < OTG_ENDPOINTS; n++) {
        if (*otg_ep(u, DIEPCTL, n) & EPCTL_USBAEP)
            used[count++] = tx_range(u, otg_fifo_of(u, n));
    }
    for (unsigned i = 0; i < count; i++) {
        if (used[i].start + used[i].depth > OTG_RAM_WORDS)
            complain(u->d.soc->complaints, GUEST_ERROR, "usb-fifo-layout",
                     "a FIFO from word %u to %u: the RAM has %u", used[i].start,
                     used[i].start + used[i].depth, (unsigned)OTG_RAM_WORDS);
        for (unsigned k = 0; k < i; k++) {
            if (overlap(used[i], used[k]))
                complain(u->d.soc->complaints, GUEST_ERROR, "usb-fifo-layout",
                         "FIFOs of %u words at %u and of %u words at %u overlap", used[k].depth,
                         used[k].start, used[i].depth, used[i].start);
        }
    }
}

unsigned otg_fifo_of(struct otg *u, unsigned endpoint)
{
    return endpoint ? *otg_ep(u, DIEPCTL, endpoint) >> 22 & 15 : 0;
}

/* ---- transmit ---- */

unsigned otg_tx_space(struct otg *u, unsigned fifo)
{
    unsigned depth = tx_range(u, fifo).depth;

    if (depth > OTG_RAM_WORDS)
        depth = OTG_RAM_WORDS;
    return u->tx[fifo].count < depth ? depth - u->tx[fifo].count : 0;
}

bool otg_tx_empty(struct otg *u, unsigned fifo)
{
    if (*otg_reg(u, GAHBCFG) & GAHBCFG_TXFELVL)
        return !u->tx[fifo].count;
    return u->tx[fifo].count <= tx_range(u, fifo).depth / 2;
}

void otg_tx_flush(struct otg *u, unsigned fifo)
{
    u->tx[fifo].count = 0;
    for (unsigned n = 0; n < OTG_ENDPOINTS; n++) {
        if (otg_fifo_of(u, n) == fifo)
            u->in[n].in_air = 0;
    }
}

void otg_tx_peek(struct otg *u, unsigned fifo, uint8_t *data, unsigned bytes)
{
    const struct otg_fifo *f = &u->tx[fifo];

    for (unsigned i = 0; i < bytes; i++)
        data[i] = (uint8_t)(f->word[(f->head + i / 4) % OTG_RAM_WORDS] >> 8 * (i % 4));
}

void otg_tx_drop(struct otg *u, unsigned fifo, unsigned bytes)
{
    struct otg_fifo *f = &u->tx[fifo];

    for (unsigned n = words_of(bytes); n && f->count; n--)
        get(f);
}

/* XFRSIZ counts the bytes that are still to be written ("decremented every time a packet is written
   to the TxFIFO"). */
static void push(struct otg *u, unsigned endpoint, uint32_t word)
{
    unsigned fifo = endpoint < OTG_ENDPOINTS ? otg_fifo_of(u, endpoint) : 0;
    uint32_t *size;

    if (endpoint >= OTG_ENDPOINTS || !otg_tx_space(u, fifo)) {
        complain(u->d.soc->complaints, GUEST_ERROR, "usb-fifo-full",
                 "word written to the transmit FIFO of endpoint %u, which has no space", endpoint);
        return;
    }
    size = otg_ep(u, DIEPTSIZ, endpoint);
    if (*otg_ep(u, DIEPCTL, endpoint) & EPCTL_EPENA && !(*size & TSIZ_XFRSIZ))
        complain(u->d.soc->complaints, GUEST_ERROR, "usb-fifo-excess",
                 "more written to the transmit FIFO of endpoint %u than DIEPTSIZ announced",
                 endpoint);
    *size -= (*size & TSIZ_XFRSIZ) < 4 ? *size & TSIZ_XFRSIZ : 4;
    put(&u->tx[fifo], word);
}

void otg_tx_put(struct otg *u, unsigned n, const uint8_t *data, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i += 4) {
        uint32_t word = 0;

        memcpy(&word, data + i, bytes - i < 4 ? bytes - i : 4);
        push(u, n, word);
    }
}

/* ---- receive ---- */

void otg_rx_flush(struct otg *u)
{
    u->rx.count = 0;
}

bool otg_rx_fits(struct otg *u, unsigned bytes)
{
    unsigned depth = *otg_reg(u, GRXFSIZ);

    if (depth > OTG_RAM_WORDS)
        depth = OTG_RAM_WORDS;
    return u->rx.count + 1 + words_of(bytes) <= depth;
}

static void put_tagged(struct otg *u, uint32_t word, bool status)
{
    u->rx_tags[(u->rx.head + u->rx.count) % OTG_RAM_WORDS] = status;
    put(&u->rx, word);
}

void otg_rx_put(struct otg *u, enum rx_kind kind, unsigned endpoint, unsigned toggle,
                const uint8_t *data, unsigned bytes)
{
    uint32_t frame = *otg_reg(u, DSTS) >> 8 & 0xF;

    put_tagged(u, endpoint | bytes << 4 | toggle << 15 | (uint32_t)kind << 17 | frame << 21, true);
    for (unsigned i = 0; i < bytes; i += 4) {
        uint32_t word = 0;

        memcpy(&word, data + i, bytes - i < 4 ? bytes - i : 4);
        put_tagged(u, word, false);
    }
}

bool otg_rx_head(struct otg *u, uint32_t *status)
{
    *status = u->rx.word[u->rx.head];
    return u->rx.count && u->rx_tags[u->rx.head];
}

void otg_rx_take(struct otg *u, uint8_t *data, unsigned bytes)
{
    get(&u->rx);
    for (unsigned i = 0; i < bytes && u->rx.count; i += 4) {
        uint32_t word = get(&u->rx);

        memcpy(data + i, &word, bytes - i < 4 ? bytes - i : 4);
    }
}

uint32_t otg_rx_status(struct device *d, unsigned i)
{
    struct otg *u = otg_of(d);

    (void)i;
    return u->rx.count ? u->rx.word[u->rx.head] : 0;
}

uint32_t otg_rx_pop(struct device *d, unsigned i)
{
    struct otg *u = otg_of(d);
    bool status;
    uint32_t word;

    if (d->peek || !u->rx.count)
        return otg_rx_status(d, i);
    status = u->rx_tags[u->rx.head];
    word = get(&u->rx);
    if (status)
        otg_popped(u, word);
    else
        complain(d->soc->complaints, GUEST_ERROR, "usb-fifo-order",
                 "OTG_GRXSTSP read while data of the packet before is still in the FIFO");
    otg_rx_retry(u);
    otg_update_irq(u);
    return word;
}

static uint32_t pull(struct otg *u)
{
    if (!u->rx.count) {
        complain(u->d.soc->complaints, GUEST_ERROR, "usb-fifo-empty",
                 "read of the receive FIFO, which is empty");
        return 0;
    }
    if (u->rx_tags[u->rx.head])
        complain(u->d.soc->complaints, GUEST_ERROR, "usb-fifo-order",
                 "receive FIFO read beyond the end of a packet: the next status word");

    uint32_t word = get(&u->rx);

    otg_rx_retry(u);
    return word;
}

/* Any address of a FIFO's window is its push or pop; accesses are words, or several in one. */
enum bus_status otg_access_fifo(struct otg *u, struct bus_access *a)
{
    uint32_t offset = a->addr - u->d.base;
    unsigned endpoint = (offset - FIFOS) / FIFOS;

    if (!a->write)
        memset(a->data, 0, a->size);
    if (u->d.peek)
        return BUS_OK;
    if (offset >= FIFO_RAM) {
        complain(u->d.soc->complaints, UNIMPLEMENTED, "usb-fifo-ram",
                 "direct access to the FIFO RAM at OTG_HS+0x%05x", (unsigned)offset);
        return BUS_OK;
    }
    if (a->size < 4)
        complain(u->d.soc->complaints, GUEST_ERROR, "word-access-only",
                 "%u-byte access to a FIFO of OTG_HS, which takes 32-bit accesses only",
                 (unsigned)a->size);
    for (uint32_t i = 0; i < a->size; i += 4) {
        uint32_t n = a->size - i < 4 ? a->size - i : 4, word = 0;

        if (a->write) {
            memcpy(&word, a->data + i, n);
            push(u, endpoint, word);
        } else {
            word = pull(u);
            memcpy(a->data + i, &word, n);
        }
    }
    return BUS_OK;
}
