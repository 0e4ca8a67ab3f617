#include "inject.h"

#include <stdlib.h>

#include "../parts/psram_defects.h"
#include "../soc/flash_cells.h"
#include "../trace/faults.h"
#include "../wire/spec.h"

struct inject {
    struct fault **faults; /* of the wires */
    unsigned count;
    struct psram_defects *defects; /* of the chip; NULL: none */
};

static const struct spec_row flash_row = {
    "flash", "ADDRESS.BIT",
    "a cell of the internal flash is turned over; ADDRESS counts from 0x08000000"};

static bool add_to_flash(struct board *b, const char *text, char *error, size_t error_size)
{
    struct flash_cells *cells = b->soc->flash_cells;
    struct spec_args args;

    if (!spec_read(&flash_row, text, &args, error, error_size))
        return false;
    if (args.address >= FLASH_CELLS_SIZE) {
        snprintf(error, error_size, "fault '%s': the flash ends at 0x%06x", text,
                 (unsigned)FLASH_CELLS_SIZE - 1);
        return false;
    }
    /* The code stays what it was. */
    flash_cells_bytes(cells)[args.address] ^= (uint8_t)(1u << args.bit);
    flash_cells_set_code(cells, args.address, flash_cells_code(cells, args.address));
    soc_flash_changed(b->soc);
    return true;
}

static bool add_to_wires(struct inject *i, struct board *b, const char *text, uint64_t seed,
                         char *error, size_t error_size)
{
    /* Two of a kind are not to draw alike. */
    struct fault *f = fault_new(text, seed ^ (uint64_t)i->count << 32, error, error_size);

    if (f == NULL)
        return false;
    i->faults[i->count++] = f;
    fault_attach(f, b->bus);
    return true;
}

static bool add_to_chip(struct inject *i, const struct board *b, const char *text, uint64_t seed,
                        char *error, size_t error_size)
{
    if (b->psram == NULL) {
        snprintf(error, error_size, "fault '%s' is one of a chip, and there is none", text);
        return false;
    }
    if (i->defects == NULL)
        i->defects = psram_defects_new(seed);
    if (i->defects == NULL) {
        snprintf(error, error_size, "out of memory");
        return false;
    }
    return psram_defects_add(i->defects, text, error, error_size);
}

static const struct spec_row sd_crc_row = {
    "sd-crc", "NUMBER", "the NUMBER-th block to or from the SD card arrives with a broken bit"};
static const struct spec_row sd_busy_row = {
    "sd-busy", "NUMBER", "after the NUMBER-th write the SD card stays busy until it is reset"};

static bool add_to_card(struct board *b, const struct spec_row *row,
                        void (*add)(struct sd_card *c, uint64_t n), const char *text, char *error,
                        size_t error_size)
{
    struct spec_args args;

    if (!spec_read(row, text, &args, error, error_size))
        return false;
    if (b->card == NULL) {
        snprintf(error, error_size, "fault '%s' is one of an SD card, and there is none", text);
        return false;
    }
    add(b->card, args.number);
    return true;
}

static bool add_one(struct inject *i, struct board *b, const char *text, uint64_t seed, char *error,
                    size_t error_size)
{
    if (spec_is(&flash_row, text))
        return add_to_flash(b, text, error, error_size);
    if (spec_is(&sd_crc_row, text))
        return add_to_card(b, &sd_crc_row, sd_card_break_block, text, error, error_size);
    if (spec_is(&sd_busy_row, text))
        return add_to_card(b, &sd_busy_row, sd_card_stay_busy, text, error, error_size);
    return psram_defect_is(text) ? add_to_chip(i, b, text, seed, error, error_size)
                                 : add_to_wires(i, b, text, seed, error, error_size);
}

static bool change_chip(struct inject *i, struct board *b, char *error, size_t error_size)
{
    if (i->defects == NULL)
        return true;
    if (!psram_set_defects(b->psram, i->defects)) {
        snprintf(error, error_size, "out of memory");
        return false;
    }
    if (psram_defects_missing(i->defects))
        psram_detach(b->psram, b->bus);
    return true;
}

struct inject *inject_new(struct board *b, const char *const *texts, unsigned count, uint64_t seed,
                          char *error, size_t error_size)
{
    struct inject *i = calloc(1, sizeof(*i));
    bool good = i != NULL && (i->faults = calloc(count + 1, sizeof(struct fault *))) != NULL;

    if (!good)
        snprintf(error, error_size, "out of memory");
    for (unsigned n = 0; good && n < count; n++)
        good = add_one(i, b, texts[n], seed, error, error_size);
    if (good && change_chip(i, b, error, error_size))
        return i;
    /* The faults stay with the board's bus until the board is freed, which the caller does at once;
       nothing runs on it any more. */
    inject_free(i);
    return NULL;
}

void inject_free(struct inject *i)
{
    if (i == NULL)
        return;
    for (unsigned n = 0; n < i->count; n++)
        fault_free(i->faults[n]);
    psram_defects_free(i->defects);
    free(i->faults);
    free(i);
}

void inject_list(FILE *out)
{
    faults_list(out);
    psram_defects_list(out);
    spec_print(&flash_row, out);
    spec_print(&sd_crc_row, out);
    spec_print(&sd_busy_row, out);
    spec_print_values(out);
}
