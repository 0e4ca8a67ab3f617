/*
 * Supply and voltage as PWR drivers set them: the one write of PWR_CR3 after power-on, each voltage
 * scale, backup domain and regulator, USB supply detector, voltage detectors, wake-up pins. SUPPLY
 * is PWR_CR3's supply byte.
 */
#include "soc.h"

enum { SUPPLY_MASK = 0x3F, WITH_EXTERNAL = 1 << 3, EXTERNAL_READY = 1 << 16, LIMIT = 1000 };

static void modify(volatile uint32_t *reg, uint32_t clear, uint32_t set)
{
    *reg = (*reg & ~clear) | set;
}

static void supply(void)
{
#ifdef BOARD_NUCLEO
    const uint32_t mask = SUPPLY_MASK;
#else
    const uint32_t mask = 7;
#endif

    equal("CR3 before its write", R(PWR, PWR_CR3) & 0xFF, 6);
    modify(&R(PWR, PWR_CR3), mask, SUPPLY);
    check("ACTVOSRDY after the supply's choice",
          wait_for(&R(PWR, PWR_CSR1), PWR_ACTVOSRDY, PWR_ACTVOSRDY, LIMIT));
    if (SUPPLY & WITH_EXTERNAL)
        check("SMPSEXTRDY", wait_for(&R(PWR, PWR_CR3), EXTERNAL_READY, EXTERNAL_READY, LIMIT));
    equal("supply reads back", R(PWR, PWR_CR3) & mask, SUPPLY);
    /* The same supply asked for again, as after a software reset. */
    modify(&R(PWR, PWR_CR3), mask, SUPPLY);
    equal("the same supply again", R(PWR, PWR_CR3) & mask, SUPPLY);
}

static void voltage(void)
{
    static const uint8_t order[] = {3, 2, 1, 0, 0, 3, 0};

    for (unsigned i = 0; i < sizeof order; i++) {
        check("VOSRDY and ACTVOSRDY", set_voltage_scale(order[i]));
        equal("scale in use", R(PWR, PWR_CSR1) >> 14 & 3, 3u - order[i]);
    }
    modify(&R(PWR, PWR_CR1), 3 << 14, 1 << 14); /* SVOS5 */
    equal("stop mode's scale reads back", R(PWR, PWR_CR1) >> 14 & 3, 1);
    modify(&R(PWR, PWR_CR1), 3 << 14, 3 << 14);
}

static void backup(void)
{
    R(PWR, PWR_CR1) |= PWR_DBP;
    check("DBP", wait_for(&R(PWR, PWR_CR1), PWR_DBP, PWR_DBP, 100));
    R(PWR, PWR_CR2) |= 1;
    check("BRRDY", wait_for(&R(PWR, PWR_CR2), BIT(16), BIT(16), LIMIT));
    R(RCC, RCC_AHB4ENR) |= BIT(28);
    (void)R(RCC, RCC_AHB4ENR);
    R(0x38800000, 0) = 0x12345678;
    R8(0x38800000, 5) = 0xAB;
    equal("backup SRAM", R(0x38800000, 0), 0x12345678);
    equal("backup SRAM, a byte", R8(0x38800000, 5), 0xAB);
    R(PWR, PWR_CR2) |= BIT(4); /* MONEN */
    check("battery monitor: VBAT neither low nor high", !(R(PWR, PWR_CR2) & (BIT(20) | BIT(21))));
    R(PWR, PWR_CR2) &= ~BIT(4);
    R(PWR, PWR_CR3) |= BIT(8); /* VBE: charging, resistor of 5 kohm */
    R(PWR, PWR_CR3) &= ~BIT(8);
    R(PWR, PWR_CR2) &= ~BIT(0);
    check("BRRDY gone", wait_for(&R(PWR, PWR_CR2), BIT(16), 0, LIMIT));
}

static void detectors(void)
{
    modify(&R(PWR, PWR_CR1), 7 << 5, 6 << 5); /* PVD at 2.85 V */
    R(EXTI, 0x80) &= ~BIT(16);
    R(EXTI, 0x84) &= ~BIT(16);
    R(EXTI, 0x00) |= BIT(16);
    R(EXTI, 0x04) |= BIT(16);
    R(EXTI, 0x80) |= BIT(16);
    R(PWR, PWR_CR1) |= BIT(4);
    delay_ms(1);
    check("PVDO: the supply is above 2.85 V", !(R(PWR, PWR_CSR1) & BIT(4)));
    R(PWR, PWR_CR1) &= ~BIT(4);
    R(PWR, PWR_CR3) |= BIT(24);
    check("USB33RDY", wait_for(&R(PWR, PWR_CR3), BIT(26), BIT(26), LIMIT));
    R(PWR, PWR_CR3) &= ~BIT(24);
    equal("supply untouched by the rest of CR3", R(PWR, PWR_CR3) & SUPPLY_MASK, SUPPLY);
}

static void wake_up_pins(void)
{
    R(PWR, 0x28) = 0;
    modify(&R(PWR, 0x28), BIT(8) | 3 << 16, BIT(0) | 2 << 16); /* WKUP1, rising, pull-down */
    R(PWR, 0x20) |= BIT(0);
    equal("WKUPEPR reads back", R(PWR, 0x28), BIT(0) | 2 << 16);
    equal("no wake-up flag", R(PWR, PWR_WKUPFR), 0);
    modify(&R(PWR, 0x28), BIT(0) | 3 << 16, 0);
}

int main(void)
{
    begin();
    supply();
    voltage();
    backup();
    detectors();
    wake_up_pins();
    end();
}
