/*
 * The DAC driver's flows, seen by the ADC: software values in all alignments, triggers by software
 * and TIM6, a wave by DMA, underrun, triangle, what stays within the chip. Wire: PA4 (DAC1_OUT1) to
 * PC0 (channel 10 of ADC1). Timer clock: 64 MHz of HSI.
 */
#include "soc.h"

enum {
    DAC1 = 0x40007400,
    DAC2 = 0x58003400,
    CR = 0x00, /* of the DACs */
    SWTRGR = 0x04,
    DHR12R1 = 0x08,
    DHR12L1 = 0x0C,
    DHR8R1 = 0x10,
    DHR12R2 = 0x14,
    DHR12RD = 0x20,
    DHR8RD = 0x28,
    DOR1 = 0x2C,
    DOR2 = 0x30,
    SR = 0x34,
    MCR = 0x3C,
    EN1 = 1 << 0,
    TEN1 = 1 << 1,
    EN2 = 1 << 16,
    TRIANGLE1 = 2 << 6,
    DMAEN1 = 1 << 12,
    DMAUDRIE1 = 1 << 13,
    DMAUDR1 = 1 << 13,
    TSEL_T6 = 5 << 2,
    REQUEST_DAC1_CH1 = 67,
    T_CR1 = 0x00, /* of TIM6 */
    T_CR2 = 0x04,
    T_EGR = 0x14,
    T_ARR = 0x2C,
    ISR = 0x00, /* of the ADCs */
    ACR = 0x08,
    CFGR = 0x0C,
    PCSEL = 0x1C,
    SQR1 = 0x30,
    DR = 0x40,
    ACCR = 0x08,
    ADEN = 1 << 0,
    ADSTART = 1 << 2,
    EOC = 1 << 2,
    SET_ONLY = 0x3F,
    BITS_12 = 6 << 2,
};

static const struct dma_stream stream = {DMA1, 5};
__attribute__((section(".axi"), aligned(32))) static uint16_t wave[32];
static volatile unsigned underruns;

static void command(uint32_t adc, uint32_t bits)
{
    R(adc, ACR) = (R(adc, ACR) & ~(SET_ONLY | BIT(31))) | bits;
}

static bool open_adc(uint32_t adc)
{
    R(RCC, RCC_AHB1ENR) |= BIT(5);
    (void)R(RCC, RCC_AHB1ENR);
    R(adc, ACR) &= ~BIT(29);
    command(adc, BIT(28));
    delay_ms(1);
    if (!(R(ADC1, ACR) & ADEN))
        R(ADC12_COMMON, ACCR) = (R(ADC12_COMMON, ACCR) & ~(3u << 16)) | 3 << 16;
    R(adc, CFGR) = BIT(31) | BITS_12 | BIT(12);
    R(adc, ACR) = (R(adc, ACR) & ~(SET_ONLY | BIT(30))) | BIT(31) | BIT(16);
    if (!wait_for(&R(adc, ACR), BIT(31), 0, 200))
        return false;
    command(adc, ADEN);
    return wait_for(&R(adc, ISR), 1, 1, 2);
}

static uint32_t convert(uint32_t adc, unsigned channel)
{
    R(adc, PCSEL) |= BIT(channel);
    R(adc, SQR1) = channel << 6;
    command(adc, ADSTART);
    if (!wait_for(&R(adc, ISR), EOC, EOC, 5))
        return 0xFFFFFFFF;
    return R(adc, DR);
}

/* PC0, over the wire from PA4. */
static uint32_t output(void)
{
    return convert(ADC1, 10);
}

static void values(void)
{
    R(DAC1, MCR) = 0;
    equal("off: 0 V", output(), 0);
    R(DAC1, DHR12R1) = 1000;
    R(DAC1, CR) |= EN1;
    between("12 bits, right", output(), 999, 1001);
    R(DAC1, DHR12L1) = 3000 << 4;
    between("12 bits, left", output(), 2999, 3001);
    R(DAC1, DHR8R1) = 0x40;
    between("8 bits", output(), 0x3FF, 0x401);
    R(DAC1, CR) |= EN2;
    R(DAC1, DHR12RD) = 500 | 2500 << 16;
    equal("both: channel 1", R(DAC1, DOR1), 500);
    equal("  channel 2", R(DAC1, DOR2), 2500);
    between("  PA5", convert(ADC1, 19), 2499, 2501);
    R(DAC1, DHR8RD) = 0x10 | 0x20 << 8;
    equal("both, 8 bits: channel 1", R(DAC1, DOR1), 0x100);
    equal("  channel 2", R(DAC1, DOR2), 0x200);
    R(DAC1, CR) &= ~(uint32_t)EN2;
}

