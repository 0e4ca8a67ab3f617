/*
 * Debug and trace components on the private peripheral bus: DWT (its cycle counter counts), ITM,
 * FPB, TPIU and the ROM table. What start-up and debug code writes reads back; no trace leaves the
 * chip. ARMv7-M ARM DDI0403E C1.7 to C1.11.
 */
#include "sys_int.h"

#define DWT_CTRL   0xE0001000u
#define DWT_CYCCNT 0xE0001004u
#define DWT_LAR    0xE0001FB0u
#define DWT_LSR    0xE0001FB4u
#define ITM_STIM0  0xE0000000u
#define ITM_LAR    0xE0000FB0u
#define ITM_LSR    0xE0000FB4u
#define ROM_TABLE  0xE00FF000u

#define LOCK_KEY      0xC5ACCE55u
#define CYCCNTENA     (1u << 0)
#define DWT_CTRL_BITS 0x007F1FFFu
#define DWT_NUMCOMP   (4u << 28)

/* Registers that hold what was written. The index of a row is its place in sys.trace[]. */
enum { ITM_TER, ITM_TPR, ITM_TCR };
static const struct {
    uint32_t addr, reset, writable;
} stored[] = {
    [ITM_TER] = {0xE0000E00u, 0, 0xFFFFFFFFu},
    [ITM_TPR] = {0xE0000E40u, 0, 0xFu},
    [ITM_TCR] = {0xE0000E80u, 0, 0x007F0F1Fu},
    {0xE0001020u, 0, 0xFFFFFFFFu}, /* DWT_COMP0, MASK0, FUNCTION0, and so on */
    {0xE0001024u, 0, 0x1Fu},
    {0xE0001028u, 0, 0x000FFFAFu},
    {0xE0001030u, 0, 0xFFFFFFFFu},
    {0xE0001034u, 0, 0x1Fu},
    {0xE0001038u, 0, 0x000FFFAFu},
    {0xE0001040u, 0, 0xFFFFFFFFu},
    {0xE0001044u, 0, 0x1Fu},
    {0xE0001048u, 0, 0x000FFFAFu},
    {0xE0001050u, 0, 0xFFFFFFFFu},
    {0xE0001054u, 0, 0x1Fu},
    {0xE0001058u, 0, 0x000FFFAFu},
    {0xE0002000u, 0x10000080u, 0x1u}, /* FP_CTRL: 8 instruction comparators */
    {0xE0002008u, 0, 0xFFFFFFFFu},    /* FP_COMP0.. */
    {0xE000200Cu, 0, 0xFFFFFFFFu},
    {0xE0002010u, 0, 0xFFFFFFFFu},
    {0xE0002014u, 0, 0xFFFFFFFFu},
    {0xE0002018u, 0, 0xFFFFFFFFu},
    {0xE000201Cu, 0, 0xFFFFFFFFu},
    {0xE0002020u, 0, 0xFFFFFFFFu},
    {0xE0002024u, 0, 0xFFFFFFFFu},
    {0xE0040004u, 1, 0xFFFFFFFFu}, /* TPIU_CSPSR */
    {0xE0040010u, 0, 0x1FFFu},     /* TPIU_ACPR */
    {0xE00400F0u, 1, 0x3u},        /* TPIU_SPPR */
    {0xE0040304u, 0x102, 0x102u},  /* TPIU_FFCR */
};
#define STORED_COUNT (sizeof stored / sizeof stored[0])
_Static_assert(STORED_COUNT <= sizeof((struct sys *)0)->trace / sizeof(uint32_t),
               "sys.trace[] is too short");

/* Components that the ROM table lists, as offsets from it; bit 0 = present, bit 1 = 32-bit format.
 */
static const uint32_t rom_table[] = {
    0xFFF0F003u, /* SCS */
    0xFFF02003u, /* DWT */
    0xFFF03003u, /* FPB */
    0xFFF01003u, /* ITM */
    0xFFF41003u, /* TPIU */
    0xFFF42002u, /* ETM: not fitted */
    0,
};

static bool counting(const struct sys *s)
{
    return (s->demcr & DEMCR_TRCENA) && (s->dwt_ctrl & CYCCNTENA) && !s->clock_held;
}

static uint32_t cycle_count(const struct cpu *c)
{
    const struct sys *s = &c->sys;

    return s->dwt_cyccnt + (counting(s) ? (uint32_t)(c->cycles - s->dwt_cyccnt_at) : 0);
}

/* Holds the count, before something changes whether it goes on. */
static void hold_count(struct cpu *c)
{
    c->sys.dwt_cyccnt = cycle_count(c);
    c->sys.dwt_cyccnt_at = c->cycles;
}

void trace_hold(struct cpu *c)
{
    hold_count(c);
}

void trace_reset(struct cpu *c)
{
    struct sys *s = &c->sys;

    s->demcr = 0;
    s->dwt_ctrl = DWT_NUMCOMP;
    s->dwt_cyccnt = 0;
    s->itm_unlocked = s->dwt_unlocked = false;
    for (size_t i = 0; i < STORED_COUNT; i++)
        s->trace[i] = stored[i].reset;
}

void trace_enable_changed(struct cpu *c, uint32_t demcr)
{
    if ((demcr ^ c->sys.demcr) & DEMCR_TRCENA)
        hold_count(c);
}

