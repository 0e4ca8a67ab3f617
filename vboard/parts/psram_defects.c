#include "psram_defects.h"

#include <stdlib.h>

#include "../wire/spec.h"
#include "psram.h"

/* One of these cells in each of so many bytes of the row; see the header for its times. */
enum { WEAK_CELLS = 16, ROW = 1024, MAX_DEFECTS = 32 };
#define HOLDS_AT_LEAST (4 * VTIME_MS)
#define HOLDS_STEPS    29 /* of 1 ms */

/* ID (0x9F): MF ID, KGD, EID[47:40], ...; the datasheets' "Read ID". EID[47:45] is the density, 0
   for 16 Mbit and one more for each doubling; they print codes up to 2, 3 goes on in the same way.
 */
enum { ID_KGD = 1, KGD_FAIL = 0x55, ID_EID = 2, DENSITY_SHIFT = 5, EID_REST = 0x1F };

struct weak_cell {
    uint16_t byte;
    uint8_t mask;
    vtime holds;
};

struct weak_row {
    uint32_t row; /* its number */
    vtime opened; /* the last time that it was read or written */
    struct weak_cell cell[WEAK_CELLS];
};

struct defect {
    const struct defect_kind *kind;
    struct spec_args args;
    union {
        struct weak_row weak;
        struct spec_draw draw;
        bool dropped;
    };
};

struct psram_defects {
    uint64_t seed;
    struct defect defect[MAX_DEFECTS];
    unsigned count;
};

/* What a kind does; NULL: nothing. */
struct defect_kind {
    struct spec_row row;
    bool missing;
    void (*make)(struct defect *d, struct spec_draw *draw);
    void (*change)(struct defect *d, struct psram_chip *chip);
    void (*power)(struct defect *d, vtime at);
    bool (*drops_qpi)(struct defect *d, vtime at);
    uint32_t (*place)(const struct defect *d, uint32_t address);
    void (*open)(struct defect *d, uint8_t *bytes, uint32_t place, vtime at);
    uint8_t (*written)(struct defect *d, uint8_t byte);
    uint8_t (*read)(const struct defect *d, uint32_t place, uint8_t byte);
};

/* ---- address lines ---- */

static uint32_t stuck_address(const struct defect *d, uint32_t address)
{
    uint32_t line = UINT32_C(1) << d->args.line[0];

    return d->args.level ? address | line : address & ~line;
}

/* As with wires that touch: low wins. */
static uint32_t shorted_address(const struct defect *d, uint32_t address)
{
    uint32_t both = UINT32_C(1) << d->args.line[0] | UINT32_C(1) << d->args.line[1];

    return (address & both) == both ? address : address & ~both;
}

static uint32_t swapped_address(const struct defect *d, uint32_t address)
{
    unsigned a = d->args.line[0], b = d->args.line[1];
    uint32_t differ = (address >> a ^ address >> b) & 1;

    return address ^ (differ << a | differ << b);
}

/* ---- cells ---- */

static void make_draw(struct defect *d, struct spec_draw *draw)
{
    d->draw = *draw;
}

static uint8_t flipped(struct defect *d, uint8_t byte)
{
    if (spec_draw_event(&d->draw, d->args.rate))
        byte ^= (uint8_t)(1u << spec_draw_below(&d->draw, 8));
    return byte;
}

static void change_cell(struct defect *d, struct psram_chip *chip)
{
    d->args.address &= chip->size - 1; /* lines that the chip has not are not looked at */
}

static uint8_t stuck_cell(const struct defect *d, uint32_t place, uint8_t byte)
{
    uint8_t mask = (uint8_t)(1u << d->args.bit);

    if (place != d->args.address)
        return byte;
    return d->args.level ? byte | mask : byte & (uint8_t)~mask;
}

static void make_weak(struct defect *d, struct spec_draw *draw)
{
    struct weak_row *w = &d->weak;

    for (unsigned i = 0; i < WEAK_CELLS; i++) {
        unsigned stretch = ROW / WEAK_CELLS;

        w->cell[i].byte = (uint16_t)(i * stretch + spec_draw_below(draw, stretch));
        w->cell[i].mask = (uint8_t)(1u << spec_draw_below(draw, 8));
        w->cell[i].holds = HOLDS_AT_LEAST + spec_draw_below(draw, HOLDS_STEPS) * VTIME_MS;
    }
}

static void change_weak(struct defect *d, struct psram_chip *chip)
{
    change_cell(d, chip);
    d->weak.row = d->args.address / ROW;
}

static void power_weak(struct defect *d, vtime at)
{
    d->weak.opened = at;
}

static void open_weak(struct defect *d, uint8_t *bytes, uint32_t place, vtime at)
{
    struct weak_row *w = &d->weak;

    if (place / ROW != w->row)
        return;
    for (unsigned i = 0; i < WEAK_CELLS; i++) {
        if (at - w->opened > w->cell[i].holds)
            bytes[(size_t)w->row * ROW + w->cell[i].byte] &= (uint8_t)~w->cell[i].mask;
    }
    w->opened = at;
}

/* ---- the chip as a whole ---- */

static void fail_kgd(struct defect *d, struct psram_chip *chip)
{
    (void)d;
    chip->id[ID_KGD] = KGD_FAIL;
}

static void change_density(struct defect *d, struct psram_chip *chip)
{
    uint8_t code = 0;

    while (16u << code < d->args.mbit)
        code++;
    chip->id[ID_EID] = (uint8_t)((chip->id[ID_EID] & EID_REST) | code << DENSITY_SHIFT);
    chip->size = d->args.mbit << 17; /* 2^20 / 8 */
}

