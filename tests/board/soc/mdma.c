/*
 * MDMA, as a driver library handles it: set-up, start, polling and interrupts by level, linked
 * lists, requests by software, by DMA and by OCTOSPI, errors, abort. The SPI RAM at 35 MHz, in
 * frames of 16 bytes, as in ospi_indirect.c.
 */
#include "soc.h"

enum {
    MDMA = 0x52000000,
    MDMA_IRQ = 122,
    CISR = 0x00, /* of a channel's registers */
    CIFCR = 0x04,
    CESR = 0x08,
    CCR = 0x0C,
    CTCR = 0x10,
    CBNDTR = 0x14,
    CSAR = 0x18,
    CDAR = 0x1C,
    CBRUR = 0x20,
    CLAR = 0x24,
    CTBR = 0x28,
    CMAR = 0x30,
    CMDR = 0x34,
    EN = 1 << 0,
    TEIE = 1 << 1,
    CTCIE = 1 << 2,
    BRTIE = 1 << 3,
    BTIE = 1 << 4,
    TCIE = 1 << 5,
    VERY_HIGH = 3 << 6,
    BEX = 1 << 12,
    HEX = 1 << 13,
    SWRQ = 1 << 16,
    TEIF = 1 << 0,
    CTCIF = 1 << 1,
    BRTIF = 1 << 2,
    BTIF = 1 << 3,
    TCIF = 1 << 4,
    CRQA = 1 << 16,
    SINC = 2 << 0,
    SDEC = 3 << 0,
    DINC = 2 << 2,
    PKE = 1 << 25,
    SIGNED = 1 << 26,
    LEFT = 2 << 26,
    PER_BUFFER = 0 << 28,
    PER_BLOCK = 1 << 28,
    PER_REPEATED_BLOCK = 2 << 28,
    ALL = 3 << 28,
    SBUS = 1 << 16,
    DBUS = 1 << 17,
    DMA2_STREAM0_TC = 8,
    OCTOSPI1_FT = 22,
    BYTES = 256,
    FRAME = 16,
    LIMIT = 10,
};
#define SSIZE(log2)  ((uint32_t)(log2) << 4 | (uint32_t)(log2) << 8) /* with SINCOS */
#define DSIZE(log2)  ((uint32_t)(log2) << 6 | (uint32_t)(log2) << 10)
#define BURSTS(log2) ((uint32_t)(log2) << 12 | (uint32_t)(log2) << 15)
#define TLEN(bytes)  ((uint32_t)((bytes)-1) << 18)
#define SWRM         (1u << 30)
#define BWM          (1u << 31)

struct node {
    uint32_t tcr, bndtr, sar, dar, brur, lar, tbr, reserved, mar, mdr;
};

__attribute__((section(".axi"), aligned(32))) static uint8_t from[BYTES], to[BYTES];
__attribute__((section(".axi"), aligned(8))) static struct node nodes[2];
static uint8_t tight[BYTES]; /* in DTCM */
static volatile unsigned buffers, blocks, repeats, ends, errors;

static uint32_t channel(unsigned n)
{
    return MDMA + 0x40 + 0x40 * n;
}

static void fill(void)
{
    for (unsigned i = 0; i < BYTES; i++) {
        from[i] = (uint8_t)(i * 11 + 5);
        to[i] = tight[i] = 0;
    }
    dsb();
}

/* request: of CTBR.TSEL, or -1: by software. */
static bool init(unsigned n, int request, uint32_t ccr, uint32_t tcr, uint32_t brur)
{
    uint32_t c = channel(n);

    R(c, CCR) &= ~(uint32_t)EN;
    if (!wait_for(&R(c, CCR), EN, 0, 5))
        return false;
    R(c, CCR) = ccr;
    R(c, CTCR) = tcr;
    if (request < 0)
        R(c, CTCR) |= SWRM | BWM;
    R(c, CBNDTR) = 0;
    R(c, CBRUR) = brur;
    R(c, CTBR) = request < 0 ? 0 : (uint32_t)request;
    R(c, CLAR) = 0;
    R(c, CMAR) = 0;
    R(c, CMDR) = 0;
    return true;
}

static bool in_tcm(uintptr_t address)
{
    return address >> 24 == 0x20 || address >> 24 == 0;
}

