/*
 * SPI1..6 as masters: frames to the clock in virtual time, FIFOs with packing, all flags,
 * interrupts and DMA requests.
 *
 * RM0455 chapter "Serial peripheral interface"; names as in the CMSIS header. A frame is handed to
 * the parts on the pins that GPIO routes to this block (wire/spi.h) when its last bit is through.
 * Not modelled: slave mode, TI mode, CRC, I2S, wake-up; using them is counted as unimplemented.
 */
#include <stdlib.h>
#include <string.h>

#include "devices.h"
#include "dma.h"

enum {
    CR1 = 0x00,
    CR2 = 0x04,
    CFG1 = 0x08,
    CFG2 = 0x0C,
    IER = 0x10,
    SR = 0x14,
    IFCR = 0x18,
    TXDR = 0x20,
    RXDR = 0x30,
    FIFO = 16, /* bytes, SPI1..3 */
};

#define CR1_SPE      (1u << 0)
#define CR1_MASRX    (1u << 8)
#define CR1_CSTART   (1u << 9)
#define CR1_CSUSP    (1u << 10)
#define CR1_HDDIR    (1u << 11)
#define CR1_SSI      (1u << 12)
#define CR1_IOLOCK   (1u << 16)
#define CFG1_UDR     (0xFu << 9)
#define CFG1_RXDMAEN (1u << 14)
#define CFG1_TXDMAEN (1u << 15)
#define CFG1_CRCEN   (1u << 22)
#define CFG2_IOSWP   (1u << 15)
#define CFG2_SP      (7u << 19)
#define CFG2_MASTER  (1u << 22)
#define CFG2_LSBFRST (1u << 23)
#define CFG2_CPHA    (1u << 24)
#define CFG2_CPOL    (1u << 25)
#define CFG2_SSM     (1u << 26)
#define CFG2_SSIOP   (1u << 28)
#define CFG2_SSOE    (1u << 29)
#define CFG2_SSOM    (1u << 30)
#define I2S_MOD      (1u << 0)
#define SR_RXP       (1u << 0)
#define SR_TXP       (1u << 1)
#define SR_DXP       (1u << 2)
#define SR_EOT       (1u << 3)
#define SR_TXTF      (1u << 4)
#define SR_OVR       (1u << 6)
#define SR_MODF      (1u << 9)
#define SR_SUSP      (1u << 11)
#define SR_TXC       (1u << 12)
#define SR_RXWNE     (1u << 15)
#define SR_CLEARABLE 0x0FF8u /* EOT .. SUSP */
#define IER_TXPIE    (1u << 1)
#define IER_DXPIE    (1u << 2)
#define IER_EOTIE    (1u << 3)

enum communication { FULL_DUPLEX, TRANSMITTER, RECEIVER, HALF_DUPLEX };
enum signal { SCK, MISO, MOSI, NSS, SIGNALS };

static const struct kind {
    const char *name;
    uint32_t base;
    uint16_t enr, rstr;
    uint8_t bit, on, irq, clock;
    uint16_t dma; /* RX; TX is the next */
    uint8_t fifo, max_bits;
} kinds[] = {
    {"SPI1", 0x40013000, RCC_APB2ENR, RCC_APB2RSTR, 12, ON_APB2, IRQ_SPI1, CLOCK_SPI123,
     DMA_SPI1_RX, 16, 32},
    {"SPI2", 0x40003800, RCC_APB1LENR, RCC_APB1LRSTR, 14, ON_APB1, IRQ_SPI2, CLOCK_SPI123,
     DMA_SPI2_RX, 16, 32},
    {"SPI3", 0x40003C00, RCC_APB1LENR, RCC_APB1LRSTR, 15, ON_APB1, IRQ_SPI3, CLOCK_SPI123,
     DMA_SPI3_RX, 16, 32},
    {"SPI4", 0x40013400, RCC_APB2ENR, RCC_APB2RSTR, 13, ON_APB2, IRQ_SPI4, CLOCK_SPI45, DMA_SPI4_RX,
     8, 16},
    {"SPI5", 0x40015000, RCC_APB2ENR, RCC_APB2RSTR, 20, ON_APB2, IRQ_SPI5, CLOCK_SPI45, DMA_SPI5_RX,
     8, 16},
    {"SPI6", 0x58001400, RCC_APB4ENR, RCC_APB4RSTR, 5, ON_APB4, IRQ_SPI6, CLOCK_SPI6, DMA_SPI6_RX,
     8, 16},
};
enum { INSTANCES = sizeof kinds / sizeof kinds[0] };

