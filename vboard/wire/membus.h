/*
 * The memory bus: nCS, CLK and IO0..IO7 between one host (an OCTOSPI) and the chips on its wires.
 *
 * The unit is the frame: everything between a falling and a rising edge of nCS. The host describes
 * a frame once and then moves data in batches; from a frame's numbers the level of every wire at
 * every instant follows (membus_clock_at(), membus_host_lines()), so that nothing has to happen bit
 * by bit unless somebody needs it.
 *
 * Three kinds of parties:
 *   parts      chips: they are selected, sample the wires at rising edges of CLK and drive them
 *   listeners  tracers, VCD writers, checkers: they see header, data, clock stops and both nCS
 *   filters    faults in the wires: they change levels, and lose edges of CLK and nCS
 *
 * Order and time: calls come in order of time within one bus, but a frame may be reported later
 * than it happened (the host works a frame off in one go when it is next looked at). The times in
 * the frame are the truth, not sched_now(). Simulation thread only. No call may be made from within
 * a call of the same bus.
 *
 * Clock: SPI mode 0 and 3, both of which sample at rising edges. A clock period is counted from the
 * falling edge that begins its low half; data driven by the host changes there. nCS falls one
 * period before the first rising edge and rises one period after the last one (RM0456 "NCS
 * behavior", the same IP as in RM0455).
 */
#ifndef VBOARD_WIRE_MEMBUS_H
#define VBOARD_WIRE_MEMBUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sched.h"

struct membus;
struct membus_frame;

enum membus_phase_kind {
    MEMBUS_INSTRUCTION,
    MEMBUS_ADDRESS,
    MEMBUS_ALTERNATE,
    MEMBUS_DUMMY,
    MEMBUS_MAX_PHASES, /* the data phase is described apart */
};

struct membus_phase {
    enum membus_phase_kind kind;
    uint8_t lines;   /* 1, 2, 4 or 8; dummy: as the data phase, 0 = all lines released */
    bool dtr;        /* a bit (nibble, ...) at each edge instead of each rising edge */
    uint8_t bits;    /* 8, 16, 24 or 32; 0 for dummy */
    uint32_t value;  /* sent with the most significant bit first */
    uint32_t clocks; /* given for dummy; else computed by membus_begin() */
};

enum membus_direction { MEMBUS_NO_DATA, MEMBUS_OUT, MEMBUS_IN };

/* The clock of one frame. Period in 2^-16 ps, so that a million periods drift by less than 16 ps.
 */
struct membus_clock {
    uint64_t hz; /* rounded, for people */
    uint64_t period_q16;
    vtime period, low, high; /* low + high = period */
    bool idle_high;          /* level while nCS is high (mode 3) */
};

/* Wires that the host really reaches (pins in the right alternate function); bits 0..7 are IO. */
enum {
    MEMBUS_IO_ALL = 0xFF,
    MEMBUS_NCS = 1 << 8,
    MEMBUS_CLK = 1 << 9,
    MEMBUS_ALL_WIRES = MEMBUS_IO_ALL | MEMBUS_NCS | MEMBUS_CLK,
};

/*
 * A frame. It belongs to the host and stays where it is from membus_begin() to membus_end().
 */
struct membus_frame {
    /* Given by the host. */
    const char *host; /* "OCTOSPI1" */
    const char *why;  /* one word: "indirect", "mapped", "prefetch", "polling" */
    vtime fall;       /* nCS falls */
    struct membus_clock clock;
    struct membus_phase phase[MEMBUS_MAX_PHASES];
    unsigned phases;
    enum membus_direction direction;
    uint8_t data_lines;
    bool data_dtr;
    uint16_t wires; /* MEMBUS_*: what is connected */

    /* Kept by the bus. */
    uint64_t number;      /* from 1 */
    vtime high_before;    /* how long nCS was high; VTIME_NEVER before the first frame */
    uint32_t header;      /* clocks before the data phase */
    unsigned half_clocks; /* of one data byte: 1 line SDR 16, 4 lines SDR 4, 8 lines DTR 1 */
    uint64_t bytes;       /* whole data bytes moved so far */
    /* The clock runs without a stop since byte run_byte, whose low half began at run_at. Before the
       data phase: run_at is that of byte 0. */
    vtime run_at;
    uint64_t run_byte;
    vtime stopped; /* all clock stops together */

