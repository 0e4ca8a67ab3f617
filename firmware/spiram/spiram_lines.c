/* SPDX-License-Identifier: MIT */

/* Which data line, which address line. docs/spiram.md, "Naming a fault". */
#include "spiram_access.h"

#include <string.h>

#define IO_LINES  4u
#define DATA_BITS 8u

/* A verdict counts if it comes so many times. */
#define ROUNDS 3u

/* ---- lines at bring-up ------------------------------------------------------------------- */

/* One nibble as it is after lines a and b were shorted, or exchanged. */
static unsigned shorted(unsigned nibble, unsigned a, unsigned b)
{
    unsigned both = 1U << a | 1U << b;
    return (nibble & both) == both ? nibble : nibble & ~both;
}

static unsigned exchanged(unsigned nibble, unsigned a, unsigned b)
{
    unsigned differ = (nibble >> a ^ nibble >> b) & 1U;
    return nibble ^ (differ << a | differ << b);
}

/* Is what came of the two lines what `bend` makes of them, each time? */
static bool explains(unsigned (*bend)(unsigned, unsigned, unsigned), const uint8_t *sent,
                     const uint8_t *got, size_t length, unsigned a, unsigned b)
{
    unsigned both = 1U << a | 1U << b;
    for (size_t n = 0; n < length; n++) {
        if (((bend(sent[n] & 15U, a, b) ^ got[n]) & both) != 0 ||
            ((bend(sent[n] >> 4, a, b) ^ got[n] >> 4) & both) != 0) {
            return false;
        }
    }
    return true;
}

/* Levels seen: bit 0 = low, bit 1 = high. */
static unsigned levels_of(const uint8_t *got, size_t length, unsigned bit)
{
    unsigned levels = 0;
    for (size_t n = 0; n < length; n++) {
        levels |= 1U << (got[n] >> bit & 1U);
    }
    return levels;
}

bool spiram_line_fault(const struct spiram *ram, unsigned line, struct spiram_fault *fault)
{
    const size_t length = sizeof ram->line_sent;
    *fault = (struct spiram_fault){.kind = SPIRAM_FAULT_NONE, .line = (uint8_t)line};
    if (line >= IO_LINES || !(ram->bad_lines >> line & 1U)) {
        return false;
    }
    for (unsigned other = 0; other < IO_LINES; other++) {
        bool is_short = explains(shorted, ram->line_sent, ram->line_got, length, line, other);
        bool is_swap = explains(exchanged, ram->line_sent, ram->line_got, length, line, other);
        if (other != line && (is_short || is_swap)) {
            fault->kind = is_short ? SPIRAM_FAULT_IO_SHORT : SPIRAM_FAULT_IO_SWAP;
            fault->other = (uint8_t)other;
            return line < other;
        }
    }
    unsigned levels =
        levels_of(ram->line_got, length, line) | levels_of(ram->line_got, length, line + IO_LINES);
    fault->level = levels == 2U;
    fault->kind = levels == 3U ? SPIRAM_FAULT_IO_WRONG : SPIRAM_FAULT_IO_STUCK;
    return true;
}

/* ---- data bits --------------------------------------------------------------------------- */

/* A one and a zero in each of the bits. */
#define WALK_VALUES (2u * DATA_BITS)

static uint8_t walk_value(unsigned step)
{
    uint8_t one = (uint8_t)(1U << step % DATA_BITS);
    return step < DATA_BITS ? one : (uint8_t)~one;
}

/* What came back of one walk. */
struct walk {
    uint8_t sent[WALK_VALUES];
    uint8_t got[WALK_VALUES];
    bool wrong;
    bool irregular;            /* the bytes of a block did not all come back the same */
    struct spiram_fault first; /* the first byte that was wrong */
};

static struct spiram_fault wrong_byte(const struct spiram *ram, uint32_t offset, uint8_t written,
                                      uint8_t read)
{
    return (struct spiram_fault){.kind = SPIRAM_FAULT_WORD,
                                 .width = 8,
                                 .offset = offset,
                                 .address = (uintptr_t)ram->window + offset,
                                 .written = written,
                                 .read = read};
}