static void start(unsigned n, uintptr_t source, uintptr_t destination, uint32_t bytes,
                  uint32_t count, const struct node *list, uint32_t interrupts)
{
    uint32_t c = channel(n);

    R(c, CBNDTR) = (R(c, CBNDTR) & ~0x1FFFFu) | bytes;
    R(c, CBNDTR) = (R(c, CBNDTR) & ~0xFFF00000u) | (count - 1) << 20;
    R(c, CIFCR) = TEIF | CTCIF | BRTIF | BTIF | TCIF;
    R(c, CDAR) = destination;
    R(c, CSAR) = source;
    if (in_tcm(source))
        R(c, CTBR) |= SBUS;
    else
        R(c, CTBR) &= ~(uint32_t)SBUS;
    if (in_tcm(destination))
        R(c, CTBR) |= DBUS;
    else
        R(c, CTBR) &= ~(uint32_t)DBUS;
    R(c, CLAR) = (uintptr_t)list;
    R(c, CCR) |= interrupts;
    R(c, CCR) |= EN;
    if (R(c, CTCR) & SWRM)
        R(c, CCR) |= SWRQ;
}

/* Polls for a level's flag. */
static bool complete(unsigned n, uint32_t flag)
{
    uint32_t c = channel(n), begun = ticks;

    while (!(R(c, CISR) & flag)) {
        if (R(c, CISR) & TEIF || ticks - begun > LIMIT)
            return false;
    }
    R(c, CIFCR) = flag == CTCIF ? BRTIF | BTIF | TCIF | CTCIF : flag;
    return true;
}

static bool abort_channel(unsigned n)
{
    uint32_t c = channel(n);
    bool stopped;

    R(c, CCR) &= ~(uint32_t)(TEIE | CTCIE | BRTIE | BTIE | TCIE);
    R(c, CCR) &= ~(uint32_t)EN;
    stopped = wait_for(&R(c, CCR), EN, 0, 5);
    R(c, CIFCR) = TEIF | CTCIF | BRTIF | BTIF | TCIF;
    return stopped;
}

static void irq(void)
{
    for (unsigned n = 0; n < 16; n++) {
        uint32_t c = channel(n), f = R(c, CISR), enabled = R(c, CCR) >> 1;

        if (!(R(MDMA, 0) & BIT(n)))
            continue;
        R(c, CIFCR) = f & enabled & (TEIF | CTCIF | BRTIF | BTIF | TCIF);
        errors += !!(f & enabled & TEIF);
        ends += !!(f & enabled & CTCIF);
        repeats += !!(f & enabled & BRTIF);
        blocks += !!(f & enabled & BTIF);
        buffers += !!(f & enabled & TCIF);
    }
}

static void forget(void)
{
    buffers = blocks = repeats = ends = errors = 0;
}

/* ---- by software ---- */

static void memory_to_memory(void)
{
    uint32_t c = channel(0), words = SINC | DINC | SSIZE(3) | DSIZE(3) | BURSTS(4);
    bool runs;

    fill();
    check("m2m: set up", init(0, -1, 0, words | TLEN(128) | ALL, 0));
    start(0, (uintptr_t)from, (uintptr_t)to, BYTES, 1, NULL, 0);
    runs = R(c, CCR) & EN && R(c, CISR) & CRQA;
    check("m2m: enabled and requested while it runs", runs);
    check("m2m: through", complete(0, CTCIF));
    check("m2m: stopped by itself", !(R(c, CCR) & EN) && !(R(c, CISR) & CRQA));
    equal("m2m: none left", R(c, CBNDTR), 0);
    equal("m2m: source went on", R(c, CSAR), (uintptr_t)from + BYTES);
    check("m2m: data", same_bytes(from, to, BYTES));

    /* A request for each buffer, as with the library's function for that. */
    fill();
    init(0, -1, 0, SINC | DINC | TLEN(100) | PER_BUFFER, 0);
    start(0, (uintptr_t)from, (uintptr_t)to, BYTES, 1, NULL, 0);
    check("buffers: first", complete(0, TCIF));
    delay_ms(1);
    check("buffers: no more than asked for", same_bytes(from, to, 100) && !to[100]);
    equal("buffers: bytes left", R(c, CBNDTR), BYTES - 100);
    check("buffers: still enabled", R(c, CCR) & EN && !(R(c, CISR) & (CRQA | BTIF)));
    R(c, CCR) |= SWRQ;
    check("buffers: second", complete(0, TCIF));
    R(c, CCR) |= SWRQ;
    check("buffers: the last is shorter", complete(0, CTCIF) && same_bytes(from, to, BYTES));
}

