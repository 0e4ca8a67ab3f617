#include "psram.h"

#include "../wire/hazard.h"

#include <stdlib.h>
#include <string.h>

/* What follows a command byte. */
enum follow { NOTHING, READ_DATA, WRITE_DATA, READ_ID };

struct command {
    uint8_t code;
    const char *name;
    enum follow follow;
    /* Lines of address and data; wait cycles between them. 0 lines = not available in that mode. */
    struct {
        uint8_t command, address, wait, data;
    } spi, qpi;
};

/* The command tables of the datasheets (the same for all parts). */
static const struct command commands[] = {
    {0x03, "read", READ_DATA, {1, 1, 0, 1}, {0}},
    {0x0B, "fast read", READ_DATA, {1, 1, 8, 1}, {0}},
    {0xEB, "fast read quad", READ_DATA, {1, 4, 6, 4}, {4, 4, 6, 4}},
    {0x02, "write", WRITE_DATA, {1, 1, 0, 1}, {4, 4, 0, 4}},
    {0x38, "quad write", WRITE_DATA, {1, 4, 0, 4}, {4, 4, 0, 4}},
    {0x35, "enter quad mode", NOTHING, {1, 0, 0, 0}, {0}},
    {0xF5, "exit quad mode", NOTHING, {0}, {4, 0, 0, 0}},
    {0x66, "reset enable", NOTHING, {1, 0, 0, 0}, {4, 0, 0, 0}},
    {0x99, "reset", NOTHING, {1, 0, 0, 0}, {4, 0, 0, 0}},
    {0xC0, "wrap toggle", NOTHING, {1, 0, 0, 0}, {4, 0, 0, 0}},
    {0x9F, "read ID", READ_ID, {1, 1, 0, 1}, {0}},
};

enum {
    COMMANDS = sizeof commands / sizeof commands[0],
    ADDRESS_BITS = 24,
    LOADED = 0x100, /* in `shift`: a byte to send is there */
};

/* Where in a frame the part is, when it follows clock by clock. */
enum state { AT_COMMAND, AT_ADDRESS, AT_WAIT, AT_DATA, AT_END, AT_IGNORE };

struct psram {
    struct membus_part part;
    const struct psram_chip *chip;
    struct psram_chip own;         /* *chip, changed by a defect */
    struct psram_defects *defects; /* NULL: none, as nearly always */
    struct complaints *complaints;
    uint8_t *bytes;
    uint64_t seed;
    vtime powered;
    uint8_t row[256]; /* command byte -> index into commands + 1 */

    bool qpi, wrap;
    bool reset_enabled; /* the frame before this one was 0x66 */

    /* Of the frame under way. */
    const struct command *command; /* NULL: not (yet) known, or none of this mode */
    enum state state;
    uint8_t lines; /* of the phase at hand */
    uint8_t data_lines, wait;
    unsigned bits;    /* of the phase or byte, sampled or driven so far */
    uint32_t shift;   /* they */
    uint32_t address; /* of the next byte; within the ID for READ_ID */
    uint32_t start;
    vtime fell; /* nCS */
    uint64_t moved;
    bool executable;  /* a command without data, complete and nothing after it */
    bool wraps_page;  /* the row behind the page is not opened in time */
    uint8_t replaced; /* what the last byte stored has overwritten */
    uint32_t last;    /* and where */

    uint32_t refresh_row; /* that the self-refresh comes to next */

    struct psram_stats stats;
};

const char *psram_command_name(uint8_t code)
{
    for (unsigned i = 0; i < COMMANDS; i++) {
        if (commands[i].code == code)
            return commands[i].name;
    }
    return NULL;
}

/* splitmix64: power-on content only has to be unlike any pattern of a program. */
static void fill_random(struct psram *p)
{
    uint64_t x = p->seed;

    for (uint32_t i = 0; i < p->chip->size; i += 8) {
        uint64_t z = x += UINT64_C(0x9E3779B97F4A7C15);

        z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
        z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
        z ^= z >> 31;
        memcpy(p->bytes + i, &z, 8);
    }
    p->seed = x;
}