/*
 * Each block is filled with one value, so that an address bit that is stuck within it does no harm:
 * what it mixes up is equal.
 */
static int walk_block(struct spiram *ram, uint32_t place, struct walk *walk)
{
    uint8_t saved[SPIRAM_BLOCK_BYTES];
    uint8_t block[SPIRAM_BLOCK_BYTES];
    int error = spiram_access_read(ram, place, saved, sizeof saved);
    if (error != SPIRAM_OK) {
        return error;
    }
    memset(walk, 0, sizeof *walk);
    for (unsigned step = 0; step < WALK_VALUES && error == SPIRAM_OK; step++) {
        memset(block, walk_value(step), sizeof block);
        error = spiram_access_write(ram, place, block, sizeof block);
        if (error == SPIRAM_OK) {
            error = spiram_access_read(ram, place, block, sizeof block);
        }
        walk->sent[step] = walk_value(step);
        walk->got[step] = block[0];
        for (unsigned n = 0; n < sizeof block; n++) {
            if (block[n] != walk_value(step) && !walk->wrong) {
                walk->first = wrong_byte(ram, place + n, walk_value(step), block[n]);
                walk->wrong = true;
            }
            walk->irregular |= block[n] != block[0];
        }
    }
    int restored = spiram_access_write(ram, place, saved, sizeof saved);
    return error != SPIRAM_OK ? error : restored;
}

static bool all_the_same(const uint8_t *bytes, size_t length)
{
    for (size_t n = 1; n < length; n++) {
        if (bytes[n] != bytes[0]) {
            return false;
        }
    }
    return true;
}

/* Two of the lines shorted? */
static bool name_short(const struct walk *walk, struct spiram_fault *fault)
{
    for (unsigned a = 0; a < IO_LINES; a++) {
        for (unsigned b = a + 1; b < IO_LINES; b++) {
            if (explains(shorted, walk->sent, walk->got, WALK_VALUES, a, b)) {
                /* True of two good lines as well, were it not for the values with one zero. */
                fault->kind = SPIRAM_FAULT_IO_SHORT;
                fault->line = (uint8_t)a;
                fault->other = (uint8_t)b;
                return true;
            }
        }
    }
    return false;
}

static bool name_stuck_bit(const struct walk *walk, struct spiram_fault *fault)
{
    for (unsigned bit = 0; bit < DATA_BITS; bit++) {
        unsigned levels = levels_of(walk->got, WALK_VALUES, bit);
        if (levels != 3U) {
            fault->line = (uint8_t)bit;
            fault->level = levels == 2U;
            fault->kind = SPIRAM_FAULT_DATA_STUCK;
            /* Both halves of a byte pass over the same line. */
            if (bit < IO_LINES && levels_of(walk->got, WALK_VALUES, bit + IO_LINES) == levels) {
                fault->kind = SPIRAM_FAULT_IO_STUCK;
            }
            return true;
        }
    }
    return false;
}

static void name_wrong_bit(const struct walk *walk, struct spiram_fault *fault)
{
    unsigned step = 0;
    while (walk->sent[step] == walk->got[step]) {
        step++;
    }
    unsigned wrong = walk->sent[step] ^ walk->got[step];
    fault->kind = SPIRAM_FAULT_DATA_WRONG;
    while (!(wrong >> fault->line & 1U)) {
        fault->line++;
    }
    fault->written = walk->sent[step];
    fault->read = walk->got[step];
}

/* No kind: nothing wrong, or nothing that has a name (walk->wrong tells which). */
static void name_data(const struct walk *walk, struct spiram_fault *fault)
{
    *fault = (struct spiram_fault){.kind = SPIRAM_FAULT_NONE};
    if (!walk->wrong || walk->irregular) {
        return;
    }
    if (all_the_same(walk->got, WALK_VALUES)) {
        fault->kind = SPIRAM_FAULT_SILENT;
        fault->level = walk->got[0] != 0;
    } else if (!name_stuck_bit(walk, fault) && !name_short(walk, fault)) {
        name_wrong_bit(walk, fault);
    }
}