static void tcm(void)
{
    fill();
    init(1, -1, 0, SINC | DINC | SSIZE(2) | DSIZE(2) | BURSTS(2) | TLEN(64) | ALL, 0);
    start(1, (uintptr_t)from, (uintptr_t)tight, BYTES, 1, NULL, 0);
    check("TCM: written", complete(1, CTCIF) && same_bytes(from, tight, BYTES));
    tight[7] = 0x77;
    dsb();
    start(1, (uintptr_t)tight, (uintptr_t)to, BYTES, 1, NULL, 0);
    check("TCM: read", complete(1, CTCIF) && same_bytes(tight, to, BYTES));
}

static void sizes(void)
{
    static const uint8_t turned[8] = {4, 3, 2, 1, 8, 7, 6, 5};

    fill();
    init(2, -1, 0, SINC | DINC | SSIZE(0) | DSIZE(2) | PKE | TLEN(32) | ALL, 0);
    start(2, (uintptr_t)from + 1, (uintptr_t)to, 64, 1, NULL, 0);
    check("packed: bytes into words",
          complete(2, CTCIF) && same_bytes(from + 1, to, 64) && !to[64]);

    from[0] = 0x80;
    from[1] = 0x7F;
    dsb();
    init(2, -1, 0, SINC | DINC | SSIZE(0) | DSIZE(2) | SIGNED | TLEN(2) | ALL, 0);
    start(2, (uintptr_t)from, (uintptr_t)to, 2, 1, NULL, 0);
    check("padded: through", complete(2, CTCIF));
    equal("padded: the sign is extended", R((uintptr_t)to, 0), 0xFFFFFF80);
    equal("padded: a positive one", R((uintptr_t)to, 4), 0x7F);
    init(2, -1, 0, SINC | DINC | SSIZE(0) | DSIZE(1) | LEFT | TLEN(2) | ALL, 0);
    start(2, (uintptr_t)from, (uintptr_t)to, 2, 1, NULL, 0);
    check("padded: left", complete(2, CTCIF) && R((uintptr_t)to, 0) == 0x7F008000);
    init(2, -1, 0, SINC | DINC | SSIZE(2) | DSIZE(0) | LEFT | TLEN(4) | ALL, 0);
    start(2, (uintptr_t)from, (uintptr_t)to, 4, 1, NULL, 0);
    check("cut: the highest byte", complete(2, CTCIF) && to[0] == from[3] && to[1] == 0x80);

    for (unsigned i = 0; i < 8; i++)
        from[i] = (uint8_t)(i + 1);
    dsb();
    init(2, -1, BEX | HEX, SINC | DINC | SSIZE(2) | DSIZE(2) | TLEN(8) | ALL, 0);
    start(2, (uintptr_t)from, (uintptr_t)to, 8, 1, NULL, 0);
    check("endianness: words turned", complete(2, CTCIF) && same_bytes(to, turned, 8));
    init(2, -1, 0, SDEC | DINC | SSIZE(0) | DSIZE(0) | TLEN(8) | ALL, 0);
    start(2, (uintptr_t)from + 7, (uintptr_t)to, 8, 1, NULL, 0);
    check("backwards", complete(2, CTCIF) && to[0] == 8 && to[7] == 1);
    equal("backwards: source went down", R(channel(2), CSAR), (uintptr_t)from - 1);
}

/* ---- blocks, lists ---- */