/* LSR: a lock is there, and whether it is shut. */
static uint32_t lock_status(bool unlocked)
{
    return unlocked ? 1 : 3;
}

/* A stimulus port reads 1 when it can take a word (C1.7.3). What is written goes nowhere, at once.
 */
static uint32_t stimulus_ready(const struct sys *s, uint32_t addr)
{
    uint32_t port = (addr - ITM_STIM0) / 4;

    return port < 32 && (s->trace[ITM_TCR] & 1) && (s->trace[ITM_TER] >> port & 1);
}

bool trace_read(struct cpu *c, uint32_t addr, uint32_t *value)
{
    const struct sys *s = &c->sys;

    *value = 0;
    if (addr >= 0xE0003000u && addr < 0xE0040000u)
        return false;
    if (addr >= ROM_TABLE) {
        uint32_t i = (addr - ROM_TABLE) / 4;
        if (i < sizeof rom_table / sizeof rom_table[0])
            *value = rom_table[i];
        else if (addr == ROM_TABLE + 0xFCC) /* MEMTYPE: system memory is visible here */
            *value = 1;
        return true;
    }
    /* C1.6.5: without TRCENA the DWT and the ITM are off; what they read then is UNKNOWN. */
    if (addr < 0xE0002000u && !(s->demcr & DEMCR_TRCENA))
        return true;
    if (addr < ITM_STIM0 + 0x400) {
        *value = stimulus_ready(s, addr);
        return true;
    }
    switch (addr) {
    case DWT_CTRL:
        *value = s->dwt_ctrl;
        return true;
    case DWT_CYCCNT:
        *value = cycle_count(c);
        return true;
    case DWT_LSR:
        *value = lock_status(s->dwt_unlocked);
        return true;
    case ITM_LSR:
        *value = lock_status(s->itm_unlocked);
        return true;
    default:
        break;
    }
    for (size_t i = 0; i < STORED_COUNT; i++) {
        if (stored[i].addr == addr)
            *value = s->trace[i];
    }
    return true;
}

/*
 * The software lock: shut after reset, and then what a program writes is lost (LAR and LSR,
 * DDI0403E C1.7, C1.8). A debugger's writes pass it. The stimulus ports are not behind it.
 */
static bool is_locked(struct cpu *c, uint32_t addr, uint32_t attr)
{
    const struct sys *s = &c->sys;
    bool dwt = addr >= DWT_CTRL && addr < DWT_CTRL + 0x1000;
    bool itm = addr >= ITM_STIM0 + 0x400 && addr < DWT_CTRL;

    if ((attr & BUS_DEBUG) || addr == DWT_LAR || addr == ITM_LAR)
        return false;
    if ((!dwt || s->dwt_unlocked) && (!itm || s->itm_unlocked))
        return false;
    cpu_remark(c, c->r[15], "0x%08x written while its lock access register is locked (ignored)",
               (unsigned)addr);
    return true;
}

/* Unprivileged code writes the stimulus ports, and the enables of those that ITM_TPR leaves to it
   (C1.7). */
static uint32_t itm_writable(const struct sys *s, uint32_t addr, uint32_t attr)
{
    uint32_t mask = 0;

    if (attr & (BUS_PRIVILEGED | BUS_DEBUG))
        return 0xFFFFFFFFu;
    if (addr != stored[ITM_TER].addr)
        return 0;
    for (uint32_t group = 0; group < 4; group++) {
        if (!(s->trace[ITM_TPR] >> group & 1))
            mask |= 0xFFu << 8 * group;
    }
    return mask;
}

bool trace_write(struct cpu *c, uint32_t addr, uint32_t value, uint32_t attr)
{
    struct sys *s = &c->sys;
    uint32_t allowed = 0xFFFFFFFFu;

    if (addr >= 0xE0003000u && addr < 0xE0040000u)
        return false;
    if (addr < 0xE0002000u && !(s->demcr & DEMCR_TRCENA)) {
        /* The lock itself can be opened first; much code does it in this order. */
        if (addr == DWT_LAR)
            s->dwt_unlocked = value == LOCK_KEY;
        else if (addr == ITM_LAR)
            s->itm_unlocked = value == LOCK_KEY;
        return true;
    }
    if (is_locked(c, addr, attr))
        return true;
    if (addr < DWT_CTRL)
        allowed = itm_writable(s, addr, attr);
    switch (addr) {
    case DWT_CTRL:
        hold_count(c);
        s->dwt_ctrl = DWT_NUMCOMP | (value & DWT_CTRL_BITS);
        return true;
    case DWT_CYCCNT:
        s->dwt_cyccnt = value;
        s->dwt_cyccnt_at = c->cycles;
        return true;
    case DWT_LAR:
        s->dwt_unlocked = value == LOCK_KEY;
        return true;
    case ITM_LAR:
        if (allowed)
            s->itm_unlocked = value == LOCK_KEY;
        return true;
    case 0xE0002000u: /* FP_CTRL: written only together with its KEY bit (C1.11.3) */
        if (!(value & 2))
            return true;
        break;
    default:
        break;
    }
    for (size_t i = 0; i < STORED_COUNT; i++) {
        uint32_t writable = stored[i].writable & allowed;
        if (stored[i].addr == addr)
            s->trace[i] = (s->trace[i] & ~writable) | (value & writable);
    }
    return true;
}