/* Pins and alternate function numbers: data sheet DS13195, alternate function tables. */
#define P(port, bit) (((port) - 'A') * 16 + (bit))
static const struct route {
    uint8_t instance, signal, pin, af;
} routes[] = {
    {0, NSS, P('A', 4), 5},   {0, NSS, P('A', 15), 5},  {0, NSS, P('G', 10), 5},
    {0, SCK, P('A', 5), 5},   {0, SCK, P('B', 3), 5},   {0, SCK, P('G', 11), 5},
    {0, MISO, P('A', 6), 5},  {0, MISO, P('B', 4), 5},  {0, MISO, P('G', 9), 5},
    {0, MOSI, P('A', 7), 5},  {0, MOSI, P('B', 5), 5},  {0, MOSI, P('D', 7), 5},
    {1, NSS, P('A', 11), 5},  {1, NSS, P('B', 4), 7},   {1, NSS, P('B', 9), 5},
    {1, NSS, P('B', 12), 5},  {1, NSS, P('I', 0), 5},   {1, SCK, P('A', 9), 5},
    {1, SCK, P('A', 12), 5},  {1, SCK, P('B', 10), 5},  {1, SCK, P('B', 13), 5},
    {1, SCK, P('D', 3), 5},   {1, SCK, P('I', 1), 5},   {1, MISO, P('B', 14), 5},
    {1, MISO, P('C', 2), 5},  {1, MISO, P('I', 2), 5},  {1, MOSI, P('B', 15), 5},
    {1, MOSI, P('C', 1), 5},  {1, MOSI, P('C', 3), 5},  {1, MOSI, P('I', 3), 5},
    {2, NSS, P('A', 4), 6},   {2, NSS, P('A', 15), 6},  {2, SCK, P('B', 3), 6},
    {2, SCK, P('C', 10), 6},  {2, MISO, P('B', 4), 6},  {2, MISO, P('C', 11), 6},
    {2, MOSI, P('B', 2), 7},  {2, MOSI, P('B', 5), 7},  {2, MOSI, P('C', 12), 6},
    {2, MOSI, P('D', 6), 5},  {3, NSS, P('E', 4), 5},   {3, NSS, P('E', 11), 5},
    {3, SCK, P('E', 2), 5},   {3, SCK, P('E', 12), 5},  {3, MISO, P('E', 5), 5},
    {3, MISO, P('E', 13), 5}, {3, MOSI, P('E', 6), 5},  {3, MOSI, P('E', 14), 5},
    {4, NSS, P('F', 6), 5},   {4, NSS, P('H', 5), 5},   {4, NSS, P('K', 1), 5},
    {4, SCK, P('F', 7), 5},   {4, SCK, P('H', 6), 5},   {4, SCK, P('K', 0), 5},
    {4, MISO, P('F', 8), 5},  {4, MISO, P('H', 7), 5},  {4, MISO, P('J', 11), 5},
    {4, MOSI, P('F', 9), 5},  {4, MOSI, P('F', 11), 5}, {4, MOSI, P('J', 10), 5},
    {5, NSS, P('A', 0), 5},   {5, NSS, P('A', 4), 8},   {5, NSS, P('A', 15), 7},
    {5, NSS, P('G', 8), 5},   {5, SCK, P('A', 5), 8},   {5, SCK, P('B', 3), 8},
    {5, SCK, P('C', 12), 5},  {5, SCK, P('G', 13), 5},  {5, MISO, P('A', 6), 8},
    {5, MISO, P('B', 4), 8},  {5, MISO, P('G', 12), 5}, {5, MOSI, P('A', 7), 8},
    {5, MOSI, P('B', 5), 8},  {5, MOSI, P('G', 14), 5},
};
enum { ROUTES = sizeof routes / sizeof routes[0] };

