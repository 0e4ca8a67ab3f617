/*
 * A serial port on USB (CDC ACM) that sends back what it gets, as a vendor's device driver handles
 * the core: interrupt by interrupt in its order, with its register accesses. The host is outside
 * (test_soc.py); this program reports what it saw when the host has sent a '.'.
 *
 * In slave mode; with WITH_DMA by the core's own DMA, with the data cache on, so that buffers are
 * cleaned and invalidated.
 */
#include "soc.h"

enum {
    GOTGCTL = 0x000,
    GAHBCFG = 0x008,
    GUSBCFG = 0x00C,
    GRSTCTL = 0x010,
    GINTSTS = 0x014,
    GINTMSK = 0x018,
    GRXSTSP = 0x020,
    GRXFSIZ = 0x024,
    DIEPTXF0 = 0x028,
    GCCFG = 0x038,
    DIEPTXF1 = 0x104,
    DCFG = 0x800,
    DCTL = 0x804,
    DSTS = 0x808,
    DIEPMSK = 0x810,
    DOEPMSK = 0x814,
    DAINT = 0x818,
    DAINTMSK = 0x81C,
    DIEPEMPMSK = 0x834,
    PCGCCTL = 0xE00,
    FIFO = 0x1000,
    ENDPOINTS = 9,
    SETUP_SIZE = 8,
    PACKET = 64,
    TEXT = 512,
};
#define DIEPCTL(n)  R(USB, 0x900 + 0x20 * (n))
#define DIEPINT(n)  R(USB, 0x908 + 0x20 * (n))
#define DIEPTSIZ(n) R(USB, 0x910 + 0x20 * (n))
#define DIEPDMA(n)  R(USB, 0x914 + 0x20 * (n))
#define DTXFSTS(n)  R(USB, 0x918 + 0x20 * (n))
#define DOEPCTL(n)  R(USB, 0xB00 + 0x20 * (n))
#define DOEPINT(n)  R(USB, 0xB08 + 0x20 * (n))
#define DOEPTSIZ(n) R(USB, 0xB10 + 0x20 * (n))
#define DOEPDMA(n)  R(USB, 0xB14 + 0x20 * (n))
enum {
    RXFLVL = 1 << 4,
    SOF = 1 << 3,
    SUSPEND = 1 << 11,
    RESET = 1 << 12,
    ENUMDNE = 1 << 13,
    IEPINT = 1 << 18,
    OEPINT = 1 << 19,
};
#define WAKEUP BIT(31)
enum { XFRC = 1, EPDISD = 1 << 1, STUP = 1 << 3, OTEPSPR = 1 << 5, TXFE = 1 << 7 };
enum { STPKTRX = 1 << 15 };
enum { STALL = 1 << 21, CNAK = 1 << 26, SNAK = 1 << 27, SD0PID = 1 << 28, USBAEP = 1 << 15 };
#define EPENA BIT(31)
enum { BULK = 2, INTERRUPT = 3, DATA_EP = 1, NOTIFY_EP = 2 };

#ifdef WITH_DMA
static const bool dma = true;
#define BUFFER __attribute__((section(".axi"), aligned(32)))
#else
static const bool dma = false;
#define BUFFER __attribute__((aligned(32)))
#endif

__attribute__((aligned(32))) static const uint8_t device[] = {18, 1,    0,    2, 2, 0, 0, 64, 0x83,
                                                              4,  0x40, 0x57, 0, 2, 1, 2, 3,  1};
__attribute__((aligned(32))) static const uint8_t configuration[] = {
    9,
    2,
    67,
    0,
    2,
    1,
    0,
    0xC0,
    50, /* */
    9,
    4,
    0,
    0,
    1,
    2,
    2,
    1,
    0, /* CDC control */
    5,
    0x24,
    0,
    0x10,
    1,
    5,
    0x24,
    1,
    0,
    1,
    4,
    0x24,
    2,
    2, /* */
    5,
    0x24,
    6,
    0,
    1,
    7,
    5,
    0x80 | NOTIFY_EP,
    INTERRUPT,
    8,
    0,
    16, /* */
    9,
    4,
    1,
    0,
    2,
    10,
    0,
    0,
    0, /* data */
    7,
    5,
    DATA_EP,
    BULK,
    PACKET,
    0,
    0, /* */
    7,
    5,
    0x80 | DATA_EP,
    BULK,
    PACKET,
    0,
    0,
};

