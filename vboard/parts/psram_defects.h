/*
 * Defects of a PSRAM chip (--fault): lines, cells and a row of its array, its ID, its mode. Faults
 * of the wires that lead to it are in trace/faults.h.
 *
 * The chip asks here at each byte, and only if it has defects at all. "Address" is what counts on
 * from a command's address, "place" is where in the array the byte then really is: the address
 * lines between counter and array are between them.
 *
 * The weak row: 16 of its cells hold a charged bit (a 1) for 4 to 32 ms only, each its own time,
 * and a row's turn in the self-refresh comes every 65 ms (8192 rows, one each tCEM). A row's cells
 * are restored, as far as they still hold, whenever a byte of it is read or written. Which cells
 * and how long follows the seed.
 */
#ifndef VBOARD_PARTS_PSRAM_DEFECTS_H
#define VBOARD_PARTS_PSRAM_DEFECTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "../wire/sched.h"

struct psram_chip;
struct psram_defects;

/* Whether the text means a defect of the chip, well said or not. */
bool psram_defect_is(const char *text);
/* Prints the known defects, a line each. */
void psram_defects_list(FILE *out);

/* None yet. Random draws follow the seed. NULL if memory ran out. */
struct psram_defects *psram_defects_new(uint64_t seed);
void psram_defects_free(struct psram_defects *d);
/* Adds the defect of this text. False: it cannot be; error then holds one sentence. Not after the
   chip has them. */
bool psram_defects_add(struct psram_defects *d, const char *text, char *error, size_t error_size);

/* No chip is there at all: whoever solders it should not. */
bool psram_defects_missing(const struct psram_defects *d);

/* ---- for the chip ---- */

/* What its ID says, and its size. Once, before all else below. */
void psram_defects_change(struct psram_defects *d, struct psram_chip *chip);
/* Power came at `at`. */
void psram_defects_power(struct psram_defects *d, vtime at);
/* A frame begins: true = the chip has fallen back to SPI mode. Once. */
bool psram_defects_drop_qpi(struct psram_defects *d, vtime at);
uint32_t psram_defects_place(const struct psram_defects *d, uint32_t address);
/* A byte at place will be read or written; bytes = the array. */
void psram_defects_open(struct psram_defects *d, uint8_t *bytes, uint32_t place, vtime at);
/* What a byte is once it is in the array, and once it is read out of it. */
uint8_t psram_defects_written(struct psram_defects *d, uint8_t byte);
uint8_t psram_defects_read(const struct psram_defects *d, uint32_t place, uint8_t byte);

#endif