struct fifo {
    uint8_t byte[FIFO];
    unsigned count;
};

struct spi {
    struct device d;
    unsigned instance;
    uint32_t *cr1, *cr2, *cfg1, *cfg2, *ier, *sr;
    struct fifo tx, rx;
    uint32_t to_write; /* frames that TXDR still takes, and ... */
    uint32_t to_shift; /* ... that are still to be exchanged, where TSIZE > 0 */
    bool shifting;     /* a frame is on the wires */
    uint32_t out;
    struct sched_event shifted;
    int nss; /* pin that is driven as chip select, -1: none */
};

static struct spi *spi_of(struct device *d)
{
    return (struct spi *)d;
}

static const struct kind *kind_of(const struct spi *s)
{
    return &kinds[s->instance];
}

/* ---- frames and FIFOs ---- */

static unsigned frame_bits(const struct spi *s)
{
    return (*s->cfg1 & 31) + 1;
}

/* Bytes that a frame takes in a FIFO. */
static unsigned frame_bytes(const struct spi *s)
{
    unsigned bits = frame_bits(s);

    return bits <= 8 ? 1 : bits <= 16 ? 2 : 4;
}

/* Frames that make a packet. */
static unsigned packet(const struct spi *s)
{
    return (*s->cfg1 >> 5 & 15) + 1;
}

static uint32_t size(const struct spi *s)
{
    return *s->cr2 & 0xFFFF;
}

static enum communication communication(const struct spi *s)
{
    enum communication c = *s->cfg2 >> 17 & 3;

    if (c == HALF_DUPLEX)
        return *s->cr1 & CR1_HDDIR ? TRANSMITTER : RECEIVER;
    return c;
}

static bool sends(const struct spi *s)
{
    return communication(s) != RECEIVER;
}

static bool receives(const struct spi *s)
{
    return communication(s) != TRANSMITTER;
}

static bool put(const struct spi *s, struct fifo *f, uint32_t data, unsigned bytes)
{
    if (f->count + bytes > kind_of(s)->fifo)
        return false;
    for (unsigned i = 0; i < bytes; i++)
        f->byte[f->count++] = (uint8_t)(data >> (8 * i));
    return true;
}

/* Of what is not there zeros are taken. */
static uint32_t take(struct fifo *f, unsigned bytes)
{
    uint32_t data = 0;
    unsigned n = bytes < f->count ? bytes : f->count;

    for (unsigned i = 0; i < n; i++)
        data |= (uint32_t)f->byte[i] << (8 * i);
    f->count -= n;
    memmove(f->byte, f->byte + n, f->count);
    return data;
}

/* ---- flags, interrupt, requests ---- */

static uint32_t status(const struct spi *s)
{
    unsigned bytes = frame_bytes(s), room = (kind_of(s)->fifo - s->tx.count) / bytes;
    unsigned got = s->rx.count / bytes;
    bool on = *s->cr1 & CR1_SPE;
    uint32_t sr = *s->sr;

    if (!on || (sends(s) && room >= packet(s) && (!size(s) || s->to_write)))
        sr |= SR_TXP;
    if (on && got >= packet(s))
        sr |= SR_RXP;
    if (on && (sr & (SR_TXP | SR_RXP)) == (SR_TXP | SR_RXP))
        sr |= SR_DXP;
    if (size(s) ? sr & SR_EOT : !s->shifting && !s->tx.count)
        sr |= SR_TXC; /* a copy of EOT where the size is known */
    if (on) {
        sr |= (s->rx.count % 4 / bytes) << 13 | (s->rx.count >= 4 ? SR_RXWNE : 0);
        sr |= s->to_shift << 16;
    }
    return sr;
}

static void update(struct spi *s)
{
    struct soc *soc = s->d.soc;
    uint32_t sr = status(s), active = sr & *s->ier & 0x7FF;
    bool on = *s->cr1 & CR1_SPE;

    if (*s->ier & IER_EOTIE) /* one enable for EOT, SUSP and TXC */
        active |= sr & (SR_SUSP | SR_TXC);
    soc_irq(soc, kind_of(s)->irq, active);
    /* What is left below a packet when all frames are through is asked for too. */
    dma_request(soc, kind_of(s)->dma,
                on && *s->cfg1 & CFG1_RXDMAEN &&
                    (sr & SR_RXP || (sr & SR_EOT && s->rx.count >= frame_bytes(s))));
    dma_request(soc, kind_of(s)->dma + 1u, on && *s->cfg1 & CFG1_TXDMAEN && sr & SR_TXP);
}

