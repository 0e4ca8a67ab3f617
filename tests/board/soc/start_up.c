/*
 * What runs before main() in the vendor's packages, old and new, and what its libraries touch of
 * blocks that a project does not use: harmless on the chip, so no ground for a complaint.
 */
#include "soc.h"

enum { FMC = 0x52004000, OSPI2 = 0x5200A000, AXI_TARGET7 = 0x51008108, HSEM = 0x48020800 };

int main(void)
{
    begin();
    /* Packages before 2021: FMC's bank 1 off, with or without FMC's clock. */
    R(FMC, 0) = 0x000030D2;
    if (!(R(RCC, RCC_AHB3ENR) & BIT(12))) {
        R(RCC, RCC_AHB3ENR) |= BIT(12);
        (void)R(RCC, RCC_AHB3ENR);
        R(FMC, 0) = 0x000030D2;
        equal("FMC bank 1", R(FMC, 0), 0x000030D2);
        R(RCC, RCC_AHB3ENR) &= ~BIT(12);
    }
    /* A work-around for early silicon of a sister chip, asked by the revision. */
    if (R(DBGMCU, 0) >> 16 < 0x2000)
        R(AXI_TARGET7, 0) = 1;
    equal("vector table", R(SCS, SCB_VTOR), 0x08000000);
    R(SCS, SCB_VTOR) = 0x08000000;
    equal("OCTOSPI2 without its clock", R(OSPI2, 0), 0);
    /* All clocks of sleep and of automatic gating, as some boards' files set them. */
    R(RCC, 0xB0) = 0xFFFFFFFF;
    check("clock gating", R(RCC, 0xB0) != 0);
    R(FLASH, FLASH_ACR) = (R(FLASH, FLASH_ACR) & ~15u) | 2;
    equal("latency without the programming delay", R(FLASH, FLASH_ACR) & 0x3F, 0x12);
    check("voltage", set_supply() && set_voltage_scale(3));
    /* 64 MHz of HSI goes on in voltage scale 3, as out of reset; then the buses are divided. */
    R(RCC, RCC_CDCFGR2) = 4u << 4 | 4u << 8;
    equal("APB divided", R(RCC, RCC_CDCFGR2), 4u << 4 | 4u << 8);
    /* Debugger's freeze bits. */
    R(DBGMCU, 0x3C) |= BIT(0) | BIT(4);
    equal("freeze of timers", R(DBGMCU, 0x3C) & (BIT(0) | BIT(4)), BIT(0) | BIT(4));
    /* A hardware semaphore by one read. */
    R(RCC, RCC_AHB2ENR) |= BIT(2);
    (void)R(RCC, RCC_AHB2ENR);
    check("semaphore", R(HSEM, 0x80) >> 31);
    R(HSEM, 0) = R(HSEM, 0) & 0x0F00;
    equal("semaphore released", R(HSEM, 0) >> 31, 0);
    end();
}