/* ---- commands ---- */

static const struct command *lookup(struct psram *p, uint8_t code)
{
    const struct command *c;

    if (!p->row[code])
        return NULL;
    c = &commands[p->row[code] - 1];
    if (!(p->qpi ? c->qpi.command : c->spi.command))
        return NULL;
    return c;
}

/* A command without address and data takes effect as nCS rises. */
static void execute(struct psram *p)
{
    bool enabled = p->reset_enabled;

    p->reset_enabled = false;
    if (!p->command || !p->executable)
        return;
    switch (p->command->code) {
    case 0x35:
        p->qpi = true;
        break;
    case 0xF5:
        p->qpi = false;
        break;
    case 0x66:
        p->reset_enabled = true;
        break;
    case 0x99:
        /* Content after a reset is undefined by the datasheet; real parts keep it mostly. */
        if (enabled) {
            p->qpi = false;
            p->wrap = false;
        }
        break;
    case 0xC0:
        p->wrap = !p->wrap;
        break;
    default:
        break;
    }
}

/* ---- data ---- */

static uint32_t after(const struct psram *p, uint32_t address)
{
    uint32_t turn = p->wrap ? p->chip->wrap : p->chip->size;

    return (address & ~(turn - 1)) | ((address + 1) & (turn - 1));
}

/* Where a byte really is, its row open; only with defects is that elsewhere than its address. */
static uint32_t open_place(struct psram *p, uint32_t address)
{
    uint32_t place = psram_defects_place(p->defects, address) & (p->chip->size - 1);

    psram_defects_open(p->defects, p->bytes, place, p->fell);
    return place;
}

static void store(struct psram *p, uint8_t byte)
{
    uint32_t place = p->address;

    if (p->defects) {
        place = open_place(p, place);
        byte = psram_defects_written(p->defects, byte);
    }
    p->last = place;
    p->replaced = p->bytes[place];
    p->bytes[place] = byte;
    p->address = after(p, p->address);
    p->moved++;
}

/* Where a read of the present address really goes: within the page that is open. */
static uint32_t read_from(const struct psram *p)
{
    uint32_t page = p->chip->page;

    return p->wraps_page ? (p->start & ~(page - 1)) | (p->address & (page - 1)) : p->address;
}

static uint8_t fetch(struct psram *p)
{
    uint8_t byte;

    if (p->command->follow == READ_ID) {
        /* Beyond the eight bytes the table repeats (the datasheets do not say). */
        byte = p->chip->id[p->address++ % sizeof p->chip->id];
    } else {
        uint32_t place = read_from(p);

        if (p->defects)
            place = open_place(p, place);
        byte = p->bytes[place];
        if (p->defects)
            byte = psram_defects_read(p->defects, place, byte);
        p->address = after(p, p->address);
    }
    p->moved++;
    return byte;
}

/* ---- by bytes ---- */

static void take_address(struct psram *p, uint32_t address)
{
    p->address = p->command->follow == READ_ID ? 0 : address & (p->chip->size - 1);
    p->start = p->address;
}

/* The frame has the phases that the command asks for, so that data can go by bytes. */
static bool fits(struct psram *p, const struct membus_frame *f)
{
    const struct membus_phase *ph = f->phase;
    unsigned mode_lines = p->qpi ? 4 : 1, next = 1;
    const struct command *c;
    uint8_t address, wait, data;

    if (!f->phases || ph->kind != MEMBUS_INSTRUCTION || ph->bits != 8 || ph->dtr ||
        ph->lines != mode_lines)
        return false;
    c = lookup(p, (uint8_t)ph->value);
    if (!c) {
        p->state = AT_IGNORE;
        return true;
    }
    address = p->qpi ? c->qpi.address : c->spi.address;
    wait = p->qpi ? c->qpi.wait : c->spi.wait;
    data = p->qpi ? c->qpi.data : c->spi.data;
    if (address) {
        if (f->phases < 2 || ph[1].kind != MEMBUS_ADDRESS || ph[1].bits != ADDRESS_BITS ||
            ph[1].dtr || ph[1].lines != address)
            return false;
        next = 2;
    }
    if (wait) {
        if (f->phases < next + 1 || ph[next].kind != MEMBUS_DUMMY || ph[next].clocks != wait)
            return false;
        next++;
    }
    if (f->phases != next)
        return false;
    if (f->direction != MEMBUS_NO_DATA) {
        enum membus_direction direction = c->follow == WRITE_DATA ? MEMBUS_OUT : MEMBUS_IN;

        if (!data || f->data_lines != data || f->data_dtr || f->direction != direction)
            return false;
    }
    p->command = c;
    if (c->follow == NOTHING) {
        p->state = AT_END;
        p->executable = true;
    } else {
        p->state = AT_DATA;
        take_address(p, ph[1].value);
    }
    return true;
}

