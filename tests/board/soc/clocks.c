/*
 * Oscillators, PLLs and the system clock's switch, as RCC initialisation of a driver library does
 * them: each source by itself and as the PLL's, with the library's time-outs. What frequency came
 * out is measured against a character that another USART sends from the CSI oscillator, which
 * nothing here touches.
 */
#include "soc.h"

enum { SYS_HSI, SYS_CSI, SYS_HSE, SYS_PLL1 };

/* The reference is an instance whose kernel clock is not the console's. */
#ifdef BOARD_NUCLEO
enum { HSE_MHZ = 8, REFERENCE = USART6, SELECT_POS = 3 };
#else
enum { HSE_MHZ = 25, REFERENCE = USART2, SELECT_POS = 0 };
#endif

/* The library's limits in milliseconds. */
enum {
    LIMIT_HSI = 2,
    LIMIT_CSI = 2,
    LIMIT_HSI48 = 2,
    LIMIT_LSI = 2,
    LIMIT_PLL = 2,
    LIMIT_HSE = 100,
    LIMIT_LSE = 5000
};

static void modify(volatile uint32_t *reg, uint32_t clear, uint32_t set)
{
    *reg = (*reg & ~clear) | set;
}

static bool turn(uint32_t on, uint32_t ready, bool state, uint32_t limit)
{
    if (state)
        R(RCC, RCC_CR) |= on;
    else
        R(RCC, RCC_CR) &= ~on;
    return wait_for(&R(RCC, RCC_CR), ready, state ? ready : 0, limit);
}

static void set_up_reference(void)
{
    R(RCC, RCC_APB1LENR) |= BIT(17);
    R(RCC, RCC_APB2ENR) |= BIT(5);
    (void)R(RCC, RCC_APB2ENR);
    set_pin(GPIOD, 5, PIN_ALTERNATE, 7, 0, PULL_NONE);
    set_pin(GPIOC, 6, PIN_ALTERNATE, 7, 0, PULL_NONE);
    R(DWT, 0xFB0) = 0xC5ACCE55;
    R(SCS, 0xDFC) |= BIT(24);
    R(DWT, 4) = 0;
    R(DWT, 0) |= 1;
}

/* Core cycles for a character of 10 bits at clocks_a_bit periods of the kernel clock `select`. */
static uint32_t character_cycles(uint32_t select, uint32_t clocks_a_bit)
{
    uint32_t start;

    R(REFERENCE, USART_CR1) = 0;
    modify(&R(RCC, RCC_CDCCIP2R), 7 << SELECT_POS, select << SELECT_POS);
    R(REFERENCE, USART_BRR) = clocks_a_bit;
    R(REFERENCE, USART_CR1) = USART_TE;
    R(REFERENCE, USART_CR1) |= USART_UE;
    while (!(R(REFERENCE, USART_ISR) & USART_TEACK))
        ;
    start = R(DWT, 4);
    R(REFERENCE, USART_TDR) = 0x55;
    while (!(R(REFERENCE, USART_ISR) & USART_TC))
        ;
    return R(DWT, 4) - start;
}

/* Of the core, by a character that takes 1 ms of CSI's 4 MHz. */
static uint32_t core_khz(void)
{
    return character_cycles(4, 400);
}

static void core_is(const char *name, uint32_t khz)
{
    uint32_t got = core_khz();

    between(name, got, khz - khz / 200, khz + khz / 200 + 100);
}

static void flash_latency(uint32_t wait_states, uint32_t signal_delay)
{
    R(FLASH, FLASH_ACR) = wait_states | signal_delay << 4;
    equal("flash latency reads back", R(FLASH, FLASH_ACR) & 0x3F, wait_states | signal_delay << 4);
}

static bool switch_to(uint32_t source)
{
    modify(&R(RCC, RCC_CFGR), 7, source);
    return wait_for(&R(RCC, RCC_CFGR), 7 << 3, source << 3, 5000);
}

struct pll {
    uint8_t source, m, range, wide;
    uint16_t n;
    uint8_t p, q, r;
    uint16_t fraction;
};