/* ---- pins ---- */

/* The pin that carries a signal of this block now, -1 if none. */
static int routed(const struct spi *s, enum signal signal)
{
    if (*s->cfg2 & CFG2_IOSWP && (signal == MISO || signal == MOSI))
        signal = signal == MISO ? MOSI : MISO;
    for (unsigned i = 0; i < ROUTES; i++) {
        const struct route *r = &routes[i];

        if (r->instance == s->instance && r->signal == signal &&
            soc_pin_af(s->d.soc, r->pin) == r->af)
            return r->pin;
    }
    return -1;
}

static struct net *net_of(const struct spi *s, enum signal signal)
{
    int pin = routed(s, signal);

    return pin < 0 ? NULL : s->d.soc->pin[pin];
}

/* NSS as an output (SSM = 0, SSOE = 1): active from the start to the end of a transfer. */
static void drive_nss(struct spi *s, bool active)
{
    int pin = routed(s, NSS);
    bool high = active == !!(*s->cfg2 & CFG2_SSIOP);

    if (s->nss >= 0 && s->nss != pin)
        soc_pin_output(s->d.soc, (unsigned)s->nss, NET_Z);
    s->nss = pin;
    if (pin < 0)
        return;
    if (!(*s->cr1 & CR1_SPE) || (*s->cfg2 & (CFG2_SSM | CFG2_SSOE)) != CFG2_SSOE) {
        soc_pin_output(s->d.soc, (unsigned)pin, NET_Z);
        s->nss = -1;
    } else {
        soc_pin_output(s->d.soc, (unsigned)pin, high ? NET_HIGH : NET_LOW);
    }
}

/* Another master holds NSS: RM0455, mode fault. */
static bool mode_fault(const struct spi *s)
{
    bool level = true;
    int pin;

    if (*s->cfg2 & CFG2_SSOE && !(*s->cfg2 & CFG2_SSM))
        return false;
    if (*s->cfg2 & CFG2_SSM) {
        level = *s->cr1 & CR1_SSI;
    } else {
        pin = routed(s, NSS);
        if (pin < 0 || !net_driven(s->d.soc->pin[pin]))
            return false;
        level = net_level(s->d.soc->pin[pin]);
    }
    return level == !!(*s->cfg2 & CFG2_SSIOP);
}

/* ---- transfers ---- */

static uint32_t reversed(uint32_t v, unsigned n)
{
    uint32_t r = 0;

    for (unsigned i = 0; i < n; i++)
        r |= (v >> i & 1) << (n - 1 - i);
    return r;
}

static vtime frame_time(const struct spi *s, bool first)
{
    uint64_t hz = soc_clock_hz(s->d.soc, kind_of(s)->clock);
    uint64_t clocks = frame_bits(s) + (*s->cfg2 >> 4 & 15); /* MIDI: idle between frames */

    if (first)
        clocks += *s->cfg2 & 15; /* MSSI: after NSS */
    return hz ? vtime_of_clocks(clocks << ((*s->cfg1 >> 28 & 7) + 1), hz) : 0;
}

static void suspend(struct spi *s)
{
    *s->sr |= SR_SUSP;
    *s->cr1 &= ~(CR1_CSTART | CR1_CSUSP);
}

