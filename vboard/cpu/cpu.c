/*
 * Life cycle, run loop and the debugger's view of the core.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "debug.h"
#include "exec.h"

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "the fast path keeps guest memory in host byte order: a little-endian host is needed"
#endif

static void on_bus_change(void *ctx, uint32_t base, uint32_t size)
{
    struct cpu *c = ctx;

    mem_flush_pages(c);
    blocks_drop(c, base, size);
    cpu_attend(c);
}

struct cpu *cpu_new(const struct cpu_config *config)
{
    struct cpu *c;

    if (config->irq_count < 1 || config->irq_count > 240 || config->prio_bits < 3 ||
        config->prio_bits > 8)
        return NULL;
    c = calloc(1, sizeof(*c));
    if (c == NULL)
        return NULL;
    c->config = *config;
    c->clock_hz = 64000000;
    c->event = c->hard = UINT64_MAX;
    c->privileged = 1;
    c->debug = calloc(1, sizeof(*c->debug));
    if (c->debug == NULL || blocks_init(c) != 0 || mem_init(c) != 0 || sys_init(c) != 0 ||
        bus_on_change(config->bus, on_bus_change, c) != 0) {
        cpu_free(c);
        return NULL;
    }
    return c;
}

void cpu_free(struct cpu *c)
{
    if (c == NULL)
        return;
    sys_free(c);
    mem_free(c);
    blocks_free(c);
    free(c->debug);
    free(c);
}

void cpu_set_clock(struct cpu *c, uint64_t hz)
{
    c->clock_hz = hz;
}

void cpu_reset(struct cpu *c, uint32_t vtor)
{
    c->sync.exception = 0;
    c->exclusive = false;
    c->sleeping = false;
    c->stop_now = false;
    c->itstate = 0;
    mem_reset(c);
    sys_reset(c, vtor);
    cpu_privilege_changed(c);
    cpu_memory_changed(c);
}

/* ---- what instructions report ---- */

void cpu_sync(struct cpu *c, const struct op *op, uint32_t exception, uint32_t cfsr,
              uint32_t address)
{
    c->sync = (struct sync_exception){.exception = exception, .cfsr = cfsr, .address = address};
    c->r[15] = op->pc;
    c->itstate = op->it;
}

void cpu_retry(struct cpu *c, const struct op *op)
{
    c->r[15] = op->pc;
    c->itstate = op->it;
}

void cpu_undefined(struct cpu *c, const struct op *op)
{
    cpu_sync(c, op, EXC_USAGE_FAULT, CFSR_UNDEFINSTR, 0);
}

static void new_generation(struct cpu *c)
{
    c->exec_gen = c->memory_gen << 1 | c->privileged;
}

void cpu_memory_changed(struct cpu *c)
{
    c->memory_gen++;
    new_generation(c);
    mem_flush_pages(c);
    cpu_attend(c);
}

void cpu_privilege_changed(struct cpu *c)
{
    c->pages = &c->page_sets[c->privileged];
    c->read_pages = c->pages->read;
    c->write_pages = c->pages->write;
    new_generation(c);
}

void cpu_remark(struct cpu *c, uint32_t pc, const char *format, ...)
{
    char text[160];
    va_list args;

    if (c->config.on_remark == NULL)
        return;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    c->config.on_remark(c->config.ctx, pc, text);
}

/* ---- run loop ---- */

/* Whatever stands between two blocks. Returns false when the run is over. */
static bool attend(struct cpu *c)
{
    if (c->sync.exception != 0)
        sys_take_sync(c);
    if (c->stop_now || c->stop_requested || c->cycles >= c->until)
        return false;
    if (c->sleeping) {
        if (!sys_wakes(c)) {
            uint64_t next = sys_next_event(c);

            if (c->sys.lockup)
                return true;
            /* Asleep for ever (a step over WFI): that is for the caller's events to end, not for
             * time. */
            if (next == UINT64_MAX && c->until == UINT64_MAX)
                return false;
            next = next < c->until ? (next > c->cycles ? next : c->cycles) : c->until;
            c->slept += next - c->cycles;
            c->cycles = next;
            sys_service(c);
            return true;
        }
        c->sleeping = false;
    }
    sys_service(c);
    return true;
}

static enum cpu_stop finish(struct cpu *c)
{
    enum cpu_stop reason = CPU_TIME;

    if (c->stop_now)
        reason = c->stop_reason;
    else if (c->stop_requested)
        reason = CPU_REQUESTED;
    c->stop_now = c->stop_requested = false;
    c->debug->stopped_at = reason == CPU_BREAKPOINT ? c->r[15] : 1;
    return reason;
}

/* Past the head, which would look at the deadline. */
static void enter_block(struct cpu *c, const struct op *head)
{
    c->cycles += head->imm;
    c->instructions += head->imm2;
    head[1].fn(c, head + 1);
}

/* Runs the instruction at the PC, whatever the deadline says; its successor's head then returns. */
static void run_one(struct cpu *c)
{
    if (c->blocks->full)
        blocks_drop_all(c);

    const struct op *head = block_single(c, c->r[15], c->itstate);

    c->deadline = 0;
    c->single = true;
    enter_block(c, head);
    c->single = false;
}

/* The block at the PC; empties the block store first if it is full. */
static struct op *next_block(struct cpu *c)
{
    if (unlikely(c->blocks->full))
        blocks_drop_all(c);
    return block_at(c, c->r[15], c->itstate);
}