static bool set_pll(unsigned x, const struct pll *p)
{
    uint32_t on = BIT(24 + 2 * x), ready = BIT(25 + 2 * x);

    if (!turn(on, ready, false, LIMIT_PLL))
        return false;
    modify(&R(RCC, RCC_PLLCKSELR), 3, p->source);
    modify(&R(RCC, RCC_PLLCKSELR), 0x3Fu << (4 + 8 * x), (uint32_t)p->m << (4 + 8 * x));
    R(RCC, RCC_PLL1DIVR + 8 * x) =
        (p->n - 1u) | (p->p - 1u) << 9 | (p->q - 1u) << 16 | (uint32_t)(p->r - 1) << 24;
    R(RCC, RCC_PLLCFGR) &= ~BIT(4 * x);
    R(RCC, RCC_PLL1FRACR + 8 * x) = (uint32_t)p->fraction << 3;
    modify(&R(RCC, RCC_PLLCFGR), 0xCu << (4 * x), (uint32_t)p->range << (2 + 4 * x));
    modify(&R(RCC, RCC_PLLCFGR), 2u << (4 * x), (p->wide ? 0u : 2u) << (4 * x));
    R(RCC, RCC_PLLCFGR) |= 7u << (16 + 3 * x);
    R(RCC, RCC_PLLCFGR) |= BIT(4 * x);
    return turn(on, ready, true, LIMIT_PLL);
}

/* What the start-up code of a project does before main(): everything back to HSI. */
static void back_to_reset(void)
{
    R(RCC, RCC_CR) |= RCC_CR_HSION;
    R(RCC, RCC_CFGR) = 0;
    check("reset: HSI drives the system", wait_for(&R(RCC, RCC_CFGR), 7 << 3, 0, 5000));
    R(RCC, RCC_CR) &= 0xEAF6ED7F | RCC_CR_CSION; /* the measure keeps CSI */
    check("reset: PLL1 off", wait_for(&R(RCC, RCC_CR), RCC_CR_PLL1RDY, 0, LIMIT_PLL));
    R(RCC, RCC_CDCFGR1) = 0;
    R(RCC, RCC_CDCFGR2) = 0;
    R(RCC, RCC_SRDCFGR) = 0;
    R(RCC, RCC_PLLCKSELR) = 0x02020200;
    R(RCC, RCC_PLLCFGR) = 0x01FF0000;
    for (unsigned x = 0; x < 3; x++) {
        R(RCC, RCC_PLL1DIVR + 8 * x) = 0x01010280;
        R(RCC, RCC_PLL1FRACR + 8 * x) = 0;
    }
    R(RCC, RCC_CR) &= ~(uint32_t)RCC_CR_HSEBYP;
    R(RCC, RCC_CIER) = 0;
    R(RCC, RCC_CICR) = 0xFFFFFFFF;
    start_tick(64000000);
}

static void reset_values(void)
{
    equal("RCC_CR after reset", R(RCC, RCC_CR) & ~0xC000u, 0x25);
    equal("RCC_HSICFGR trim", R(RCC, RCC_HSICFGR) >> 24, 0x40);
    equal("RCC_CFGR after reset", R(RCC, RCC_CFGR), 0);
    equal("RCC_PLLCKSELR after reset", R(RCC, RCC_PLLCKSELR), 0x02020200);
    equal("RCC_PLLCFGR after reset", R(RCC, RCC_PLLCFGR), 0x01FF0000);
    equal("RCC_PLL1DIVR after reset", R(RCC, RCC_PLL1DIVR), 0x01010280);
    equal("RCC_APB4ENR has the RTC's clock", R(RCC, RCC_APB4ENR), 0x10000);
    check("reset flags say power-on", R(RCC, RCC_RSR) & BIT(23));
    R(RCC, RCC_RSR) |= BIT(16);
    equal("reset flags removed", R(RCC, RCC_RSR), 0);
}

static void oscillators(void)
{
    check("CSI", turn(RCC_CR_CSION, RCC_CR_CSIRDY, true, LIMIT_CSI));
    core_is("core at HSI", 64000);
    /* HSI is in use: a library only writes what does not stop it, and waits all the same. */
    modify(&R(RCC, RCC_CR), 0x19, 1);
    check("HSI ready while in use",
          wait_for(&R(RCC, RCC_CR), RCC_CR_HSIRDY, RCC_CR_HSIRDY, LIMIT_HSI));
    modify(&R(RCC, RCC_HSICFGR), 0x7F000000, 0x42000000);
    equal("HSI trim reads back", R(RCC, RCC_HSICFGR) >> 24, 0x42);
    modify(&R(RCC, RCC_HSICFGR), 0x7F000000, 0x40000000);
    check("HSI48 on", turn(RCC_CR_HSI48ON, RCC_CR_HSI48RDY, true, LIMIT_HSI48));
    check("HSI48 off", turn(RCC_CR_HSI48ON, RCC_CR_HSI48RDY, false, LIMIT_HSI48));
    R(RCC, RCC_CSR) |= 1;
    check("LSI on", wait_for(&R(RCC, RCC_CSR), 2, 2, LIMIT_LSI));
    R(RCC, RCC_CSR) &= ~1u;
    check("LSI off", wait_for(&R(RCC, RCC_CSR), 2, 0, LIMIT_LSI));
    /* HSE off before it is set up, as for every new state. */
    R(RCC, RCC_CR) &= ~(uint32_t)RCC_CR_HSEON;
    R(RCC, RCC_CR) &= ~BIT(20);
    R(RCC, RCC_CR) &= ~(uint32_t)RCC_CR_HSEBYP;
    check("HSE off", wait_for(&R(RCC, RCC_CR), RCC_CR_HSERDY, 0, LIMIT_HSE));
#ifdef BOARD_NUCLEO
    R(RCC, RCC_CR) |= RCC_CR_HSEBYP;
    R(RCC, RCC_CR) &= ~BIT(20);
#endif
    check("HSE on", turn(RCC_CR_HSEON, RCC_CR_HSERDY, true, LIMIT_HSE));
}

