/*
 * Caches and MPU by the core library's sequences, I/O compensation, priorities, FPU, fault enables:
 * what stands before a project's own code.
 */
#include "soc.h"

enum {
    ICIALLU = 0xF50,
    DCISW = 0xF60,
    DCCISW = 0xF74,
    CSSELR = 0xD84,
    CCSIDR = 0xD80,
    MPU_TYPE = 0xD90,
    MPU_CTRL = 0xD94
};

__attribute__((section(".axi"), aligned(32))) static volatile uint32_t buffer[1024];

static void each_line(uint32_t operation)
{
    uint32_t ccsidr, sets;

    R(SCS, CSSELR) = 0;
    dsb();
    ccsidr = R(SCS, CCSIDR);
    sets = ccsidr >> 13 & 0x7FFF;
    do {
        uint32_t ways = ccsidr >> 3 & 0x3FF;

        do
            R(SCS, operation) = (sets << 5 & 0x3FE0) | ways << 30;
        while (ways--);
    } while (sets--);
    dsb();
    isb();
}

static void mpu(void)
{
    equal("16 regions", R(SCS, MPU_TYPE) >> 8 & 0xFF, 16);
    __asm volatile("dmb 0xF" ::: "memory");
    R(SCS, SCB_SHCSR) &= ~BIT(16);
    R(SCS, MPU_CTRL) = 0;
    /* A generator's region 0: 4 GB without access, three eighths open by subregions. */
    R(SCS, 0xD98) = 0;
    R(SCS, 0xDA0) &= ~1u;
    R(SCS, 0xD9C) = 0;
    R(SCS, 0xDA0) = BIT(28) | 1u << 19 | BIT(18) | 0x87 << 8 | 31 << 1 | 1;
    R(SCS, 0xD98) = 1;
    R(SCS, 0xD9C) = 0x24000000;
    R(SCS, 0xDA0) = 3u << 24 | 1u << 19 | BIT(17) | BIT(16) | 19 << 1 | 1;
    R(SCS, MPU_CTRL) = 5;
    R(SCS, SCB_SHCSR) |= BIT(16);
    dsb();
    isb();
    equal("MPU on", R(SCS, MPU_CTRL), 5);
    buffer[0] = 1;
    equal("AXI SRAM can be used", buffer[0], 1);
}

static void caches(void)
{
    uint32_t bad = 0;

    if (!(R(SCS, SCB_CCR) & BIT(17))) {
        dsb();
        isb();
        R(SCS, ICIALLU) = 0;
        dsb();
        isb();
        R(SCS, SCB_CCR) |= BIT(17);
        dsb();
        isb();
    }
    each_line(DCISW);
    R(SCS, SCB_CCR) |= BIT(16);
    dsb();
    isb();
    equal("both caches on", R(SCS, SCB_CCR) >> 16 & 3, 3);
    for (unsigned i = 0; i < 1024; i++)
        buffer[i] = i * 3;
    for (uint32_t at = (uint32_t)(uintptr_t)buffer, end = at + sizeof buffer; at < end; at += 32)
        R(SCS, 0xF70) = at; /* clean and invalidate by address */
    dsb();
    isb();
    for (unsigned i = 0; i < 1024; i++)
        bad += buffer[i] != i * 3;
    equal("after cleaning by address", bad, 0);
    for (unsigned i = 0; i < 1024; i++)
        buffer[i] = i * 5;
    R(SCS, CSSELR) = 0;
    R(SCS, SCB_CCR) &= ~BIT(16);
    dsb();
    each_line(DCCISW);
    bad = 0;
    for (unsigned i = 0; i < 1024; i++)
        bad += buffer[i] != i * 5;
    equal("after the cache was switched off", bad, 0);
    R(SCS, SCB_CCR) &= ~BIT(17);
    R(SCS, ICIALLU) = 0;
    dsb();
    isb();
    equal("both caches off", R(SCS, SCB_CCR) >> 16 & 3, 0);
}

static void compensation(void)
{
    R(RCC, RCC_CR) |= RCC_CR_CSION;
    check("CSI", wait_for(&R(RCC, RCC_CR), RCC_CR_CSIRDY, RCC_CR_CSIRDY, 2));
    R(RCC, RCC_APB4ENR) |= BIT(1);
    (void)R(RCC, RCC_APB4ENR);
    R(SYSCFG, 0x20) |= 1;
    check("compensation cell ready", wait_for(&R(SYSCFG, 0x20), BIT(8), BIT(8), 10));
    R(SYSCFG, 0x20) &= ~1u;
}

static void core(void)
{
    volatile float f = 1.5f;

    /* Priority grouping with its key, priorities of the tick and an interrupt. */
    R(SCS, SCB_AIRCR) = (R(SCS, SCB_AIRCR) & ~0xFFFF0700u) | 0x05FA0000 | 3 << 8;
    equal("priority grouping", R(SCS, SCB_AIRCR) >> 8 & 7, 3);
    R8(SCS, 0xD23) = 15 << 4;
    equal("SysTick's priority", R8(SCS, 0xD23), 0xF0);
    R8(SCS, 0x400 + USART1_IRQ) = 5 << 4;
    equal("an interrupt's priority", R8(SCS, 0x400 + USART1_IRQ), 0x50);
    R(SCS, SCB_SHCSR) |= BIT(16) | BIT(17) | BIT(18);
    R(SCS, SCB_CCR) |= BIT(4);
    equal("fault handlers on", R(SCS, SCB_SHCSR) >> 16 & 7, 7);
    f = f * 2 + 1;
    check("FPU", f == 4.0f);
    equal("device id", R(DBGMCU, 0) & 0xFFF, 0x480);
    equal("part of the core", R(SCS, 0xD00) >> 4 & 0xFFF, 0xC27);
    /* A debugger's clocks, as start-up code of examples sets them. */
    R(DBGMCU, 4) |= 7;
    equal("DBGMCU_CR", R(DBGMCU, 4) & 7, 7);
}

int main(void)
{
    begin();
    core();
    mpu();
    caches();
    compensation();
    end();
}