struct transfer {
    uint8_t *data;
    uint32_t length, count, size;
};
static struct transfer in[ENDPOINTS], out[ENDPOINTS];
BUFFER static uint32_t setup_words[8];
static const uint8_t *const setup = (const uint8_t *)setup_words;
static enum { IDLE, DATA_IN, DATA_OUT, STATUS_IN, STATUS_OUT } stage;
static uint32_t data_left; /* of a control transfer, behind the packet under way */
BUFFER static uint8_t line_coding[PACKET];
BUFFER static uint8_t reply[PACKET];
BUFFER static uint8_t received[PACKET];
BUFFER static uint8_t echo[TEXT];
static volatile uint32_t resets, suspends, resumes, frames, speed, dtr, packets, bytes, stale,
    status_stages;
static volatile bool configured, finished;

/* ---- data cache (Armv7-M B2.2.7) ---- */

enum { DCIMVAC = 0xF5C, DCISW = 0xF60, DCCMVAC = 0xF68 };

static void by_line(uint32_t reg, const void *at, uint32_t n)
{
    uintptr_t line = (uintptr_t)at & ~31u;

    dsb();
    for (; dma && line < (uintptr_t)at + n; line += 32)
        R(SCS, reg) = line;
    dsb();
    isb();
}

static void cache_on(void)
{
    for (unsigned set = 0; set < 128; set++) {
        for (unsigned way = 0; way < 4; way++)
            R(SCS, DCISW) = way << 30 | set << 5;
    }
    dsb();
    R(SCS, SCB_CCR) |= BIT(16);
    dsb();
    isb();
}

/* ---- the low layer ---- */

static void write_packet(const uint8_t *data, unsigned n, uint32_t length)
{
    for (uint32_t i = 0; i < length; i += 4) {
        uint32_t word = 0;

        for (uint32_t b = 0; b < 4 && i + b < length; b++)
            word |= (uint32_t)data[i + b] << 8 * b;
        R(USB, FIFO + 0x1000 * n) = word;
    }
}

static void read_packet(uint8_t *data, uint32_t length)
{
    for (uint32_t i = 0; i < length; i += 4) {
        uint32_t word = R(USB, FIFO);

        for (uint32_t b = 0; b < 4 && i + b < length; b++)
            data[i + b] = (uint8_t)(word >> 8 * b);
    }
}

static bool flush(uint32_t which)
{
    if (!wait_for(&R(USB, GRSTCTL), BIT(31), BIT(31), 100))
        return false;
    R(USB, GRSTCTL) = which;
    return wait_for(&R(USB, GRSTCTL), which & 0x30, 0, 100);
}

static void start_in(unsigned n, const uint8_t *data, uint32_t length)
{
    in[n].data = (uint8_t *)data;
    in[n].length = length;
    in[n].count = 0;
    DIEPTSIZ(n) &= ~0x1FFFFFFFu;
    DIEPTSIZ(n) |= (length ? (length + PACKET - 1) / PACKET : 1) << 19;
    DIEPTSIZ(n) |= length;
    if (dma && data) {
        by_line(DCCMVAC, data, length);
        DIEPDMA(n) = (uintptr_t)data;
    }
    DIEPCTL(n) |= CNAK | EPENA;
    if (length && !dma)
        R(USB, DIEPEMPMSK) |= BIT(n);
}

static void start_out(unsigned n, uint8_t *data)
{
    out[n].data = data;
    out[n].count = 0;
    DOEPTSIZ(n) &= ~0x1FFFFFFFu;
    DOEPTSIZ(n) |= 1u << 19 | PACKET;
    out[n].size = PACKET;
    if (dma)
        DOEPDMA(n) = (uintptr_t)data;
    DOEPCTL(n) |= CNAK | EPENA;
}

static void await_setup(void)
{
    if (dma && DOEPCTL(0) & EPENA)
        return;
    DOEPTSIZ(0) = 0;
    DOEPTSIZ(0) |= 1u << 19;
    DOEPTSIZ(0) |= 3 * SETUP_SIZE;
    DOEPTSIZ(0) |= 3u << 29;
    if (dma) {
        DOEPDMA(0) = (uintptr_t)setup_words;
        DOEPCTL(0) |= EPENA | USBAEP;
    }
}

static void open_endpoint(unsigned n, bool is_in, unsigned type, uint32_t packet)
{
    uint32_t v = packet | type << 18 | SD0PID | USBAEP;

    if (is_in) {
        R(USB, DAINTMSK) |= BIT(n);
        if (!(DIEPCTL(n) & USBAEP))
            DIEPCTL(n) |= v | n << 22;
    } else {
        R(USB, DAINTMSK) |= BIT(16 + n);
        if (!(DOEPCTL(n) & USBAEP))
            DOEPCTL(n) |= v;
    }
}

