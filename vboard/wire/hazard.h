/*
 * Hazards: ways in which a program works by luck. Each has a name, a source, and a switch.
 *
 * Two kinds. Logic always has its effect: the chip cannot do otherwise. Margin is a number of a
 * datasheet that is not kept: a good chip on a warm bench forgives that, so by default it is only
 * counted; with its switch at "bite" it has the effect that the datasheet's worst case may have.
 *
 * How often a margin bites: of each event the chip's need is drawn between half the datasheet's
 * limit and the limit itself, because a limit covers the worst part at the worst temperature and
 * voltage. So a small deficit bites now and then, and one of more than half always. The draws
 * follow the seed.
 *
 * Simulation thread only.
 */
#ifndef VBOARD_WIRE_HAZARD_H
#define VBOARD_WIRE_HAZARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "complain.h"

enum hazard {
    HAZARD_DQSE,
    HAZARD_PARTIAL_BEAT,
    HAZARD_PREFETCH_END,
    HAZARD_ABORT_AFTER_WRITE,
    HAZARD_OVERLONG_COMMAND,
    HAZARD_SAMPLING,
    HAZARD_SAMPLING_MARGIN,
    HAZARD_TCEM,
    HAZARD_TCPH,
    HAZARD_TCHD,
    HAZARD_TCSP,
    HAZARD_PAGE_CROSS,
    HAZARD_CHIP_CLOCK,
    HAZARD_POWER_UP,
    HAZARD_VOLTAGE_SCALE,
    HAZARD_APB_CLOCK,
    HAZARD_FLASH_LATENCY,
    HAZARD_FLASH_WRHIGHFREQ,
    HAZARD_PLL_INPUT_RANGE,
    HAZARD_PLL_VCO_RANGE,
    HAZARDS
};

enum hazard_action {
    HAZARD_OFF,   /* neither counted nor with effect */
    HAZARD_COUNT, /* counted */
    HAZARD_BITE,  /* counted, with its effect */
};

struct hazard_kind {
    const char *name;
    bool margin;
    const char *what;
    const char *source;
};
extern const struct hazard_kind hazard_kinds[HAZARDS];

/* By name; -1 if there is none. */
int hazard_find(const char *name);

struct hazard_switches {
    enum hazard_action action[HAZARDS];
    uint64_t random;
};
/* Logic bites, margin is counted. */
void hazard_switches_init(struct hazard_switches *s);

/* The switches are part of a board's complaints (complaints_new() lets logic bite and counts
 * margin). */
void hazard_set(struct complaints *c, enum hazard which, enum hazard_action action);
enum hazard_action hazard_action_of(struct complaints *c, enum hazard which);
/* Where the draws begin; the seed is 1 until told. */
void hazards_seed(struct complaints *c, uint64_t seed);
/* All margins bite. */
void hazards_worst_case(struct complaints *c);

/* Counts one event (as complain(), class HAZARD). True: it has its effect. A NULL c counts nothing.
 */
bool hazard(struct complaints *c, enum hazard which, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Whether a margin of which only `given` of `limit` is kept bites this time (see above). */
bool hazard_short(struct complaints *c, uint64_t given, uint64_t limit);
/* The same where the limit is a maximum that `given` exceeds: it always bites at twice the limit.
 */
bool hazard_beyond(struct complaints *c, uint64_t given, uint64_t limit);
/* A number below n, n > 0. */
uint32_t hazard_pick(struct complaints *c, uint32_t n);

#endif
