/*
 * OCTOSPI1 of a whole chip with something on its port 1, and a log of the frames on the wires. The
 * pins are those of the DEVEBOX and WeAct boards, the clock is HSI: 64 MHz, 15625 ps a period.
 */
#ifndef TESTS_UNIT_SOC_OSPI_H
#define TESTS_UNIT_SOC_OSPI_H

#include <string.h>

#include "chip.h"

#include "../../../vboard/parts/psram.h"
#include "../../../vboard/soc/octospi.h"

enum {
    OSPI = 0x52005000,
    CR = OSPI + 0x000,
    DCR1 = OSPI + 0x008,
    DCR2 = OSPI + 0x00C,
    DCR3 = OSPI + 0x010,
    DCR4 = OSPI + 0x014,
    SR = OSPI + 0x020,
    FCR = OSPI + 0x024,
    DLR = OSPI + 0x040,
    AR = OSPI + 0x048,
    DR = OSPI + 0x050,
    PSMKR = OSPI + 0x080,
    PSMAR = OSPI + 0x088,
    PIR = OSPI + 0x090,
    CCR = OSPI + 0x100,
    TCR = OSPI + 0x108,
    IR = OSPI + 0x110,
    ABR = OSPI + 0x120,
    LPTR = OSPI + 0x130,
    WPCCR = OSPI + 0x140,
    WCCR = OSPI + 0x180,
    WTCR = OSPI + 0x188,
    WIR = OSPI + 0x190,
    WABR = OSPI + 0x1A0,

    EN = 1 << 0,
    ABORT = 1 << 1,
    TCEN = 1 << 3,
    FSEL = 1 << 7,
    TEIE = 1 << 16,
    TCIE = 1 << 17,
    FTIE = 1 << 18,
    SMIE = 1 << 19,
    TOIE = 1 << 20,
    APMS = 1 << 22,
    PMM = 1 << 23,
    WRITE_MODE = 0,
    READ_MODE = 1 << 28,
    POLL_MODE = 2 << 28,
    MAPPED_MODE = 3 << 28,

    TEF = 1 << 0,
    TCF = 1 << 1,
    FTF = 1 << 2,
    SMF = 1 << 3,
    TOF = 1 << 4,
    BUSY = 1 << 5,
    FLEVEL = 0x3F << 8,

    DQSE = 1 << 29,
    SSHIFT = 1 << 30,

    RCC_AHB3RSTR_ = 0x5802447C,
    RCC_AHB3ENR_ = 0x58024534,
    RCC_AHB4ENR_ = 0x58024540,
    OSPI1EN = 1 << 14,
    OSPI2EN = 1 << 19,
    OSPIMEN = 1 << 21,
    DEVSIZE_8MB = 22 << 16,
};
#define WINDOW 0x90000000u
#define PERIOD UINT64_C(15625) /* ps, of 64 MHz */

/* IMODE, ADMODE with 24 bits, DMODE by their line counts. */
static inline uint32_t phases(unsigned instruction, unsigned address, unsigned data)
{
    static const uint8_t mode[] = {0, 1, 2, 0, 3, 0, 0, 0, 4};

    return (uint32_t)mode[instruction] | (uint32_t)mode[address] << 8 | (address ? 2u << 12 : 0) |
           (uint32_t)mode[data] << 24;
}

enum { FRAMES = 64 };

struct bench {
    struct soc *soc;
    struct membus *bus;
    struct psram *chip; /* NULL with bench_open_empty() */
    struct membus_listener listener;
    struct membus_frame frame[FRAMES];
    uint8_t data[FRAMES][256];
    unsigned frames; /* that have ended */
    unsigned begun;
};

static inline void bench_begin(void *ctx, const struct membus_frame *f)
{
    struct bench *b = ctx;

    (void)f;
    b->begun++;
}

static inline void bench_data(void *ctx, const struct membus_frame *f, const uint8_t *data,
                              size_t n)
{
    struct bench *b = ctx;

    for (size_t i = 0; i < n && f->bytes + i < 256; i++)
        b->data[b->frames][f->bytes + i] = data[i];
}

static inline void bench_end(void *ctx, const struct membus_frame *f)
{
    struct bench *b = ctx;

    assert_true(b->frames + 1 < FRAMES);
    b->frame[b->frames++] = *f;
}

/* A pin's alternate function, its port's clock on. */
static inline void bench_pin(struct bench *b, char port, unsigned bit, unsigned af)
{
    uint32_t base = 0x58020000 + 0x400u * (unsigned)(port - 'A');
    uint32_t afr = base + 0x20 + bit / 8 * 4, shift = bit % 8 * 4;

    chip_set(b->soc, RCC_AHB4ENR_, 1u << (port - 'A'));
    chip_write(b->soc, afr, (chip_read(b->soc, afr) & ~(0xFu << shift)) | af << shift);
    chip_write(b->soc, base, (chip_read(b->soc, base) & ~(3u << 2 * bit)) | 2u << 2 * bit);
}