static bool same_verdict(const struct spiram_fault *a, const struct spiram_fault *b)
{
    return a->kind == b->kind && a->line == b->line && a->other == b->other &&
           a->level == b->level && a->written == b->written && a->read == b->read;
}

/* ---- verdicts ---------------------------------------------------------------------------- */

#define TRIES 1024u

/*
 * How often does it go wrong? A block that reads differently the second time was read wrong; one
 * that reads wrong in the same way twice was written wrong.
 */
static int count_errors(struct spiram *ram, const struct spiram_guard *guard, uint32_t place,
                        struct spiram_fault *fault)
{
    *fault = (struct spiram_fault){.kind = SPIRAM_FAULT_NO_PATTERN, .tries = TRIES};
    for (unsigned try = 0; try < TRIES; try++) {
        uint8_t saved[SPIRAM_BLOCK_BYTES];
        uint8_t sent[SPIRAM_BLOCK_BYTES];
        uint8_t first[SPIRAM_BLOCK_BYTES] = {0};
        uint8_t second[SPIRAM_BLOCK_BYTES] = {0};
        for (unsigned n = 0; n < sizeof sent; n++) {
            sent[n] = (uint8_t)(try * 0x9Du + n * 0x35u);
        }
        spiram_guard_enter(guard);
        int error = spiram_access_read(ram, place, saved, sizeof saved);
        int restored = SPIRAM_OK;
        if (error == SPIRAM_OK) {
            error = spiram_access_write(ram, place, sent, sizeof sent);
            if (error == SPIRAM_OK) {
                error = spiram_access_read(ram, place, first, sizeof first);
            }
            if (error == SPIRAM_OK) {
                error = spiram_access_read(ram, place, second, sizeof second);
            }
            restored = spiram_access_write(ram, place, saved, sizeof saved);
        }
        spiram_guard_leave(guard);
        if (error != SPIRAM_OK || restored != SPIRAM_OK) {
            fault->kind = SPIRAM_FAULT_NONE;
            return error != SPIRAM_OK ? error : restored;
        }
        if (memcmp(first, second, sizeof first) != 0) {
            fault->reads++;
        } else if (memcmp(first, sent, sizeof first) != 0) {
            fault->writes++;
        }
    }
    return SPIRAM_OK;
}

/* What the rounds of a walk come to; UNCLEAR with a fault of kind SPIRAM_FAULT_WORD. */
enum outcome { CLEAN, NAMED, UNCLEAR };

/*
 * A line carries all of the chip, so its fault is the same at two places, far apart. One that is
 * only at one of them is a cell's.
 */
static int judge_data(struct spiram *ram, const struct spiram_guard *guard,
                      struct spiram_fault *fault, enum outcome *outcome)
{
    const uint32_t places[2] = {0, spiram_size(ram) / 2 + SPIRAM_BLOCK_BYTES};
    struct spiram_fault verdict;
    struct spiram_fault seen = {.kind = SPIRAM_FAULT_NONE};
    struct walk walk;
    bool wrong = false;
    bool agree = true;

    *fault = (struct spiram_fault){.kind = SPIRAM_FAULT_NONE};
    *outcome = CLEAN;
    for (unsigned n = 0; n < 2 * ROUNDS; n++) {
        spiram_guard_enter(guard);
        int error = walk_block(ram, places[n % 2], &walk);
        spiram_guard_leave(guard);
        if (error != SPIRAM_OK) {
            *fault = (struct spiram_fault){.kind = SPIRAM_FAULT_NONE};
            return error;
        }
        name_data(&walk, &verdict);
        if (n == 0) {
            *fault = verdict;
        }
        if (walk.wrong && !wrong) {
            seen = walk.first;
            wrong = true;
        }
        agree &= same_verdict(fault, &verdict);
        if (n == 1 && !wrong) {
            return SPIRAM_OK;
        }
    }
    if (agree && fault->kind != SPIRAM_FAULT_NONE) {
        *outcome = NAMED;
    } else {
        *outcome = UNCLEAR;
        *fault = seen;
    }
    return SPIRAM_OK;
}