    /* Valid when the frame has ended. */
    vtime rise;      /* nCS rises */
    vtime last_edge; /* last rising edge of CLK; == fall if there was none */
    uint64_t clocks; /* rising edges */
    bool truncated;  /* ended within its header */
    bool contention; /* host and a part, or two parts, drove a line against each other */
};

static inline vtime membus_periods(const struct membus_clock *c, uint64_t n)
{
    return (vtime)((n * c->period_q16) >> 16);
}

/* When the low half of data byte b begins (or would, if the clock goes on without a stop). */
static inline vtime membus_byte_at(const struct membus_frame *f, uint64_t b)
{
    return f->run_at + (((b - f->run_byte) * f->half_clocks * f->clock.period_q16) >> 17);
}

/* Rising edge of clock n (0 = the first) of the header. */
static inline vtime membus_header_edge(const struct membus_frame *f, uint32_t n)
{
    return f->fall + membus_periods(&f->clock, n + 1u);
}

/*
 * Levels that the host puts on the lines in clock n of the header, second = second half of a DTR
 * clock; *mask = the lines that it drives. Idle lines of narrow phases: IO2 low, IO3 high (write
 * protect and hold of SPI flash), IO4..7 low (RM0456, single-, dual- and quad-SPI mode).
 */
uint8_t membus_header_lines(const struct membus_frame *f, uint32_t n, bool second, uint8_t *mask);

/* The same for symbol s of a data byte (s = 0 .. 8 / lines - 1). For MEMBUS_IN the data lines are
   not in *mask. */
uint8_t membus_data_lines(const struct membus_frame *f, uint8_t byte, unsigned s, uint8_t *mask);

/* The bits of a byte's symbol s on the lines on which a chip answers (one line: IO1), and which
   lines these are. */
uint8_t membus_answer_lines(unsigned lines, uint8_t byte, unsigned s, uint8_t *mask);

/* ---- parts ---- */

/* How a part follows a frame. */
enum membus_manner {
    MEMBUS_IGNORE, /* not at all; it still gets end() */
    MEMBUS_BYTES,  /* its data phase has the frame's lines and place: write() and read() */
    MEMBUS_CLOCKS, /* it wants each clock: drive() and sample() */
};

struct membus_part_ops {
    /* nCS fell; the header is known. BYTES may be answered only if `bytes` is true. */
    enum membus_manner (*begin)(void *ctx, const struct membus_frame *f, bool bytes);
    void (*write)(void *ctx, const uint8_t *data, size_t n);
    void (*read)(void *ctx, uint8_t *data, size_t n);
    /* Levels that it puts on the lines before the next rising edge; *mask = lines it drives. */
    uint8_t (*drive)(void *ctx, uint8_t *mask);
    void (*sample)(void *ctx, uint8_t lines);
    /* nCS rose; all times of the frame are valid. */
    void (*end)(void *ctx, const struct membus_frame *f);
    /* For debuggers, no side effects; may be NULL. Count of bytes that could be moved. */
    size_t (*peek)(void *ctx, uint32_t addr, uint8_t *data, size_t n);
    size_t (*poke)(void *ctx, uint32_t addr, const uint8_t *data, size_t n);
};

struct membus_part {
    const struct membus_part_ops *ops;
    void *ctx;
    struct membus_part *next; /* kept by the bus */
    enum membus_manner manner;
};

/* ---- listeners ---- */

struct membus_listener {
    void *ctx;
    /* Any may be NULL. */
    void (*begin)(void *ctx, const struct membus_frame *f);
    /* Data bytes f->bytes .. f->bytes + n - 1, as the host sends or sees them. Their clocks run
       without a stop: byte i begins at membus_byte_at(f, i). */
    void (*data)(void *ctx, const struct membus_frame *f, const uint8_t *data, size_t n);
    /* CLK stood low before byte f->bytes. */
    void (*stop)(void *ctx, const struct membus_frame *f, vtime since, vtime until);
    void (*end)(void *ctx, const struct membus_frame *f);
    struct membus_listener *next; /* kept by the bus */
};