/* ---- requests ---- */

static void send_data(const uint8_t *data, uint32_t length)
{
    uint32_t wanted = setup[6] | (uint32_t)setup[7] << 8;

    if (length > wanted)
        length = wanted;
    stage = DATA_IN;
    data_left = length > PACKET ? length - PACKET : 0;
    start_in(0, data, length > PACKET ? PACKET : length);
}

static void send_status(void)
{
    stage = STATUS_IN;
    start_in(0, NULL, 0);
}

static void refuse(void)
{
    DIEPCTL(0) |= STALL;
    DOEPCTL(0) |= STALL;
    stage = IDLE;
    await_setup();
}

static void request(void)
{
    uint32_t kind = setup[0] << 8 | setup[1];

    if (kind == 0x8006 && setup[3] == 1) {
        send_data(device, sizeof device);
    } else if (kind == 0x8006 && setup[3] == 2) {
        send_data(configuration, sizeof configuration);
    } else if (kind == 0x0005) {
        R(USB, DCFG) &= ~(0x7Fu << 4);
        R(USB, DCFG) |= (setup[2] & 0x7Fu) << 4;
        send_status();
    } else if (kind == 0x0009) {
        open_endpoint(DATA_EP, true, BULK, PACKET);
        open_endpoint(DATA_EP, false, BULK, PACKET);
        open_endpoint(NOTIFY_EP, true, INTERRUPT, 8);
        start_out(DATA_EP, received);
        configured = true;
        send_status();
    } else if (kind == 0x2120) {
        stage = DATA_OUT;
        start_out(0, line_coding);
    } else if (kind == 0x2122) {
        dtr |= setup[2] & 1;
        send_status();
    } else if (kind == 0x8000) {
        reply[0] = 1;
        send_data(reply, 2);
    } else {
        refuse();
    }
}

static void in_complete(unsigned n)
{
    if (n == DATA_EP) {
        /* A full packet does not end the host's read. */
        if (in[n].length == PACKET)
            start_in(DATA_EP, NULL, 0);
        else
            start_out(DATA_EP, received);
        return;
    }
    if (n != 0)
        return;
    if (stage == DATA_IN && data_left) {
        uint32_t length = data_left > PACKET ? PACKET : data_left;

        data_left -= length;
        start_in(0, in[0].data, length);
    } else if (stage == DATA_IN) {
        stage = STATUS_OUT;
        start_out(0, reply);
    } else {
        stage = IDLE;
    }
}

static void out_complete(unsigned n)
{
    if (dma) {
        uint8_t before = out[n].data[0];

        out[n].count = out[n].size - (DOEPTSIZ(n) & 0x7FFFF);
        by_line(DCIMVAC, out[n].data, out[n].size);
        stale += out[n].count && before != out[n].data[0];
    }
    if (n == 0) {
        if (stage == DATA_OUT)
            send_status();
        else
            stage = IDLE;
        await_setup();
        return;
    }
    packets++;
    bytes += out[n].count;
    for (uint32_t i = 0; i < out[n].count; i++) {
        echo[i] = received[i];
        finished |= received[i] == '.';
    }
    start_in(DATA_EP, echo, out[n].count);
}

/* ---- interrupts, in the driver's order ---- */

static void receive(void)
{
    uint32_t status, n;

    R(USB, GINTMSK) &= ~(uint32_t)RXFLVL;
    status = R(USB, GRXSTSP);
    n = status & 15;
    if ((status >> 17 & 15) == 2 && (status >> 4 & 0x7FF)) {
        read_packet(out[n].data, status >> 4 & 0x7FF);
        out[n].data += status >> 4 & 0x7FF;
        out[n].count += status >> 4 & 0x7FF;
    } else if ((status >> 17 & 15) == 6) {
        read_packet((uint8_t *)setup_words, SETUP_SIZE);
    }
    R(USB, GINTMSK) |= RXFLVL;
}