/* ---- address bits ------------------------------------------------------------------------ */

#define BLOCK_BITS 5u  /* address bits within a block */
#define BITS_MAX   24u /* of an address */
#define BLOCKS_MAX (1u + BITS_MAX - BLOCK_BITS)
#define MARK_STEP  0x35u /* odd: no two marks are the same */
#define NOBODY     0xFFu

/*
 * Only whole blocks pass between chip and cache, so whole blocks are written. For the bits within a
 * block, block 0 gets a mark in each byte; for those above it, block 0 and each block that one bit
 * leads to are filled with a mark of their own. Then one looks whose mark is where: its own, or
 * another's.
 */
struct address_walk {
    uint8_t bits; /* of the chip's address */
    uint8_t blocks;
    uint8_t byte_owner[SPIRAM_BLOCK_BYTES]; /* bytes of block 0, first part */
    uint8_t block_owner[BLOCKS_MAX];        /* first bytes of the blocks, second part */
    uint8_t mixed_owner[BLOCK_BITS];        /* which block is in byte 2^n of block 0 then */
    struct spiram_fault stray;              /* a place that holds nobody's mark */
};

/* Block 0, or the one that a bit above those of a block leads to. */
static uint32_t block_address(unsigned block)
{
    return block == 0 ? 0 : UINT32_C(1) << (block - 1 + BLOCK_BITS);
}

static uint8_t owner_of(struct spiram *ram, struct address_walk *walk, uint8_t first_mark,
                        unsigned marks, unsigned own, uint32_t offset, uint8_t got)
{
    for (unsigned n = 0; n < marks; n++) {
        if (got == (uint8_t)(first_mark + n * MARK_STEP)) {
            return (uint8_t)n;
        }
    }
    walk->stray = wrong_byte(ram, offset, (uint8_t)(first_mark + own * MARK_STEP), got);
    return NOBODY;
}

static int mark_bytes(struct spiram *ram, uint8_t first_mark, struct address_walk *walk)
{
    uint8_t data[SPIRAM_BLOCK_BYTES];
    for (unsigned n = 0; n < sizeof data; n++) {
        data[n] = (uint8_t)(first_mark + n * MARK_STEP);
    }
    int error = spiram_access_write(ram, 0, data, sizeof data);
    if (error == SPIRAM_OK) {
        error = spiram_access_read(ram, 0, data, sizeof data);
    }
    for (unsigned n = 0; n < sizeof data && error == SPIRAM_OK; n++) {
        walk->byte_owner[n] = owner_of(ram, walk, first_mark, sizeof data, n, n, data[n]);
    }
    return error;
}

static int mark_blocks(struct spiram *ram, uint8_t first_mark, struct address_walk *walk)
{
    uint8_t data[SPIRAM_BLOCK_BYTES];
    int error = SPIRAM_OK;
    for (unsigned n = 0; n < walk->blocks && error == SPIRAM_OK; n++) {
        memset(data, (uint8_t)(first_mark + n * MARK_STEP), sizeof data);
        error = spiram_access_write(ram, block_address(n), data, sizeof data);
    }
    for (unsigned n = 0; n < walk->blocks && error == SPIRAM_OK; n++) {
        error = spiram_access_read(ram, block_address(n), data, sizeof data);
        walk->block_owner[n] =
            owner_of(ram, walk, first_mark, walk->blocks, n, block_address(n), data[0]);
        for (unsigned bit = 0; n == 0 && bit < BLOCK_BITS; bit++) {
            walk->mixed_owner[bit] =
                owner_of(ram, walk, first_mark, walk->blocks, 0, 1U << bit, data[1U << bit]);
        }
    }
    return error;
}

