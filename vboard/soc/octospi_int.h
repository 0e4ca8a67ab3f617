/*
 * Inside the OCTOSPI model; nobody else includes this.
 *
 *   octospi.c         registers, flags, triggers, interrupts, creation
 *   octospi_engine.c  frames in time: header, FIFO, clock stops, splitting, polling
 *   octospi_mapped.c  the memory-mapped window
 *   octospi_pins.c    OCTOSPIM, pins, which wires a frame reaches
 *   octospi_dlyb.c    the delay block
 *
 * The engine is lazy. Nothing happens in it until somebody looks: octospi_pump(o, t) brings it from
 * wherever it was up to time t, in as few steps as there are changes. An event is queued only if an
 * interrupt could follow.
 */
#ifndef VBOARD_SOC_OCTOSPI_INT_H
#define VBOARD_SOC_OCTOSPI_INT_H

#include "device.h"
#include "octospi.h"

enum {
    OSPI_CR = 0x000,
    OSPI_DCR1 = 0x008,
    OSPI_DCR2 = 0x00C,
    OSPI_DCR3 = 0x010,
    OSPI_DCR4 = 0x014,
    OSPI_SR = 0x020,
    OSPI_FCR = 0x024,
    OSPI_DLR = 0x040,
    OSPI_AR = 0x048,
    OSPI_DR = 0x050,
    OSPI_PSMKR = 0x080,
    OSPI_PSMAR = 0x088,
    OSPI_PIR = 0x090,
    OSPI_CCR = 0x100,
    OSPI_TCR = 0x108,
    OSPI_IR = 0x110,
    OSPI_ABR = 0x120,
    OSPI_LPTR = 0x130,
    OSPI_WPCCR = 0x140,
    OSPI_WPTCR = 0x148,
    OSPI_WPIR = 0x150,
    OSPI_WPABR = 0x160,
    OSPI_WCCR = 0x180,
    OSPI_WTCR = 0x188,
    OSPI_WIR = 0x190,
    OSPI_WABR = 0x1A0,
    OSPI_HLCR = 0x200,
    OSPI_HWCFGR = 0x3F0,
};

enum {
    CR_EN = 1 << 0,
    CR_ABORT = 1 << 1,
    CR_DMAEN = 1 << 2,
    CR_TCEN = 1 << 3,
    CR_DMM = 1 << 6,
    CR_FSEL = 1 << 7,
    CR_FTHRES = 0x1F << 8,
    CR_TEIE = 1 << 16,
    CR_TCIE = 1 << 17,
    CR_FTIE = 1 << 18,
    CR_SMIE = 1 << 19,
    CR_TOIE = 1 << 20,
    CR_ALL_IE = CR_TEIE | CR_TCIE | CR_FTIE | CR_SMIE | CR_TOIE,
    CR_APMS = 1 << 22,
    CR_PMM = 1 << 23,
    CR_FMODE = 3 << 28,

    SR_TEF = 1 << 0,
    SR_TCF = 1 << 1,
    SR_FTF = 1 << 2,
    SR_SMF = 1 << 3,
    SR_TOF = 1 << 4,
    SR_BUSY = 1 << 5,

    TCR_SSHIFT = 1 << 30,
};
#define CCR_DQSE (UINT32_C(1) << 29)
#define CCR_SIOO (UINT32_C(1) << 31)

enum { FMODE_WRITE, FMODE_READ, FMODE_POLL, FMODE_MAPPED };

#define OSPI_FIFO    32u
#define OSPI_ENDLESS UINT64_MAX

/* What the engine is doing. BUSY is set except when idle. */
enum ospi_op {
    OP_IDLE,
    OP_COMMAND, /* no data phase */
    OP_WRITE,
    OP_READ,
    OP_DRAIN, /* indirect read is over, bytes are left in the FIFO */
    OP_POLL,
    OP_MAPPED, /* see `stream` */
    OP_ABORT,  /* nCS is on its way up */
};

/* In OP_MAPPED. */
enum ospi_stream {
    STREAM_NONE,
    STREAM_READ,  /* FIFO holds bytes in front of the master */
    STREAM_WRITE, /* FIFO holds bytes that are still to be sent */
};

/* The registers that describe one command. */
struct ospi_command {
    uint32_t ccr, tcr, ir, abr;
};

struct octospi {
    struct device dev; /* first */
    struct octospi_set *set;
    unsigned index; /* 0: OCTOSPI1, 1: OCTOSPI2 */
    unsigned irq_line;
    uint32_t window; /* base of the memory-mapped window */

    /* Register values that are looked at often. */
    uint32_t *cr, *dcr1, *dcr2, *dcr3, *dcr4, *dlr, *ar, *ccr, *tcr, *ir, *abr;
    uint32_t *lptr, *psmkr, *psmar, *pir;

    uint32_t flags;  /* SR_TEF, SR_TCF, SR_SMF, SR_TOF */
    bool poll_fresh; /* FTF in automatic polling */
    uint32_t poll_status;
    bool ir_written;       /* since the last transfer began */
    bool instruction_sent; /* SIOO: since the last write to CCR */
    bool irq_level;
    uint32_t listened; /* CR_FTIE, CR_TCIE: MDMA wants the flag of that interrupt */
    struct sched_event event;

