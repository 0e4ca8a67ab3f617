/*
 * A whole chip for the tests of its peripherals: registers are read and written as the core's bus
 * would, while the core itself sleeps (WFI) or spins, so that virtual time passes and nothing else.
 *
 * Functions that cannot do what they are asked fail the running test.
 */
#ifndef TESTS_UNIT_SOC_CHIP_H
#define TESTS_UNIT_SOC_CHIP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../../../vboard/soc/soc.h"

enum { CHIP_HSE_HZ = 25000000, CHIP_LSE_HZ = 32768 };

/*
 * A chip after power-on that runs from flash: `wfi` in an endless loop. HSE 25 MHz, LSE 32768 Hz,
 * no SMPS, seed 1. The clocks are those of reset: HSI 64 MHz, no prescalers.
 */
struct soc *chip_new(void);
/* The same with other options. */
struct soc *chip_new_with(const struct soc_config *config);

/* Puts another program of Thumb half-words in place of the loop, and restarts the core. */
void chip_program(struct soc *soc, const uint16_t *code, size_t count);

/* One access, without time for it. */
uint32_t chip_read(struct soc *soc, uint32_t addr);
void chip_write(struct soc *soc, uint32_t addr, uint32_t value);
/* Of 1, 2 or 4 bytes. */
uint32_t chip_read_n(struct soc *soc, uint32_t addr, unsigned size);
void chip_write_n(struct soc *soc, uint32_t addr, unsigned size, uint32_t value);
/* What a debugger sees: no side effects. */
uint32_t chip_peek(struct soc *soc, uint32_t addr);
/* Reads, changes, writes. */
void chip_set(struct soc *soc, uint32_t addr, uint32_t bits);
void chip_clear(struct soc *soc, uint32_t addr, uint32_t bits);

/* Lets so much time pass. */
void chip_run(struct soc *soc, vtime duration);
/* Runs until (register & mask) == value, at most `limit`; returns how long it took, to within
   `step`. Fails the test at the limit. */
vtime chip_wait(struct soc *soc, uint32_t addr, uint32_t mask, uint32_t value, vtime step,
                vtime limit);

/* The NVIC's pending bit of an interrupt line. The program leaves all of them disabled. */
bool chip_irq_pending(struct soc *soc, unsigned line);
/* Clears it; a line that is still high pends again at once. */
void chip_irq_clear(struct soc *soc, unsigned line);

/* How many complaints have this name. */
uint64_t chip_complained(const struct soc *soc, const char *name);
/* All guest errors and hazards. */
uint64_t chip_errors(const struct soc *soc);

#endif
