/*
 * The inside of the timers:
 *
 *   timer.c           registers, interrupts, creation
 *   timer_count.c     the counter in virtual time: update and compare events
 *   timer_channels.c  references of the channels, capture
 *   timer_output.c    what outputs make of the references: enables, dead time, break
 *   timer_input.c     pins and filters
 *   timer_slave.c     trigger input, slave and encoder modes, external clocks
 *   timer_trigger.c   trigger outputs
 *   timer_dma.c       requests
 *   timer_routes.c    which pins they reach
 */
#ifndef VBOARD_SOC_TIMER_INT_H
#define VBOARD_SOC_TIMER_INT_H

#include "devices.h"
#include "signals.h"

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
    CCMR3 = 0x54,
    CCR5 = 0x58,
    AF1 = 0x60,
    AF2 = 0x64,
    CHANNELS = 6, /* 5 and 6 have no pins and capture nothing */
    PIN_CHANNELS = 4,
};

#define CR1_CEN  (1u << 0)
#define CR1_UDIS (1u << 1)
#define CR1_URS  (1u << 2)
#define CR1_OPM  (1u << 3)
#define CR1_DIR  (1u << 4)
#define CR1_CMS  (3u << 5)
#define CR1_ARPE (1u << 7)
#define UIF      (1u << 0)
#define CCIF(n)  (1u << ((n) < 4 ? 1 + (n) : 12 + (n)))
#define CCIF_ALL 0x1Eu
#define COMIF    (1u << 5)
#define TIF      (1u << 6)
#define BIF      (1u << 7)
#define B2IF     (1u << 8)
#define SBIF     (1u << 13)
#define CCOF(n)  (1u << (9 + (n)))
#define SR_RC_W0 0x00033FFFu
/* An update event has come, whether it sets UIF or not; not a bit of SR. */
#define UPDATE (1u << 31)

struct timer_kind {
    const char *name;
    uint8_t number;
    uint32_t base;
    uint16_t enr, rstr;
    uint8_t bit, on, clock;
    uint8_t break_irq, update_irq, trigger_irq, compare_irq;
    uint8_t width, channels;
    bool has_break; /* BDTR gates the outputs */
    bool has_slave; /* SMCR and TRGO; TIM6 and TIM7 have TRGO only */
};

/* What a pin's alternate function is to a timer: channel 1..4, or one of these. */
enum { ROUTE_ETR = 5, ROUTE_BKIN, ROUTE_BKIN2 };

struct timer_route {
    uint8_t timer, channel;
    bool complementary; /* the channel's complementary output */
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

/* TI1..TI4, ETR, BKIN, BKIN2: as ROUTE_ETR.. less one. */
enum { IN_ETR = ROUTE_ETR - 1, IN_BKIN = ROUTE_BKIN - 1, IN_BKIN2 = ROUTE_BKIN2 - 1, INPUTS };

struct timer_input {
    struct timer *timer;
    unsigned n;
    bool pin;   /* level of the pins that are routed to it */
    bool level; /* behind the filter */
    struct sched_event filter;
};

struct timer {
    struct device d;
    const struct timer_kind *kind;
    struct timer *partner[3]; /* share interrupt lines (TIM8 with TIM12, TIM13, TIM14) */
    uint32_t *cr1, *dier, *sr, *smcr;
    uint64_t hz;       /* of the timer's clock */
    uint32_t psc, arr; /* in force */
    uint32_t ccr[CHANNELS];
    vtime since;     /* when the counter was last set ... */
    uint64_t from;   /* ... to this many ticks behind the begin of a period ... */
    uint32_t rest;   /* ... and so many clocks behind that tick */
    uint64_t seen;   /* ticks up to which events are accounted for */
    uint32_t repeat; /* updates still to be swallowed by RCR */
    struct sched_event event;

    bool reference[CHANNELS]; /* OCxREF */
    unsigned edges[CHANNELS]; /* that the input prescaler has counted */
    unsigned driving;         /* bit n: edges of channel n's reference matter to somebody */

    /* timer_output.c */
    bool shown[PIN_CHANNELS];       /* OCxREF as dead time last saw it */
    vtime dead_until[PIN_CHANNELS]; /* neither output of the channel is active before */
    struct sched_event dead;
    struct timer_pin *pins;
    unsigned pin_count;

    /* timer_input.c, timer_slave.c */
    struct timer_input input[INPUTS];
    bool trgi;          /* the trigger input */
    bool in_trigger;    /* one is being carried out */
    unsigned etr_edges; /* counted by ETPS */
    struct signal_listener itr;

    /* timer_trigger.c */
    bool referred[CHANNELS]; /* OCxREF as TRGO2 last saw it */
    struct signal_source source;

