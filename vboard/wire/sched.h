/*
 * Virtual time: one queue of events, one clock that moves only as the core runs.
 *
 * The unit is the picosecond since power-on (64 bits: 213 days). The core counts its own clock
 * cycles; the queue converts between both with the core frequency in force, exactly and without
 * drift (a change of frequency starts a new segment). Nothing reads the host's clock. Simulation
 * thread only.
 */
#ifndef VBOARD_WIRE_SCHED_H
#define VBOARD_WIRE_SCHED_H

#include <stdbool.h>
#include <stdint.h>

typedef uint64_t vtime; /* picoseconds since power-on */

#define VTIME_NEVER UINT64_MAX
#define VTIME_PS    UINT64_C(1)
#define VTIME_NS    UINT64_C(1000)
#define VTIME_US    UINT64_C(1000000)
#define VTIME_MS    UINT64_C(1000000000)
#define VTIME_S     UINT64_C(1000000000000)

struct sched;

/* An event belongs to whoever embeds it; zero-initialise it, then set fn and ctx. */
struct sched_event {
    void (*fn)(void *ctx, vtime at); /* runs at `at`; may schedule itself again */
    void *ctx;
    vtime at;
    uint64_t order; /* of equal times the one scheduled first runs first */
    unsigned slot;  /* place in the queue + 1; 0 = not queued */
};

/* Where time comes from: the core's cycle counter, and how to shorten its present run. */
struct sched_source {
    void *ctx;
    uint64_t (*cycles)(void *ctx);
    void (*limit)(void *ctx, uint64_t cycle);
};

struct sched *sched_new(const struct sched_source *source, uint64_t hz);
void sched_free(struct sched *s);

vtime sched_now(const struct sched *s);

/* The source's frequency changes now. hz > 0. */
void sched_set_hz(struct sched *s, uint64_t hz);
uint64_t sched_hz(const struct sched *s);

/* The first cycle count at which sched_now() is at least `at`; UINT64_MAX for VTIME_NEVER. */
uint64_t sched_cycle_of(const struct sched *s, vtime at);

/* (Re-)schedules an event; a time in the past means as soon as possible. */
void sched_at(struct sched *s, struct sched_event *e, vtime at);
static inline bool sched_pending(const struct sched_event *e)
{
    return e->slot != 0;
}
void sched_cancel(struct sched *s, struct sched_event *e);

/* Time of the next event, VTIME_NEVER if none. */
vtime sched_next(const struct sched *s);

/* The same without e. */
vtime sched_next_but(const struct sched *s, const struct sched_event *e);

/* Runs everything that is due at sched_now(). For the board's main loop. */
void sched_run(struct sched *s);

/* Duration of n periods of a clock of hz, rounded to the nearest picosecond; hz > 0. */
static inline vtime vtime_of_clocks(uint64_t n, uint64_t hz)
{
    return (vtime)(((unsigned __int128)n * VTIME_S + hz / 2) / hz);
}

#endif
