/*
 * Signals from one peripheral to another inside of the chip: trigger outputs of timers, EXTI lines,
 * outputs of low-power timers. Simulation thread only.
 *
 * A source computes a signal only while somebody listens, so that nobody pays for what nobody
 * needs; it is told when that changes. Within a listener soc_now() is the time of the edge.
 * RM0455's interconnect matrix takes one to three clocks for the way; here it takes none.
 */
#ifndef VBOARD_SOC_SIGNALS_H
#define VBOARD_SOC_SIGNALS_H

#include <stdbool.h>

struct soc;

/* Timer n (1..17): its trigger outputs, and the outputs OC1..OC4 before they reach a pin. */
#define SIGNAL_TRGO(n)   (8u * (n))
#define SIGNAL_TRGO2(n)  (8u * (n) + 1)
#define SIGNAL_OC(n, ch) (8u * (n) + 1 + (ch))
/* A pulse with each edge that EXTI line 0..15 looks for. */
#define SIGNAL_EXTI(line) (144u + (line))
/* High while the line is pending and its interrupt is not masked. */
#define SIGNAL_EXTI_IT(line) (160u + (line))
/* The output of LPTIM1..3. */
#define SIGNAL_LPTIM(n) (176u + (n))

enum { SIGNAL_NONE = 0, SIGNAL_COUNT = 180 };

struct signal_listener {
    void (*fn)(void *ctx, bool level); /* at an edge, to this level */
    void *ctx;
    unsigned signal; /* kept here, as is next */
    struct signal_listener *next;
};

struct signal_source {
    void (*fn)(void *ctx); /* the first listener has come, or the last has gone */
    void *ctx;
};

int signals_create(struct soc *soc);

void signal_add_source(struct soc *soc, unsigned signal, const struct signal_source *source);
/* Listens to this signal from now on, and no more to the one before; SIGNAL_NONE: to none. The
   listener must stay where it is meanwhile. */
void signal_listen(struct soc *soc, unsigned signal, struct signal_listener *l);

/* For the source. */
bool signal_listened(const struct soc *soc, unsigned signal);
void signal_set(struct soc *soc, unsigned signal, bool level);
void signal_pulse(struct soc *soc, unsigned signal);
/* The level that it has; only while somebody listens. */
bool signal_level(const struct soc *soc, unsigned signal);

#endif