static bool drop_qpi(struct defect *d, vtime at)
{
    if (d->dropped || at < d->args.time)
        return false;
    d->dropped = true;
    return true;
}

static const struct defect_kind kinds[] = {
    {{"address:stuck", "A=LEVEL", "address line within the chip has one level"},
     .place = stuck_address},
    {{"address:short", "A,A", "address lines within the chip touch: both low if one is"},
     .place = shorted_address},
    {{"address:swap", "A,A", "address lines within the chip are exchanged: no test can see it"},
     .place = swapped_address},
    {{"flips", "RATE", "a bit of a byte flips as it is written, with this probability"},
     .make = make_draw,
     .written = flipped},
    {{"weak-row", "ADDRESS", "16 cells of its 1 KB row lose a 1 within 4 to 32 ms of no access"},
     .make = make_weak,
     .change = change_weak,
     .power = power_weak,
     .open = open_weak},
    {{"cell", "ADDRESS.BIT=LEVEL", "one cell reads as one level"},
     .change = change_cell,
     .read = stuck_cell},
    {{"missing", "", "nothing is soldered where the chip should be"}, .missing = true},
    {{"kgd", "", "the ID says that the die failed its test (KGD 0x55)"}, .change = fail_kgd},
    {{"density", "MBIT", "the chip has another size, and its ID says so"},
     .change = change_density},
    {{"drop-qpi", "TIME", "the chip falls back to SPI mode, once"}, .drops_qpi = drop_qpi},
};
enum { KINDS = sizeof kinds / sizeof kinds[0] };

static const struct defect_kind *find(const char *text)
{
    for (unsigned i = 0; i < KINDS; i++) {
        if (spec_is(&kinds[i].row, text))
            return &kinds[i];
    }
    return NULL;
}

bool psram_defect_is(const char *text)
{
    return find(text) != NULL;
}

void psram_defects_list(FILE *out)
{
    for (unsigned i = 0; i < KINDS; i++)
        spec_print(&kinds[i].row, out);
}

struct psram_defects *psram_defects_new(uint64_t seed)
{
    struct psram_defects *d = calloc(1, sizeof *d);

    if (d != NULL)
        d->seed = seed;
    return d;
}

void psram_defects_free(struct psram_defects *d)
{
    free(d);
}

bool psram_defects_add(struct psram_defects *d, const char *text, char *error, size_t error_size)
{
    const struct defect_kind *kind = find(text);
    struct defect *new = &d->defect[d->count];
    struct spec_draw draw;

    if (kind == NULL) {
        snprintf(error, error_size, "no fault '%s'; --faults lists them", text);
        return false;
    }
    if (d->count == MAX_DEFECTS) {
        snprintf(error, error_size, "more than %d faults in one chip", MAX_DEFECTS);
        return false;
    }
    if (!spec_read(&kind->row, text, &new->args, error, error_size))
        return false;
    new->kind = kind;
    spec_draw_init(&draw, d->seed, d->count);
    if (kind->make != NULL)
        kind->make(new, &draw);
    d->count++;
    return true;
}

bool psram_defects_missing(const struct psram_defects *d)
{
    for (unsigned i = 0; i < d->count; i++) {
        if (d->defect[i].kind->missing)
            return true;
    }
    return false;
}

/* ---- for the chip ---- */

void psram_defects_change(struct psram_defects *d, struct psram_chip *chip)
{
    /* The size first: places are within it. */
    for (unsigned i = 0; i < d->count; i++) {
        if (d->defect[i].kind->change == change_density)
            change_density(&d->defect[i], chip);
    }
    for (unsigned i = 0; i < d->count; i++) {
        if (d->defect[i].kind->change != NULL)
            d->defect[i].kind->change(&d->defect[i], chip);
    }
}

void psram_defects_power(struct psram_defects *d, vtime at)
{
    for (unsigned i = 0; i < d->count; i++) {
        if (d->defect[i].kind->power != NULL)
            d->defect[i].kind->power(&d->defect[i], at);
    }
}

bool psram_defects_drop_qpi(struct psram_defects *d, vtime at)
{
    bool drops = false;

    for (unsigned i = 0; i < d->count; i++) {
        if (d->defect[i].kind->drops_qpi != NULL)
            drops |= d->defect[i].kind->drops_qpi(&d->defect[i], at);
    }
    return drops;
}

uint32_t psram_defects_place(const struct psram_defects *d, uint32_t address)
{
    for (unsigned i = 0; i < d->count; i++) {
        if (d->defect[i].kind->place != NULL)
            address = d->defect[i].kind->place(&d->defect[i], address);
    }
    return address;
}

void psram_defects_open(struct psram_defects *d, uint8_t *bytes, uint32_t place, vtime at)
{
    for (unsigned i = 0; i < d->count; i++) {
        if (d->defect[i].kind->open != NULL)
            d->defect[i].kind->open(&d->defect[i], bytes, place, at);
    }
}

uint8_t psram_defects_written(struct psram_defects *d, uint8_t byte)
{
    for (unsigned i = 0; i < d->count; i++) {
        if (d->defect[i].kind->written != NULL)
            byte = d->defect[i].kind->written(&d->defect[i], byte);
    }
    return byte;
}

uint8_t psram_defects_read(const struct psram_defects *d, uint32_t place, uint8_t byte)
{
    for (unsigned i = 0; i < d->count; i++) {
        if (d->defect[i].kind->read != NULL)
            byte = d->defect[i].kind->read(&d->defect[i], place, byte);
    }
    return byte;
}