/* Times are rounded to picoseconds on their way here. */
enum { ROUNDING = 2 };

static double ns(vtime t)
{
    return (double)t / 1000.0;
}

static bool bites(struct psram *p, enum hazard which)
{
    return p->complaints && hazard_action_of(p->complaints, which) == HAZARD_BITE;
}

/* What begins a frame: true if the part takes no notice of it. */
static bool misses_begin(struct psram *p, const struct membus_frame *f)
{
    const struct psram_chip *c = p->chip;
    bool missed = false;

    if (f->fall < p->powered + c->tPU)
        missed |= hazard(p->complaints, HAZARD_POWER_UP,
                         "%s: frame %.1f us after power-on, ready after %.0f us", c->name,
                         ns(f->fall - p->powered) / 1000, ns(c->tPU) / 1000);
    if (f->high_before != VTIME_NEVER && f->high_before + ROUNDING < c->tCPH)
        missed |= hazard(p->complaints, HAZARD_TCPH,
                         "%s: nCS high for %.1f ns between frames, at least %.0f ns (tCPH)",
                         c->name, ns(f->high_before), ns(c->tCPH)) &&
                  hazard_short(p->complaints, f->high_before, c->tCPH);
    if (f->clock.period + ROUNDING < c->tCSP)
        missed |= hazard(p->complaints, HAZARD_TCSP,
                         "%s: nCS fell %.1f ns before the first rising edge, at least %.1f ns "
                         "(tCSP)",
                         c->name, ns(f->clock.period), ns(c->tCSP)) &&
                  hazard_short(p->complaints, f->clock.period, c->tCSP);
    return missed;
}

static enum membus_manner begin(void *ctx, const struct membus_frame *f, bool bytes)
{
    struct psram *p = ctx;

    p->command = NULL;
    p->executable = false;
    p->fell = f->fall;
    p->moved = 0;
    p->start = 0;
    p->bits = 0;
    p->shift = 0;
    p->wraps_page = f->clock.hz > p->chip->max_cross_hz && bites(p, HAZARD_PAGE_CROSS);
    if (p->defects && psram_defects_drop_qpi(p->defects, f->fall))
        p->qpi = false;
    if (misses_begin(p, f)) {
        p->state = AT_IGNORE;
        return MEMBUS_IGNORE;
    }
    if (bytes && fits(p, f))
        return p->state == AT_IGNORE ? MEMBUS_IGNORE : MEMBUS_BYTES;
    p->command = NULL;
    p->state = AT_COMMAND;
    p->lines = p->qpi ? 4 : 1;
    p->stats.by_clock++;
    return MEMBUS_CLOCKS;
}

static void write_bytes(void *ctx, const uint8_t *data, size_t n)
{
    struct psram *p = ctx;

    if (!n)
        return;
    if (!p->wrap && !p->defects && n <= p->chip->size - p->address) {
        p->last = p->address + (uint32_t)n - 1;
        p->replaced = p->bytes[p->last];
        memcpy(p->bytes + p->address, data, n);
        p->address = (p->address + (uint32_t)n) & (p->chip->size - 1);
        p->moved += n;
        return;
    }
    for (size_t i = 0; i < n; i++)
        store(p, data[i]);
}