/* The next frame begins, if there is reason and room for one. */
static void go_on(struct spi *s, bool first)
{
    vtime time;

    if (s->shifting || !(*s->cr1 & CR1_SPE) || !(*s->cr1 & CR1_CSTART))
        return;
    if (sends(s) && s->tx.count < frame_bytes(s))
        return; /* the clock stands until there are data */
    if (receives(s) && *s->cr1 & CR1_MASRX && s->rx.count + frame_bytes(s) > kind_of(s)->fifo) {
        *s->sr |= SR_SUSP;
        return;
    }
    time = frame_time(s, first);
    if (!time) {
        complain(s->d.soc->complaints, GUEST_ERROR, "spi-no-clock",
                 "%s is started, but its kernel clock does not run", s->d.name);
        return;
    }
    s->out = sends(s) ? take(&s->tx, frame_bytes(s)) : 0;
    s->shifting = true;
    sched_at(s->d.soc->sched, &s->shifted, sched_now(s->d.soc->sched) + time);
}

static void exchange(struct spi *s)
{
    unsigned bits = frame_bits(s);
    bool half = (*s->cfg2 >> 17 & 3) == HALF_DUPLEX;
    struct spi_frame f = {.sck = net_of(s, SCK),
                          .mosi = sends(s) ? net_of(s, MOSI) : NULL,
                          .miso = net_of(s, half ? MOSI : MISO),
                          .cpol = *s->cfg2 & CFG2_CPOL,
                          .cpha = *s->cfg2 & CFG2_CPHA,
                          .bits = bits,
                          .out = s->out};
    uint32_t in;

    if (!f.sck)
        complain(s->d.soc->complaints, GUEST_ERROR, "spi-unrouted",
                 "%s shifts a frame, but no pin is in the alternate function of its SCK",
                 s->d.name);
    if (*s->cfg2 & CFG2_LSBFRST)
        f.out = reversed(f.out, bits);
    in = spi_shift(&s->d.soc->spi_lines, &f);
    if (*s->cfg2 & CFG2_LSBFRST)
        in = reversed(in, bits);
    if (receives(s) && !put(s, &s->rx, in, frame_bytes(s)))
        *s->sr |= SR_OVR; /* this frame is lost */
}

static void shifted(void *ctx, vtime at)
{
    struct spi *s = ctx;

    (void)at;
    s->shifting = false;
    exchange(s);
    if (size(s) && --s->to_shift == 0) {
        *s->sr |= SR_EOT;
        *s->cr1 &= ~CR1_CSTART;
        drive_nss(s, false);
    } else if (*s->cr1 & CR1_CSUSP) {
        suspend(s);
    } else {
        go_on(s, false);
    }
    update(s);
}

/* SPE = 0: FIFOs and the state of the transfer are lost. */
static void switch_off(struct spi *s)
{
    sched_cancel(s->d.soc->sched, &s->shifted);
    s->shifting = false;
    s->tx.count = s->rx.count = 0;
    s->to_write = s->to_shift = 0;
    *s->cr1 &= ~(CR1_CSTART | CR1_CSUSP);
    drive_nss(s, false);
}

static void load_size(struct spi *s)
{
    s->to_write = s->to_shift = size(s);
}

static void unmodelled(const struct spi *s, bool used, const char *what)
{
    if (used)
        complain(s->d.soc->complaints, UNIMPLEMENTED, "spi-mode", "%s: %s", s->d.name, what);
}

static void switch_on(struct spi *s)
{
    struct complaints *c = s->d.soc->complaints;

    if (frame_bits(s) < 4 || frame_bits(s) > kind_of(s)->max_bits)
        complain(c, GUEST_ERROR, "spi-data-size", "%s: frames of %u bits; it has 4 to %u",
                 s->d.name, frame_bits(s), kind_of(s)->max_bits);
    if (packet(s) * frame_bytes(s) > kind_of(s)->fifo)
        complain(c, GUEST_ERROR, "spi-threshold",
                 "%s: packets of %u frames do not fit into the FIFO's %u bytes", s->d.name,
                 packet(s), kind_of(s)->fifo);
    unmodelled(s, !(*s->cfg2 & CFG2_MASTER), "slave mode");
    unmodelled(s, *s->cfg2 & CFG2_SP, "TI mode");
    unmodelled(s, *s->cfg1 & CFG1_CRCEN, "CRC");
    unmodelled(s, *device_reg(&s->d, 0x50) & I2S_MOD, "I2S");
    load_size(s);
    drive_nss(s, false);
    if (*s->cfg2 & CFG2_MASTER && mode_fault(s)) {
        *s->sr |= SR_MODF;
        *s->cr1 &= ~CR1_SPE;
        *s->cfg2 &= ~CFG2_MASTER;
        switch_off(s);
    }
}