enum cpu_stop cpu_run(struct cpu *c, uint64_t until)
{
    c->until = until;
    fpu_enter(c);
    if (c->debug->stopped_at == c->r[15] && debug_breaks_at(c->debug, c->r[15]) &&
        c->cycles < until) {
        /* On from a breakpoint: its instruction runs now. Not so if the last run ended there for
           another reason: then nobody has heard of the breakpoint yet. */
        enum cpu_stop reason = cpu_step(c);

        if (reason != CPU_TIME) {
            fpu_leave(c);
            return reason;
        }
        c->until = until;
        fpu_enter(c);
    }
    for (;;) {
        uint64_t event;

        c->deadline = UINT64_MAX;
        if (!attend(c))
            break;
        if (c->sleeping)
            continue;
        if (c->deadline != 0) {
            event = sys_next_event(c);
            c->hard = event < c->event ? event : c->event;
            c->deadline = c->hard < c->until ? c->hard : c->until;
            mem_attend(c);
        }
        if (c->sync.exception != 0 || c->stop_now)
            continue;
        c->stats.blocks_entered_from_loop++;

        struct op *head = next_block(c);

        if (head->fn == op_cold) {
            block_warm(c, head);
            if (c->cycles >= c->hard || c->deadline == 0)
                continue; /* something is due while the code comes */
        }
        /* The end of the run may come within the block; events and interrupts are met at their
           instruction. A breakpoint comes first. */
        if (c->deadline == 0 || (c->cycles + head->imm <= c->deadline && head->fn != op_cold))
            head->fn(c, head);
        else if (c->cycles + head->imm <= c->hard)
            enter_block(c, head);
        else if (debug_breaks_at(c->debug, c->r[15]))
            head[1].fn(c, head + 1);
        else
            run_one(c);
    }
    fpu_leave(c);
    return finish(c);
}

enum cpu_stop cpu_step(struct cpu *c)
{
    c->until = UINT64_MAX;
    fpu_enter(c);
    c->deadline = UINT64_MAX;
    if (c->sync.exception == 0 && !c->sleeping && !sys_service(c)) {
        run_one(c);
    }
    c->deadline = UINT64_MAX;
    attend(c);
    fpu_leave(c);

    enum cpu_stop reason = finish(c);
    c->debug->stopped_at = c->r[15]; /* a step onto a breakpoint counts as seen */
    return reason;
}

void cpu_event(struct cpu *c, uint64_t cycle)
{
    c->event = cycle;
}

void cpu_request_stop(struct cpu *c)
{
    c->stop_requested = true;
    cpu_attend(c);
}

void cpu_limit(struct cpu *c, uint64_t until)
{
    if (until < c->event)
        c->event = until;
    if (c->event < c->hard)
        c->hard = c->event;
    if (until >= c->until)
        return;
    c->until = until;
    if (c->deadline > until)
        c->deadline = until;
}

uint64_t cpu_cycles(const struct cpu *c)
{
    return c->cycles;
}

uint64_t cpu_instructions(const struct cpu *c)
{
    return c->instructions;
}

uint64_t cpu_slept(const struct cpu *c)
{
    return c->slept;
}

bool cpu_sleeping(const struct cpu *c)
{
    return c->sleeping;
}

void cpu_get_stats(const struct cpu *c, struct cpu_stats *out)
{
    *out = c->stats;
}

/* ---- the debugger ---- */

uint32_t cpu_get(const struct cpu *c, unsigned reg)
{
    if (reg <= CPU_PC)
        return c->r[reg];
    if (reg == CPU_FPSCR)
        return fpu_get_fpscr((struct cpu *)c);
    if (reg >= CPU_S0 && reg < CPU_S0 + 32)
        return c->s[reg - CPU_S0];
    return sys_get(c, reg);
}

void cpu_set(struct cpu *c, unsigned reg, uint32_t value)
{
    if (reg == CPU_PC) {
        c->r[15] = value & ~1u;
        c->itstate = 0;
    } else if (reg == CPU_SP) {
        c->r[13] = value & ~3u;
    } else if (reg < CPU_SP || reg == CPU_LR) {
        c->r[reg] = value;
    } else if (reg == CPU_FPSCR) {
        fpu_set_fpscr(c, value);
    } else if (reg >= CPU_S0 && reg < CPU_S0 + 32) {
        c->s[reg - CPU_S0] = value;
    } else {
        sys_set(c, reg, value);
    }
}

int cpu_break(struct cpu *c, uint32_t addr, bool set)
{
    struct debug *d = c->debug;
    unsigned i = 0;

    while (i < d->break_count && d->breaks[i] != addr)
        i++;
    if (set && i == d->break_count) {
        if (d->break_count == DEBUG_BREAKS)
            return -1;
        d->breaks[d->break_count++] = addr;
    } else if (!set && i < d->break_count) {
        d->breaks[i] = d->breaks[--d->break_count];
    }
    blocks_drop(c, addr, 2);
    return 0;
}

int cpu_watch(struct cpu *c, uint32_t addr, uint32_t size, unsigned kind, bool set)
{
    struct debug *d = c->debug;

    mem_flush_pages(c);
    for (unsigned i = 0; i < d->watch_count; i++) {
        struct watch *w = &d->watches[i];

        if (w->addr == addr && w->size == size && w->kind == kind) {
            if (!set)
                *w = d->watches[--d->watch_count];
            return 0;
        }
    }
    if (!set)
        return 0;
    if (d->watch_count == DEBUG_WATCHES || size == 0)
        return -1;
    d->watches[d->watch_count++] = (struct watch){.addr = addr, .size = size, .kind = kind};
    return 0;
}

uint32_t cpu_watch_hit(const struct cpu *c)
{
    return c->debug->watch_hit;
}

void cpu_explain(const struct cpu *c, char *text, size_t size)
{
    sys_explain(c, text, size);
}
