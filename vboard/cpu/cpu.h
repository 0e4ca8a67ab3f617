/*
 * An Arm Cortex-M7 (ARMv7E-M, FPv5-D16, MPU, NVIC, SysTick, DWT): what the rest of the board sees.
 *
 * Sources: ARMv7-M Architecture Reference Manual DDI0403E (the architecture), Cortex-M7 TRM
 * DDI0489F (this implementation), DUI0646C (device generic user guide).
 *
 * One struct cpu is one core. All calls come from the simulation thread. Time is counted in core
 * clock cycles since cpu_new(); the counter goes on over resets.
 */
#ifndef VBOARD_CPU_CPU_H
#define VBOARD_CPU_CPU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bus.h"

struct cpu;

struct cpu_config {
    struct bus *bus;
    unsigned irq_count;   /* external interrupt lines, 1..240 */
    unsigned prio_bits;   /* implemented priority bits, 3..8 */
    unsigned mpu_regions; /* 0, 8 or 16 */
    uint32_t cpuid;       /* CPUID register */
    uint64_t seed;        /* for what hardware leaves open (cache victim choice) */

    /* Reset values of what the chip's maker straps (DDI0489F 3.3, system control): 0 where absent.
     */
    uint32_t itcmcr, dtcmcr, ahbpcr; /* enable and size of ITCM, DTCM and AHBP */
    uint32_t syst_calib;             /* SYST_CALIB */

    /* Core state that is of interest outside; any may be NULL. */
    void *ctx;
    void (*on_reset_request)(void *ctx);    /* AIRCR.SYSRESETREQ was written */
    void (*on_sleep)(void *ctx, bool deep); /* WFI/WFE begins to sleep; deep = SCR.SLEEPDEEP */
    void (*on_wake)(void *ctx); /* that sleep ends: the next instruction is about to run */
    /* The handler of an exception is about to run, or has returned. */
    void (*on_exception)(void *ctx, uint32_t exception, bool entry);
    /* A remark on the program: something the architecture calls UNPREDICTABLE, or that works by
       luck. pc is the instruction's address; text lives only during the call. */
    void (*on_remark)(void *ctx, uint32_t pc, const char *text);
};

/* NULL if memory ran out or the configuration is out of range. */
struct cpu *cpu_new(const struct cpu_config *config);
void cpu_free(struct cpu *c);

/* The core clock, for turning targets' stall times into cycles. hz > 0; 64 MHz until called. */
void cpu_set_clock(struct cpu *c, uint64_t hz);

/* Core reset: all registers to their reset state, VTOR = vtor, SP and PC from the table there. */
void cpu_reset(struct cpu *c, uint32_t vtor);

enum cpu_stop {
    CPU_TIME,       /* the cycle counter reached `until` */
    CPU_REQUESTED,  /* cpu_request_stop() */
    CPU_BREAKPOINT, /* a breakpoint; the instruction at PC has not run */
    CPU_WATCHPOINT, /* a watchpoint; the access has happened, PC is the next instruction */
    CPU_LOCKUP,     /* ARMv7-M ARM B1.5.15 */
};

/*
 * Runs until the cycle counter reaches `until` (it may overshoot by the length of one decoded
 * block) or something else stops it. Sleeping (WFI) moves the counter on without running anything.
 */
enum cpu_stop cpu_run(struct cpu *c, uint64_t until);

/* Runs exactly one instruction (or takes one exception entry). */
enum cpu_stop cpu_step(struct cpu *c);

/*
 * Cycle of the next event outside of the core (UINT64_MAX: none), for the next runs: no instruction
 * begins behind it before cpu_run() has returned for it. The end of a run itself may come in the
 * middle of a block, so that where runs end does not change what the program sees.
 */
void cpu_event(struct cpu *c, uint64_t cycle);

/* Asks a running cpu_run() to come back soon; callable from bus targets and from a signal handler.
 */
void cpu_request_stop(struct cpu *c);

/* Moves the next event, and with it the end of a running cpu_run(), to an earlier cycle. For
   targets that schedule events. */
void cpu_limit(struct cpu *c, uint64_t until);

/* Cycles since cpu_new(). Within a bus access: exact to the instruction's block. */
uint64_t cpu_cycles(const struct cpu *c);
/* Instructions retired since cpu_new(). */
uint64_t cpu_instructions(const struct cpu *c);
/* Of the cycles, those that passed in WFI or WFE. */
uint64_t cpu_slept(const struct cpu *c);

/* Sets the level of an external interrupt line (0 .. irq_count-1), as a peripheral drives it. */
void cpu_irq(struct cpu *c, unsigned line, bool level);
/* Pulses NMI. */
void cpu_nmi(struct cpu *c);
/* True while in WFI/WFE. */
bool cpu_sleeping(const struct cpu *c);
/* An event from outside (RXEV): ends a WFE, or lets the next one pass. */
void cpu_rxev(struct cpu *c);
/* While it sleeps: its clock is stopped, or comes back. SysTick and DWT_CYCCNT stand still;
   cpu_cycles(), which is time, goes on. A reset ends it. */
void cpu_hold_clock(struct cpu *c, bool hold);

/* Registers as a debugger numbers them. */
enum cpu_reg {
    CPU_R0 = 0, /* .. CPU_R0 + 12 */
    CPU_SP = 13,
    CPU_LR = 14,
    CPU_PC = 15,
    CPU_XPSR = 16,
    CPU_MSP,
    CPU_PSP,
    CPU_PRIMASK,
    CPU_BASEPRI,
    CPU_FAULTMASK,
    CPU_CONTROL,
    CPU_FPSCR,
    CPU_S0, /* .. CPU_S0 + 31 */
};
uint32_t cpu_get(const struct cpu *c, unsigned reg);
void cpu_set(struct cpu *c, unsigned reg, uint32_t value);

/*
 * Memory as a debugger sees it through the core: what a load would return, data caches included, no
 * MPU check, no side effects on targets (BUS_DEBUG). Returns the count of bytes that could be
 * moved.
 */
size_t cpu_peek(struct cpu *c, uint32_t addr, void *out, size_t n);
size_t cpu_poke(struct cpu *c, uint32_t addr, const void *in, size_t n);

/* Breakpoints on instruction addresses; watchpoints on data. 0, or -1 if there is no room. */
int cpu_break(struct cpu *c, uint32_t addr, bool set);
enum { CPU_WATCH_READ = 1, CPU_WATCH_WRITE = 2 };
int cpu_watch(struct cpu *c, uint32_t addr, uint32_t size, unsigned kind, bool set);
/* After CPU_WATCHPOINT: the address of the access. */
uint32_t cpu_watch_hit(const struct cpu *c);

/* One line on why the core is where it is after a fault or lock-up ("lockup: HardFault (forced):
 * ..."). */
void cpu_explain(const struct cpu *c, char *text, size_t size);

struct cpu_stats {
    uint64_t blocks_decoded, blocks_entered_from_loop;
    uint64_t exceptions;
    uint64_t slow_accesses;
    uint64_t dcache_hits;      /* loads and stores that found their line */
    uint64_t dcache_misses;    /* line fills */
    uint64_t icache_misses;    /* the same for instructions, and fetches past the cache */
    uint64_t dcache_evictions; /* dirty lines written to memory */
    uint64_t read_allocate;    /* times that read-allocate mode was entered */
    uint64_t store_bursts[4];  /* bursts of the store buffer, by beats - 1 */
    uint64_t partial_beats;    /* beats among them with byte strobes missing */
};
void cpu_get_stats(const struct cpu *c, struct cpu_stats *out);

#endif