/* Rows of 8 bytes, 32 apart, become rows that follow each other, as a picture is cut out. */
static void repeated(void)
{
    uint32_t c = channel(3);
    bool good = true;

    fill();
    forget();
    on_irq(MDMA_IRQ, irq);
    enable_irq(MDMA_IRQ);
    init(3, -1, 0, SINC | DINC | SSIZE(2) | DSIZE(2) | TLEN(4) | PER_REPEATED_BLOCK, 24);
    start(3, (uintptr_t)from, (uintptr_t)to, 8, 4, NULL, TEIE | CTCIE | BRTIE | BTIE | TCIE);
    delay_ms(1);
    between("rows: blocks told by interrupt", blocks, 1, 4); /* they are quicker than it */
    equal("rows: the repetition's end", repeats, 1);
    equal("rows: channel's end", ends, 1);
    between("rows: buffers", buffers, 1, 8);
    for (unsigned row = 0; row < 4; row++)
        good &= same_bytes(from + 32 * row, to + 8 * row, 8);
    check("rows: data", good && !to[32]);
    equal("rows: none left to repeat", R(c, CBNDTR), 0);

    /* A request for each block; destination steps back between them. */
    fill();
    init(3, -1, 0, SINC | DINC | TLEN(8) | PER_BLOCK, 16u << 16);
    R(c, CBNDTR) = BIT(19); /* BRDUM */
    start(3, (uintptr_t)from, (uintptr_t)to + 64, 8, 3, NULL, 0);
    check("blocks: first", complete(3, BTIF));
    equal("blocks: two to come", R(c, CBNDTR) >> 20, 1);
    equal("blocks: destination", R(c, CDAR), (uintptr_t)to + 64 + 8 - 16);
    R(c, CCR) |= SWRQ;
    check("blocks: second", complete(3, BTIF) && same_bytes(from + 8, to + 56, 8));
    R(c, CCR) |= SWRQ;
    check("blocks: third", complete(3, CTCIF) && same_bytes(from + 16, to + 48, 8) && !to[40]);
}

static void linked(void)
{
    uint32_t c = channel(4);

    fill();
    init(4, -1, 0, SINC | DINC | TLEN(16) | ALL, 0);
    for (unsigned i = 0; i < 2; i++) {
        nodes[i].tcr = R(c, CTCR);
        nodes[i].bndtr = 16;
        nodes[i].sar = (uintptr_t)from + 64 + 16 * i;
        nodes[i].dar = (uintptr_t)to + 32 * (i + 1);
        nodes[i].brur = nodes[i].tbr = nodes[i].mar = nodes[i].mdr = 0;
        nodes[i].lar = i ? 0 : (uintptr_t)&nodes[1];
    }
    dsb();
    forget();
    start(4, (uintptr_t)from, (uintptr_t)to, 16, 1, &nodes[0], CTCIE | BTIE);
    delay_ms(1);
    equal("list: one end", ends, 1);
    between("list: its blocks", blocks, 1, 3);
    check("list: first data", same_bytes(from, to, 16) && !to[16]);
    check("list: data of the nodes",
          same_bytes(from + 64, to + 32, 16) && same_bytes(from + 80, to + 64, 16));

    /* In a circle until it is aborted. */
    nodes[0].lar = nodes[1].lar = (uintptr_t)&nodes[0];
    dsb();
    init(4, -1, 0, SINC | DINC | TLEN(16) | ALL, 0);
    start(4, (uintptr_t)from, (uintptr_t)to, 16, 1, &nodes[0], 0);
    delay_ms(1);
    check("circle: goes on", R(c, CCR) & EN && R(c, CISR) & CRQA && !(R(c, CISR) & CTCIF));
    check("circle: aborted", abort_channel(4) && !(R(c, CISR) & CRQA));
    fill();
    delay_ms(1);
    check("circle: is over", !to[32]);
}

/* The one of the higher priority goes first, although it asks later. */
static void priorities(void)
{
    uint32_t slow = channel(0), fast = channel(5), left;
    bool first;

    fill();
    init(0, -1, 0, SINC | DINC | TLEN(1) | ALL, 0);
    init(5, -1, VERY_HIGH, SINC | DINC | TLEN(1) | ALL, 0);
    start(0, (uintptr_t)from, (uintptr_t)to, 128, 1, NULL, 0);
    start(5, (uintptr_t)from + 128, (uintptr_t)to + 128, 64, 1, NULL, 0);
    first = complete(5, CTCIF);
    left = R(slow, CBNDTR);
    check("priorities: higher through", first);
    between("priorities: the other waits", left, 32, 127);
    check("priorities: both", complete(0, CTCIF) && same_bytes(from, to, 192));
    equal("priorities: none left", R(fast, CBNDTR), 0);
}

/* ---- by hardware ---- */

/* The end of a stream of DMA2 starts a channel, which clears the stream's flag by its mask
   registers. */
