#include "stats.h"

#include <assert.h>
#include <inttypes.h>

#include "../soc/octospi.h"
#include "console.h"

/* One figure; those with digits == 0 are counts. */
struct figure {
    const char *name, *unit;
    double value;
    unsigned digits;
};
enum { MAX_FIGURES = 48 };

struct figures {
    struct figure figure[MAX_FIGURES];
    unsigned count;
};

void stats_start(struct stats_clock *c)
{
    c->wall_ms = console_clock_ms();
}

const char *stats_class_name(enum complaint_class kind)
{
    static const char *const names[COMPLAINT_CLASSES] = {"unimplemented", "guest error", "hazard"};

    return names[kind];
}

static void add(struct figures *f, const char *name, double value, const char *unit,
                unsigned digits)
{
    assert(f->count < MAX_FIGURES);
    f->figure[f->count++] =
        (struct figure){.name = name, .unit = unit, .value = value, .digits = digits};
}

static void add_count(struct figures *f, const char *name, uint64_t value)
{
    add(f, name, (double)value, "", 0);
}

/* Bursts that left the store buffer, by their length. */
static const char *const burst_names[4] = {"store_bursts_1_beat", "store_bursts_2_beats",
                                           "store_bursts_3_beats", "store_bursts_4_beats"};

static void collect(struct figures *f, const struct board *b, const struct stats_clock *clock)
{
    struct soc *soc = b->soc;
    double seconds = stats_seconds(sched_now(soc->sched));
    double wall = (double)(console_clock_ms() - clock->wall_ms) / 1000;
    struct cpu_stats cpu;
    struct membus_stats bus;
    struct octospi_stats octospi;

    cpu_get_stats(soc->cpu, &cpu);
    membus_get_stats(b->bus, &bus);
    octospi_get_stats(soc, 1, &octospi);
    add(f, "virtual_time", seconds, "s", 9);
    add(f, "wall_time", wall, "s", 3);
    add_count(f, "instructions", cpu_instructions(soc->cpu));
    add_count(f, "cycles", cpu_cycles(soc->cpu));
    add(f, "mips", wall > 0 ? (double)cpu_instructions(soc->cpu) / wall / 1e6 : 0, "", 1);
    add_count(f, "exceptions", cpu.exceptions);
    add_count(f, "resets", soc->resets);
    add_count(f, "psram_frames", bus.frames);
    add_count(f, "psram_bytes_read", bus.bytes_in);
    add_count(f, "psram_bytes_written", bus.bytes_out);
    add_count(f, "psram_clocks", bus.clocks);
    add(f, "psram_read_rate", seconds > 0 ? (double)bus.bytes_in / seconds / 1e6 : 0, "MB/s", 2);
    add(f, "psram_write_rate", seconds > 0 ? (double)bus.bytes_out / seconds / 1e6 : 0, "MB/s", 2);
    add(f, "psram_busy", seconds > 0 ? 100 * stats_seconds(bus.low) / seconds : 0, "%", 2);
    add(f, "psram_longest_ncs_low", stats_seconds(bus.longest) * 1e6, "us", 3);
    add_count(f, "mapped_reads", octospi.mapped_reads);
    add_count(f, "mapped_writes", octospi.mapped_writes);
    add_count(f, "mapped_partial_beats", octospi.partial_beats);
    add_count(f, "icache_fills", cpu.icache_misses);
    add_count(f, "dcache_hits", cpu.dcache_hits);
    add_count(f, "dcache_fills", cpu.dcache_misses);
    add_count(f, "dcache_evictions", cpu.dcache_evictions);
    add_count(f, "read_allocate_entries", cpu.read_allocate);
    for (unsigned beats = 0; beats < 4; beats++)
        add_count(f, burst_names[beats], cpu.store_bursts[beats]);
    add_count(f, "store_partial_beats", cpu.partial_beats);
    if (b->psram != NULL) {
        struct psram_stats psram;

        psram_get_stats(b->psram, &psram);
        add_count(f, "psram_ignored_frames", psram.ignored);
    }
    for (unsigned i = 0; i < b->led_count; i++) {
        static char names[BOARD_LEDS][24];

        snprintf(names[i], sizeof(names[i]), "lit_%s", b->leds[i].name);
        add_count(f, names[i], b->leds[i].blinks);
    }
    add_count(f, "uart_framing_errors", terminal_framing_errors(b->terminal));
    add_count(f, "unimplemented", complaints_count(soc->complaints, UNIMPLEMENTED));
    add_count(f, "guest_errors", complaints_count(soc->complaints, GUEST_ERROR));
    add_count(f, "hazards", complaints_count(soc->complaints, HAZARD));
}

