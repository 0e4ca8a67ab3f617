/*
 * What a timer's events are to DMA: requests (DIER.UDE .. TDE), and the burst of accesses that DCR
 * and DMAR make of one. RM0455, chapters on the timers: "DMA burst mode", TIMx_DIER, TIMx_CR2.
 *
 * A request is an event: it lasts until the controller has served it, whatever becomes of the flag.
 */
#include "dma.h"
#include "timer_int.h"

enum { DCR = 0x48, DMAR = 0x4C };

#define CR2_CCDS (1u << 3)

enum { LINES = 7, UP = 4, TRIG = 5, COM = 6 };

/* Which line of DMAMUX1 carries CH1 .. CH4, UP, TRIG and COM; 0: none does. */
static const struct lines {
    uint8_t timer, line[LINES];
} table[] = {
    {1, {11, 12, 13, 14, 15, 16, 17}},   {2, {18, 19, 20, 21, 22, 0, 0}},
    {3, {23, 24, 25, 26, 27, 28, 0}},    {4, {29, 30, 31, 0, 32, 0, 0}},
    {5, {55, 56, 57, 58, 59, 60, 0}},    {6, {0, 0, 0, 0, 69, 0, 0}},
    {7, {0, 0, 0, 0, 70, 0, 0}},         {8, {47, 48, 49, 50, 51, 52, 53}},
    {15, {105, 0, 0, 0, 106, 107, 108}}, {16, {109, 0, 0, 0, 110, 0, 0}},
    {17, {111, 0, 0, 0, 112, 0, 0}},
};

/* Bits of SR, and 8 places higher of DIER, of a line's event. */
static const uint32_t flag_of[LINES] = {CCIF(0), CCIF(1), CCIF(2), CCIF(3), UIF, TIF, COMIF};

static const uint8_t *lines_of(const struct timer *t)
{
    static const uint8_t none[LINES] = {0};

    for (unsigned i = 0; i < sizeof table / sizeof table[0]; i++) {
        if (table[i].timer == t->kind->number)
            return table[i].line;
    }
    return none;
}

/* CCDS: channels ask when the update event comes. */
static bool asks_at_update(struct timer *t)
{
    return *device_reg(&t->d, CR2) & CR2_CCDS;
}

void timer_event(struct timer *t, uint32_t flags)
{
    const uint8_t *line = lines_of(t);
    uint32_t enabled = *t->dier >> 8, asking = flags;

    if (enabled && asks_at_update(t))
        asking = (flags & ~CCIF_ALL) | (flags & UIF ? CCIF_ALL : 0);
    for (unsigned i = 0; enabled && i < LINES; i++) {
        if (asking & enabled & flag_of[i] && line[i])
            dma_trigger(t->d.soc, line[i]);
    }
    timer_trigger_event(t, flags);
}

uint32_t timer_awaited(struct timer *t)
{
    uint32_t flags = *t->dier >> 8 & (UIF | CCIF_ALL);

    if (flags & CCIF_ALL && asks_at_update(t))
        flags = UIF;
    return flags | timer_trigger_awaited(t);
}

void timer_requests_off(struct timer *t, uint32_t flags)
{
    const uint8_t *line = lines_of(t);

    for (unsigned i = 0; i < LINES; i++) {
        if (flags & flag_of[i] && line[i])
            dma_request(t->d.soc, line[i], false);
    }
}

/* ---- bursts ---- */

/* Each access of DMA to DMAR is one to the next register from DCR.DBA on, and brings the next
   request until DCR.DBL + 1 were made. */
static void next_of_burst(struct timer *t)
{
    const uint8_t *line = lines_of(t);
    int serving = dma_serving(t->d.soc);

    if (++t->burst > (*device_reg(&t->d, DCR) >> 8 & 31)) {
        t->burst = 0;
        return;
    }
    for (unsigned i = 0; i < LINES; i++) {
        if (line[i] && line[i] == serving)
            dma_trigger(t->d.soc, line[i]);
    }
}

enum bus_status timer_access(struct device *d, struct bus_access *a)
{
    struct timer *t = (struct timer *)d;
    uint32_t addr = a->addr, offset = addr - d->base;
    enum bus_status status;

    if (offset / 4 != DMAR / 4 || d->peek)
        return device_access_regs(d, a);
    a->addr = d->base + ((*device_reg(d, DCR) & 31) + t->burst) * 4 + offset % 4;
    status = device_access_regs(d, a);
    a->addr = addr;
    next_of_burst(t);
    return status;
}

void timer_write_dcr(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    (void)i;
    (void)value;
    (void)old;
    ((struct timer *)d)->burst = 0;
}