static void triggers(void)
{
    R(DAC1, CR) |= TEN1;
    R(DAC1, DHR12R1) = 2000;
    equal("software trigger: waits", R(DAC1, DOR1), 0x100);
    R(DAC1, SWTRGR) = 1;
    equal("  comes", R(DAC1, DOR1), 2000);
    R(DAC1, CR) = 0;
    R(RCC, RCC_APB1LENR) |= BIT(4);
    (void)R(RCC, RCC_APB1LENR);
    R(TIM6, T_ARR) = 6400 - 1;
    R(TIM6, T_EGR) = 1;
    R(TIM6, T_CR2) = 2 << 4;
    R(DAC1, CR) = EN1 | TEN1 | TSEL_T6;
    R(DAC1, DHR12R1) = 2222;
    R(DAC1, SWTRGR) = 1;
    equal("TIM6: the software does not", R(DAC1, DOR1), 2000);
    R(TIM6, T_CR1) = 1;
    check("  but an update", wait_for(&R(DAC1, DOR1), 0xFFF, 2222, 2));
    R(TIM6, T_CR1) = 0;
    /* 0 .. 31 and back, a step a trigger. */
    R(DAC1, CR) = 0;
    R(DAC1, CR) = EN1 | TEN1 | TRIANGLE1 | 4 << 8;
    R(DAC1, DHR12R1) = 100;
    for (unsigned i = 0; i < 32; i++)
        R(DAC1, SWTRGR) = 1;
    equal("triangle: its top", R(DAC1, DOR1), 100 + 31);
    for (unsigned i = 0; i < 10; i++)
        R(DAC1, SWTRGR) = 1;
    equal("  down", R(DAC1, DOR1), 100 + 21);
    for (unsigned i = 0; i < 22; i++)
        R(DAC1, SWTRGR) = 1;
    equal("  and up again", R(DAC1, DOR1), 100 + 1);
    R(DAC1, CR) = 0;
}

static void underrun_irq(void)
{
    if (R(DAC1, SR) & DMAUDR1) {
        R(DAC1, CR) &= ~(uint32_t)DMAUDRIE1;
        R(DAC1, SR) = DMAUDR1;
        underruns++;
    }
}

static void by_dma(void)
{
    bool follows = true;
    unsigned at;

    for (unsigned i = 0; i < 32; i++)
        wave[i] = (uint16_t)(100 * i);
    dsb();
    check("stream",
          dma_init(stream, REQUEST_DAC1_CH1,
                   DMA_TO_PERIPHERAL | DMA_CIRC | DMA_MINC | DMA_PSIZE(1) | DMA_MSIZE(1), 0));
    dma_start(stream, DAC1 + DHR12R1, (uint32_t)wave, 32, 0);
    R(DAC1, CR) = EN1 | TEN1 | TSEL_T6 | DMAEN1;
    R(TIM6, T_CR1) = 1;
    delay_ms(1);
    for (unsigned i = 0; i < 100; i++) {
        uint32_t first = R(DAC1, DOR1), next;

        while ((next = R(DAC1, DOR1)) == first)
            ;
        if (next != (first + 100) % 3200)
            follows = false;
    }
    check("a wave by DMA", follows);
    between("  at the pin", output() % 100, 0, 99);
    at = R(DAC1, SR);
    equal("  no underrun", at & DMAUDR1, 0);
    /* Requests that nobody serves. */
    on_irq(TIM6_IRQ, underrun_irq);
    enable_irq(TIM6_IRQ);
    R(DAC1, CR) |= DMAUDRIE1;
    (void)dma_abort(stream);
    delay_ms(2);
    equal("underrun", underruns, 1);
    disable_irq(TIM6_IRQ);
    R(TIM6, T_CR1) = 0;
    R(DAC1, CR) = 0;
}

/* DAC2 to ADC2's channel 15, DAC1's second channel to its 17; nothing at the pins. */
static void internal(void)
{
    R(DAC2, MCR) = 3;
    R(DAC2, DHR12R1) = 1234;
    R(DAC2, CR) = EN1;
    between("DAC2 within the chip", convert(ADC2, 15), 1233, 1235);
    R(DAC1, MCR) = 3 << 16;
    R(DAC1, DHR12R2) = 4000;
    R(DAC1, CR) = EN2;
    between("DAC1's channel 2 within the chip", convert(ADC2, 17), 3999, 4001);
    equal("  but not at PA5", convert(ADC1, 19), 0);
    R(DAC1, CR) = 0;
    R(DAC1, MCR) = 0;
    R(DAC1, CR) = EN2;
    equal("connected to the pin only", convert(ADC2, 17), 0);
    between("  which has it", convert(ADC1, 19), 3999, 4001);
}

int main(void)
{
    begin();
    R(RCC, RCC_APB1LENR) |= BIT(29);
    R(RCC, RCC_APB4ENR) |= BIT(13);
    (void)R(RCC, RCC_APB4ENR);
    set_pin(GPIOA, 4, PIN_ANALOG, 0, 0, PULL_NONE);
    set_pin(GPIOA, 5, PIN_ANALOG, 0, 0, PULL_NONE);
    set_pin(GPIOC, 0, PIN_ANALOG, 0, 0, PULL_NONE);
    check("ADC1", open_adc(ADC1));
    check("ADC2", open_adc(ADC2));
    values();
    triggers();
    by_dma();
    internal();
    end();
}