/* ---- registers ---- */

static void refuse(const struct spi *s, const char *reg, uint32_t changed)
{
    if (changed)
        complain(s->d.soc->complaints, GUEST_ERROR, "spi-write-while-enabled",
                 "%s_%s: bits 0x%08x written while SPE = 1; ignored", s->d.name, reg,
                 (unsigned)changed);
}

static void write_cr1(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    struct spi *s = spi_of(d);

    (void)i;
    *s->cr1 |= old & CR1_IOLOCK; /* set once */
    if (!(old & CR1_SPE) && *s->cr1 & CR1_SPE)
        switch_on(s);
    if (!(*s->cr1 & CR1_SPE)) {
        if (old & CR1_SPE)
            switch_off(s);
        *s->cr1 &= ~(CR1_CSTART | CR1_CSUSP);
    } else if (value & CR1_CSTART && !(old & CR1_CSTART)) {
        *s->cr1 |= CR1_CSTART;
        if (size(s) && !s->to_shift)
            load_size(s);
        drive_nss(s, true);
        go_on(s, true);
    }
    if (value & CR1_CSUSP && *s->cr1 & CR1_SPE) {
        if (old & CR1_CSTART && s->shifting)
            *s->cr1 |= CR1_CSUSP;
        else if (old & CR1_CSTART)
            suspend(s);
    }
    update(s);
}

static void write_cr2(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    struct spi *s = spi_of(d);

    (void)i;
    (void)value;
    if (*s->cr1 & CR1_SPE) {
        refuse(s, "CR2", (*s->cr2 ^ old) & 0xFFFF);
        *s->cr2 = (*s->cr2 & 0xFFFF0000) | (old & 0xFFFF);
    }
}

static void write_cfg1(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    struct spi *s = spi_of(d);

    (void)i;
    (void)value;
    if (*s->cr1 & CR1_SPE) {
        refuse(s, "CFG1", (*s->cfg1 ^ old) & ~(CFG1_RXDMAEN | CFG1_TXDMAEN));
        *s->cfg1 =
            (old & ~(CFG1_RXDMAEN | CFG1_TXDMAEN)) | (*s->cfg1 & (CFG1_RXDMAEN | CFG1_TXDMAEN));
    }
    update(s);
}

static void write_cfg2(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    struct spi *s = spi_of(d);

    (void)i;
    (void)value;
    if (*s->cr1 & (CR1_SPE | CR1_IOLOCK)) {
        refuse(s, "CFG2", *s->cfg2 ^ old);
        *s->cfg2 = old;
    }
}

static void write_ier(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    (void)i;
    (void)value;
    (void)old;
    update(spi_of(d));
}

static void write_ifcr(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    struct spi *s = spi_of(d);

    (void)i;
    (void)old;
    *s->sr &= ~(value & SR_CLEARABLE);
    update(s);
}

static uint32_t read_sr(struct device *d, unsigned i)
{
    (void)i;
    return status(spi_of(d));
}

static void write_tx(struct spi *s, uint32_t value, unsigned width)
{
    struct complaints *c = s->d.soc->complaints;
    unsigned bytes = frame_bytes(s);

    if (!(*s->cr1 & CR1_SPE)) {
        complain(c, GUEST_ERROR, "spi-tx-off", "%s_TXDR written while SPE = 0; ignored", s->d.name);
        return;
    }
    if (width < bytes) {
        complain(c, GUEST_ERROR, "spi-narrow-access",
                 "%s_TXDR written by %u bytes, and a frame has %u bits", s->d.name, width,
                 frame_bits(s));
        width = bytes;
    }
    for (unsigned at = 0; at < width; at += bytes, value = bytes < 4 ? value >> (8 * bytes) : 0) {
        if ((size(s) && !s->to_write) || !put(s, &s->tx, value, bytes)) {
            complain(c, GUEST_ERROR, "spi-tx-full", "%s_TXDR written with %s: the frame is lost",
                     s->d.name,
                     size(s) && !s->to_write ? "all frames of TSIZE written" : "a full FIFO");
            break;
        }
        if (size(s) && --s->to_write == 0) {
            *s->sr |= SR_TXTF;
            *s->ier &= ~(IER_TXPIE | IER_DXPIE);
        }
    }
    go_on(s, false);
    update(s);
}

