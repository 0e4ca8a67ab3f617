/*
 * SysTick, the 24-bit down counter. ARMv7-M ARM DDI0403E B3.3.
 *
 * The counter is not clocked: it is brought forward when somebody looks, and the run loop knows the
 * cycle of the next expiry from sys_next_event(). A tick is a core cycle, or eight of them with
 * CLKSOURCE = 0.
 */
#include "sys_int.h"

enum { ENABLE = 1 << 0, TICKINT = 1 << 1, CLKSOURCE = 1 << 2 };
#define COUNTFLAG   (1u << 16)
#define COUNTER_MAX 0xFFFFFFu

static uint32_t divider(const struct systick *t)
{
    return t->control & CLKSOURCE ? 1 : 8;
}

/* Ticks until the counter is at zero again; 0 = it stays there (a reload value of 0 stops it). */
static uint64_t ticks_to_zero(const struct systick *t)
{
    if (t->value)
        return t->value;
    return t->reload ? (uint64_t)t->reload + 1 : 0;
}

static void find_due(struct cpu *c)
{
    struct systick *t = &c->sys.systick;
    uint64_t ticks = ticks_to_zero(t);

    if ((t->control & (ENABLE | TICKINT)) == (ENABLE | TICKINT) && ticks && !c->sys.clock_held)
        t->due = (t->at + ticks) * divider(t);
    else
        t->due = UINT64_MAX;
}

void systick_reset(struct cpu *c)
{
    c->sys.systick = (struct systick){.due = UINT64_MAX};
}

void systick_sync(struct cpu *c)
{
    struct systick *t = &c->sys.systick;
    uint64_t now = c->cycles / divider(t);
    uint64_t ticks = now - t->at;

    t->at = now;
    if (!(t->control & ENABLE) || !ticks || c->sys.clock_held)
        return;

    uint64_t first = ticks_to_zero(t);
    if (!first)
        return;
    if (ticks < first) {
        /* From zero the first tick loads the reload value. */
        t->value = (uint32_t)(first - ticks);
    } else {
        uint64_t over = (ticks - first) % ((uint64_t)t->reload + 1);
        t->value = over ? (uint32_t)(t->reload + 1 - over) : 0;
        t->countflag = true;
        if (t->control & TICKINT)
            nvic_set_pending(c, EXC_SYSTICK);
    }
    find_due(c);
}

void systick_restart(struct cpu *c)
{
    find_due(c);
    cpu_attend(c);
}

uint32_t systick_read(struct cpu *c, uint32_t offset, bool peek)
{
    struct systick *t = &c->sys.systick;
    uint32_t value;

    systick_sync(c);
    switch (offset) {
    case 0x10: /* SYST_CSR */
        value = t->control | (t->countflag ? COUNTFLAG : 0);
        if (!peek)
            t->countflag = false;
        return value;
    case 0x14: /* SYST_RVR */
        return t->reload;
    case 0x18: /* SYST_CVR */
        return t->value;
    default: /* SYST_CALIB */
        return c->config.syst_calib;
    }
}

void systick_write(struct cpu *c, uint32_t offset, uint32_t value)
{
    struct systick *t = &c->sys.systick;

    systick_sync(c);
    switch (offset) {
    case 0x10:
        t->control = value & (ENABLE | TICKINT | CLKSOURCE);
        t->at = c->cycles / divider(t);
        break;
    case 0x14:
        t->reload = value & COUNTER_MAX;
        break;
    case 0x18:
        /* Any value clears the counter and COUNTFLAG, and causes no exception (B3.3.5). */
        t->value = 0;
        t->countflag = false;
        break;
    default:
        break;
    }
    find_due(c);
    cpu_attend(c);
}

uint64_t sys_next_event(const struct cpu *c)
{
    return c->sys.systick.due;
}