/* ---- filters ---- */

struct membus_filter {
    void *ctx;
    /* Any may be NULL. Levels on their way to the parts, or (to_host) to the host. */
    uint8_t (*lines)(void *ctx, const struct membus_frame *f, uint8_t lines, bool to_host);
    /* How many rising edges the parts see of one: 0 = lost, 1, 2 = ringing. */
    unsigned (*edges)(void *ctx, const struct membus_frame *f);
    /* False: the parts miss this edge of nCS (low = falling). */
    bool (*select)(void *ctx, const struct membus_frame *f, bool low);
    struct membus_filter *next; /* kept by the bus */
};

/* ---- building ---- */

/* NULL if memory ran out. */
struct membus *membus_new(const char *name);
void membus_free(struct membus *b);
const char *membus_name(const struct membus *b);

/* Parties belong to whoever made them and must stay where they are. Not during a frame. */
void membus_attach(struct membus *b, struct membus_part *p);
void membus_detach(struct membus *b, struct membus_part *p);
void membus_listen(struct membus *b, struct membus_listener *l);
void membus_unlisten(struct membus *b, struct membus_listener *l);
/* With a filter on the bus all parts follow clock by clock: right, and slower. */
void membus_add_filter(struct membus *b, struct membus_filter *f);
void membus_remove_filter(struct membus *b, struct membus_filter *f);

/*
 * Level that a line takes when nobody drives it, a bit a line. 0xFF at first: the boards have no
 * resistors there, and a floating CMOS input has no defined level; high (as with a weak pull-up) is
 * this model's choice, so an empty socket reads 0xFF.
 */
void membus_set_pull(struct membus *b, uint8_t levels);

/*
 * When the host sees what a part answers. The part launches a symbol at a falling edge; it is there
 * `typical` later (at the latest `latest`: tACLK) and stays until `hold` (tKOH) behind the next
 * falling edge; the way there and back adds `flight`. Reflections of open stubs make the first
 * `settle` of a symbol useless. All 0 until set: then nothing limits the host.
 */
struct membus_answer {
    vtime typical, latest, hold;
    vtime flight, settle;
};
/* The part's own: typical, latest, hold. */
void membus_set_answer(struct membus *b, vtime typical, vtime latest, vtime hold);
/* The board's: flight, settle. */
void membus_set_wires(struct membus *b, vtime flight, vtime settle);
const struct membus_answer *membus_answer(const struct membus *b);

/* ---- for the host ---- */

void membus_begin(struct membus *b, struct membus_frame *f);
/* Sends / reads the next n bytes of the data phase. */
void membus_send(struct membus *b, struct membus_frame *f, const uint8_t *data, size_t n);
void membus_receive(struct membus *b, struct membus_frame *f, uint8_t *data, size_t n);
/* CLK stood low from since to until; byte f->bytes then begins at until. */
void membus_stop(struct membus *b, struct membus_frame *f, vtime since, vtime until);
/*
 * nCS rises. clocks = rising edges in all: below f->header if it ended within the header; more than
 * header and whole bytes account for if a byte was cut (tail holds that byte's value when sending).
 */
void membus_end(struct membus *b, struct membus_frame *f, vtime rise, vtime last_edge,
                uint64_t clocks, uint8_t tail);

/* Debugger's view of the memory behind the bus (the first part that answers). */
size_t membus_peek(struct membus *b, uint32_t addr, uint8_t *data, size_t n);
size_t membus_poke(struct membus *b, uint32_t addr, const uint8_t *data, size_t n);

struct membus_stats {
    uint64_t frames, bytes_out, bytes_in, clocks;
    vtime low;     /* nCS low, all frames together */
    vtime longest; /* longest nCS low */
};
void membus_get_stats(const struct membus *b, struct membus_stats *out);

#endif
