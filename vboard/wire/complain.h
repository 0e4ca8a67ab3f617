/*
 * Complaints about the program that runs on the board.
 *
 * Three classes, each counted and printable (QEMU's LOG_UNIMP and LOG_GUEST_ERROR, and one more):
 *   unimplemented  the model lacks something that the chip has
 *   guest error    the program broke a rule of the manual
 *   hazard         it works by luck: errata, timing, voltage, protocol
 * --strict makes the last two end the run. Simulation thread only.
 */
#ifndef VBOARD_WIRE_COMPLAIN_H
#define VBOARD_WIRE_COMPLAIN_H

#include <stdint.h>

#include "sched.h"

enum complaint_class { UNIMPLEMENTED, GUEST_ERROR, HAZARD, COMPLAINT_CLASSES };

struct complaint {
    enum complaint_class kind;
    const char *name; /* short and stable: "busy-write", "tCEM"; a string that lives on */
    vtime at;
    uint32_t pc;
    const char *text; /* one sentence with the numbers of this case; lives during the call */
};

enum { COMPLAINT_TEXT = 256 }; /* longest sentence, with its final zero */

struct complaints;
struct hazard_switches; /* hazard.h */

/* pc tells the core's present program counter. */
struct complaints *complaints_new(struct sched *s, uint32_t (*pc)(void *ctx), void *ctx);
void complaints_free(struct complaints *c);

/* Records one complaint; format as printf. Cheap after the first of a name (counted, text kept from
   the first and the last). */
void complain(struct complaints *c, enum complaint_class kind, const char *name, const char *format,
              ...) __attribute__((format(printf, 4, 5)));

/* Called at each complaint (for --strict and live logs). One listener. */
void complaints_listen(struct complaints *c, void (*fn)(void *ctx, const struct complaint *what),
                       void *ctx);

/* The switches of hazards; for hazard.c. */
struct hazard_switches *complaints_hazards(struct complaints *c);

uint64_t complaints_count(const struct complaints *c, enum complaint_class kind);

/* Calls fn for each distinct name in order of first occurrence, with its count. */
void complaints_each(const struct complaints *c,
                     void (*fn)(void *ctx, const struct complaint *first,
                                const struct complaint *last, uint64_t count),
                     void *ctx);

#endif