static void after_dma(void)
{
    static const struct dma_stream stream = {DMA2, 0};
    uint32_t c = channel(6);

    fill();
    init(6, DMA2_STREAM0_TC, 0, SINC | DINC | SSIZE(2) | DSIZE(2) | TLEN(64) | PER_BLOCK, 0);
    R(c, CMAR) = DMA2 + 0x08;
    R(c, CMDR) = DMA_FLAG_TC;
    dma_init(stream, 0, DMA_MEMORY_TO_MEMORY | DMA_PINC | DMA_MINC, 4 | 3);
    start(6, (uintptr_t)to, (uintptr_t)tight, 64, 2, NULL, 0);
    delay_ms(1);
    check("DMA: waits for its request", !(R(c, CISR) & (CRQA | TCIF)));
    dma_start(stream, (uintptr_t)from, (uintptr_t)to, 128, 0);
    check("DMA: a block for its end", complete(6, BTIF));
    check("DMA: the end's flag is cleared", !(dma_flags(stream) & DMA_FLAG_TC));
    delay_ms(1);
    equal("DMA: one block only", R(c, CBNDTR), 64);
    check("DMA: data", same_bytes(from, tight, 64) && !tight[64]);
    dma_clear(stream);
    dma_start(stream, (uintptr_t)from, (uintptr_t)to, 128, 0);
    check("DMA: the second", complete(6, CTCIF) && same_bytes(from, tight, 128));
    dma_clear(stream);
}

static volatile bool ospi_ended;

static void ospi_irq(void)
{
    R(OSPI1, OSPI_CR) &= ~BIT(17);
    R(OSPI1, OSPI_FCR) = OSPI_TCF;
    ospi_ended = true;
}

static bool command(uint8_t instruction, unsigned lines, unsigned dummy, uint32_t bytes)
{
    struct ospi_command c = {.instruction = instruction,
                             .instruction_lines = 1,
                             .address_lines = lines,
                             .data_lines = lines,
                             .dummy = dummy,
                             .address = 0x4000,
                             .bytes = bytes};

    return ospi_command(&c);
}

/* The channel's end enables the controller's interrupt for its own. */
static bool ended(void)
{
    uint32_t begun = ticks;

    while (!ends) {
        if (errors || ticks - begun > LIMIT)
            return false;
    }
    R(OSPI1, OSPI_CR) |= BIT(17);
    while (!ospi_ended) {
        if (ticks - begun > LIMIT)
            return false;
    }
    return true;
}

static bool transmit(const uint8_t *data, uint32_t bytes, uint32_t tcr)
{
    forget();
    ospi_ended = false;
    init(7, OCTOSPI1_FT, 0, tcr | SINC, 0);
    R(OSPI1, OSPI_CR) &= ~(3u << 28);
    R(OSPI1, OSPI_FCR) = OSPI_TEF | OSPI_TCF;
    start(7, (uintptr_t)data, OSPI1 + OSPI_DR, bytes, 1, NULL, TEIE | CTCIE);
    R(OSPI1, OSPI_CR) |= BIT(16);
    return ended();
}

static bool receive(uint8_t *data, uint32_t bytes, uint32_t tcr)
{
    uint32_t address = R(OSPI1, OSPI_AR);

    forget();
    ospi_ended = false;
    init(7, OCTOSPI1_FT, 0, tcr | DINC, 0);
    R(OSPI1, OSPI_CR) = (R(OSPI1, OSPI_CR) & ~(3u << 28)) | 1u << 28;
    R(OSPI1, OSPI_FCR) = OSPI_TEF | OSPI_TCF;
    start(7, OSPI1 + OSPI_DR, (uintptr_t)data, bytes, 1, NULL, TEIE | CTCIE);
    R(OSPI1, OSPI_CR) |= BIT(16);
    R(OSPI1, OSPI_AR) = address;
    return ended();
}

