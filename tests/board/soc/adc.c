/*
 * The ADC driver's flows: leave deep power-down, regulator, calibration, enable; polled, by
 * interrupt, a sequence by DMA, oversampling, watchdog, injected, internal channels with the
 * factory's values. Voltages: PA3 1.65 V, PC0 0.4 V, PC1 a ramp of 100 Hz from 0 to 3.3 V.
 */
#include "adc.h"
#include "soc.h"

enum {
    IER = 0x04,
    LTR1 = 0x20,
    HTR1 = 0x24,
    OFR1 = 0x60,
    CALFACT = 0xC4,
    AWD1 = 1 << 7,
    ADDIS = 1 << 1,
    BITS_16 = 0 << 2,
    BITS_12 = 6 << 2,
    BITS_8 = 7 << 2,
    CONT = 1 << 13,
    LIMIT = 20,
    PA3_1 = 15, /* channels */
    PC0_12 = 10,
    PC1_12 = 11,
    VBAT_2 = 14,
    TEMPERATURE_2 = 18,
    VREFINT_2 = 19,
};
#define FACTORY(address) (*(volatile uint16_t *)(address))

static const struct dma_stream stream = {DMA2, 1};
__attribute__((section(".axi"), aligned(32))) static uint16_t results[16];

static void command(uint32_t adc, uint32_t bits)
{
    R(adc, CR) = (R(adc, CR) & ~(SET_ONLY | BIT(31))) | bits;
}

/* Clock from HCLK / 4, then as the library starts a converter. */
static bool open_adc(uint32_t adc)
{
    R(RCC, RCC_AHB1ENR) |= BIT(5);
    (void)R(RCC, RCC_AHB1ENR);
    R(adc, CR) &= ~BIT(29);
    command(adc, BIT(28));
    for (uint32_t start = ticks; ticks - start < 2;)
        ;
    if (!(R(ADC1, CR) & ADEN) && !(R(ADC2, CR) & ADEN))
        R(ADC12_COMMON, CCR) = (R(ADC12_COMMON, CCR) & ~(3u << 16)) | 3 << 16;
    R(adc, CFGR) = BIT(31) | BITS_16 | BIT(12); /* overwrite */
    R(adc, CFGR2) = 0;
    return true;
}

static bool calibrate(uint32_t adc)
{
    R(adc, CR) = (R(adc, CR) & ~(SET_ONLY | BIT(30))) | BIT(31) | BIT(16);
    return wait_for(&R(adc, CR), BIT(31), 0, 200);
}

static bool enable(uint32_t adc)
{
    if (R(adc, CR) & ADEN)
        return true;
    R(adc, ISR) = ADRDY;
    command(adc, ADEN);
    return wait_for(&R(adc, ISR), ADRDY, ADRDY, 2);
}

static bool disable(uint32_t adc)
{
    if (R(adc, CR) & ADSTART)
        command(adc, ADSTP);
    if (!wait_for(&R(adc, CR), ADSTP | ADSTART, 0, 5))
        return false;
    command(adc, ADDIS);
    return wait_for(&R(adc, CR), ADEN, 0, 2);
}

static void channel(uint32_t adc, unsigned rank, unsigned number, unsigned sampling)
{
    uint32_t at = adc + SQR1 + (rank + 1) / 5 * 4;
    unsigned position = 6 * ((rank + 1) % 5);

    R(adc, PCSEL) |= BIT(number);
    R(at, 0) = (R(at, 0) & ~(31u << position)) | number << position;
    at = adc + SMPR1 + number / 10 * 4;
    position = 3 * (number % 10);
    R(at, 0) = (R(at, 0) & ~(7u << position)) | sampling << position;
}

static void set_length(uint32_t adc, unsigned n)
{
    R(adc, SQR1) = (R(adc, SQR1) & ~15u) | (n - 1);
}

static void start(uint32_t adc)
{
    R(adc, ISR) = EOC | EOS | OVR;
    command(adc, ADSTART);
}

static uint32_t convert(uint32_t adc)
{
    start(adc);
    if (!wait_for(&R(adc, ISR), EOC, EOC, LIMIT))
        return 0xFFFFFFFF;
    R(adc, ISR) = EOS;
    return R(adc, DR);
}

static void single(void)
{
    uint32_t raw, first;

    check("open", open_adc(ADC1));
    check("enable without calibration", enable(ADC1));
    channel(ADC1, 0, PA3_1, 2);
    set_length(ADC1, 1);
    raw = convert(ADC1);
    check("uncalibrated: off, but not by much", raw != 0x8000 && raw > 0x7F00 && raw < 0x8100);
    check("disable", disable(ADC1));
    equal("factor before", R(ADC1, CALFACT), 0);
    check("calibrate", calibrate(ADC1));
    check("factor after", R(ADC1, CALFACT) != 0);
    check("enable", enable(ADC1));
    equal("1.65 V of 3.3 V", convert(ADC1), 0x8000);
    equal("EOC is cleared by reading", R(ADC1, ISR) & EOC, 0);
    equal("ADSTART is clear", R(ADC1, CR) & ADSTART, 0);
    R(ADC1, CFGR) = (R(ADC1, CFGR) & ~0x1Cu) | BITS_12;
    equal("12 bits", convert(ADC1), 0x800);
    R(ADC1, CFGR) = (R(ADC1, CFGR) & ~0x1Cu) | BITS_8;
    equal("8 bits", convert(ADC1), 0x80);
    R(ADC1, CFGR) = (R(ADC1, CFGR) & ~0x1Cu) | BITS_16;
    channel(ADC1, 0, PC0_12, 2);
    between("0.4 V", convert(ADC1), 7943, 7944);
    /* 16 results summed, shifted by 4. */
    R(ADC1, CFGR2) = 15u << 16 | 4 << 5 | 1;
    between("oversampled", convert(ADC1), 7943, 7944);
    R(ADC1, CFGR2) = 3u << 16 | 1;
    between("sum of four", convert(ADC1), 4 * 7943, 4 * 7944);
    R(ADC1, CFGR2) = 0;
    /* The offset is taken off. */
    R(ADC1, OFR1) = (uint32_t)PC0_12 << 26 | 8000;
    between("offset", convert(ADC1) + 100, 42, 45);
    R(ADC1, OFR1) = 0;
    channel(ADC1, 0, PC1_12, 2);
    first = convert(ADC1);
    delay_ms(1); /* 1 to 2 ms of the ramp's 10 */
    raw = convert(ADC1);
    check("ramp: another value", raw != first);
}

