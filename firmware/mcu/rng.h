/* SPDX-License-Identifier: MIT */

/*
 * Random number generator, clocked by HSI48. Source: RM0455, chapter RNG. Thread code only. The
 * first call starts it. False when it does not deliver, or its own health tests fail and a restart
 * does not help; *word is then not written.
 */
#ifndef MCU_RNG_H
#define MCU_RNG_H

#include <stdbool.h>
#include <stdint.h>

bool rng_read(uint32_t *word);

/* Before its clock stops (Stop mode): switched off. The next rng_read() starts it again. */
void rng_suspend(void);

#endif