static void octospi(void)
{
    R(RCC, RCC_CDCCIPR) = (R(RCC, RCC_CDCCIPR) & ~(3u << 4)) | 1u << 4; /* kernel: PLL1Q, 140 MHz */
    check("OCTOSPI: opened", ospi_open(4, 4));
    check("OCTOSPI: chip reset", ospi_reset_chip());
    on_irq(OSPI1_IRQ, ospi_irq);
    enable_irq(OSPI1_IRQ);
    fill();
    check("OCTOSPI: bytes out", command(0x02, 1, 0, FRAME) && transmit(from, FRAME, TLEN(1)));
    check("OCTOSPI: bytes in", command(0x0B, 1, 8, FRAME) && receive(to, FRAME, TLEN(1)));
    check("OCTOSPI: the same", same_bytes(from, to, FRAME) && !to[FRAME]);

    /* Words, with the FIFO's threshold at a word; memory in the TCM. */
    fill();
    R(OSPI1, OSPI_CR) = (R(OSPI1, OSPI_CR) & ~(0x1Fu << 8)) | 3u << 8;
    for (unsigned i = 0; i < FRAME; i++)
        tight[i] = (uint8_t)(0xF0 ^ i);
    dsb();
    check("OCTOSPI: words out of the TCM",
          command(0x02, 1, 0, FRAME) && transmit(tight, FRAME, SSIZE(2) | DSIZE(2) | TLEN(4)));
    for (unsigned i = 0; i < FRAME; i++)
        to[i] = 0;
    check("OCTOSPI: words in",
          command(0x0B, 1, 8, FRAME) && receive(to, FRAME, SSIZE(2) | DSIZE(2) | TLEN(4)));
    check("OCTOSPI: the same words", same_bytes(tight, to, FRAME) && !to[FRAME]);

    for (unsigned i = 0; i < FRAME; i++)
        to[i] = 0;
    check("OCTOSPI: a buffer longer than the threshold waits",
          command(0x0B, 1, 8, FRAME) && receive(to, FRAME, SSIZE(2) | DSIZE(2) | TLEN(FRAME)) &&
              same_bytes(tight, to, FRAME));

    /* Seven bytes with a threshold of four: fewer are a request once they are the last. */
    to[7] = 0x55;
    dsb();
    check("OCTOSPI: an odd number in", command(0x0B, 1, 8, 7) && receive(to, 7, TLEN(1)));
    check("OCTOSPI: all of them", same_bytes(tight, to, 7) && to[7] == 0x55);
    disable_irq(OSPI1_IRQ);
}

/* ---- errors ---- */

static void error(const char *name, uintptr_t source, uintptr_t destination, uint32_t bytes,
                  uint32_t tcr, uint32_t status)
{
    uint32_t c = channel(8), got;

    forget();
    init(8, -1, 0, tcr | ALL, 0);
    start(8, source, destination, bytes, 1, NULL, 0);
    delay_ms(1);
    got = R(c, CESR);
    equal(name, got, status);
    check("... and the channel is off", R(c, CISR) & TEIF && !(R(c, CCR) & EN));
    R(c, CCR) |= TEIE;
    delay_ms(1);
    check("... by interrupt", errors == 1 && !(R(c, CISR) & TEIF) && !R(c, CESR));
    R(c, CCR) &= ~(uint32_t)TEIE;
}

static void failures(void)
{
    uint32_t words = SINC | DINC | SSIZE(2) | DSIZE(2) | TLEN(8), c = channel(8);

    fill();
    error("error: read of nothing", 0x60000004, (uintptr_t)to, 8, words, 0x04);
    error("error: write to nothing", (uintptr_t)from, 0x60000078, 8, words, 0x80 | 0x78);
    error("error: unaligned source", (uintptr_t)from + 2, (uintptr_t)to, 8, words,
          BIT(10) | (((uintptr_t)from + 2) & 0x7F));
    error("error: unaligned destination", (uintptr_t)from, (uintptr_t)to + 1, 8, words,
          BIT(10) | 0x80 | (((uintptr_t)to + 1) & 0x7F));
    error("error: block of odd size", (uintptr_t)from, (uintptr_t)to, 10, words,
          BIT(11) | (((uintptr_t)from + 8) & 0x7F));
    check("error: what was whole is there", same_bytes(from, to, 8) && !to[8]);

    init(8, -1, 0, words | ALL, 0);
    start(8, (uintptr_t)from, (uintptr_t)to, 8, 1, (const struct node *)0x60000000, 0);
    delay_ms(1);
    equal("error: list in nothing", R(c, CESR), BIT(8));
    R(c, CIFCR) = TEIF;
}

int main(void)
{
    begin();
    check("full speed", full_speed());
    R(RCC, RCC_AHB3ENR) |= BIT(0);
    (void)R(RCC, RCC_AHB3ENR);
    memory_to_memory();
    tcm();
    sizes();
    repeated();
    linked();
    priorities();
    after_dma();
    octospi();
    failures();
    end();
}
