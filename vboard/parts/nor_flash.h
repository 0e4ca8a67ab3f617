/*
 * An SPI NOR flash of Winbond's W25Q families, on one data line each way, in modes 0 and 3: ID,
 * status, write enable, reads, page program with wrap, erases, power-down, reset, all with their
 * times. While it is busy it answers status reads and resets only. Quad and dual commands are not
 * there (they are ignored, as other unknown commands are); block protection bits are stored and
 * protect all of the array if any is set.
 *
 * Numbers: Winbond W25Q64JV data sheet, typical values. Simulation thread only.
 */
#ifndef VBOARD_PARTS_NOR_FLASH_H
#define VBOARD_PARTS_NOR_FLASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../wire/sched.h"
#include "../wire/spi.h"

struct nor_chip {
    const char *name; /* "w25q64" */
    uint32_t size;    /* bytes */
    uint8_t capacity; /* third byte of the JEDEC ID */
    vtime chip_erase;
};
extern const struct nor_chip nor_chips[];
extern const size_t nor_chip_count;
/* NULL if there is none of that name. */
const struct nor_chip *nor_find(const char *name);

struct nor_flash {
    const struct nor_chip *chip;
    struct sched *sched;
    uint8_t *cells;
    struct spi_slave slave;

    uint8_t status[3];  /* SR1 without BUSY and WEL, SR2, SR3 */
    bool write_enabled; /* WEL */
    bool clears_enable; /* ... falls at the end of what it is busy with */
    bool volatile_status, reset_enabled, power_down;
    vtime ready; /* end of what it is busy with */

    /* The command under way. */
    unsigned bits;   /* since nCS fell */
    uint8_t in, out; /* shift registers */
    bool sending;    /* MISO is driven */
    uint8_t command; /* 0: none, or one that is ignored */
    unsigned count;  /* bytes behind the command's */
    uint32_t address;
    uint8_t page[256]; /* data of a page program, or of a status write */
    bool page_set[256];
};

/* An erased chip. NULL if memory ran out. */
struct nor_flash *nor_new(const struct nor_chip *chip, struct sched *sched);
void nor_attach(struct nor_flash *f, struct spi_lines *lines, struct net *sck, struct net *mosi,
                struct net *miso, struct net *ncs);
void nor_free(struct nor_flash *f); /* detaches it; NULL is fine */

#endif
