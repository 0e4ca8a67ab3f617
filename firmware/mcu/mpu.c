/* SPDX-License-Identifier: MIT */

#include <stdbool.h>

#include "mpu.h"
#include "irq.h"
#include "stm32h7a3.h"

/* RASR fields, Arm DDI0403E B3.5.9. Attributes are named as there: TEX, C, B; S stays 0. */
#define SIZE_LOG2(n)      ((uint32_t)((n)-1) << MPU_RASR_SIZE_Pos)
#define NO_ACCESS         (0u << MPU_RASR_AP_Pos)
#define READ_WRITE        (3u << MPU_RASR_AP_Pos)
#define NO_EXECUTE        (1u << MPU_RASR_XN_Pos)
#define NORMAL_WRITE_BACK (1u << MPU_RASR_TEX_Pos | MPU_RASR_C_Msk | MPU_RASR_B_Msk)
#define NORMAL_UNCACHED   (1u << MPU_RASR_TEX_Pos)
#define DEVICE            (MPU_RASR_B_Msk)

#define NULL_GUARD_LOG2  10
#define STACK_GUARD_LOG2 10
_Static_assert(1u << STACK_GUARD_LOG2 == MPU_STACK_GUARD_BYTES, "the linker script relies on it");

/* A region with a higher number wins where two overlap (Arm DDI0403E B3.5.3). */
enum {
    REGION_EXTERNAL_LOW,
    REGION_EXTERNAL_MID,
    REGION_EXTERNAL_HIGH,
    REGION_PERIPHERALS,
    REGION_NULL_GUARD,
    REGION_STACK,
    REGION_STACK_GUARD,
    REGION_PSRAM,
    REGION_STREAM,
    REGION_COUNT,
};

static const struct {
    uint32_t base, rasr;
} regions[REGION_COUNT] = {
    /*
     * External memory, 0x60000000 to 0x9FFFFFFF and 0xC0000000 to 0xDFFFFFFF, is normal memory by
     * default: the core may read there on speculation, and a controller that is off or absent
     * answers   with an error or not at all. Closed, the PSRAM's own part excepted.
     */
    [REGION_EXTERNAL_LOW] = {0x60000000, NO_ACCESS | NO_EXECUTE | SIZE_LOG2(29)},
    [REGION_EXTERNAL_MID] = {0x80000000, NO_ACCESS | NO_EXECUTE | SIZE_LOG2(29)},
    [REGION_EXTERNAL_HIGH] = {0xC0000000, NO_ACCESS | NO_EXECUTE | SIZE_LOG2(29)},
    /* What the default map says as well; said here so that it does not depend on PRIVDEFENA. */
    [REGION_PERIPHERALS] = {0x40000000, READ_WRITE | NO_EXECUTE | DEVICE | SIZE_LOG2(29)},
    /* ITCM starts at 0: without this, a null pointer reads as memory. */
    [REGION_NULL_GUARD] = {ITCM_BASE, NO_ACCESS | NO_EXECUTE | SIZE_LOG2(NULL_GUARD_LOG2)},
    /* DTCM, 128 KB: stack and static data. TCM ignores the cache attributes. */
    [REGION_STACK] = {DTCM_BASE, READ_WRITE | NO_EXECUTE | NORMAL_WRITE_BACK | SIZE_LOG2(17)},
    /* The stack begins above this and grows down into it. */
    [REGION_STACK_GUARD] = {DTCM_BASE, NO_ACCESS | NO_EXECUTE | SIZE_LOG2(STACK_GUARD_LOG2)},
    /* Off until mpu_psram_open(). */
    [REGION_PSRAM] = {OCTOSPI1_MEM_BASE, 0},
    /* Off but for moments, see mpu_stream_open(). */
    [REGION_STREAM] = {OCTOSPI1_MEM_BASE, 0},
};

/* Arm DDI0403E B3.5.1: regions change with the MPU off, a DMB before and DSB, ISB after. */
static void write_region(uint32_t number, uint32_t base, uint32_t rasr)
{
    MPU->RNR = number;
    MPU->RBAR = base;
    MPU->RASR = rasr;
}

static uint32_t mpu_off(void)
{
    uint32_t irq = irq_disable();
    __DMB();
    MPU->CTRL = 0;
    return irq;
}

static void mpu_on(uint32_t irq)
{
    /* HFNMIENA stays 0: the fault handlers must be able to run whatever the table says. */
    MPU->CTRL = MPU_CTRL_PRIVDEFENA_Msk | MPU_CTRL_ENABLE_Msk;
    __DSB();
    __ISB();
    irq_restore(irq);
}

void mpu_init(void)
{
    uint32_t count = (MPU->TYPE & MPU_TYPE_DREGION_Msk) >> MPU_TYPE_DREGION_Pos;
    uint32_t irq = mpu_off();
    for (uint32_t i = 0; i < count; i++) {
        bool used = i < REGION_COUNT && regions[i].rasr != 0;
        write_region(i, used ? regions[i].base : 0,
                     used ? regions[i].rasr | MPU_RASR_ENABLE_Msk : 0);
    }
    mpu_on(irq);
}

void cache_enable(void)
{
    /*
     * Dynamic read-allocate mode (DDI0489F 5.9.1): after three lines written in a row the core
     * stops allocating on a store miss and sends stores straight to the bus, in pieces as small as
     * they come. A PSRAM without a mask pin cannot take a piece of a 64-bit beat. DISRAMODE keeps
     * the core allocating, so that only whole lines leave the cache.
     */
    SCnSCB->ACTLR |= SCnSCB_ACTLR_DISRAMODE_Msk;
    __DSB();
    __ISB();
    SCB_EnableICache();
    SCB_EnableDCache();
}

void mpu_psram_open(uint32_t size)
{
    uint32_t log2 = 31u - __CLZ(size);
    uint32_t irq = mpu_off();
    /* Executable, because the native code emitter puts its output on the heap. */
    write_region(REGION_PSRAM, OCTOSPI1_MEM_BASE,
                 READ_WRITE | NORMAL_WRITE_BACK | SIZE_LOG2(log2) | MPU_RASR_ENABLE_Msk);
    mpu_on(irq);
}

void mpu_psram_close(void)
{
    /*
     * Clean all of the data cache by set and way: that writes whole dirty lines, wherever they
     * belong, and is faster than walking 8 MB by address. Interrupts are off from the clean to the
     * region's end, so that no handler makes a line dirty in between.
     */
    uint32_t irq = irq_disable();
    SCB_CleanInvalidateDCache();
    (void)mpu_off();
    write_region(REGION_PSRAM, OCTOSPI1_MEM_BASE, 0);
    mpu_on(irq);
}

void mpu_stream_open(uint32_t base, uint32_t size_log2)
{
    /* The MPU stays on, so that the guards hold: the region is off while its base changes, and the
     * one write of RASR turns it on complete. */
    __DSB();
    MPU->RNR = REGION_STREAM;
    MPU->RBAR = base;
    MPU->RASR =
        READ_WRITE | NO_EXECUTE | NORMAL_UNCACHED | SIZE_LOG2(size_log2) | MPU_RASR_ENABLE_Msk;
    __DSB();
    __ISB();
}

void mpu_stream_close(void)
{
    /* What the store buffer still holds leaves as it was stored. */
    __DSB();
    MPU->RNR = REGION_STREAM;
    MPU->RASR = 0;
    __DSB();
    __ISB();
}
