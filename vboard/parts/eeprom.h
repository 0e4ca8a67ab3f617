/*
 * An I2C EEPROM of the 24Cxx families: page writes with wrap, a write cycle during which the chip
 * does not answer, reads from the address counter on.
 *
 * Numbers: data sheets of Microchip's 24LCxx. Simulation thread only.
 */
#ifndef VBOARD_PARTS_EEPROM_H
#define VBOARD_PARTS_EEPROM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../wire/i2c.h"
#include "../wire/sched.h"

struct eeprom_chip {
    const char *name; /* "24c256" */
    uint32_t size;    /* bytes */
    uint16_t page;    /* bytes */
    uint8_t address_bytes;
    vtime write_cycle;
};
extern const struct eeprom_chip eeprom_chips[];
extern const size_t eeprom_chip_count;
/* NULL if there is none of that name. */
const struct eeprom_chip *eeprom_find(const char *name);

struct eeprom {
    const struct eeprom_chip *chip;
    struct sched *sched;
    uint8_t device; /* 7-bit bus address: 0x50 and the level of A2..A0 */
    uint8_t *cells;
    struct i2c_slave slave;

    uint32_t address;
    unsigned received;   /* bytes since the start condition, that of the device not counted */
    uint8_t buffer[256]; /* of one page */
    bool buffered[256];
    bool any_buffered;
    vtime ready; /* the write cycle's end */
};

/* An erased chip. NULL if memory ran out. */
struct eeprom *eeprom_new(const struct eeprom_chip *chip, uint8_t device, struct sched *sched);
void eeprom_attach(struct eeprom *e, struct i2c_lines *lines, struct net *scl, struct net *sda);
void eeprom_free(struct eeprom *e); /* detaches it; NULL is fine */

#endif
