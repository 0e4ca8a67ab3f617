/*
 * The independent watchdog: started, its registers updated with the driver's time-out, refreshed;
 * after a software reset the next start is let run out. What happened in the runs before stands in
 * the reset flags and in a backup register.
 */
#include "soc.h"

enum { KR = 0x00, PR = 0x04, RLR = 0x08, SR = 0x0C, WINR = 0x10 };

/* Six periods of LSI with the greatest prescaler, and one tick: the driver's limit. */
enum { LIMIT = 6 * 256 * 1000 / 32000 + 1 };

static bool start_watchdog(uint32_t prescaler, uint32_t reload)
{
    R(IWDG, KR) = 0xCCCC;
    R(IWDG, KR) = 0x5555;
    R(IWDG, PR) = prescaler;
    R(IWDG, RLR) = reload;
    if (!wait_for(&R(IWDG, SR), 7, 0, LIMIT))
        return false;
    if (R(IWDG, WINR) != 0xFFF)
        R(IWDG, WINR) = 0xFFF;
    else
        R(IWDG, KR) = 0xAAAA;
    return true;
}

int main(void)
{
    uint32_t flags, stage;

    begin();
    R(PWR, PWR_CR1) |= PWR_DBP;
    flags = R(RCC, RCC_RSR);
    stage = R(TAMP, 0x100);
    R(RCC, RCC_RSR) |= BIT(16);
    if (flags & BIT(23)) {
        check("power-on", true);
        check("start", start_watchdog(2, 4095));
        equal("prescaler reads back", R(IWDG, PR), 2);
        equal("reload reads back", R(IWDG, RLR), 4095);
        for (unsigned i = 0; i < 10; i++) {
            delay_ms(500);
            R(IWDG, KR) = 0xAAAA;
        }
        check("refreshed for 5 s", true);
        R(TAMP, 0x100) = 1;
        while (!(R(console, USART_ISR) & USART_TC))
            ;
        dsb();
        R(SCS, SCB_AIRCR) = (R(SCS, SCB_AIRCR) & 0x700) | 0x05FA0004;
        dsb();
        for (;;)
            ;
    }
    if (stage == 1) {
        check("software reset", flags & BIT(24));
        check("no watchdog yet", !(flags & BIT(26)));
        R(TAMP, 0x100) = 2;
        check("start again", start_watchdog(0, 999));
        while (!(R(console, USART_ISR) & USART_TC))
            ;
        delay_ms(500); /* 4 * 1000 / 32 kHz = 125 ms */
        check("the watchdog did not bite", false);
    }
    check("watchdog reset", flags & BIT(26));
    equal("backup register kept", stage, 2);
    end();
}