/* Puts back what was there: places that are one were saved with the same content, so the order does
 * not matter. */
static int mark_places(struct spiram *ram, uint8_t first_mark, struct address_walk *walk)
{
    uint8_t saved[BLOCKS_MAX][SPIRAM_BLOCK_BYTES];
    int restored = SPIRAM_OK;

    for (unsigned n = 0; n < walk->blocks; n++) {
        int error = spiram_access_read(ram, block_address(n), saved[n], sizeof saved[n]);
        if (error != SPIRAM_OK) {
            return error;
        }
    }
    walk->stray.kind = SPIRAM_FAULT_NONE;
    int error = mark_bytes(ram, first_mark, walk);
    if (error == SPIRAM_OK) {
        error = mark_blocks(ram, (uint8_t)~first_mark, walk);
    }
    for (unsigned n = 0; n < walk->blocks; n++) {
        int back = spiram_access_write(ram, block_address(n), saved[n], sizeof saved[n]);
        restored = restored != SPIRAM_OK ? restored : back;
    }
    return error != SPIRAM_OK ? error : restored;
}

/* Alone, the bit leads to place 0. */
static bool is_without_effect(const struct address_walk *walk, unsigned bit)
{
    return bit < BLOCK_BITS ? walk->byte_owner[1U << bit] == walk->byte_owner[0]
                            : walk->block_owner[bit - BLOCK_BITS + 1U] == walk->block_owner[0];
}

/* Both lead to one place, which is not place 0. n > m. */
static bool lead_together(const struct address_walk *walk, unsigned n, unsigned m)
{
    if (n < BLOCK_BITS) {
        return walk->byte_owner[1U << n] == walk->byte_owner[1U << m];
    }
    unsigned block = n - BLOCK_BITS + 1U;
    return m < BLOCK_BITS ? walk->mixed_owner[m] == block
                          : walk->block_owner[block] == walk->block_owner[m - BLOCK_BITS + 1U];
}

/*
 * Do bits n and m together lead to place 0? Blocks are written as above; in the block that they
 * lead to, only the bytes with those of the two bits that lie within it are marked.
 */
static int lead_to_0(struct spiram *ram, unsigned n, unsigned m, bool *same)
{
    const uint32_t together = UINT32_C(1) << n | UINT32_C(1) << m;
    const uint32_t within = together % SPIRAM_BLOCK_BYTES;
    const uint32_t block = together - within;
    uint8_t saved[2][SPIRAM_BLOCK_BYTES];
    uint8_t data[SPIRAM_BLOCK_BYTES];
    int error = spiram_access_read(ram, 0, saved[0], sizeof saved[0]);
    if (error == SPIRAM_OK) {
        error = spiram_access_read(ram, block, saved[1], sizeof saved[1]);
    }
    if (error != SPIRAM_OK) {
        return error;
    }
    memset(data, 0xA5, sizeof data);
    error = spiram_access_write(ram, 0, data, sizeof data);
    for (unsigned i = 0; i < sizeof data; i++) {
        data[i] = (i & within) == within ? 0x5A : 0xA5;
    }
    if (error == SPIRAM_OK) {
        error = spiram_access_write(ram, block, data, sizeof data);
    }
    if (error == SPIRAM_OK) {
        error = spiram_access_read(ram, 0, data, sizeof data);
    }
    *same = data[0] != 0xA5;
    int first = spiram_access_write(ram, 0, saved[0], sizeof saved[0]);
    int second = spiram_access_write(ram, block, saved[1], sizeof saved[1]);
    if (error != SPIRAM_OK) {
        return error;
    }
    return first != SPIRAM_OK ? first : second;
}

/*
 * Bit n alone leads to place 0. Either it is stuck, or it is shorted to a bit m so that the lower
 * level wins: then m alone leads to place 0 as well, and both together do not.
 */
