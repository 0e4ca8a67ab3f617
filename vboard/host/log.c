#include "log.h"

#include <stdlib.h>
#include <string.h>

#include "../trace/frame_log.h"
#include "../wire/usb.h"
#include "options.h"
#include "stats.h"

enum { LOGGED_REGS = 17 }; /* r0 .. r15, xPSR */

struct log {
    struct soc *soc;
    FILE *out;
    struct soc_observer observer;
    struct usb_observer usb;
    struct frame_log frames;
    uint32_t reg[LOGGED_REGS]; /* before the instruction */
};

static void stamp(const struct log *log, const char *what)
{
    fprintf(log->out, "%.9f %s ", stats_seconds(sched_now(log->soc->sched)), what);
}

/* The register of a table that an offset belongs to, NULL if none. */
static const struct reg *register_at(const struct device *d, uint32_t offset, unsigned *index)
{
    for (size_t i = 0; i < d->reg_count; i++) {
        const struct reg *r = &d->regs[i];
        uint32_t stride = r->stride ? r->stride : 4, count = r->count > 1 ? r->count : 1;

        *index = (offset - r->offset) / stride;
        if (offset >= r->offset && *index < count && (offset - r->offset) % stride < 4)
            return r;
    }
    return NULL;
}

static void access(void *ctx, const struct device *d, const struct bus_access *a)
{
    const struct log *log = ctx;
    uint32_t offset = a->addr - d->base;
    unsigned index = 0;
    const struct reg *r = register_at(d, offset, &index);
    uint32_t value = 0;

    memcpy(&value, a->data, a->size < 4 ? a->size : 4);
    stamp(log, "mmio");
    fprintf(log->out, "%08x %s %s", (unsigned)cpu_get(log->soc->cpu, CPU_PC),
            a->write ? "write" : "read ", d->name);
    if (r == NULL)
        fprintf(log->out, "+0x%03x", (unsigned)offset);
    else if (r->count > 1)
        fprintf(log->out, ".%s[%u]", r->name, index);
    else
        fprintf(log->out, ".%s", r->name);
    fprintf(log->out, " %u bit 0x%0*x\n", 8 * (unsigned)a->size,
            2 * (int)(a->size < 4 ? a->size : 4), (unsigned)value);
}

static void exception(void *ctx, uint32_t number, bool entry)
{
    static const char *const names[16] = {
        [2] = "NMI",           [3] = "HardFault",  [4] = "MemManage",
        [5] = "BusFault",      [6] = "UsageFault", [11] = "SVCall",
        [12] = "DebugMonitor", [14] = "PendSV",    [15] = "SysTick"};
    const struct log *log = ctx;

    stamp(log, "irq ");
    fprintf(log->out, "%08x %s ", (unsigned)cpu_get(log->soc->cpu, CPU_PC),
            entry ? "enters" : "leaves");
    if (number >= 16)
        fprintf(log->out, "interrupt %u\n", (unsigned)number - 16);
    else
        fprintf(log->out, "%s\n", names[number] ? names[number] : "a reserved exception");
}

static void before(void *ctx)
{
    struct log *log = ctx;

    for (unsigned i = 0; i < LOGGED_REGS; i++)
        log->reg[i] = cpu_get(log->soc->cpu, i);
}

/* Address, encoding, and the registers that changed. */
static void after(void *ctx)
{
    const struct log *log = ctx;
    uint32_t pc = log->reg[CPU_PC];
    uint16_t halfword[2] = {0, 0};

    cpu_peek(log->soc->cpu, pc, halfword, sizeof(halfword));
    stamp(log, "cpu ");
    fprintf(log->out, "%08x %04x", (unsigned)pc, halfword[0]);
    if (halfword[0] >= 0xE800) /* ARMv7-M ARM A5.1: a 32-bit instruction */
        fprintf(log->out, " %04x", halfword[1]);
    else
        fputs("     ", log->out);
    for (unsigned i = 0; i < LOGGED_REGS; i++) {
        uint32_t value = cpu_get(log->soc->cpu, i);

        if (value == log->reg[i] || i == CPU_PC)
            continue;
        if (i == CPU_XPSR)
            fprintf(log->out, " xpsr=%08x", (unsigned)value);
        else
            fprintf(log->out, " r%u=%08x", i, (unsigned)value);
    }
    fputc('\n', log->out);
}

/* ---- USB ---- */

static void usb_event(void *ctx, const char *what)
{
    const struct log *log = ctx;

    stamp(log, "usb ");
    fprintf(log->out, "%s\n", what);
}

static void usb_transaction(void *ctx, char kind, const struct usb_token *t,
                            const struct usb_packet *p, enum usb_reply reply)
{
    static const char *const replies[] = {"no reply", "ACK", "NAK", "STALL", "ACK"};
    const struct log *log = ctx;

    stamp(log, "usb ");
    fprintf(log->out, "%s %u.%u",
            kind == 'S'   ? "SETUP"
            : kind == 'O' ? "OUT"
                          : "IN",
            t->address, t->endpoint);
    if (p != NULL) {
        fprintf(log->out, " DATA%u [%u]", p->toggle, p->size);
        for (unsigned i = 0; i < p->size; i++)
            fprintf(log->out, " %02x", p->data[i]);
    }
    fprintf(log->out, " %s\n", replies[reply]);
}

struct log *log_new(struct board *b, unsigned what, FILE *out)
{
    struct log *log = calloc(1, sizeof(*log));

    if (log == NULL)
        return NULL;
    log->soc = b->soc;
    log->out = out;
    log->observer.ctx = log;
    if (what & TRACE_MMIO)
        log->observer.access = access;
    if (what & TRACE_IRQ)
        log->observer.exception = exception;
    if (what & TRACE_CPU) {
        log->observer.before = before;
        log->observer.after = after;
    }
    b->soc->observer = &log->observer;
    if (what & TRACE_OSPI) {
        log->frames.out = out;
        log->frames.command_name = psram_command_name;
        frame_log_attach(&log->frames, b->bus);
    }
    if (what & TRACE_USB) {
        log->usb =
            (struct usb_observer){.ctx = log, .event = usb_event, .transaction = usb_transaction};
        usb_cable_observe(soc_usb(b->soc), &log->usb);
    }
    return log;
}

void log_free(struct log *log)
{
    free(log);
}
