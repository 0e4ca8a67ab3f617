/*
 * Pending, active and enabled exceptions, their priorities, and the NVIC's registers.
 * ARMv7-M ARM DDI0403E B1.5.4 (priorities), B3.4 (NVIC).
 *
 * What the run loop asks all the time, "does anything pre-empt?", is one comparison of two cached
 * numbers: sys.pending_priority and sys.execution_priority. Every change of what they derive from
 * goes through this file.
 */
#include "sys_int.h"

static int group(const struct sys *s, int priority)
{
    if (priority < 0)
        return priority;
    return priority & ~((2 << s->prigroup) - 1);
}

int nvic_group_priority(const struct sys *s, uint32_t exception)
{
    return group(s, s->priority[exception]);
}

/* Makes the run loop look if there is anything for it to see. */
static void attend(struct cpu *c)
{
    if (c->sys.pending_priority < c->sys.execution_priority || c->sleeping)
        cpu_attend(c);
}

/* The pending enabled exception of highest priority; among equals the lowest number (B1.5.4). */
static void find_best_pending(struct cpu *c)
{
    struct sys *s = &c->sys;
    int best = PRIORITY_NOTHING;

    s->best_pending = 0;
    for (uint32_t w = 0; w < SYS_WORDS; w++) {
        for (uint32_t bits = s->pending[w] & s->enabled[w]; bits; bits &= bits - 1) {
            uint32_t n = w * 32 + (uint32_t)__builtin_ctz(bits);
            if (s->priority[n] < best) {
                best = s->priority[n];
                s->best_pending = n;
            }
        }
    }
    s->pending_priority = best == PRIORITY_NOTHING ? best : group(s, best);
    attend(c);
}

/* ExecutionPriority() of B1.5.4. */
static void find_execution_priority(struct cpu *c)
{
    struct sys *s = &c->sys;
    int priority = PRIORITY_THREAD;

    for (uint32_t w = 0; w < SYS_WORDS; w++) {
        for (uint32_t bits = s->active[w]; bits; bits &= bits - 1) {
            int p = nvic_group_priority(s, w * 32 + (uint32_t)__builtin_ctz(bits));
            if (p < priority)
                priority = p;
        }
    }
    if (s->basepri && group(s, (int)s->basepri) < priority)
        priority = group(s, (int)s->basepri);
    if (s->faultmask && priority > -1)
        priority = -1;
    s->unmasked_priority = priority;
    if (s->primask && priority > 0)
        priority = 0;
    s->execution_priority = priority;

    /* B3.5.1: at negative priority the MPU is off unless HFNMIENA is set. */
    bool suspended =
        (s->mpu_ctrl & MPU_CTRL_ENABLE) && !(s->mpu_ctrl & MPU_CTRL_HFNMIENA) && priority < 0;
    if (suspended != s->mpu_suspended) {
        s->mpu_suspended = suspended;
        cpu_memory_changed(c);
    }
    attend(c);
}

void nvic_reset(struct cpu *c)
{
    struct sys *s = &c->sys;

    memset(s->active, 0, sizeof s->active);
    memset(s->enabled, 0, sizeof s->enabled);
    memset(s->priority, 0, sizeof s->priority);
    s->exception_count = EXC_IRQ0 + c->config.irq_count;
    s->priority[EXC_RESET] = -3;
    s->priority[EXC_NMI] = -2;
    s->priority[EXC_HARD_FAULT] = -1;
    s->enabled[0] = 1u << EXC_NMI | 1u << EXC_HARD_FAULT | 1u << EXC_SVCALL | 1u << EXC_PENDSV |
                    1u << EXC_SYSTICK;
    /* An input that is high is seen as a new request (B3.4.1). */
    memcpy(s->pending, s->level, sizeof s->pending);
    s->prigroup = 0;
    find_best_pending(c);
    find_execution_priority(c);
}

void nvic_masks_changed(struct cpu *c)
{
    find_execution_priority(c);
}

void nvic_set_prigroup(struct cpu *c, uint32_t prigroup)
{
    c->sys.prigroup = prigroup;
    find_best_pending(c);
    find_execution_priority(c);
}