static uint32_t read_rx(struct spi *s, unsigned width)
{
    uint32_t data;

    if (s->d.peek) {
        struct fifo copy = s->rx;

        return take(&copy, width);
    }
    if (!s->rx.count)
        complain(s->d.soc->complaints, GUEST_ERROR, "spi-rx-empty", "%s_RXDR read while empty",
                 s->d.name);
    data = take(&s->rx, width);
    go_on(s, false);
    update(s);
    return data;
}

/* The width of an access to a data register says how many frames it carries. */
static enum bus_status access_spi(struct device *d, struct bus_access *a)
{
    uint32_t offset = a->addr - d->base, value = 0;

    if (a->size > 4 || (offset != TXDR && offset != RXDR) || a->write != (offset == TXDR))
        return device_access_regs(d, a);
    if (a->write) {
        memcpy(&value, a->data, a->size);
        if (!d->peek)
            write_tx(spi_of(d), value, a->size);
    } else {
        value = read_rx(spi_of(d), a->size);
        memcpy(a->data, &value, a->size);
    }
    return BUS_OK;
}

static const struct reg regs[] = {
    {.name = "CR1", .offset = CR1, .writable = 0x0001F901, .write = write_cr1},
    {.name = "CR2", .offset = CR2, .writable = 0xFFFFFFFF, .write = write_cr2},
    {.name = "CFG1",
     .offset = CFG1,
     .reset = 0x00070007,
     .writable = 0x705FDFFF,
     .write = write_cfg1},
    {.name = "CFG2", .offset = CFG2, .writable = 0xF7FE80FF, .write = write_cfg2},
    {.name = "IER", .offset = IER, .writable = 0x7FF, .write = write_ier},
    {.name = "SR", .offset = SR, .read = read_sr},
    {.name = "IFCR", .offset = IFCR, .write = write_ifcr},
    {.name = "TXDR", .offset = TXDR},
    {.name = "RXDR", .offset = RXDR},
    {.name = "CRCPOLY", .offset = 0x40, .reset = 0x00000107, .writable = 0xFFFFFFFF},
    {.name = "TXCRC", .offset = 0x44},
    {.name = "RXCRC", .offset = 0x48},
    {.name = "UDRDR", .offset = 0x4C, .writable = 0xFFFFFFFF},
    {.name = "I2SCFGR", .offset = 0x50, .writable = 0x03FF7FBF},
};

static void reset(struct device *d)
{
    struct spi *s = spi_of(d);

    switch_off(s);
    update(s);
}

static int create_one(struct soc *soc, unsigned instance)
{
    const struct kind *k = &kinds[instance];
    struct spi *s = calloc(1, sizeof *s);

    if (!s)
        return -1;
    s->instance = instance;
    s->nss = -1;
    s->d.name = k->name;
    s->d.base = k->base;
    s->d.size = 0x400;
    s->d.regs = regs;
    s->d.reg_count = sizeof regs / sizeof regs[0];
    s->d.gate = (struct rcc_gate){k->enr, k->rstr, k->bit};
    s->d.on = k->on;
    s->d.complete = true;
    s->d.reset = reset;
    s->d.access = access_spi;
    s->shifted = (struct sched_event){.fn = shifted, .ctx = s};
    if (device_init(&s->d, soc) < 0) {
        free(s);
        return -1;
    }
    s->cr1 = device_reg(&s->d, CR1);
    s->cr2 = device_reg(&s->d, CR2);
    s->cfg1 = device_reg(&s->d, CFG1);
    s->cfg2 = device_reg(&s->d, CFG2);
    s->ier = device_reg(&s->d, IER);
    s->sr = device_reg(&s->d, SR);
    return 0;
}

int spi_create(struct soc *soc)
{
    for (unsigned i = 0; i < INSTANCES; i++) {
        if (create_one(soc, i) < 0)
            return -1;
    }
    return 0;
}