static int name_bit_without_effect(struct spiram *ram, const struct address_walk *walk, uint8_t n,
                                   struct spiram_fault *fault)
{
    bool highest = true;
    fault->kind = SPIRAM_FAULT_ADDRESS_STUCK;
    fault->line = n;
    for (uint8_t m = (uint8_t)(n + 1); m < walk->bits; m++) {
        if (!is_without_effect(walk, m)) {
            highest = false;
            continue;
        }
        bool same = false;
        int error = lead_to_0(ram, n, m, &same);
        if (error != SPIRAM_OK) {
            return error;
        }
        if (!same) {
            fault->kind = SPIRAM_FAULT_ADDRESS_SHORT;
            fault->other = m;
            return SPIRAM_OK;
        }
    }
    fault->other = highest;
    return SPIRAM_OK;
}

/* Outcome UNCLEAR: a place held nobody's mark. */
static int name_address(struct spiram *ram, const struct address_walk *walk,
                        struct spiram_fault *fault, enum outcome *outcome)
{
    *fault = (struct spiram_fault){.kind = SPIRAM_FAULT_NONE};
    *outcome = CLEAN;
    if (walk->stray.kind != SPIRAM_FAULT_NONE) {
        *outcome = UNCLEAR;
        *fault = walk->stray;
        return SPIRAM_OK;
    }
    for (unsigned n = 0; n < walk->bits; n++) {
        if (is_without_effect(walk, n)) {
            *outcome = NAMED;
            return name_bit_without_effect(ram, walk, (uint8_t)n, fault);
        }
    }
    for (unsigned n = 0; n < walk->bits; n++) {
        for (unsigned m = 0; m < n; m++) {
            if (lead_together(walk, n, m)) {
                fault->kind = SPIRAM_FAULT_ADDRESS_SHORT;
                fault->line = (uint8_t)m;
                fault->other = (uint8_t)n;
                *outcome = NAMED;
                return SPIRAM_OK;
            }
        }
    }
    return SPIRAM_OK;
}

static int judge_address(struct spiram *ram, const struct spiram_guard *guard,
                         struct spiram_fault *fault, enum outcome *outcome)
{
    struct address_walk walk = {.bits = BLOCK_BITS};
    struct spiram_fault verdict = {.kind = SPIRAM_FAULT_NONE};
    enum outcome each = CLEAN;

    while (UINT32_C(1) << walk.bits < spiram_size(ram)) {
        walk.bits++;
    }
    walk.blocks = (uint8_t)(1U + walk.bits - BLOCK_BITS);
    for (unsigned round = 0; round < ROUNDS; round++) {
        spiram_guard_enter(guard);
        int error = mark_places(ram, (uint8_t)(0x1Bu + round * 0x4Fu), &walk);
        if (error == SPIRAM_OK) {
            error = name_address(ram, &walk, &verdict, &each);
        }
        spiram_guard_leave(guard);
        if (error != SPIRAM_OK) {
            *fault = (struct spiram_fault){.kind = SPIRAM_FAULT_NONE};
            return error;
        }
        if (round == 0) {
            *fault = verdict;
            *outcome = each;
        } else if (each != *outcome || !same_verdict(fault, &verdict)) {
            *outcome = UNCLEAR;
            *fault = walk.stray;
        }
        if (each == CLEAN && *outcome == CLEAN) {
            return SPIRAM_OK;
        }
    }
    return SPIRAM_OK;
}

/* ---- cells ------------------------------------------------------------------------------- */

#define CELL_ROUNDS  8u
#define RETENTION_MS 100u /* a round of the self-refresh is 65 ms: 8192 rows, one each tCEM */

