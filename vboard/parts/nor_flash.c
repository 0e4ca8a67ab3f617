#include "nor_flash.h"

#include <stdlib.h>
#include <string.h>

const struct nor_chip nor_chips[] = {
    {"w25q16", 2u << 20, 0x15, 5 * VTIME_S},
    {"w25q32", 4u << 20, 0x16, 10 * VTIME_S},
    {"w25q64", 8u << 20, 0x17, 20 * VTIME_S},
    {"w25q128", 16u << 20, 0x18, 40 * VTIME_S},
};
const size_t nor_chip_count = sizeof(nor_chips) / sizeof(nor_chips[0]);

enum {
    MANUFACTURER = 0xEF,
    MEMORY_TYPE = 0x40,
    PAGE = 256,
    SR1_BUSY = 1 << 0,
    SR1_WEL = 1 << 1,
    SR1_PROTECT = 7 << 2, /* BP2 .. BP0 */
};

#define TIME_PROGRAM (400 * VTIME_US)
#define TIME_STATUS  (10 * VTIME_MS)
#define TIME_RESET   (30 * VTIME_US)
#define TIME_WAKE    (3 * VTIME_US)

enum { ADDRESS_BYTES = 3 };

enum command {
    WRITE_SR1 = 0x01,
    PROGRAM = 0x02,
    READ = 0x03,
    WRITE_DISABLE = 0x04,
    READ_SR1 = 0x05,
    WRITE_ENABLE = 0x06,
    FAST_READ = 0x0B,
    WRITE_SR3 = 0x11,
    READ_SR3 = 0x15,
    ERASE_4K = 0x20,
    WRITE_SR2 = 0x31,
    READ_SR2 = 0x35,
    UNIQUE_ID = 0x4B,
    VOLATILE_SR = 0x50,
    ERASE_32K = 0x52,
    CHIP_ERASE_2 = 0x60,
    ENABLE_RESET = 0x66,
    DEVICE_ID = 0x90,
    RESET = 0x99,
    JEDEC_ID = 0x9F,
    RELEASE = 0xAB,
    POWER_DOWN = 0xB9,
    CHIP_ERASE = 0xC7,
    ERASE_64K = 0xD8,
};

static const struct erase {
    uint8_t command;
    uint32_t size;
    vtime time;
} erases[] = {
    {ERASE_4K, 4 << 10, 45 * VTIME_MS},
    {ERASE_32K, 32 << 10, 120 * VTIME_MS},
    {ERASE_64K, 64 << 10, 150 * VTIME_MS},
};

const struct nor_chip *nor_find(const char *name)
{
    for (size_t i = 0; i < nor_chip_count; i++)
        if (strcmp(nor_chips[i].name, name) == 0)
            return &nor_chips[i];
    return NULL;
}

static bool busy(const struct nor_flash *f)
{
    return sched_now(f->sched) < f->ready;
}

static void busy_for(struct nor_flash *f, vtime time)
{
    f->ready = sched_now(f->sched) + time;
    f->clears_enable = true;
}

/* WEL falls with the end of what it was set for. */
static void settle(struct nor_flash *f)
{
    if (f->clears_enable && !busy(f))
        f->write_enabled = f->clears_enable = false;
}

static uint8_t status(struct nor_flash *f, unsigned n)
{
    uint8_t value = f->status[n];

    settle(f);
    if (n == 0)
        value |= (busy(f) ? SR1_BUSY : 0) | (f->write_enabled ? SR1_WEL : 0);
    return value;
}

/* Which commands a chip in this state hears. */
static bool hears(const struct nor_flash *f, uint8_t command)
{
    if (f->power_down)
        return command == RELEASE;
    if (busy(f))
        return command == READ_SR1 || command == READ_SR2 || command == READ_SR3 ||
               command == ENABLE_RESET || command == RESET;
    return true;
}

static uint8_t next_cell(struct nor_flash *f)
{
    uint8_t byte = f->cells[f->address];

    f->address = (f->address + 1) & (f->chip->size - 1);
    return byte;
}

static void answer(struct nor_flash *f, uint8_t byte)
{
    f->out = byte;
    f->sending = true;
}

/* A byte behind the command's has come in; what the chip sends with the next one. */
static void argument(struct nor_flash *f, uint8_t in)
{
    const uint8_t jedec[3] = {MANUFACTURER, MEMORY_TYPE, f->chip->capacity};
    const uint8_t device[2] = {MANUFACTURER, (uint8_t)(f->chip->capacity - 1)};
    unsigned n = f->count++;

    if (n < ADDRESS_BYTES)
        f->address = (f->address << 8 | in) & (f->chip->size - 1);
    switch (f->command) {
    case READ_SR1:
        answer(f, status(f, 0));
        break;
    case READ_SR2:
        answer(f, status(f, 1));
        break;
    case READ_SR3:
        answer(f, status(f, 2));
        break;
    case JEDEC_ID:
        answer(f, n + 1 < sizeof(jedec) ? jedec[n + 1] : 0);
        break;
    case DEVICE_ID:
        if (n + 1 >= ADDRESS_BYTES)
            answer(f, device[(f->address + n + 1 - ADDRESS_BYTES) & 1]);
        break;
    case RELEASE:
        if (n + 1 >= ADDRESS_BYTES)
            answer(f, device[1]);
        break;
    case UNIQUE_ID: /* four dummy bytes */
        if (n + 1 >= 4)
            answer(f, (uint8_t)(0xD0 + n));
        break;
    case READ:
        if (n + 1 >= ADDRESS_BYTES)
            answer(f, next_cell(f));
        break;
    case FAST_READ: /* one dummy byte */
        if (n + 1 >= ADDRESS_BYTES + 1)
            answer(f, next_cell(f));
        break;
    case PROGRAM:
        if (n >= ADDRESS_BYTES) {
            unsigned at = (f->address + n - ADDRESS_BYTES) % PAGE;

            f->page[at] = in;
            f->page_set[at] = true;
        }
        break;
    case WRITE_SR1:
    case WRITE_SR2:
    case WRITE_SR3:
        if (n < 2)
            f->page[n] = in;
        break;
    default:
        break;
    }
}