static void backup_domain(void)
{
    uint32_t kept;

    R(PWR, PWR_CR1) |= PWR_DBP;
    check("DBP", wait_for(&R(PWR, PWR_CR1), PWR_DBP, PWR_DBP, 100));
    modify(&R(RCC, RCC_BDCR), 3 << 3, 2 << 3);
    R(RCC, RCC_BDCR) |= 1;
    check("LSE on", wait_for(&R(RCC, RCC_BDCR), 2, 2, LIMIT_LSE));
    equal("LSE drive", R(RCC, RCC_BDCR) >> 3 & 3, 2);
    /* Before a first RTC clock is chosen the library resets the domain and writes back what was
     * there. */
    kept = R(RCC, RCC_BDCR) & ~(3u << 8);
    R(RCC, RCC_BDCR) |= BIT(16);
    R(RCC, RCC_BDCR) &= ~BIT(16);
    R(RCC, RCC_BDCR) = kept;
    check("LSE on again", wait_for(&R(RCC, RCC_BDCR), 2, 2, LIMIT_LSE));
    modify(&R(RCC, RCC_BDCR), 3 << 8, 1 << 8);
    R(RCC, RCC_BDCR) |= BIT(15);
    equal("RTC clock is LSE", R(RCC, RCC_BDCR) & 0x8303, 0x8103);
    R(RCC, RCC_BDCR) &= ~BIT(0);
    R(RCC, RCC_BDCR) &= ~BIT(7);
    R(RCC, RCC_BDCR) &= ~BIT(2);
    check("LSE off", wait_for(&R(RCC, RCC_BDCR), 2, 0, LIMIT_LSE));
}

static void slow_clocks(void)
{
    hold();
    /* While HSI is divided the console's clock is too, and the tick. */
    modify(&R(RCC, RCC_CR), 3 << 3, 2 << 3);
    check("HSIDIVF", wait_for(&R(RCC, RCC_CR), RCC_CR_HSIDIVF, RCC_CR_HSIDIVF, LIMIT_HSI));
    core_is("core at HSI / 4", 16000);
    modify(&R(RCC, RCC_CR), 3 << 3, 3 << 3);
    core_is("core at HSI / 8", 8000);
    modify(&R(RCC, RCC_CR), 3 << 3, 0);
    core_is("core at HSI again", 64000);
    check("switch to CSI", switch_to(SYS_CSI));
    core_is("core at CSI", 4000);
    check("HSI off", turn(RCC_CR_HSION, RCC_CR_HSIRDY, false, LIMIT_HSI));
    check("HSI on", turn(RCC_CR_HSION, RCC_CR_HSIRDY, true, LIMIT_HSI));
    check("switch to HSE", switch_to(SYS_HSE));
    core_is("core at HSE", HSE_MHZ * 1000);
    check("switch to HSI", switch_to(SYS_HSI));
    release();
}