    unsigned burst; /* accesses to DMAR since its burst began */
};

static inline uint32_t timer_mask(const struct timer *t)
{
    return t->kind->width == 32 ? 0xFFFFFFFFu : 0xFFFFu;
}

static inline bool timer_centre(const struct timer *t)
{
    return *t->cr1 & CR1_CMS;
}

/* Ticks from one overflow or underflow to the next. */
static inline uint64_t timer_unit(const struct timer *t)
{
    return timer_centre(t) ? (t->arr ? t->arr : 1) : (uint64_t)t->arr + 1;
}

/* Ticks until all repeats. */
static inline uint64_t timer_period(const struct timer *t)
{
    return timer_centre(t) ? 2 * timer_unit(t) : timer_unit(t);
}

/* ---- timer_count.c ---- */

/* Accounts for all up to now; plans what comes next. */
void timer_sync(struct timer *t);
void timer_schedule(struct timer *t);
/* Before and after what decides how the counter counts is changed: clocks that have passed were the
   old way. */
void timer_settle(struct timer *t);
/* The counter's value and direction at t->seen, and at a time not before it was last set. */
uint32_t timer_count(const struct timer *t);
uint32_t timer_count_at(const struct timer *t, vtime at);
bool timer_down(const struct timer *t);
/* The tick of a period at which the counter equals `count`: on its present way in centre-aligned
   mode. */
uint64_t timer_tick_of(const struct timer *t, uint32_t count);
/* The ticks of a period at which it equals channel n's compare value: 0, 1 or 2 of them. */
unsigned timer_match_ticks(const struct timer *t, unsigned n, uint64_t at[2]);
/* The first tick behind t->seen that lies at this place of a period. */
uint64_t timer_next_at(const struct timer *t, uint64_t phase);
/* Sets the counter, after timer_settle(); the prescaler goes on. */
void timer_set_count(struct timer *t, uint32_t count);
/* The counter and the prescaler begin anew, and the preloaded values are taken: an update event. */
void timer_reinitialise(struct timer *t);
/* An edge of the external clock. */
void timer_clock_edge(struct timer *t);
/* Takes the preloaded values. */
void timer_load(struct timer *t);
uint32_t timer_compare_register(struct timer *t, unsigned n);
void timer_count_reset(struct timer *t);
void timer_count_create(struct timer *t);

/* ---- timer.c ---- */

void timer_update_irq(struct timer *t);

/* ---- timer_channels.c ---- */

/* Channel n (0..5) compares: it exists and is no input. */
bool timer_compares(struct timer *t, unsigned n);
/* CCMRx.OCxPE: the compare value waits for the next update. */
bool timer_preloads(struct timer *t, unsigned n);
uint32_t timer_ccmr(struct timer *t, unsigned n);
/* CCxE, CCxP, CCxNE, CCxNP. */
uint32_t timer_ccer(struct timer *t, unsigned n);
/* The counter has met channel n's compare value so many times. */
void timer_matched(struct timer *t, unsigned n, uint64_t times);
void timer_update_references(struct timer *t);
/* The first tick behind t->seen at which a reference that matters changes; UINT64_MAX: none. */
uint64_t timer_next_edge(struct timer *t);
/* CCxG of a channel that captures, or an edge at its input. */
void timer_capture(struct timer *t, unsigned n);
/* An edge at TI1 + ti. */
void timer_capture_edge(struct timer *t, unsigned ti, bool rising);
/* An edge of TRC, for the channels that capture it. */
void timer_capture_trc(struct timer *t);

/* ---- timer_output.c ---- */

/* References, outputs and signals follow the counter and the registers. */
void timer_drive(struct timer *t);
/* The level of output OCx before its pin. */
bool timer_output_level(struct timer *t, unsigned n);
/* A break input or a register of break changed; what a write to BDTR may set. */
void timer_break(struct timer *t);
/* EGR.BG, B2G. */
void timer_software_break(struct timer *t, uint32_t flags);
/* An update event: AOE. */
void timer_automatic_output(struct timer *t);
void timer_output_reset(struct timer *t);
void timer_output_create(struct timer *t);

/* ---- timer_input.c ---- */

int timer_pins_create(struct timer *t);
/* Pins are routed to it anew, or TI1S or a filter changed. */
void timer_inputs_routed(struct timer *t);
void timer_inputs_reset(struct timer *t);
/* CKD: clocks of the sampling clock's period. */
uint64_t timer_dts_clocks(const struct timer *t);

/* ---- timer_slave.c ---- */

/* The counter is not clocked by the timer's own clock; a closed gate holds it. */
bool timer_external_clock(const struct timer *t);
bool timer_gated(const struct timer *t);
bool timer_encodes(const struct timer *t);
/* TI1 or TI2, or ETR, has this level now. */
void timer_slave_input(struct timer *t, unsigned n, bool level);
void timer_write_smcr(struct device *d, unsigned i, uint32_t value, uint32_t old);
/* Whether the trigger input matters, or its polarity, may have changed. */
void timer_slave_changed(struct timer *t);
void timer_slave_reset(struct timer *t);
void timer_slave_create(struct timer *t);

/* ---- timer_trigger.c ---- */

/* These events have come, flags of SR and UPDATE; the counter was reset. */
void timer_trigger_event(struct timer *t, uint32_t flags);
void timer_trigger_reset(struct timer *t);
/* Trigger outputs that are levels follow the timer. */
void timer_trigger_levels(struct timer *t);
/* Bit n: the edges of channel n's reference matter to who listens. */
unsigned timer_trigger_channels(const struct timer *t);
/* Flags whose every event matters to who listens. */
uint32_t timer_trigger_awaited(const struct timer *t);
void timer_trigger_create(struct timer *t);

/* ---- timer_dma.c ---- */

/* The event of these flags (of SR, and UPDATE) has come: requests, trigger outputs. */
void timer_event(struct timer *t, uint32_t flags);
/* The flags whose every event matters, set already or not. */
uint32_t timer_awaited(struct timer *t);
/* Requests of these flags are not enabled any more. */
void timer_requests_off(struct timer *t, uint32_t flags);
enum bus_status timer_access(struct device *d, struct bus_access *a);
void timer_write_dcr(struct device *d, unsigned i, uint32_t value, uint32_t old);

#endif
