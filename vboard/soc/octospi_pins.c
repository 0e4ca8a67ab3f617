/*
 * OCTOSPIM and the way from a controller's signals to the wires of a board.
 *
 * A wire is reached if three things agree: OCTOSPIM_PnCR sends the controller's signal to port n,
 * the board's pin can carry that signal of that port, and GPIO has this pin in the alternate
 * function that does it.
 */
#include <stdlib.h>

#include "octospi_int.h"

enum { OSPIM_CR = 0, OSPIM_P1CR = 4, OSPIM_P2CR = 8 };

enum { CR_MUXEN = 1 };

/* Signals as the bits of MEMBUS_*: 0..7 = IO, then: */
enum { SIGNAL_NCS = 8, SIGNAL_CLK = 9, SIGNALS = 10 };

/* Alternate functions of OCTOSPIM_P1 (STM32H7A3xI/G datasheet, alternate function tables). Port 2
   has pins on the larger packages only and none on the boards known here. */
static const struct {
    uint16_t pin;
    uint8_t af, signal;
} port1_pins[] = {
    {SOC_PIN('B', 2), 9, SIGNAL_CLK},
    {SOC_PIN('A', 3), 3, SIGNAL_CLK},
    {SOC_PIN('F', 10), 9, SIGNAL_CLK},
    {SOC_PIN('B', 6), 10, SIGNAL_NCS},
    {SOC_PIN('B', 10), 9, SIGNAL_NCS},
    {SOC_PIN('C', 11), 9, SIGNAL_NCS},
    {SOC_PIN('E', 11), 11, SIGNAL_NCS},
    {SOC_PIN('G', 6), 10, SIGNAL_NCS},
    {SOC_PIN('D', 11), 9, 0},
    {SOC_PIN('C', 9), 9, 0},
    {SOC_PIN('B', 1), 11, 0},
    {SOC_PIN('C', 3), 9, 0},
    {SOC_PIN('F', 8), 10, 0},
    {SOC_PIN('D', 12), 9, 1},
    {SOC_PIN('C', 10), 9, 1},
    {SOC_PIN('B', 0), 11, 1},
    {SOC_PIN('F', 9), 10, 1},
    {SOC_PIN('E', 2), 9, 2},
    {SOC_PIN('C', 2), 9, 2},
    {SOC_PIN('A', 7), 10, 2},
    {SOC_PIN('F', 7), 10, 2},
    {SOC_PIN('D', 13), 9, 3},
    {SOC_PIN('A', 1), 9, 3},
    {SOC_PIN('A', 6), 6, 3},
    {SOC_PIN('F', 6), 10, 3},
};

struct manager {
    struct device dev; /* first */
    struct octospi_set *set;
    uint32_t *cr, *pcr[2];
    /* For each signal of a port: the board's pin and the function it must have; -1 = not wired. */
    struct {
        uint16_t pin;
        int8_t af;
    } wire[2][SIGNALS];
};

static int function_of(unsigned port, uint16_t pin, unsigned signal)
{
    for (unsigned i = 0; port == 0 && i < sizeof port1_pins / sizeof port1_pins[0]; i++) {
        if (port1_pins[i].pin == pin && port1_pins[i].signal == signal)
            return port1_pins[i].af;
    }
    return -1;
}

void octospi_wire(struct soc *soc, unsigned port, const struct octospi_wiring *w)
{
    struct manager *m = (struct manager *)soc->octospi->manager;

    for (unsigned s = 0; s < SIGNALS; s++) {
        uint16_t pin = s == SIGNAL_NCS ? w->ncs : s == SIGNAL_CLK ? w->clk : w->io[s];

        m->wire[port - 1][s].pin = pin;
        m->wire[port - 1][s].af = (int8_t)function_of(port - 1, pin, s);
    }
}

struct membus *octospi_route(const struct octospi *o, uint16_t *wires)
{
    const struct manager *m = (const struct manager *)o->set->manager;
    bool shared = *m->cr & CR_MUXEN; /* both controllers own the port's clock and lines in turn */
    unsigned nibble = *o->cr & CR_FSEL && !(*o->cr & CR_DMM) ? 1 : 0;
    unsigned reached = 0;