static void read_bytes(void *ctx, uint8_t *data, size_t n)
{
    struct psram *p = ctx;

    if (!p->wrap && !p->wraps_page && !p->defects && p->command->follow == READ_DATA &&
        n <= p->chip->size - p->address) {
        memcpy(data, p->bytes + p->address, n);
        p->address = (p->address + (uint32_t)n) & (p->chip->size - 1);
        p->moved += n;
        return;
    }
    for (size_t i = 0; i < n; i++)
        data[i] = fetch(p);
}

/* ---- by clocks ---- */

static void enter(struct psram *p, enum state state, uint8_t lines)
{
    p->state = state;
    p->lines = lines;
    p->bits = 0;
    p->shift = 0;
}

static void enter_data(struct psram *p)
{
    /* One line: the part samples SIO0 and answers on SIO1 (SO). */
    enter(p, AT_DATA, p->data_lines);
}

static void command_complete(struct psram *p)
{
    const struct command *c = lookup(p, (uint8_t)p->shift);

    p->command = c;
    if (!c) {
        enter(p, AT_IGNORE, p->lines);
        return;
    }
    p->wait = p->qpi ? c->qpi.wait : c->spi.wait;
    p->data_lines = p->qpi ? c->qpi.data : c->spi.data;
    if (c->follow == NOTHING) {
        p->executable = true;
        enter(p, AT_END, p->lines);
    } else {
        enter(p, AT_ADDRESS, p->qpi ? c->qpi.address : c->spi.address);
    }
}

static void sample(void *ctx, uint8_t lines)
{
    struct psram *p = ctx;

    switch (p->state) {
    case AT_COMMAND:
    case AT_ADDRESS:
        p->shift = p->shift << p->lines | (lines & ((1u << p->lines) - 1));
        p->bits += p->lines;
        if (p->state == AT_COMMAND && p->bits == 8) {
            command_complete(p);
        } else if (p->state == AT_ADDRESS && p->bits == ADDRESS_BITS) {
            take_address(p, p->shift);
            if (p->wait)
                p->state = AT_WAIT;
            else
                enter_data(p);
        }
        break;
    case AT_WAIT:
        if (--p->wait == 0)
            enter_data(p);
        break;
    case AT_DATA:
        if (p->command->follow == WRITE_DATA)
            p->shift = p->shift << p->lines | (lines & ((1u << p->lines) - 1));
        p->bits += p->lines;
        if (p->bits == 8) {
            if (p->command->follow == WRITE_DATA)
                store(p, (uint8_t)p->shift);
            p->bits = 0;
            p->shift = 0;
        }
        break;
    case AT_END:
        p->executable = false; /* more clocks than the command has */
        p->bits++;
        break;
    case AT_IGNORE:
        break;
    }
}

static uint8_t drive(void *ctx, uint8_t *mask)
{
    struct psram *p = ctx;

    *mask = 0;
    if (p->state != AT_DATA || p->command->follow == WRITE_DATA)
        return 0;
    if (!(p->shift & LOADED))
        p->shift = fetch(p) | LOADED;
    return membus_answer_lines(p->lines, (uint8_t)p->shift, p->bits / p->lines, mask);
}

/* ---- end of a frame ---- */

/*
 * The self-refresh takes the rows in turn, one every tCEM or so of nCS high (datasheets: "tCEM" is
 * the longest time that a row may wait for its turn to begin). A frame that keeps nCS low for
 * longer makes the rows whose turn it was wait for the next round, twice as long as they are good
 * for: cells that leak most, a few in each row, lose their charge.
 */
static void miss_refresh(struct psram *p, vtime low)
{
    uint32_t rows = p->chip->size / p->chip->page;
    uint64_t missed = low / p->chip->tCEM;

    for (uint64_t i = 0; i < missed && i < rows; i++) {
        uint8_t *row = p->bytes + (size_t)p->refresh_row * p->chip->page;

        row[hazard_pick(p->complaints, p->chip->page)] &=
            (uint8_t) ~(1u << hazard_pick(p->complaints, 8));
        p->refresh_row = (p->refresh_row + 1) % rows;
    }
}

/* The last byte of a write, or a command without data, is lost. */
static void lose_end(struct psram *p)
{
    if (p->command && p->command->follow == WRITE_DATA && p->moved)
        p->bytes[p->last] = p->replaced;
    p->executable = false;
}