static int try_byte(struct spiram *ram, const struct spiram_guard *guard, uint32_t offset,
                    uint8_t sent, uint32_t wait_us, uint8_t *got)
{
    uint8_t saved = 0;
    spiram_guard_enter(guard);
    int error = spiram_access_read(ram, offset, &saved, 1);
    int restored = SPIRAM_OK;
    if (error == SPIRAM_OK) {
        error = spiram_access_write(ram, offset, &sent, 1);
        if (error == SPIRAM_OK) {
            if (wait_us > 0) {
                ram->bus->delay_us(ram->bus->context, wait_us);
            }
            error = spiram_access_read(ram, offset, got, 1);
        }
        restored = spiram_access_write(ram, offset, &saved, 1);
    }
    spiram_guard_leave(guard);
    return error != SPIRAM_OK ? error : restored;
}

/* Bits of the byte that came back as one level only, each time that they were sent with the other:
 * bits [0] at 0, bits [1] at 1. */
static int stuck_bits(struct spiram *ram, const struct spiram_guard *guard, uint32_t offset,
                      unsigned rounds, uint32_t wait_us, uint8_t stuck[2])
{
    static const uint8_t values[] = {0x00, 0xFF, 0x55, 0xAA};
    uint8_t wrong[2] = {0, 0};
    uint8_t right_at[2] = {0, 0};

    for (unsigned round = 0; round < rounds; round++) {
        uint8_t sent = values[round % sizeof values];
        uint8_t got = 0;
        int error = try_byte(ram, guard, offset, sent, wait_us, &got);
        if (error != SPIRAM_OK) {
            return error;
        }
        uint8_t right = (uint8_t) ~(unsigned)(sent ^ got);
        wrong[0] |= sent & (uint8_t)~got;
        wrong[1] |= (uint8_t)~sent & got;
        right_at[0] |= (uint8_t)(right & (uint8_t)~sent);
        right_at[1] |= (uint8_t)(right & sent);
    }
    stuck[0] = wrong[0] & (uint8_t)~right_at[1] & right_at[0] & (uint8_t)~wrong[1];
    stuck[1] = wrong[1] & (uint8_t)~right_at[0] & right_at[1] & (uint8_t)~wrong[0];
    return SPIRAM_OK;
}

static bool name_stuck(const uint8_t stuck[2], enum spiram_fault_kind kind,
                       struct spiram_fault *fault)
{
    uint8_t any = stuck[0] | stuck[1];
    if (any == 0) {
        return false;
    }
    fault->kind = kind;
    fault->line = 0;
    while (((unsigned)any >> fault->line & 1U) == 0) {
        fault->line++;
    }
    fault->level = (unsigned)stuck[1] >> fault->line & 1U;
    return true;
}

/* To the byte of the word that was wrong. */
static void narrow_to_byte(struct spiram_fault *fault)
{
    unsigned byte = 0;
    while (byte < 3 && ((fault->written ^ fault->read) >> (8 * byte) & 0xFFU) == 0) {
        byte++;
    }
    fault->offset += byte;
    fault->address += byte;
}

static int judge_cell(struct spiram *ram, const struct spiram_guard *guard,
                      struct spiram_fault *fault, enum outcome *outcome)
{
    uint8_t stuck[2];
    struct spiram_fault cell = *fault;
    narrow_to_byte(&cell);

    *outcome = NAMED;
    int error = stuck_bits(ram, guard, cell.offset, CELL_ROUNDS, 0, stuck);
    if (error != SPIRAM_OK) {
        return error;
    }
    if (name_stuck(stuck, SPIRAM_FAULT_CELL_STUCK, &cell)) {
        *fault = cell;
        return SPIRAM_OK;
    }
    if (guard == NULL) {
        error = stuck_bits(ram, guard, cell.offset, 4, RETENTION_MS * 1000U, stuck);
        if (error != SPIRAM_OK) {
            return error;
        }
        if (name_stuck(stuck, SPIRAM_FAULT_RETENTION, &cell)) {
            cell.level = !cell.level;
            cell.ms = RETENTION_MS;
            *fault = cell;
            return SPIRAM_OK;
        }
    }
    *outcome = UNCLEAR;
    return SPIRAM_OK;
}