static void out_endpoints(void)
{
    uint32_t active = (R(USB, DAINT) & R(USB, DAINTMSK)) >> 16;

    for (unsigned n = 0; active; n++, active >>= 1) {
        uint32_t flags;

        if (!(active & 1))
            continue;
        flags = DOEPINT(n) & R(USB, DOEPMSK);
        if (flags & XFRC) {
            uint32_t all = DOEPINT(n);

            DOEPINT(n) = XFRC;
            if (!dma || !(all & (STUP | OTEPSPR | STPKTRX)))
                out_complete(n);
            else if (all & OTEPSPR && !(all & STUP))
                DOEPINT(n) = OTEPSPR;
            else
                DOEPINT(n) = STPKTRX;
        }
        if (flags & STUP) {
            DOEPINT(n) = STUP;
            if (dma) {
                DOEPINT(n) = STPKTRX;
                by_line(DCIMVAC, setup_words, SETUP_SIZE);
            }
            request();
            if (dma)
                await_setup();
        }
        status_stages += !!(flags & OTEPSPR);
        DOEPINT(n) = flags & ~(uint32_t)(XFRC | STUP);
    }
}

static void fill_fifo(unsigned n)
{
    struct transfer *t = &in[n];

    while (t->count < t->length) {
        uint32_t length = t->length - t->count;

        if (length > PACKET)
            length = PACKET;
        if ((DTXFSTS(n) & 0xFFFF) < (length + 3) / 4)
            break;
        write_packet(t->data, n, length);
        t->data += length;
        t->count += length;
    }
    if (t->length <= t->count)
        R(USB, DIEPEMPMSK) &= ~BIT(n);
}

static void in_endpoints(void)
{
    uint32_t active = R(USB, DAINT) & R(USB, DAINTMSK) & 0xFFFF;

    for (unsigned n = 0; active; n++, active >>= 1) {
        uint32_t flags;

        if (!(active & 1))
            continue;
        flags = DIEPINT(n) & (R(USB, DIEPMSK) | (R(USB, DIEPEMPMSK) >> n & 1) << 7);
        if (flags & XFRC) {
            R(USB, DIEPEMPMSK) &= ~BIT(n);
            DIEPINT(n) = XFRC;
            if (dma) {
                in[n].data += PACKET;
                if (n == 0 && in[n].length == 0)
                    await_setup();
            }
            in_complete(n);
        }
        if (flags & EPDISD) {
            (void)flush(1u << 5 | n << 6);
            DIEPINT(n) = EPDISD;
        }
        if (flags & TXFE)
            fill_fifo(n);
    }
}

static void bus_reset(void)
{
    R(USB, DCTL) &= ~1u;
    (void)flush(1u << 5 | 0x10 << 6);
    for (unsigned n = 0; n < ENDPOINTS; n++) {
        DIEPINT(n) = 0xFB7F;
        DIEPCTL(n) &= ~(uint32_t)STALL;
        DOEPINT(n) = 0xFB7F;
        DOEPCTL(n) &= ~(uint32_t)STALL;
        DOEPCTL(n) |= SNAK;
    }
    R(USB, DAINTMSK) |= 0x10001;
    R(USB, DOEPMSK) |= STUP | XFRC | EPDISD | 1 << 5 | 1 << 13;
    R(USB, DIEPMSK) |= STUP | XFRC | EPDISD;
    R(USB, DCFG) &= ~(0x7Fu << 4);
    stage = IDLE;
    await_setup();
    R(USB, GINTSTS) = RESET;
    resets++;
}

static void irq(void)
{
    uint32_t active = R(USB, GINTSTS) & R(USB, GINTMSK);

    if (active & RXFLVL)
        receive();
    if (active & OEPINT)
        out_endpoints();
    if (active & IEPINT)
        in_endpoints();
    if (active & WAKEUP) {
        R(USB, DCTL) &= ~1u;
        R(USB, GINTSTS) = WAKEUP;
        resumes++;
    }
    if (active & SUSPEND) {
        if (R(USB, DSTS) & 1) {
            suspends += resets > 0;
            R(USB, PCGCCTL) |= 1; /* before the first reset, too */
        }
        R(USB, GINTSTS) = SUSPEND;
    }
    if (active & RESET)
        bus_reset();
    if (active & ENUMDNE) {
        DIEPCTL(0) &= ~0x7FFu;
        R(USB, DCTL) |= BIT(8);
        speed = R(USB, DSTS) >> 1 & 3;
        R(USB, GUSBCFG) = (R(USB, GUSBCFG) & ~(15u << 10)) | 6 << 10;
        R(USB, GINTSTS) = ENUMDNE;
    }
    if (active & SOF) {
        frames++;
        R(USB, GINTSTS) = SOF;
    }
}

/* ---- set-up ---- */

