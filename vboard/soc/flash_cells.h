/*
 * The cells of the flash: 2 MB of data, and beside each word of 16 bytes the nine bits of its error
 * correcting code (RM0455, FLASH, "error code correction": one error corrected, two detected).
 *
 * ST does not publish the code. Here it is Hamming's with a parity bit over all, complemented where
 * needed so that an erased word, all ones, is a good one. What follows is what the manual says of
 * any: a word programmed twice, or programmed or erased in part, has whatever errors its bits make.
 *
 * Offsets count from the first cell of physical bank 1. Nothing here takes time or complains.
 */
#ifndef VBOARD_SOC_FLASH_CELLS_H
#define VBOARD_SOC_FLASH_CELLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    FLASH_CELLS_BANK = 1 << 20,
    FLASH_CELLS_SIZE = 2 * FLASH_CELLS_BANK,
    FLASH_CELLS_WORD = 16,
    FLASH_CELLS_CODE_BITS = 9,
};

/* What a read of a word finds. */
enum flash_ecc { FLASH_ECC_GOOD, FLASH_ECC_CORRECTED, FLASH_ECC_FAILED };

struct flash_cells;

/* All erased. The seed is that of what a cut operation leaves. NULL: no memory. */
struct flash_cells *flash_cells_new(uint64_t seed);
void flash_cells_free(struct flash_cells *c);

/* The data bits as they are, not corrected. Who writes there calls flash_cells_encode(). */
uint8_t *flash_cells_bytes(struct flash_cells *c);
/* Gives the words of a range the code that fits their data: for loaders and debuggers. */
void flash_cells_encode(struct flash_cells *c, uint32_t offset, uint32_t size);

/*
 * Cells are driven to 0 where the new data and their code have one. `share` of them, 0 to 1, get
 * there: less than 1 is an operation that was cut off.
 */
void flash_cells_program(struct flash_cells *c, uint32_t offset, const uint8_t *data, double share);
/* Likewise to 1; whole words. */
void flash_cells_erase(struct flash_cells *c, uint32_t offset, uint32_t size, double share);

/* A word as the bus sees it. Failed: its data bits as they are. */
enum flash_ecc flash_cells_read(const struct flash_cells *c, uint32_t offset,
                                uint8_t data[FLASH_CELLS_WORD]);

/* Words of a physical bank (0, 1) that do not fit their code. While there are none, the data bits
   are what a read gives. */
uint32_t flash_cells_bad(const struct flash_cells *c, unsigned bank);
/* The next such word at or behind offset; FLASH_CELLS_SIZE if there is none. */
uint32_t flash_cells_next_bad(const struct flash_cells *c, uint32_t offset);

/* The code bits of a word, for who keeps the cells elsewhere. */
uint16_t flash_cells_code(const struct flash_cells *c, uint32_t offset);
void flash_cells_set_code(struct flash_cells *c, uint32_t offset, uint16_t code);

#endif