static void flip_bit(struct psram *p)
{
    if (p->command && p->command->follow == WRITE_DATA && p->moved)
        p->bytes[p->last] ^= (uint8_t)(1u << hazard_pick(p->complaints, 8));
}

static void check_clock(struct psram *p, const struct membus_frame *f)
{
    const struct psram_chip *c = p->chip;
    double mhz = (double)f->clock.hz / 1e6;
    uint64_t limit = c->max_hz;
    bool bites = false;

    if (f->clock.hz > c->max_hz) {
        bites = hazard(p->complaints, HAZARD_CHIP_CLOCK, "%s: CLK %.2f MHz, at most %.0f MHz",
                       c->name, mhz, c->max_hz / 1e6);
    } else if (p->command && p->command->code == 0x03 && f->clock.hz > c->max_read_hz) {
        limit = c->max_read_hz;
        bites = hazard(p->complaints, HAZARD_CHIP_CLOCK,
                       "%s: command 0x03 at CLK %.2f MHz, at most %.0f MHz", c->name, mhz,
                       c->max_read_hz / 1e6);
    }
    if (bites && hazard_beyond(p->complaints, f->clock.hz, limit))
        flip_bit(p);
}

static void check_page(struct psram *p, const struct membus_frame *f)
{
    const struct psram_chip *c = p->chip;
    bool crossed = !p->wrap && p->command && p->command->follow != READ_ID &&
                   p->start % c->page + p->moved > c->page;

    if (!crossed)
        return;
    p->stats.crossings++;
    if (f->clock.hz > c->max_cross_hz)
        hazard(p->complaints, HAZARD_PAGE_CROSS,
               "%s: burst of %u bytes from 0x%06x crosses a page at CLK %.2f MHz, at most %.0f MHz",
               c->name, (unsigned)p->moved, (unsigned)p->start, (double)f->clock.hz / 1e6,
               c->max_cross_hz / 1e6);
    else if (!p->qpi && p->command->code == 0x02 && !c->spi_write_may_cross)
        hazard(p->complaints, HAZARD_PAGE_CROSS,
               "%s: linear burst of %u bytes from 0x%06x with command 0x02 in SPI mode", c->name,
               (unsigned)p->moved, (unsigned)p->start);
}

static void check_end(struct psram *p, const struct membus_frame *f)
{
    const struct psram_chip *c = p->chip;
    /* From the edge that the part saw: faults in the wires lose edges. */
    vtime low = f->rise - p->fell, hold = f->rise - f->last_edge;

    if (p->command && p->command->follow == NOTHING && !p->executable && p->state == AT_END)
        hazard(p->complaints, HAZARD_OVERLONG_COMMAND,
               "%s: %u clocks after the last bit of command 0x%02X (%s), which is ignored", c->name,
               p->bits, p->command->code, p->command->name);
    if (low > c->tCEM + ROUNDING &&
        hazard(p->complaints, HAZARD_TCEM,
               "%s: nCS low for %.1f ns, at most %.0f ns (tCEM): no refresh meanwhile", c->name,
               ns(low), ns(c->tCEM)))
        miss_refresh(p, low);
    if (f->clocks && hold + ROUNDING < c->tCHD &&
        hazard(p->complaints, HAZARD_TCHD,
               "%s: nCS rose %.1f ns after the last rising edge, at least %.0f ns (tCHD)", c->name,
               ns(hold), ns(c->tCHD)) &&
        hazard_short(p->complaints, hold, c->tCHD))
        lose_end(p);
}

static void end(void *ctx, const struct membus_frame *f)
{
    struct psram *p = ctx;

    /* By bytes the header counted as complete; it was not if nCS rose early. */
    if (f->truncated && p->part.manner != MEMBUS_CLOCKS) {
        p->executable = false;
        p->command = NULL;
    }
    p->stats.frames++;
    if (!p->command)
        p->stats.ignored++;
    else if (p->command->follow == WRITE_DATA)
        p->stats.written += p->moved;
    else if (p->command->follow == READ_DATA)
        p->stats.read += p->moved;
    if (f->clocks) {
        check_clock(p, f);
        check_page(p, f);
    }
    check_end(p, f);
    execute(p);
    p->state = AT_IGNORE;
}

