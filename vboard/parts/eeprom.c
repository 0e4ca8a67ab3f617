#include "eeprom.h"

#include <stdlib.h>
#include <string.h>

const struct eeprom_chip eeprom_chips[] = {
    {"24c02", 256, 8, 1, 5 * VTIME_MS},     {"24c16", 2048, 16, 1, 5 * VTIME_MS},
    {"24c32", 4096, 32, 2, 5 * VTIME_MS},   {"24c64", 8192, 32, 2, 5 * VTIME_MS},
    {"24c256", 32768, 64, 2, 5 * VTIME_MS}, {"24c512", 65536, 128, 2, 5 * VTIME_MS},
};
const size_t eeprom_chip_count = sizeof(eeprom_chips) / sizeof(eeprom_chips[0]);

const struct eeprom_chip *eeprom_find(const char *name)
{
    for (size_t i = 0; i < eeprom_chip_count; i++)
        if (strcmp(eeprom_chips[i].name, name) == 0)
            return &eeprom_chips[i];
    return NULL;
}

/* Bits of the device address that small chips use as address bits above the one byte. */
static unsigned block_bits(const struct eeprom *e)
{
    unsigned bits = 0;

    while (e->chip->address_bytes == 1 && e->chip->size >> (8 + bits) > 1)
        bits++;
    return bits;
}

static bool started(void *ctx, uint8_t first)
{
    struct eeprom *e = ctx;
    unsigned blocks = (1u << block_bits(e)) - 1;
    bool mine = ((first >> 1 ^ e->device) & 0x7F & ~blocks) == 0;

    if (!mine || sched_now(e->sched) < e->ready)
        return false;
    /* What was written before a repeated start is not programmed. */
    memset(e->buffered, 0, sizeof(e->buffered));
    e->any_buffered = false;
    e->received = 0;
    if (!(first & 1) && blocks != 0)
        e->address = (e->address & 0xFF) | (first >> 1 & blocks) << 8;
    return true;
}

static bool written(void *ctx, uint8_t byte)
{
    struct eeprom *e = ctx;
    unsigned at;

    if (e->received < e->chip->address_bytes) {
        if (e->chip->address_bytes == 1)
            e->address = (e->address & ~0xFFu) | byte;
        else
            e->address = e->address << 8 | byte;
        e->address &= e->chip->size - 1;
        e->received++;
        return true;
    }
    at = e->address & (e->chip->page - 1u);
    e->buffer[at] = byte;
    e->buffered[at] = true;
    e->any_buffered = true;
    e->address = (e->address & ~(e->chip->page - 1u)) | ((at + 1) & (e->chip->page - 1u));
    return true;
}

static uint8_t read(void *ctx)
{
    struct eeprom *e = ctx;
    uint8_t byte = e->cells[e->address];

    e->address = (e->address + 1) & (e->chip->size - 1);
    return byte;
}

static void stopped(void *ctx)
{
    struct eeprom *e = ctx;
    uint32_t page = e->address & ~(e->chip->page - 1u);

    if (!e->any_buffered)
        return;
    for (unsigned i = 0; i < e->chip->page; i++)
        if (e->buffered[i])
            e->cells[page + i] = e->buffer[i];
    memset(e->buffered, 0, sizeof(e->buffered));
    e->any_buffered = false;
    e->ready = sched_now(e->sched) + e->chip->write_cycle;
}

struct eeprom *eeprom_new(const struct eeprom_chip *chip, uint8_t device, struct sched *sched)
{
    struct eeprom *e = calloc(1, sizeof(*e));

    if (e == NULL)
        return NULL;
    e->cells = malloc(chip->size);
    if (e->cells == NULL) {
        free(e);
        return NULL;
    }
    memset(e->cells, 0xFF, chip->size);
    e->chip = chip;
    e->sched = sched;
    e->device = device;
    return e;
}

void eeprom_attach(struct eeprom *e, struct i2c_lines *lines, struct net *scl, struct net *sda)
{
    e->slave = (struct i2c_slave){.scl = scl,
                                  .sda = sda,
                                  .start = started,
                                  .write = written,
                                  .read = read,
                                  .stop = stopped,
                                  .ctx = e};
    i2c_attach(lines, &e->slave);
}

void eeprom_free(struct eeprom *e)
{
    if (e == NULL)
        return;
    i2c_detach(&e->slave);
    free(e->cells);
    free(e);
}