static void clocks(void)
{
    R(PWR, PWR_CR3) |= BIT(24);
    check("USB33RDY", wait_for(&R(PWR, PWR_CR3), BIT(26), BIT(26), 100));
    R(RCC, RCC_CR) |= RCC_CR_HSI48ON;
    check("HSI48", wait_for(&R(RCC, RCC_CR), RCC_CR_HSI48RDY, RCC_CR_HSI48RDY, 2));
    R(RCC, RCC_CDCCIP2R) = (R(RCC, RCC_CDCCIP2R) & ~(3u << 20)) | 3u << 20;
    R(RCC, RCC_APB1HENR) |= BIT(1);
    (void)R(RCC, RCC_APB1HENR);
    R(CRS, 0x04) = 47999 | 34 << 16 | 2u << 28;
    R(CRS, 0x00) |= BIT(5) | BIT(6);
    R(RCC, RCC_AHB1ENR) |= BIT(25);
    (void)R(RCC, RCC_AHB1ENR);
    R(RCC, 0x160) &= ~BIT(26);
    on_irq(USB_IRQ, irq);
    enable_irq(USB_IRQ);
}

static void start(void)
{
    R(USB, GAHBCFG) &= ~1u;
    R(USB, GUSBCFG) |= BIT(6);
    check("idle", wait_for(&R(USB, GRSTCTL), BIT(31), BIT(31), 100));
    R(USB, GRSTCTL) |= 1;
    check("core reset", wait_for(&R(USB, GRSTCTL), 1, 0, 100));
    R(USB, GCCFG) |= BIT(16);
    R(USB, GUSBCFG) &= ~(BIT(29) | BIT(30));
    R(USB, GUSBCFG) |= BIT(30);
    check("device mode", wait_for(&R(USB, GINTSTS), 1, 0, 200));
    for (unsigned i = 0; i < 8; i++)
        R(USB, DIEPTXF1 + 4 * i) = 0;
#ifdef VBUS_SENSING
    R(USB, GCCFG) |= BIT(21);
#else
    R(USB, DCTL) |= BIT(1);
    R(USB, GCCFG) &= ~BIT(21);
    R(USB, GOTGCTL) |= BIT(6);
    R(USB, GOTGCTL) |= BIT(7);
#endif
    R(USB, PCGCCTL) = 0;
    R(USB, DCFG) |= 3;
    check("FIFOs flushed", flush(1u << 5 | 0x10 << 6) && flush(1u << 4));
    R(USB, DIEPMSK) = 0;
    R(USB, DOEPMSK) = 0;
    R(USB, DAINTMSK) = 0;
    for (unsigned n = 0; n < ENDPOINTS; n++) {
        DIEPCTL(n) = 0;
        DIEPTSIZ(n) = 0;
        DIEPINT(n) = 0xFB7F;
        DOEPCTL(n) = 0;
        DOEPTSIZ(n) = 0;
        DOEPINT(n) = 0xFB7F;
    }
    R(USB, GINTMSK) = 0;
    R(USB, GINTSTS) = 0xBFFFFFFF;
    R(USB, GAHBCFG) |= dma ? 1 << 5 | 3 << 1 : 0; /* DMAEN, bursts of 4 words */
    R(USB, GINTMSK) =
        (dma ? 0 : RXFLVL) | SOF | SUSPEND | RESET | ENUMDNE | IEPINT | OEPINT | WAKEUP;
    R(USB, DCTL) |= BIT(1);
    R(USB, GRXFSIZ) = 0x80;
    R(USB, DIEPTXF0) = 0x40 << 16 | 0x80;
    R(USB, DIEPTXF1) = 0x80 << 16 | 0xC0;
    R(USB, DIEPTXF1 + 4) = 0x10 << 16 | 0x140;
    R(USB, GAHBCFG) |= 1;
    R(USB, DCTL) &= ~BIT(1);
}

int main(void)
{
    begin();
    clocks();
    if (dma)
        cache_on();
    start();
    while (!finished)
        wfi();
    delay_ms(20);
    check("configured", configured);
    check("full speed", speed == 3 || speed == 1);
    equal("one reset", resets, 1);
    equal("115200 baud", line_coding[0] | line_coding[1] << 8 | line_coding[2] << 16, 115200);
    equal("8 bits", line_coding[6], 8);
    equal("DTR", dtr, 1);
    between("packets", packets, 2, 100);
    between("bytes", bytes, PACKET + 2, 1000);
    between("frames of 1 ms", frames, 50, 1000000);
    check("frames are counted", (R(USB, DSTS) >> 8 & 0x7FF) != 0);
    check("CRS is in step", R(CRS, 0x08) & 1);
    if (dma) {
        check("what is not invalidated is old", stale > 0);
        between("status stages of what the host wrote", status_stages, 1, 10);
    }
    equal("no suspend once there are frames", suspends, 0);
    end();
}