static void byte_came(struct nor_flash *f, uint8_t in)
{
    if (f->bits > 8) {
        if (f->command != 0)
            argument(f, in);
        return;
    }
    f->command = hears(f, in) ? in : 0;
    f->count = 0;
    f->address = 0;
    memset(f->page_set, 0, sizeof(f->page_set));
    if (f->command == JEDEC_ID)
        answer(f, MANUFACTURER);
    else if (f->command == READ_SR1 || f->command == READ_SR2 || f->command == READ_SR3)
        answer(f, status(f, f->command == READ_SR1 ? 0 : f->command == READ_SR2 ? 1 : 2));
}

static void clocked(void *ctx, bool level, bool mosi)
{
    struct nor_flash *f = ctx;

    if (level) {
        f->in = (uint8_t)(f->in << 1 | mosi);
        f->bits++;
        if (f->bits % 8 == 0)
            byte_came(f, f->in);
        return;
    }
    if (f->bits == 0 || !f->sending)
        return;
    f->slave.drive = f->out >> (7 - f->bits % 8) & 1 ? NET_HIGH : NET_LOW;
}

static void program(struct nor_flash *f)
{
    uint32_t page = f->address & ~(PAGE - 1u);

    for (unsigned i = 0; i < PAGE; i++)
        if (f->page_set[i])
            f->cells[page + i] &= f->page[i];
    busy_for(f, TIME_PROGRAM);
}

static void write_status(struct nor_flash *f)
{
    unsigned first = f->command == WRITE_SR1 ? 0 : f->command == WRITE_SR2 ? 1 : 2;

    f->status[first] = first == 0 ? f->page[0] & 0xFC : f->page[0];
    if (first == 0 && f->count > 1)
        f->status[1] = f->page[1];
    if (f->volatile_status && !f->write_enabled)
        f->volatile_status = false; /* at once */
    else
        busy_for(f, TIME_STATUS);
}

static void erase(struct nor_flash *f, uint32_t at, uint32_t size, vtime time)
{
    memset(f->cells + (at & ~(size - 1)), 0xFF, size);
    busy_for(f, time);
}

/* nCS rose behind a whole byte: what was asked for is carried out. */
static void carry_out(struct nor_flash *f)
{
    bool array = f->write_enabled && (f->status[0] & SR1_PROTECT) == 0;
    bool was_enabled = f->reset_enabled;

    f->reset_enabled = f->command == ENABLE_RESET;
    for (size_t i = 0; i < sizeof(erases) / sizeof(erases[0]); i++)
        if (f->command == erases[i].command && array && f->count == ADDRESS_BYTES)
            erase(f, f->address, erases[i].size, erases[i].time);
    switch (f->command) {
    case WRITE_ENABLE:
        f->write_enabled = true;
        break;
    case WRITE_DISABLE:
        f->write_enabled = false;
        break;
    case VOLATILE_SR:
        f->volatile_status = true;
        break;
    case PROGRAM:
        if (array && f->count > ADDRESS_BYTES)
            program(f);
        break;
    case WRITE_SR1:
    case WRITE_SR2:
    case WRITE_SR3:
        if ((f->write_enabled || f->volatile_status) && f->count != 0)
            write_status(f);
        break;
    case CHIP_ERASE:
    case CHIP_ERASE_2:
        if (array)
            erase(f, 0, f->chip->size, f->chip->chip_erase);
        break;
    case POWER_DOWN:
        f->power_down = true;
        break;
    case RELEASE:
        if (f->power_down)
            f->ready = sched_now(f->sched) + TIME_WAKE;
        f->power_down = false;
        break;
    case RESET:
        if (was_enabled)
            busy_for(f, TIME_RESET);
        break;
    default:
        break;
    }
}

static void selected(void *ctx, bool is)
{
    struct nor_flash *f = ctx;

    settle(f);
    if (!is && f->bits != 0 && f->bits % 8 == 0 && f->command != 0)
        carry_out(f);
    f->bits = 0;
    f->command = 0;
    f->sending = false;
    f->slave.drive = NET_Z;
}

struct nor_flash *nor_new(const struct nor_chip *chip, struct sched *sched)
{
    struct nor_flash *f = calloc(1, sizeof(*f));

    if (f == NULL)
        return NULL;
    f->cells = malloc(chip->size);
    if (f->cells == NULL) {
        free(f);
        return NULL;
    }
    memset(f->cells, 0xFF, chip->size);
    f->chip = chip;
    f->sched = sched;
    return f;
}

void nor_attach(struct nor_flash *f, struct spi_lines *lines, struct net *sck, struct net *mosi,
                struct net *miso, struct net *ncs)
{
    f->slave = (struct spi_slave){.sck = sck,
                                  .mosi = mosi,
                                  .miso = miso,
                                  .ncs = ncs,
                                  .select = selected,
                                  .clock = clocked,
                                  .ctx = f};
    spi_attach(lines, &f->slave);
}

void nor_free(struct nor_flash *f)
{
    if (f == NULL)
        return;
    spi_detach(&f->slave);
    free(f->cells);
    free(f);
}
