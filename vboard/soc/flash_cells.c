#include "flash_cells.h"

#include <stdlib.h>
#include <string.h>

#include "../wire/spec.h"

enum {
    WORDS = FLASH_CELLS_SIZE / FLASH_CELLS_WORD,
    BANK_WORDS = FLASH_CELLS_BANK / FLASH_CELLS_WORD,
    CHECK_BITS = FLASH_CELLS_CODE_BITS - 1,
    PARITY = 1 << CHECK_BITS,
    ALL_CODE = (1 << FLASH_CELLS_CODE_BITS) - 1,
};

struct flash_cells {
    uint8_t bytes[FLASH_CELLS_SIZE];
    uint16_t code[WORDS];
    uint8_t is_bad[WORDS];
    uint32_t bad[2];
    struct spec_draw draw;
    uint8_t position[FLASH_CELLS_WORD * 8];  /* of a data bit, in Hamming's order */
    uint16_t of_byte[FLASH_CELLS_WORD][256]; /* code bits that a byte contributes */
    uint16_t erased;                         /* the plain code of 16 bytes 0xFF */
};

static unsigned odd(unsigned bits)
{
    return (unsigned)__builtin_parity(bits);
}

/* Data bits take the positions that are no power of two; a check bit is the parity of those
   positions that have its own bit set. The parity bit is over data and check bits. */
static void make_tables(struct flash_cells *c)
{
    unsigned position = 1;

    for (unsigned bit = 0; bit < FLASH_CELLS_WORD * 8; bit++) {
        do
            position++;
        while (!(position & (position - 1)));
        c->position[bit] = (uint8_t)position;
    }
    for (unsigned byte = 0; byte < FLASH_CELLS_WORD; byte++) {
        for (unsigned value = 0; value < 256; value++) {
            unsigned code = 0;

            for (unsigned bit = 0; bit < 8; bit++) {
                if (value >> bit & 1)
                    code ^= c->position[byte * 8 + bit];
            }
            code |= (odd(value) ^ odd(code)) << CHECK_BITS;
            c->of_byte[byte][value] = (uint16_t)code;
        }
    }
    for (unsigned byte = 0; byte < FLASH_CELLS_WORD; byte++)
        c->erased ^= c->of_byte[byte][0xFF];
}

/* The code that fits the data, as the cells hold it: all ones for an erased word. */
static uint16_t code_of(const struct flash_cells *c, const uint8_t *data)
{
    unsigned code = c->erased ^ ALL_CODE;

    for (unsigned i = 0; i < FLASH_CELLS_WORD; i++)
        code ^= c->of_byte[i][data[i]];
    return (uint16_t)code;
}

static void note(struct flash_cells *c, uint32_t word)
{
    bool bad = c->code[word] != code_of(c, c->bytes + (size_t)word * FLASH_CELLS_WORD);

    c->bad[word / BANK_WORDS] += (uint32_t)bad - c->is_bad[word];
    c->is_bad[word] = bad;
}

struct flash_cells *flash_cells_new(uint64_t seed)
{
    struct flash_cells *c = calloc(1, sizeof *c);

    if (!c)
        return NULL;
    make_tables(c);
    spec_draw_init(&c->draw, seed, 0xF1A54);
    memset(c->bytes, 0xFF, sizeof c->bytes);
    for (uint32_t i = 0; i < WORDS; i++)
        c->code[i] = ALL_CODE;
    return c;
}

void flash_cells_free(struct flash_cells *c)
{
    free(c);
}

uint8_t *flash_cells_bytes(struct flash_cells *c)
{
    return c->bytes;
}

void flash_cells_encode(struct flash_cells *c, uint32_t offset, uint32_t size)
{
    if (!size)
        return;
    for (uint32_t i = offset / FLASH_CELLS_WORD; i <= (offset + size - 1) / FLASH_CELLS_WORD; i++) {
        c->code[i] = code_of(c, c->bytes + (size_t)i * FLASH_CELLS_WORD);
        note(c, i);
    }
}

/* Those of the bits that make it. */
static unsigned some(struct flash_cells *c, unsigned bits, double share)
{
    if (share >= 1)
        return bits;
    for (unsigned i = 0; i < 16; i++) {
        if (bits >> i & 1 && !spec_draw_event(&c->draw, share))
            bits &= ~(1u << i);
    }
    return bits;
}

void flash_cells_program(struct flash_cells *c, uint32_t offset, const uint8_t *data, double share)
{
    uint32_t word = offset / FLASH_CELLS_WORD;
    uint8_t *cells = c->bytes + (size_t)word * FLASH_CELLS_WORD;
    unsigned code = code_of(c, data);

    for (unsigned i = 0; i < FLASH_CELLS_WORD; i++)
        cells[i] &= (uint8_t)~some(c, cells[i] & ~data[i] & 0xFFu, share);
    c->code[word] &= (uint16_t)~some(c, c->code[word] & ~code, share);
    note(c, word);
}

void flash_cells_erase(struct flash_cells *c, uint32_t offset, uint32_t size, double share)
{
    for (uint32_t at = offset; at < offset + size; at++)
        c->bytes[at] |= (uint8_t)some(c, ~c->bytes[at] & 0xFFu, share);
    for (uint32_t i = offset / FLASH_CELLS_WORD; i < (offset + size) / FLASH_CELLS_WORD; i++) {
        c->code[i] |= (uint16_t)some(c, ~c->code[i] & ALL_CODE, share);
        note(c, i);
    }
}

/* Corrects the one bit that is wrong. False: there are more. */
static bool correct(const struct flash_cells *c, unsigned difference, uint8_t *data)
{
    unsigned position = difference & ~(unsigned)PARITY;

    /* Each single error, in data, check or parity bit, makes the parity over all odd. */
    if (!(odd(position) ^ (difference >> CHECK_BITS & 1)))
        return false;
    if (!(position & (position - 1)))
        return true; /* a check bit, or the parity bit */
    for (unsigned bit = 0; bit < FLASH_CELLS_WORD * 8; bit++) {
        if (c->position[bit] == position) {
            data[bit / 8] ^= (uint8_t)(1u << bit % 8);
            return true;
        }
    }
    return false;
}

enum flash_ecc flash_cells_read(const struct flash_cells *c, uint32_t offset,
                                uint8_t data[FLASH_CELLS_WORD])
{
    uint32_t word = offset / FLASH_CELLS_WORD;

    memcpy(data, c->bytes + (size_t)word * FLASH_CELLS_WORD, FLASH_CELLS_WORD);
    if (!c->is_bad[word])
        return FLASH_ECC_GOOD;
    return correct(c, (unsigned)(c->code[word] ^ code_of(c, data)), data) ? FLASH_ECC_CORRECTED
                                                                          : FLASH_ECC_FAILED;
}

uint32_t flash_cells_bad(const struct flash_cells *c, unsigned bank)
{
    return c->bad[bank];
}

uint32_t flash_cells_next_bad(const struct flash_cells *c, uint32_t offset)
{
    uint32_t word = (offset + FLASH_CELLS_WORD - 1) / FLASH_CELLS_WORD;

    while (word < WORDS && !c->is_bad[word])
        word++;
    return word * FLASH_CELLS_WORD;
}

uint16_t flash_cells_code(const struct flash_cells *c, uint32_t offset)
{
    return c->code[offset / FLASH_CELLS_WORD];
}

void flash_cells_set_code(struct flash_cells *c, uint32_t offset, uint16_t code)
{
    c->code[offset / FLASH_CELLS_WORD] = code & ALL_CODE;
    note(c, offset / FLASH_CELLS_WORD);
}