static void fast_clocks(void)
{
    static const struct pll hsi = {
        .source = 0, .m = 16, .range = 2, .n = 110, .p = 2, .q = 4, .r = 4, .wide = 1};
    static const struct pll csi = {
        .source = 1, .m = 1, .range = 2, .n = 60, .p = 2, .q = 4, .r = 4, .wide = 1};
    static const struct pll hse = {.source = 2,
                                   .m = HSE_MHZ == 8 ? 2 : 10,
                                   .range = HSE_MHZ == 8 ? 2 : 1,
                                   .n = HSE_MHZ == 8 ? 140 : 224,
                                   .p = 2,
                                   .q = 4,
                                   .r = 2,
                                   .wide = 1};
    /* 4 MHz * (50 + 4096 / 8192). */
    static const struct pll third = {.source = 2,
                                     .m = HSE_MHZ == 8 ? 2 : 10,
                                     .range = HSE_MHZ == 8 ? 2 : 1,
                                     .n = HSE_MHZ == 8 ? 50 : 80,
                                     .fraction = 4096,
                                     .p = 2,
                                     .q = 25,
                                     .r = 2};
    static const struct pll second = {.source = 2,
                                      .m = HSE_MHZ == 8 ? 2 : 10,
                                      .range = HSE_MHZ == 8 ? 2 : 1,
                                      .n = HSE_MHZ == 8 ? 60 : 96,
                                      .p = 2,
                                      .q = 24,
                                      .r = 2};
    uint32_t cycles;

    check("supply", set_supply());
    check("supply, called again", set_supply());
    check("VOS0", set_voltage_scale(0));
    flash_latency(6, 3);
    R(RCC, RCC_CDCFGR1) = 4u << 4;
    R(RCC, RCC_CDCFGR2) = 4u << 4 | 4u << 8;
    R(RCC, RCC_SRDCFGR) = 4u << 4;

    check("PLL1 from HSI", set_pll(0, &hsi));
    check("switch to PLL1 of HSI", switch_to(SYS_PLL1));
    core_is("core at PLL1 of HSI", 220000);
    check("back to HSI", switch_to(SYS_HSI));
    check("PLL1 from CSI", set_pll(0, &csi));
    check("switch to PLL1 of CSI", switch_to(SYS_PLL1));
    core_is("core at PLL1 of CSI", 120000);
    check("back to HSI", switch_to(SYS_HSI));
    check("PLL1 from HSE", set_pll(0, &hse));
    check("switch to PLL1 of HSE", switch_to(SYS_PLL1));
    start_tick(280000000);
    core_is("core at PLL1 of HSE", 280000);

    check("PLL2", set_pll(1, &second));
    cycles = character_cycles(1, 1000); /* 10 Mbaud from PLL2Q of 10 MHz: 1 ms */
    between("PLL2Q is 10 MHz", cycles, 279000, 281500);
    check("PLL3", set_pll(2, &third));
    cycles = character_cycles(2, 808);
    between("PLL3Q is 8.08 MHz (8.02 with 25 MHz)", cycles, 278600, 284500);
    check("PLL2 off", turn(RCC_CR_PLL2ON, RCC_CR_PLL2RDY, false, LIMIT_PLL));
    check("PLL3 off", turn(RCC_CR_PLL3ON, RCC_CR_PLL3RDY, false, LIMIT_PLL));

    /* Core divided, then its buses. */
    modify(&R(RCC, RCC_CDCFGR1), 15 << 8, 8 << 8);
    core_is("core at PLL1 / 2", 140000);
    /* The fraction may change while the PLL runs. */
    R(RCC, RCC_PLLCFGR) &= ~BIT(0);
    R(RCC, RCC_PLL1FRACR) = 100u << 3;
    R(RCC, RCC_PLLCFGR) |= BIT(0);
    R(RCC, RCC_PLLCFGR) &= ~BIT(0);
    R(RCC, RCC_PLL1FRACR) = 0;
    R(RCC, RCC_PLLCFGR) |= BIT(0);
    core_is("core at PLL1 / 2, fraction taken back", 140000);
    modify(&R(RCC, RCC_CDCFGR1), 15 << 8, 0);
    modify(&R(RCC, RCC_CDCFGR1), 15, 8);
    core_is("HPRE leaves the core alone", 280000);
    modify(&R(RCC, RCC_CDCFGR1), 15, 0);
    /* MCO1: HSE on PA8. */
    set_pin(GPIOA, 8, PIN_ALTERNATE, 0, 3, PULL_NONE);
    modify(&R(RCC, RCC_CFGR), 0x7Fu << 18, 2u << 22 | 1u << 18);
    equal("MCO1 reads back", R(RCC, RCC_CFGR) >> 18 & 0x7F, 2 << 4 | 1);
}

static volatile unsigned ready_irqs;

static void rcc_irq(void)
{
    ready_irqs |= R(RCC, RCC_CIFR);
    R(RCC, RCC_CICR) = R(RCC, RCC_CIFR);
}

static void ready_interrupt(void)
{
    on_irq(RCC_IRQ, rcc_irq);
    enable_irq(RCC_IRQ);
    R(RCC, RCC_CIER) |= BIT(5);
    R(RCC, RCC_CR) |= RCC_CR_HSI48ON;
    delay_ms(1);
    equal("HSI48RDY interrupt", ready_irqs, BIT(5));
    equal("CIFR cleared", R(RCC, RCC_CIFR), 0);
    R(RCC, RCC_CIER) = 0;
    disable_irq(RCC_IRQ);
}

int main(void)
{
    begin();
    reset_values();
    set_up_reference();
    oscillators();
    slow_clocks();
    fast_clocks();
    ready_interrupt();
    backup_domain();
    check("HSI drives the core at the end", switch_to(SYS_HSI));
    back_to_reset();
    core_is("core after going back", 64000);
    end();
}