/* ---- debugger ---- */

static size_t within(const struct psram *p, uint32_t addr, size_t n)
{
    if (addr >= p->chip->size)
        return 0;
    return n < p->chip->size - addr ? n : p->chip->size - addr;
}

static size_t peek(void *ctx, uint32_t addr, uint8_t *data, size_t n)
{
    struct psram *p = ctx;

    n = within(p, addr, n);
    if (!p->defects) {
        memcpy(data, p->bytes + addr, n);
        return n;
    }
    for (size_t i = 0; i < n; i++) {
        uint32_t place = psram_defects_place(p->defects, addr + (uint32_t)i) & (p->chip->size - 1);

        data[i] = psram_defects_read(p->defects, place, p->bytes[place]);
    }
    return n;
}

static size_t poke(void *ctx, uint32_t addr, const uint8_t *data, size_t n)
{
    struct psram *p = ctx;

    n = within(p, addr, n);
    if (!p->defects) {
        memcpy(p->bytes + addr, data, n);
        return n;
    }
    for (size_t i = 0; i < n; i++)
        p->bytes[psram_defects_place(p->defects, addr + (uint32_t)i) & (p->chip->size - 1)] =
            data[i];
    return n;
}

static const struct membus_part_ops ops = {
    .begin = begin,
    .write = write_bytes,
    .read = read_bytes,
    .drive = drive,
    .sample = sample,
    .end = end,
    .peek = peek,
    .poke = poke,
};

/* ---- building ---- */

struct psram *psram_new(const struct psram_chip *chip, uint64_t seed, struct complaints *complaints)
{
    struct psram *p = calloc(1, sizeof *p);

    if (!p)
        return NULL;
    p->bytes = malloc(chip->size);
    if (!p->bytes) {
        free(p);
        return NULL;
    }
    p->chip = chip;
    p->complaints = complaints;
    p->seed = seed ^ UINT64_C(0x5053524D36344D62); /* apart from the seed's other users */
    p->part.ops = &ops;
    p->part.ctx = p;
    p->state = AT_IGNORE;
    for (unsigned i = 0; i < COMMANDS; i++)
        p->row[commands[i].code] = (uint8_t)(i + 1);
    fill_random(p);
    return p;
}

void psram_free(struct psram *p)
{
    if (!p)
        return;
    free(p->bytes);
    free(p);
}

void psram_attach(struct psram *p, struct membus *bus)
{
    const struct psram_chip *c = p->chip;

    membus_attach(bus, &p->part);
    membus_set_answer(bus, (c->tACLK_min + c->tACLK) / 2, c->tACLK, c->tKOH);
}

void psram_detach(struct psram *p, struct membus *bus)
{
    membus_detach(bus, &p->part);
    membus_set_answer(bus, 0, 0, 0);
}

bool psram_set_defects(struct psram *p, struct psram_defects *d)
{
    p->own = *p->chip;
    psram_defects_change(d, &p->own);
    if (p->own.size != p->chip->size) {
        uint8_t *bytes = realloc(p->bytes, p->own.size);

        if (!bytes)
            return false;
        p->bytes = bytes;
    }
    p->chip = &p->own;
    p->defects = d;
    psram_power_cycle(p, p->powered);
    return true;
}

void psram_power_cycle(struct psram *p, vtime at)
{
    p->qpi = false;
    p->wrap = false;
    p->reset_enabled = false;
    p->powered = at;
    if (p->defects)
        psram_defects_power(p->defects, at);
    fill_random(p);
}

bool psram_in_qpi(const struct psram *p)
{
    return p->qpi;
}

bool psram_in_wrap(const struct psram *p)
{
    return p->wrap;
}

uint8_t *psram_bytes(struct psram *p)
{
    return p->bytes;
}

void psram_get_stats(const struct psram *p, struct psram_stats *out)
{
    *out = p->stats;
}
