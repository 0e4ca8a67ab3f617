/*
 * The inside of the timers: timer.c has time base and registers, timer_channels.c the channels
 * (references, outputs, capture), timer_routes.c which pins they reach, timer_dma.c the requests.
 */
#ifndef VBOARD_SOC_TIMER_INT_H
#define VBOARD_SOC_TIMER_INT_H

#include "devices.h"

enum {
    CR1 = 0x00,
    CR2 = 0x04,
    SMCR = 0x08,
    DIER = 0x0C,
    SR = 0x10,
    EGR = 0x14,
    CCMR1 = 0x18,
    CCER = 0x20,
    CNT = 0x24,
    PSC = 0x28,
    ARR = 0x2C,
    RCR = 0x30,
    CCR1 = 0x34,
    BDTR = 0x44,
    CHANNELS = 4,
};

#define CR1_CEN  (1u << 0)
#define CR1_UDIS (1u << 1)
#define CR1_URS  (1u << 2)
#define CR1_OPM  (1u << 3)
#define CR1_DIR  (1u << 4)
#define CR1_ARPE (1u << 7)
#define UIF      (1u << 0)
#define CCIF(n)  (1u << (1 + (n)))
#define CCIF_ALL 0x1Eu
#define COMIF    (1u << 5)
#define TIF      (1u << 6)
#define CCOF(n)  (1u << (9 + (n)))
#define SR_RC_W0 0x00031EFFu

struct timer_kind {
    const char *name;
    uint8_t number;
    uint32_t base;
    uint16_t enr, rstr;
    uint8_t bit, on, clock;
    uint8_t update_irq, compare_irq;
    uint8_t width, channels;
    bool has_break; /* BDTR gates the outputs */
};

/* A pin's alternate function that is channel 1..4 of a timer, or its complementary output. */
struct timer_route {
    uint8_t timer, channel;
    bool complementary;
    uint8_t pin, af;
};

extern const struct timer_route timer_routes[];
extern const unsigned timer_route_count;

struct timer;

/* A route of one timer, as it is now. */
struct timer_pin {
    struct timer *timer;
    const struct timer_route *route;
    enum net_drive driven; /* what the timer last put on the pin */
    bool high;             /* the level at the input */
    struct net_listener listener;
};

struct timer {
    struct device d;
    const struct timer_kind *kind;
    struct timer *partner; /* shares the update interrupt line (TIM8 and TIM13) */
    uint32_t *cr1, *dier, *sr;
    uint64_t hz;            /* of the prescaler's input */
    uint32_t psc, arr;      /* in force */
    uint32_t ccr[CHANNELS]; /* ... of channels that compare */
    vtime since;            /* when the counter was last set ... */
    uint64_t from;          /* ... to this many ticks behind an update event */
    uint64_t seen;          /* ticks up to which flags are accounted for */
    uint32_t repeat;        /* updates still to be swallowed by RCR */
    struct sched_event event;

    bool reference[CHANNELS]; /* OCxREF */
    unsigned edges[CHANNELS]; /* that the input prescaler has counted */
    unsigned driving;         /* bit n: an output of channel n reaches a pin */
    struct timer_pin *pins;
    unsigned pin_count;

    unsigned burst; /* accesses to DMAR since its burst began */
};

static inline uint64_t timer_period(const struct timer *t)
{
    return (uint64_t)t->arr + 1;
}

/* The tick within a period at which the counter equals `count`. */
static inline uint64_t timer_tick_of(const struct timer *t, uint32_t count)
{
    return *t->cr1 & CR1_DIR ? t->arr - count : count;
}

/* Channel n (0..3) compares: it exists and is no input. */
bool timer_compares(struct timer *t, unsigned n);
/* CCMRx.OCxPE: the compare value waits for the next update. */
bool timer_preloads(struct timer *t, unsigned n);

/* timer.c: accounts for all up to now; plans what comes next. */
void timer_sync(struct timer *t);
void timer_schedule(struct timer *t);
uint32_t timer_count(struct timer *t, vtime at); /* at: not before the counter was last set */

/* timer_channels.c. The counter has met channel n's compare value so many times. */
void timer_matched(struct timer *t, unsigned n, uint64_t times);
/* References and pins follow the counter and the registers. */
void timer_drive(struct timer *t);
/* The first tick behind t->seen at which an output that reaches a pin changes; UINT64_MAX: none. */
uint64_t timer_next_edge(struct timer *t);
/* CCxG of a channel that captures, or an edge at its input. */
void timer_capture(struct timer *t, unsigned n);
int timer_pins_create(struct timer *t);

/* timer_dma.c. The event of these flags (of SR) has come: requests, trigger output. */
void timer_event(struct timer *t, uint32_t flags);
/* EGR.UG was written. */
void timer_reset_event(struct timer *t);
/* A trigger output that is a level follows the timer. */
void timer_trgo_level(struct timer *t);
/* Bit n: the trigger output is the reference of channel n. */
unsigned timer_trgo_channels(struct timer *t);
/* The flags whose every event matters, set already or not. */
uint32_t timer_awaited(struct timer *t);
/* Requests of these flags are not enabled any more. */
void timer_requests_off(struct timer *t, uint32_t flags);
enum bus_status timer_access(struct device *d, struct bus_access *a);
void timer_write_dcr(struct device *d, unsigned i, uint32_t value, uint32_t old);

#endif