/* ---- for callers ------------------------------------------------------------------------- */

static int check(const struct spiram *ram, const struct spiram_guard *guard,
                 struct spiram_fault *fault)
{
    if (ram == NULL || fault == NULL || !spiram_guard_is_complete(guard)) {
        return SPIRAM_ERR_PARAM;
    }
    if (ram->state != SPIRAM_STATE_READY && ram->state != SPIRAM_STATE_MAPPED) {
        return SPIRAM_ERR_STATE;
    }
    return SPIRAM_OK;
}

/* No line is to blame: a cell, or nothing that stays. */
static int judge_place(struct spiram *ram, const struct spiram_guard *guard,
                       struct spiram_fault *fault)
{
    enum outcome outcome = UNCLEAR;
    uint32_t block = fault->offset & ~(SPIRAM_BLOCK_BYTES - 1U);
    int error = SPIRAM_OK;
    if (fault->kind == SPIRAM_FAULT_WORD) {
        error = judge_cell(ram, guard, fault, &outcome);
    }
    if (error == SPIRAM_OK && outcome == UNCLEAR) {
        error = count_errors(ram, guard, block, fault);
    }
    return error;
}

/* From a judgement to what the test returns. */
static int conclude(struct spiram *ram, const struct spiram_guard *guard, int error,
                    enum outcome outcome, struct spiram_fault *fault)
{
    if (error == SPIRAM_OK && outcome == UNCLEAR) {
        error = judge_place(ram, guard, fault);
    }
    if (error != SPIRAM_OK) {
        *fault = (struct spiram_fault){.kind = SPIRAM_FAULT_NONE};
        return error;
    }
    return outcome == CLEAN ? SPIRAM_OK : SPIRAM_ERR_MEMORY;
}

int spiram_test_data_lines(struct spiram *ram, const struct spiram_guard *guard,
                           struct spiram_fault *fault)
{
    enum outcome outcome = CLEAN;
    int error = check(ram, guard, fault);
    if (error != SPIRAM_OK) {
        return error;
    }
    error = judge_data(ram, guard, fault, &outcome);
    return conclude(ram, guard, error, outcome, fault);
}

int spiram_test_address_lines(struct spiram *ram, const struct spiram_guard *guard,
                              struct spiram_fault *fault)
{
    enum outcome outcome = CLEAN;
    int error = check(ram, guard, fault);
    if (error != SPIRAM_OK) {
        return error;
    }
    error = judge_address(ram, guard, fault, &outcome);
    return conclude(ram, guard, error, outcome, fault);
}

int spiram_test_lines(struct spiram *ram, const struct spiram_guard *guard,
                      struct spiram_fault *fault)
{
    int error = spiram_test_data_lines(ram, guard, fault);
    return error == SPIRAM_OK ? spiram_test_address_lines(ram, guard, fault) : error;
}

int spiram_diagnose(struct spiram *ram, const struct spiram_guard *guard,
                    struct spiram_fault *fault)
{
    struct spiram_fault reason;
    enum outcome outcome = CLEAN;
    int error = check(ram, guard, fault);
    if (error != SPIRAM_OK) {
        return error;
    }
    if (fault->kind == SPIRAM_FAULT_NONE || fault->kind == SPIRAM_FAULT_WORD) {
        error = judge_data(ram, guard, &reason, &outcome);
        if (error == SPIRAM_OK && outcome != NAMED) {
            error = judge_address(ram, guard, &reason, &outcome);
        }
        if (error == SPIRAM_OK && outcome != NAMED) {
            reason = *fault;
            error = judge_place(ram, guard, &reason);
        }
        if (error != SPIRAM_OK) {
            return error;
        }
        *fault = reason;
    }
    if (fault->kind == SPIRAM_FAULT_SILENT && spiram_answers_on_one_line(ram)) {
        fault->kind = SPIRAM_FAULT_LEFT_QPI;
    }
    return SPIRAM_OK;
}
