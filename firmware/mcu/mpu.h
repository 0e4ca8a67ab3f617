/* SPDX-License-Identifier: MIT */

/*
 * Memory protection and caches. One const table in mpu.c says what is where; PRIVDEFENA leaves the
 * architecture's default map for what the table does not name. Source: Arm DDI0403E B3.5 (MPU),
 * DDI0489F (Cortex-M7: caches, ACTLR).
 *
 * Thread code only, interrupts may be on. Order at boot: mpu_init(), then cache_enable(), then,
 * once the chip answers in mapped mode, mpu_psram_open().
 */
#ifndef MCU_MPU_H
#define MCU_MPU_H

#include <stdint.h>

/* Bytes below the stack in which any access is a MemManage fault; the linker script leaves them
 * free. */
#define MPU_STACK_GUARD_BYTES 1024u

void mpu_init(void);

/* Instruction and data cache on, from invalidated. Sets ACTLR.DISRAMODE first, see mpu.c. */
void cache_enable(void);

/*
 * Gives access to the first `size` bytes of the OCTOSPI1 window as normal write-back, read- and
 * write-allocate memory; size is a power of two, 32 bytes to 256 MB. All around it stays closed.
 * OCTOSPI1 must be in mapped mode: the core may read ahead from the moment this returns.
 */
void mpu_psram_open(uint32_t size);

/*
 * Closes the window again. Dirty lines are written out and all lines of the window dropped before,
 * so this must come before mapped mode ends.
 */
void mpu_psram_close(void);

/*
 * Makes 2^size_log2 bytes at base, a multiple of that, of the open PSRAM non-cacheable, until
 * mpu_stream_close(). For stream.h alone: with interrupts off all the while, because anything but
 * aligned 64-bit stores of whole lines may corrupt memory there; and no line of the range may be
 * dirty in the cache, because it is not looked at.
 */
void mpu_stream_open(uint32_t base, uint32_t size_log2);
void mpu_stream_close(void);

#endif