    *wires = 0;
    for (unsigned p = 0; p < 2; p++) {
        uint32_t pcr = *m->pcr[p];
        unsigned low = pcr >> 17 & 3, high = pcr >> 25 & 3;
        unsigned routed = 0;

        if (!(pcr >> 8 & 1) || (pcr >> 9 & 1) != o->index)
            continue; /* nCS goes elsewhere */
        routed = MEMBUS_NCS;
        if (pcr & 1 && (shared || (pcr >> 1 & 1) == o->index))
            routed |= MEMBUS_CLK;
        if (pcr >> 16 & 1 && (shared || low >> 1 == o->index) && (low & 1) == nibble)
            routed |= 0x0F;
        if (pcr >> 24 & 1 && (shared || high >> 1 == o->index) && (high & 1) != nibble)
            routed |= 0xF0;
        for (unsigned s = 0; s < SIGNALS; s++) {
            if (routed >> s & 1 && m->wire[p][s].af >= 0 &&
                soc_pin_af(o->dev.soc, m->wire[p][s].pin) == m->wire[p][s].af)
                reached |= 1u << s;
        }
        *wires = (uint16_t)reached;
        return o->set->bus[p];
    }
    return o->set->nowhere;
}

/* RM0455 OCTOSPIM: the registers may change only while both controllers are disabled. */
static void changed(struct device *d, unsigned index, uint32_t value, uint32_t old)
{
    struct manager *m = (struct manager *)d;

    (void)index;
    (void)value;
    (void)old;
    if (d->peek)
        return;
    for (unsigned i = 0; i < 2; i++) {
        if (*m->set->unit[i]->cr & CR_EN) {
            complain(d->soc->complaints, GUEST_ERROR, "ospim-enabled",
                     "OCTOSPIM written while %s is enabled", m->set->unit[i]->dev.name);
            return;
        }
    }
}

static const struct reg registers[] = {
    {.name = "CR", .offset = OSPIM_CR, .writable = 0x00FF0001u, .write = changed},
    {.name = "P1CR",
     .offset = OSPIM_P1CR,
     .reset = 0x03010111u,
     .writable = 0x07070333u,
     .write = changed},
    {.name = "P2CR",
     .offset = OSPIM_P2CR,
     .reset = 0x07050333u,
     .writable = 0x07070333u,
     .write = changed},
};

int octospi_pins_create(struct octospi_set *set)
{
    static const struct octospi_wiring devebox = {
        .ncs = SOC_PIN('B', 6),
        .clk = SOC_PIN('B', 2),
        .io = {SOC_PIN('D', 11), SOC_PIN('D', 12), SOC_PIN('E', 2), SOC_PIN('D', 13),
               OCTOSPI_NO_PIN, OCTOSPI_NO_PIN, OCTOSPI_NO_PIN, OCTOSPI_NO_PIN},
    };
    static const struct octospi_wiring none = {
        .ncs = OCTOSPI_NO_PIN,
        .clk = OCTOSPI_NO_PIN,
        .io = {OCTOSPI_NO_PIN, OCTOSPI_NO_PIN, OCTOSPI_NO_PIN, OCTOSPI_NO_PIN, OCTOSPI_NO_PIN,
               OCTOSPI_NO_PIN, OCTOSPI_NO_PIN, OCTOSPI_NO_PIN},
    };
    struct manager *m = calloc(1, sizeof *m);

    if (!m)
        return -1;
    m->dev.name = "OCTOSPIM";
    m->dev.base = 0x5200B400;
    m->dev.size = 0x400;
    m->dev.regs = registers;
    m->dev.reg_count = sizeof registers / sizeof registers[0];
    m->dev.gate = (struct rcc_gate){RCC_AHB3ENR, RCC_AHB3RSTR, 21};
    m->dev.on = ON_AHB;
    m->dev.complete = true;
    m->set = set;
    if (device_init(&m->dev, set->soc) < 0) {
        free(m);
        return -1;
    }
    m->cr = device_reg(&m->dev, OSPIM_CR);
    m->pcr[0] = device_reg(&m->dev, OSPIM_P1CR);
    m->pcr[1] = device_reg(&m->dev, OSPIM_P2CR);
    set->manager = &m->dev;
    octospi_wire(set->soc, 1, &devebox);
    octospi_wire(set->soc, 2, &none);
    return 0;
}