    /* ---- the transfer ---- */
    enum ospi_op op;
    enum ospi_stream stream;
    enum membus_direction direction;
    struct ospi_command command;
    uint64_t remaining; /* data bytes still to move on the wires; OSPI_ENDLESS */
    uint64_t address;   /* of the next byte on the wires */
    uint8_t fifo[OSPI_FIFO];
    unsigned head, level;
    vtime want_at; /* no frame may begin before this */
    vtime abort_until;
    const char *why;

    /* ---- the frame ---- */
    struct membus *bus; /* where it goes */
    struct membus_frame frame;
    bool low;     /* nCS is low */
    bool stopped; /* CLK stands, since: */
    vtime stopped_at;
    uint64_t limit;     /* bytes of this frame at most (data length, CSBOUND) */
    vtime deadline;     /* REFRESH: no byte begins at or after this; VTIME_NEVER */
    vtime sample_delay; /* SSHIFT */
    int slip;           /* symbols by which data are sampled late (> 0) or early (< 0) */
    bool blurred;       /* sampled while they change */
    uint8_t symbol;     /* the last one on the wires, for an early sample */
    vtime ready_at;     /* nCS has been high for CSHT + 1 clocks */
    vtime quiet_until;  /* octospi_pump() has nothing to do before this */
    vtime seen;         /* latest time that the engine was brought to */
    struct membus_clock clock;

    /* ---- the window ---- */
    uint32_t fifo_address; /* of the oldest byte in the FIFO (STREAM_READ) */
    bool prefetch_warned;
    bool reread_valid; /* the last access can be served once more */
    uint32_t reread_address, reread_size;
    uint8_t reread[BUS_MAX_SIZE];
    uint8_t lanes[8]; /* of the write beat before */

    struct octospi_stats stats;
};

struct octospi_set {
    struct soc *soc;
    struct device *dlyb[2];
    struct octospi *unit[2];
    struct device *manager;
    struct membus *bus[2];
    struct membus *nowhere; /* frames that no port carries */
    struct octospi_wiring wiring[2];
    enum octospi_partial partial;
};

static inline unsigned ospi_fmode(const struct octospi *o)
{
    return *o->cr >> 28 & 3;
}

static inline unsigned ospi_threshold(const struct octospi *o)
{
    return (*o->cr >> 8 & 0x1F) + 1;
}

/* Bytes of the device by DEVSIZE. */
static inline uint64_t ospi_capacity(const struct octospi *o)
{
    return UINT64_C(2) << (*o->dcr1 >> 16 & 0x1F);
}

/* Data lines of a CCR, 0 = no data phase. */
static inline unsigned ospi_lines(uint32_t ccr, unsigned shift)
{
    unsigned mode = ccr >> shift & 7;

    return mode ? 1u << (mode - 1) : 0;
}
enum { CCR_IMODE = 0, CCR_ADMODE = 8, CCR_ABMODE = 16, CCR_DMODE = 24 };

/* octospi.c */
vtime octospi_now(struct octospi *o);
/* After anything that can change flags: interrupt level, next event, quiet time. */
void octospi_update(struct octospi *o);
uint32_t octospi_status(const struct octospi *o);

/* octospi_engine.c */
void octospi_clock(struct octospi *o); /* CLK from kernel clock and prescaler */
void octospi_pump(struct octospi *o, vtime t);
/* When pump() would next change anything; VTIME_NEVER: only a master or a register can. */
vtime octospi_next(const struct octospi *o);
/* Begins an indirect, command or polling transfer (registers as they are). */
void octospi_start(struct octospi *o, enum ospi_op op, vtime t);
void octospi_push(struct octospi *o, const uint8_t *data, unsigned n, vtime t);
void octospi_pop(struct octospi *o, uint8_t *data, unsigned n, vtime t);
/* Raises nCS as early as the clock allows; returns when. Nothing if nCS is high. */
vtime octospi_cut(struct octospi *o, vtime t);
/* Everything to idle without a word to the program (reset, EN = 0). */
void octospi_drop(struct octospi *o, vtime t);

/* octospi_mapped.c */
enum bus_status octospi_window(void *ctx, struct bus_access *a);
/* ABORT in memory-mapped mode: delivers what was still to be written; returns when. */
vtime octospi_mapped_finish(struct octospi *o, vtime t);

/* octospi_pins.c */
int octospi_pins_create(struct octospi_set *set);
/* The bus on which o's frames go now, and MEMBUS_* wires that they reach. */
struct membus *octospi_route(const struct octospi *o, uint16_t *wires);

/* octospi_dlyb.c */
int octospi_dlyb_create(struct octospi_set *set, unsigned index);
/* What the delay block adds to the sampling point now. */
vtime octospi_dlyb_delay(const struct octospi *o);

/* octospi_sampling.c */
/* As a read frame begins: where its data are sampled. */
void octospi_sampling_begin(struct octospi *o);
/* What the controller makes of n bytes that were on the wires. */
void octospi_sample(struct octospi *o, uint8_t *data, size_t n);

#endif