void nvic_set_pending(struct cpu *c, uint32_t n)
{
    struct sys *s = &c->sys;

    if (bit_get(s->pending, n))
        return;
    bit_put(s->pending, n, true);

    /* B1.5.18: entering the pending state is a wake-up event, even for a disabled interrupt. */
    if (s->scr & SCR_SEVONPEND) {
        s->event = true;
        if (c->sleeping)
            cpu_attend(c);
    }
    if (!bit_get(s->enabled, n))
        return;
    if (!s->best_pending || s->priority[n] < s->priority[s->best_pending] ||
        (s->priority[n] == s->priority[s->best_pending] && n < s->best_pending)) {
        s->best_pending = n;
        s->pending_priority = nvic_group_priority(s, n);
        attend(c);
    }
}

void nvic_clear_pending(struct cpu *c, uint32_t n)
{
    struct sys *s = &c->sys;

    bit_put(s->pending, n, false);
    if (n == s->best_pending)
        find_best_pending(c);
}

void nvic_set_enabled(struct cpu *c, uint32_t n, bool on)
{
    bit_put(c->sys.enabled, n, on);
    if (bit_get(c->sys.pending, n))
        find_best_pending(c);
}

void nvic_set_active(struct cpu *c, uint32_t n, bool on)
{
    bit_put(c->sys.active, n, on);
    find_execution_priority(c);
}

void nvic_activate(struct cpu *c, uint32_t n)
{
    struct sys *s = &c->sys;

    bit_put(s->active, n, true);
    bit_put(s->pending, n, false);
    if (n == EXC_DEBUG_MONITOR)
        s->demcr &= ~(uint32_t)DEMCR_MON_PEND;
    find_best_pending(c);
    find_execution_priority(c);
}

void nvic_deactivate(struct cpu *c, uint32_t n)
{
    struct sys *s = &c->sys;

    bit_put(s->active, n, false);
    if (s->exception != EXC_NMI)
        s->faultmask = 0;
    if (bit_get(s->level, n))
        nvic_set_pending(c, n);
    find_execution_priority(c);
}

uint32_t nvic_active_count(const struct sys *s)
{
    uint32_t count = 0;

    for (uint32_t w = 0; w < SYS_WORDS; w++)
        count += (uint32_t)__builtin_popcount(s->active[w]);
    return count;
}

/* ---- inputs --------------------------------------------------------------------------------- */

void cpu_irq(struct cpu *c, unsigned line, bool level)
{
    uint32_t n = EXC_IRQ0 + line;

    if (line >= c->config.irq_count || bit_get(c->sys.level, n) == level)
        return;
    bit_put(c->sys.level, n, level);
    if (level)
        nvic_set_pending(c, n);
}

void cpu_nmi(struct cpu *c)
{
    nvic_set_pending(c, EXC_NMI);
}

void nvic_software_trigger(struct cpu *c, uint32_t line)
{
    if (line < c->config.irq_count)
        nvic_set_pending(c, EXC_IRQ0 + line);
}

/* ---- registers ------------------------------------------------------------------------------ */

uint32_t nvic_icsr(const struct cpu *c)
{
    const struct sys *s = &c->sys;
    uint32_t value = s->exception;
    uint32_t others = 0;
    bool external = s->pending[0] >> EXC_IRQ0 != 0;

    for (uint32_t w = 0; w < SYS_WORDS; w++) {
        uint32_t active = s->active[w];
        if (s->exception / 32 == w)
            active &= ~(1u << s->exception % 32);
        others |= active;
        external = external || (w && s->pending[w]);
    }
    if (!others)
        value |= 1u << 11; /* RETTOBASE */

    /* VECTPENDING includes the effect of BASEPRI and FAULTMASK, but not of PRIMASK. */
    int limit = s->faultmask ? -1 : s->basepri ? group(s, (int)s->basepri) : PRIORITY_THREAD;
    if (s->pending_priority < limit)
        value |= s->best_pending << 12;
    value |= (uint32_t)external << 22; /* ISRPENDING */
    value |= (uint32_t)bit_get(s->pending, EXC_SYSTICK) << 26;
    value |= (uint32_t)bit_get(s->pending, EXC_PENDSV) << 28;
    value |= (uint32_t)bit_get(s->pending, EXC_NMI) << 31;
    return value;
}