static volatile unsigned conversions, sequences, alarms;

static void adc_irq(void)
{
    uint32_t flags = R(ADC1, ISR) & R(ADC1, IER);

    if (flags & EOC) {
        conversions++;
        (void)R(ADC1, DR);
    }
    sequences += !!(flags & EOS);
    alarms += !!(flags & AWD1);
    R(ADC1, ISR) = flags;
}

static void by_interrupt(void)
{
    on_irq(ADC_IRQ, adc_irq);
    enable_irq(ADC_IRQ);
    channel(ADC1, 0, PA3_1, 7);
    channel(ADC1, 1, PC0_12, 7);
    channel(ADC1, 2, PC1_12, 7);
    set_length(ADC1, 3);
    /* The first channel is above the high threshold. */
    R(ADC1, LTR1) = 0;
    R(ADC1, HTR1) = 0x7000;
    R(ADC1, CFGR) = (R(ADC1, CFGR) & ~(0x1Fu << 26)) | (uint32_t)PA3_1 << 26 | BIT(22) | BIT(23);
    R(ADC1, IER) |= EOC | EOS | AWD1;
    start(ADC1);
    delay_ms(2);
    equal("interrupt: three conversions", conversions, 3);
    equal("interrupt: one sequence", sequences, 1);
    equal("interrupt: one alarm", alarms, 1);
    R(ADC1, IER) = 0;
    R(ADC1, CFGR) &= ~(BIT(22) | BIT(23));
    disable_irq(ADC_IRQ);
}

static void by_dma(void)
{
    dma_init(stream, 9, DMA_CIRC | DMA_MINC | DMA_PSIZE(1) | DMA_MSIZE(1), 0);
    dma_start(stream, ADC1 + DR, (uintptr_t)results, 12, 0);
    R(ADC1, CFGR) |= CONT | 3; /* requests without end */
    start(ADC1);
    check("dma: round", dma_wait(stream, LIMIT));
    check("dma: order", results[0] == 0x8000 && results[1] >= 7943 && results[1] <= 7944 &&
                            results[3] == 0x8000 && results[9] == 0x8000);
    check("dma: ramp goes up", results[5] > results[2] || results[8] > results[5]);
    equal("dma: no overrun", R(ADC1, ISR) & OVR, 0);
    check("dma: stop", disable(ADC1) && dma_abort(stream));
    R(ADC1, CFGR) &= ~(uint32_t)(CONT | 3);
    /* Nobody reads: overrun. */
    R(ADC1, CFGR) |= CONT;
    check("overrun: enable", enable(ADC1));
    start(ADC1);
    delay_ms(1);
    equal("overrun: told", R(ADC1, ISR) & OVR, OVR);
    check("overrun: stop", disable(ADC1));
    R(ADC1, CFGR) &= ~(uint32_t)CONT;
}

static void injected(void)
{
    check("injected: enable", enable(ADC1));
    R(ADC1, JSQR) = 1 | (uint32_t)PC0_12 << 9 | (uint32_t)PA3_1 << 15;
    R(ADC1, ISR) = JEOC | JEOS;
    command(ADC1, JADSTART);
    check("injected: sequence", wait_for(&R(ADC1, ISR), JEOS, JEOS, LIMIT));
    between("injected: first", R(ADC1, JDR1), 7943, 7944);
    equal("injected: second", R(ADC1, JDR1 + 4), 0x8000);
}

static void internal(void)
{
    uint32_t vrefint, celsius, cal1 = FACTORY(0x08FFF814), cal2 = FACTORY(0x08FFF818);

    check("second: open", open_adc(ADC2));
    check("second: calibrate", calibrate(ADC2));
    check("second: enable", enable(ADC2));
    set_length(ADC2, 1);
    R(ADC12_COMMON, CCR) |= 7u << 22; /* VREFEN, TSEN, VBATEN */
    delay_ms(1);
    channel(ADC2, 0, VREFINT_2, 6);
    vrefint = convert(ADC2);
    between("internal: 3.3 V from VREFINT", 3300u * FACTORY(0x08FFF810) / vrefint, 3299, 3301);
    channel(ADC2, 0, TEMPERATURE_2, 6);
    celsius = 30 + (convert(ADC2) - cal1) * 80 / (cal2 - cal1);
    between("internal: room temperature or a little more", celsius, 20, 50);
    channel(ADC2, 0, VBAT_2, 6);
    between("internal: VBAT / 4", convert(ADC2), 16383, 16384);
    R(ADC12_COMMON, CCR) &= ~(7u << 22);
    equal("internal: VBAT is off", convert(ADC2), 0);
}

int main(void)
{
    begin();
    for (unsigned pin = 0; pin < 2; pin++)
        set_pin(GPIOC, pin, PIN_ANALOG, 0, 0, PULL_NONE);
    set_pin(GPIOA, 3, PIN_ANALOG, 0, 0, PULL_NONE);
    single();
    by_interrupt();
    by_dma();
    injected();
    internal();
    end();
}
