/*
 * Sampling of read data.
 *
 * The chip launches a symbol at the falling edge in front of the rising edge at which the
 * controller takes it; TCR.SSHIFT moves the sampling point by half a period, the delay block by its
 * line. Against the rising edge the symbol is there from (tACLK + flight - low half of CLK) on, and
 * until (high half + tKOH
 * + flight); see struct membus_answer. So at high clocks the plain sampling point is too early,
 * which is why data sheets ask for training above 84 MHz.
 *
 * A typical chip decides what is read; the data sheet's limits decide whether that was luck.
 */
#include "../wire/hazard.h"
#include "octospi_int.h"

/* Half-width of the time around a change in which a sample is a coin toss: clock jitter and the
   flip-flop's own set-up and hold. An order of magnitude. */
#define BLUR_PS 150

void octospi_sampling_begin(struct octospi *o)
{
    const struct membus_answer *a = membus_answer(o->bus);
    const struct membus_frame *f = &o->frame;
    int64_t period = (int64_t)f->clock.period, low = (int64_t)f->clock.low;
    int64_t sample = (int64_t)(o->sample_delay + octospi_dlyb_delay(o));
    int64_t open = (int64_t)(a->typical + a->flight + a->settle) - low;
    int64_t close = (int64_t)(a->typical + a->flight) - low + period; /* the next symbol begins */
    int64_t promised_open = open + (int64_t)(a->latest - a->typical);
    int64_t promised_close = (int64_t)(a->hold + a->flight) - low + period;

    o->slip = 0;
    o->blurred = false;
    o->symbol = 0xFF;
    if (!a->typical || f->data_dtr) /* with DTR data come with their own strobe */
        return;
    while (sample < open - period)
        open -= period, close -= period, o->slip--;
    if (sample < open) { /* between the symbol before and this one */
        o->slip--;
        o->blurred = sample > open - (int64_t)a->settle - BLUR_PS;
    } else {
        while (sample >= close)
            close += period, open += period, o->slip++;
        o->blurred = sample > close - BLUR_PS || sample < open + BLUR_PS;
    }
    if (o->slip || o->blurred) {
        if (!hazard(o->dev.soc->complaints, HAZARD_SAMPLING,
                    "%s: CLK %.2f MHz, read data sampled %.2f ns after the rising edge; a typical "
                    "chip on these wires has them from %.2f to %.2f ns",
                    o->dev.name, (double)f->clock.hz / 1e6, (double)sample / 1000,
                    (double)(int64_t)(a->typical + a->flight + a->settle - f->clock.low) / 1000,
                    (double)(period + (int64_t)(a->typical + a->flight) - low) / 1000))
            o->slip = 0, o->blurred = false;
    } else if (sample < promised_open || sample > promised_close) {
        o->blurred =
            hazard(o->dev.soc->complaints, HAZARD_SAMPLING_MARGIN,
                   "%s: CLK %.2f MHz, read data sampled %.2f ns after the rising edge; the "
                   "chip promises them from %.2f to %.2f ns",
                   o->dev.name, (double)f->clock.hz / 1e6, (double)sample / 1000,
                   (double)promised_open / 1000, (double)promised_close / 1000);
    }
}

void octospi_sample(struct octospi *o, uint8_t *data, size_t n)
{
    struct complaints *c = o->dev.soc->complaints;
    unsigned lines = o->frame.data_lines;
    uint8_t mask = (uint8_t)((1u << lines) - 1);

    if (!o->slip && !o->blurred)
        return;
    for (size_t i = 0; i < n; i++) {
        uint8_t wire = data[i], read = 0;

        for (unsigned bit = 8; bit >= lines && bit; bit -= lines) {
            uint8_t now = (uint8_t)(wire >> (bit - lines)) & mask, other, taken = now;

            /* What comes after this byte has not been on the wires yet: anything. */
            if (o->slip <= 0)
                other = o->symbol;
            else
                other = bit > lines ? (uint8_t)(wire >> (bit - 2 * lines)) & mask
                                    : (uint8_t)hazard_pick(c, mask + 1u);
            if (o->blurred) {
                uint8_t coin = (uint8_t)hazard_pick(c, 256);

                taken = (uint8_t)((now & coin) | (other & ~coin));
            } else {
                taken = other;
            }
            o->symbol = now;
            read = (uint8_t)(read << lines | (taken & mask));
        }
        data[i] = read;
    }
}