/* 32 interrupts' bits from a set that is indexed by exception number, 16 higher. */
static uint32_t word_of_lines(const uint32_t *set, uint32_t word)
{
    uint32_t high = word + 1 < SYS_WORDS ? set[word + 1] : 0;
    return set[word] >> EXC_IRQ0 | high << EXC_IRQ0;
}

uint32_t nvic_read(const struct cpu *c, uint32_t offset)
{
    const struct sys *s = &c->sys;
    uint32_t word = offset / 4 % 32;

    if (offset >= 0x400) { /* IPR0.. */
        uint32_t first = EXC_IRQ0 + (offset - 0x400), value = 0;
        for (uint32_t i = 0; i < 4; i++) {
            if (first + i < s->exception_count)
                value |= (uint32_t)s->priority[first + i] << 8 * i;
        }
        return value;
    }
    if (word >= SYS_WORDS)
        return 0;
    switch (offset / 0x80) {
    case 0x100 / 0x80: /* ISER */
    case 0x180 / 0x80: /* ICER */
        return word_of_lines(s->enabled, word);
    case 0x200 / 0x80: /* ISPR */
    case 0x280 / 0x80: /* ICPR */
        return word_of_lines(s->pending, word);
    case 0x300 / 0x80: /* IABR */
        return word_of_lines(s->active, word);
    default:
        return 0;
    }
}

static void write_priority(struct cpu *c, uint32_t n, uint32_t value)
{
    uint32_t implemented = 0xFFu << (8 - c->config.prio_bits) & 0xFF;
    c->sys.priority[n] = (int16_t)(value & implemented);
}

void nvic_write(struct cpu *c, uint32_t offset, uint32_t value, uint32_t mask)
{
    struct sys *s = &c->sys;

    if (offset >= 0x400) {
        uint32_t first = EXC_IRQ0 + (offset - 0x400);
        for (uint32_t i = 0; i < 4; i++) {
            if (first + i < s->exception_count && (mask >> 8 * i & 0xFF))
                write_priority(c, first + i, value >> 8 * i & 0xFF);
        }
        find_best_pending(c);
        find_execution_priority(c);
        return;
    }
    uint32_t first = EXC_IRQ0 + offset / 4 % 32 * 32;
    for (uint32_t bits = value; bits; bits &= bits - 1) {
        uint32_t n = first + (uint32_t)__builtin_ctz(bits);
        if (n >= s->exception_count)
            break;
        switch (offset / 0x80) {
        case 0x100 / 0x80:
            nvic_set_enabled(c, n, true);
            break;
        case 0x180 / 0x80:
            nvic_set_enabled(c, n, false);
            break;
        case 0x200 / 0x80:
            nvic_set_pending(c, n);
            break;
        case 0x280 / 0x80:
            /* While the input is asserted the interrupt stays pending (DUI0646C 4.2.9). */
            if (!bit_get(s->level, n))
                nvic_clear_pending(c, n);
            break;
        default:
            break;
        }
    }
}

/* Exceptions 4..6, 11, 12, 14 and 15 have a byte in SHPR1..3; the others read as zero. */
static bool has_shpr(uint32_t exception)
{
    return (1u << exception & 0xD870u) != 0;
}

uint32_t nvic_read_shpr(const struct sys *s, uint32_t word)
{
    uint32_t value = 0;

    for (uint32_t i = 0; i < 4; i++) {
        uint32_t n = EXC_MEM_MANAGE + word * 4 + i;
        if (has_shpr(n))
            value |= (uint32_t)s->priority[n] << 8 * i;
    }
    return value;
}

void nvic_write_shpr(struct cpu *c, uint32_t word, uint32_t value, uint32_t mask)
{
    for (uint32_t i = 0; i < 4; i++) {
        uint32_t n = EXC_MEM_MANAGE + word * 4 + i;
        if (has_shpr(n) && (mask >> 8 * i & 0xFF))
            write_priority(c, n, value >> 8 * i & 0xFF);
    }
    find_best_pending(c);
    find_execution_priority(c);
}