/* Everything but the controller's own registers is set up; EN is 0. */
static inline void bench_open_empty(struct bench *b)
{
    memset(b, 0, sizeof *b);
    b->soc = chip_new();
    b->bus = octospi_bus(b->soc, 1);
    b->listener = (struct membus_listener){
        .ctx = b, .begin = bench_begin, .data = bench_data, .end = bench_end};
    membus_listen(b->bus, &b->listener);
    chip_set(b->soc, RCC_AHB3ENR_, OSPI1EN | OSPIMEN);
    bench_pin(b, 'B', 6, 10); /* nCS */
    bench_pin(b, 'B', 2, 9);  /* CLK */
    bench_pin(b, 'D', 11, 9);
    bench_pin(b, 'D', 12, 9);
    bench_pin(b, 'E', 2, 9);
    bench_pin(b, 'D', 13, 9);
    chip_write(b->soc, DCR1, DEVSIZE_8MB);
}

static inline void bench_open(struct bench *b)
{
    bench_open_empty(b);
    b->chip = psram_new(psram_find("esp-psram64h"), 1, NULL);
    assert_non_null(b->chip);
    psram_attach(b->chip, b->bus);
}

static inline void bench_close(struct bench *b)
{
    soc_free(b->soc);
    psram_free(b->chip);
}

static inline uint32_t rd(struct bench *b, uint32_t reg)
{
    return chip_read(b->soc, reg);
}

static inline void wr(struct bench *b, uint32_t reg, uint32_t value)
{
    chip_write(b->soc, reg, value);
}

/* Lets n periods of 64 MHz pass; what happens on the wires until then is in the log. */
static inline void clocks(struct bench *b, unsigned n)
{
    chip_run(b->soc, n * PERIOD);
    octospi_sync(b->soc);
}

static inline unsigned level(struct bench *b)
{
    return (rd(b, SR) & FLEVEL) >> 8;
}

/* A command byte alone on so many lines, done. Leaves FMODE = 0. */
static inline void send_command(struct bench *b, unsigned lines, uint8_t code)
{
    wr(b, CR, EN);
    wr(b, CCR, phases(lines, 0, 0));
    wr(b, TCR, 0);
    wr(b, IR, code);
    clocks(b, 40);
    assert_int_equal(rd(b, SR) & (BUSY | TCF), TCF);
    wr(b, FCR, TCF);
}

/* ---- the window ---- */

/* One access of the core's bus; data is read or written. *stall: how long it was kept waiting. */
static inline enum bus_status window_access(struct bench *b, uint32_t offset, uint32_t attr,
                                            unsigned size, void *data, bool write, vtime *stall)
{
    struct bus_access a = {.addr = WINDOW + offset,
                           .attr = attr | BUS_PRIVILEGED,
                           .size = size,
                           .strobe = size == 32 ? 0xFFFFFFFFu : (1u << size) - 1,
                           .write = write,
                           .data = data};
    enum bus_status status = bus_do(b->soc->bus, &a);

    if (stall)
        *stall = a.stall_ps;
    /* The core waits as long as it is kept waiting. */
    if (a.stall_ps)
        chip_run(b->soc, a.stall_ps);
    return status;
}

static inline enum bus_status window_read(struct bench *b, uint32_t offset, unsigned size,
                                          void *data)
{
    return window_access(b, offset, BUS_NORMAL | BUS_WRITE_BACK, size, data, false, NULL);
}

static inline enum bus_status window_write(struct bench *b, uint32_t offset, unsigned size,
                                           const void *data)
{
    uint8_t copy[32];

    memcpy(copy, data, size);
    return window_access(b, offset, BUS_NORMAL | BUS_WRITE_BACK, size, copy, true, NULL);
}

/* Quad mode and the mapping of the firmware's choice: 0xEB with 6 wait cycles, 0x38, DQSE. */
static inline void map(struct bench *b, uint32_t cr)
{
    send_command(b, 1, 0x35);
    wr(b, CCR, phases(4, 4, 4));
    wr(b, TCR, 6);
    wr(b, IR, 0xEB);
    wr(b, WCCR, phases(4, 4, 4) | DQSE);
    wr(b, WTCR, 0);
    wr(b, WIR, 0x38);
    wr(b, CR, EN | MAPPED_MODE | cr);
    memset(b->frame, 0, sizeof b->frame);
    b->frames = b->begun = 0;
}

#endif