/* ---- text ---- */

static void complaint_text(void *ctx, const struct complaint *first, const struct complaint *last,
                           uint64_t count)
{
    (void)last;
    fprintf(ctx, "%s '%s', %" PRIu64 " times, first at %.9f s, pc 0x%08x: %s\n",
            stats_class_name(first->kind), first->name, count, stats_seconds(first->at),
            (unsigned)first->pc, first->text);
}

static void print_text(const struct figures *f, const struct board *b, FILE *out)
{
    for (unsigned i = 0; i < f->count; i++)
        fprintf(out, "%-24s %.*f %s\n", f->figure[i].name, (int)f->figure[i].digits,
                f->figure[i].value, f->figure[i].unit);
    complaints_each(b->soc->complaints, complaint_text, out);
}

/* ---- JSON ---- */

static void json_string(FILE *out, const char *text)
{
    fputc('"', out);
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\')
            fputc('\\', out);
        if ((unsigned char)*text < 0x20)
            fprintf(out, "\\u%04x", (unsigned)*text);
        else
            fputc(*text, out);
    }
    fputc('"', out);
}

struct json_list {
    FILE *out;
    unsigned count;
};

static void complaint_json(void *ctx, const struct complaint *first, const struct complaint *last,
                           uint64_t count)
{
    struct json_list *list = ctx;

    (void)last;
    fputs(list->count++ ? ",\n    " : "\n    ", list->out);
    fputs("{\"class\": ", list->out);
    json_string(list->out, stats_class_name(first->kind));
    fputs(", \"name\": ", list->out);
    json_string(list->out, first->name);
    fprintf(list->out, ", \"count\": %" PRIu64 ", \"at\": %.9f, \"pc\": %u, \"text\": ", count,
            stats_seconds(first->at), (unsigned)first->pc);
    json_string(list->out, first->text);
    fputc('}', list->out);
}

static void print_json(const struct figures *f, const struct board *b, FILE *out)
{
    struct json_list list = {.out = out};

    fputs("{\n", out);
    for (unsigned i = 0; i < f->count; i++)
        fprintf(out, "  \"%s\": %.*f,\n", f->figure[i].name, (int)f->figure[i].digits,
                f->figure[i].value);
    fputs("  \"complaints\": [", out);
    complaints_each(b->soc->complaints, complaint_json, &list);
    fputs(list.count ? "\n  ]\n}\n" : "]\n}\n", out);
}

void stats_print(const struct board *b, const struct stats_clock *c, enum stats_format format,
                 FILE *out)
{
    const struct complaints *complaints = b->soc->complaints;
    uint64_t errors = complaints_count(complaints, GUEST_ERROR);
    uint64_t hazards = complaints_count(complaints, HAZARD);
    struct figures f = {.count = 0};

    if (format == STATS_NONE) {
        if (errors + hazards != 0)
            fprintf(out, "vboard: %" PRIu64 " guest errors, %" PRIu64 " hazards; --stats tells\n",
                    errors, hazards);
        return;
    }
    collect(&f, b, c);
    if (format == STATS_JSON)
        print_json(&f, b, out);
    else
        print_text(&f, b, out);
}
