/*
 * The two sides of the differential test behind one face: Unicorn (the oracle) and our core. Each
 * has its own memory as state.h describes it.
 */
#ifndef TESTS_CPU_MACHINE_H
#define TESTS_CPU_MACHINE_H

#include "state.h"

enum machine_kind {
    MACHINE_UNICORN,
    MACHINE_STEP, /* our core, one instruction at a time */
    MACHINE_RUN,  /* our core, whole blocks */
};

struct machine;

struct machine *machine_new(enum machine_kind kind);
void machine_free(struct machine *m);
const char *machine_name(const struct machine *m);

/* Back to a known core state, after a run went wrong. Memory stays. */
void machine_reset(struct machine *m);

/* Unicorn only: which of its two models runs (see oracle_unicorn.c). */
void machine_double_precision(struct machine *m, bool on);

/*
 * Copies bytes to the code window. Unicorn does not notice that code changes (uc_mem_write() and
 * uc_ctl_remove_cache() leave stale translations behind in 2.0.1, and uc_ctl_flush_tlb() clears a
 * gigabyte), so every program goes where none has run since machine_clear_code().
 */
void machine_write_code(struct machine *m, uint32_t addr, const void *bytes, size_t n);

/* Fills the code window with `pattern`, SLOT_SIZE bytes again and again; no program is known any
   more. */
void machine_clear_code(struct machine *m, const uint8_t *pattern);

/* The DATA_SIZE bytes at DATA_BASE. */
uint8_t *machine_data(struct machine *m);

/*
 * Starts from `in`, runs until the PC is `end`, stores the state in `out`. NULL, or one line on
 * what went wrong (a fault, or the end was not reached); the line lives until the next call.
 */
const char *machine_run(struct machine *m, const struct state *in, uint32_t end, struct state *out);

/*
 * Our core only: runs the one instruction at in->r[15] after a reset of the core. "undefined" and
 * "no coprocessor" if it raised that UsageFault, else "other fault" or "done".
 */
const char *machine_judge(struct machine *m, const struct state *in);

/* Instructions run so far; 0 for Unicorn, which does not count. */
uint64_t machine_instructions(const struct machine *m);

/* The parts, for machine.c only. */
struct unicorn_side;
struct unicorn_side *unicorn_side_new(void);
void unicorn_side_double_precision(struct unicorn_side *u, bool on);
void unicorn_side_free(struct unicorn_side *u);
void unicorn_side_clear_code(struct unicorn_side *u, const uint8_t *pattern);
void unicorn_side_write_code(struct unicorn_side *u, uint32_t addr, const void *bytes, size_t n);
uint8_t *unicorn_side_data(struct unicorn_side *u);
const char *unicorn_side_run(struct unicorn_side *u, const struct state *in, uint32_t end,
                             struct state *out);

#endif
