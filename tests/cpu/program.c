#include "program.h"
#include "unicorn_faults.h"

#include <stdlib.h>
#include <string.h>

enum { NO_REG = 16, R_SP = 13, R_LR = 14 };

uint64_t program_rows_made[INSN_MAX];

/* Made once: the rows of memory instructions. */
static const struct insn_row *mem_rows[INSN_MAX];
static size_t mem_row_count;

static size_t index_of(const struct insn_row *row)
{
    size_t first = 0;
    const struct {
        const struct insn_row *rows;
        size_t count;
    } tables[] = {
        {insn_narrow, insn_narrow_count},
        {insn_wide, insn_wide_count},
        {insn_dsp, insn_dsp_count},
        {insn_fp, insn_fp_count},
    };
    for (size_t t = 0; t < 4; t++) {
        if (row >= tables[t].rows && row < tables[t].rows + tables[t].count)
            return first + (size_t)(row - tables[t].rows);
        first += tables[t].count;
    }
    abort();
}

static void put(struct unit *u, uint16_t hw)
{
    if (u->len == UNIT_MAX_HW)
        abort();
    u->hw[u->len++] = hw;
}

static void put2(struct unit *u, uint16_t hi, uint16_t lo)
{
    put(u, hi);
    put(u, lo);
}

/* MOVW (T3) or MOVT (T1). */
static void put_mov16(struct unit *u, bool top, unsigned rd, uint32_t imm)
{
    put2(u, (uint16_t)((top ? 0xF2C0 : 0xF240) | (imm >> 11 & 1) << 10 | imm >> 12),
         (uint16_t)((imm >> 8 & 7) << 12 | rd << 8 | (imm & 0xFF)));
}

static void put_address(struct unit *u, unsigned rd, uint32_t address)
{
    put_mov16(u, false, rd, address & 0xFFFF);
    put_mov16(u, true, rd, address >> 16);
}

/* MOVW, MOVT of the target's address. */
static void put_target(struct unit *u, unsigned rd)
{
    u->patch = PATCH_MOVWT;
    u->patch_at = u->len;
    put_address(u, rd, 0);
}

static unsigned scratch(const struct program *p, struct rng *g, unsigned limit)
{
    unsigned reg;
    do
        reg = rng_below(g, limit);
    while (reg == R_SP || reserved_has(&p->rs, reg));
    return reg;
}

static const struct insn_row *random_row(struct rng *g, enum flavour flavour)
{
    unsigned roll = rng_below(g, 100);
    switch (flavour) {
    case FLAVOUR_FP:
    case FLAVOUR_DP:
        if (roll < 78)
            return &insn_fp[rng_below(g, (uint32_t)insn_fp_count)];
        break;
    case FLAVOUR_MEM:
        if (roll < 75)
            return mem_rows[rng_below(g, (uint32_t)mem_row_count)];
        break;
    case FLAVOUR_INT:
        if (roll < 35)
            return &insn_narrow[rng_below(g, (uint32_t)insn_narrow_count)];
        if (roll < 70)
            return &insn_wide[rng_below(g, (uint32_t)insn_wide_count)];
        return &insn_dsp[rng_below(g, (uint32_t)insn_dsp_count)];
    default:
        break;
    }
    return insn_at(rng_below(g, (uint32_t)insn_count()));
}

/* Appends one instruction of the table whose flags have none of `without`. One that Unicorn may get
   wrong must be `alone`: in a unit of its own, and run once. */
static void put_random(struct unit *u, const struct program *p, struct rng *g, enum flavour flavour,
                       unsigned without, bool alone)
{
    for (;;) {
        const struct insn_row *row = random_row(g, flavour);
        uint16_t hw[2];
        if (row->flags & (without | (flavour == FLAVOUR_DP ? I_M_ONLY : I_DP)))
            continue;
        unsigned n = encode_random(row, &p->rs, g, hw);
        if (n == 0 || (!alone && unicorn_fault_of(hw) != NULL))
            continue;
        put(u, hw[0]);
        if (n == 2)
            put(u, hw[1]);
        program_rows_made[index_of(row)]++;
        return;
    }
}

static void unit_it(struct unit *u, const struct program *p, struct rng *g, enum flavour flavour)
{
    unsigned cond = rng_below(g, 15), mask;
    do
        mask = 1 + rng_below(g, 15);
    while (cond == 14 && __builtin_popcount(mask) != 1); /* A7.7.38: no "never" */
    put(u, (uint16_t)(0xBF00 | cond << 4 | mask));
    unsigned n = 4 - (unsigned)__builtin_ctz(mask);
    for (unsigned i = 1; i < n; i++)
        put_random(u, p, g, flavour, I_NOT_IT, false);
    if (!rng_chance(g, 15)) {
        put_random(u, p, g, flavour, I_NOT_IT, false);
        return;
    }
    /* a branch may only be the last */
    u->patch_at = u->len;
    u->skip = (uint8_t)rng_below(g, 3);
    if (rng_chance(g, 50)) {
        u->patch = PATCH_B11;
        put(u, 0xE000);
    } else {
        u->patch = PATCH_B24;
        put2(u, 0xF000, rng_chance(g, 50) ? 0x9000 : 0xD000);
    }
}

/* A branch whose target comes from the stack or from memory. */
static void unit_load_pc(struct unit *u, const struct program *p, struct rng *g)
{
    unsigned list = 0;
    for (unsigned i = 0; i < 8; i++)
        list |= (unsigned)(rng_chance(g, 40) && !reserved_has(&p->rs, i)) << i;
    unsigned reg = scratch(p, g, 15);
    switch (rng_below(g, 5)) {
    case 0: /* PUSH {list, LR}; POP {list, PC} */
        put_target(u, R_LR);
        put(u, (uint16_t)(0xB500 | list));
        put(u, (uint16_t)(0xBD00 | list));
        break;
    case 1: /* STR reg, [SP, #-4]!; LDR PC, [SP], #4 */
        put_target(u, reg);
        put2(u, 0xF84D, (uint16_t)(0x0D04 | reg << 12));
        put2(u, 0xF85D, 0xFB04);
        break;
    case 2: /* PUSH.W {list, LR}; POP.W {list, PC}; the list has R0-R7 and R12 */
        list |= 0x1000 & ~((unsigned)reserved_has(&p->rs, 12) << 12);
        if (list == 0)
            list = 1u << scratch(p, g, 8);
        put_target(u, R_LR);
        put2(u, 0xE92D, (uint16_t)(0x4000 | list));
        put2(u, 0xE8BD, (uint16_t)(0x8000 | list));
        break;
    case 3: { /* STR.W reg, [base, #imm]; LDR.W PC, [base, #imm] */
        unsigned imm = rng_below(g, 1024) * 4;
        put_target(u, reg);
        put2(u, (uint16_t)(0xF8C0 | p->rs.aligned), (uint16_t)(reg << 12 | imm));
        put2(u, (uint16_t)(0xF8D0 | p->rs.aligned), (uint16_t)(0xF000 | imm));
        break;
    }
    default: /* STR reg, [base, #-4]; LDMDB base, {list, PC} */
        if (list == 0)
            list = 1u << scratch(p, g, 8);
        put_target(u, reg);
        put2(u, (uint16_t)(0xF840 | p->rs.aligned), (uint16_t)(0x0C04 | reg << 12));
        put2(u, (uint16_t)(0xE910 | p->rs.aligned), (uint16_t)(0x8000 | list));
        break;
    }
}

static void unit_table_branch(struct unit *u, const struct program *p, struct rng *g)
{
    bool half = rng_chance(g, 50);
    unsigned reg = scratch(p, g, 13);
    u->entries = (uint8_t)(2 * (1 + rng_below(g, 3)));
    unsigned index = rng_below(g, u->entries);
    put_mov16(u, false, reg, index);
    put2(u, 0xE8DF, (uint16_t)(half ? 0xF010 | reg : 0xF000 | reg));
    u->patch = half ? PATCH_TBH : PATCH_TBB;
    u->patch_at = u->len;
    for (unsigned i = 0; i < (half ? u->entries : u->entries / 2u); i++)
        put(u, 0);
}

static void unit_branch(struct unit *u, const struct program *p, struct rng *g)
{
    u->skip = (uint8_t)rng_below(g, 4);
    unsigned reg = scratch(p, g, 13);
    switch (rng_below(g, 11)) {
    case 0:
        u->patch = PATCH_B8;
        put(u, (uint16_t)(0xD000 | rng_below(g, 14) << 8));
        break;
    case 1:
        u->patch = PATCH_B11;
        put(u, 0xE000);
        break;
    case 2:
        u->patch = PATCH_B20;
        put2(u, (uint16_t)(0xF000 | rng_below(g, 14) << 6), 0x8000);
        break;
    case 3: /* B.W or BL */
        u->patch = PATCH_B24;
        put2(u, 0xF000, rng_chance(g, 30) ? 0x9000 : 0xD000);
        break;
    case 4:
    case 5:
        u->patch = PATCH_CBZ;
        put(u, (uint16_t)((rng_chance(g, 50) ? 0xB100 : 0xB900) | rng_below(g, 8)));
        break;
    case 6: /* BX, BLX, MOV PC */
        put_target(u, reg);
        put(u,
            (uint16_t)(((const uint16_t[]){0x4700, 0x4780, 0x4687})[rng_below(g, 3)] | reg << 3));
        break;
    case 7: /* ADD PC, reg; the NOP keeps the distance from being negative */
        u->patch = PATCH_DELTA;
        u->patch_at = u->len;
        put_mov16(u, false, reg, 0);
        put(u, (uint16_t)(0x4487 | reg << 3));
        put(u, 0xBF00);
        break;
    case 8:
        unit_table_branch(u, p, g);
        break;
    default:
        unit_load_pc(u, p, g);
        break;
    }
}

/* LDREX .. STREX at one address with nothing but register work between (A3.4.5). */
static void unit_exclusive(struct unit *u, const struct program *p, struct rng *g)
{
    unsigned base = p->rs.aligned, form = rng_below(g, 3), imm = rng_below(g, 256);
    unsigned t = scratch(p, g, 15), d = scratch(p, g, 15), data = scratch(p, g, 15);
    while (d == data)
        d = scratch(p, g, 15);
    static const uint16_t load[] = {0x0F00, 0x0F4F, 0x0F5F}, store[] = {0x0000, 0x0F40, 0x0F50};
    if (rng_chance(g, 80))
        put2(u, (uint16_t)((form ? 0xE8D0 : 0xE850) | base),
             (uint16_t)(load[form] | t << 12 | (form ? 0 : imm)));
    else
        put2(u, 0xF3BF, 0x8F2F); /* CLREX */
    for (unsigned n = rng_below(g, 3); n > 0; n--)
        put_random(u, p, g, FLAVOUR_INT, I_MEM | I_SYS | I_M_ONLY | I_NOT_IT, false);
    if (rng_chance(g, 20))
        put2(u, 0xF3BF, 0x8F2F);
    if (form == 0)
        put2(u, (uint16_t)(0xE840 | base), (uint16_t)(data << 12 | d << 8 | imm));
    else
        put2(u, (uint16_t)(0xE8C0 | base), (uint16_t)(store[form] | data << 12 | d));
}

/* A load into its own base register; the value is copied away and the base made anew. */
static void unit_load_own_base(struct unit *u, const struct program *p, struct rng *g)
{
    unsigned base = p->rs.aligned, copy = scratch(p, g, 13);
    unsigned imm = rng_below(g, 256), other = scratch(p, g, 13);
    switch (rng_below(g, 3)) {
    case 0: /* LDR base, [base, #imm] */
        put2(u, (uint16_t)(0xF8D0 | base), (uint16_t)(base << 12 | imm * 4));
        break;
    case 1: /* LDRD base, other, [base, #imm] or the other way round */
        if (rng_chance(g, 50))
            put2(u, (uint16_t)(0xE9D0 | base), (uint16_t)(base << 12 | other << 8 | imm));
        else
            put2(u, (uint16_t)(0xE9D0 | base), (uint16_t)(other << 12 | base << 8 | imm));
        break;
    default: /* LDM base, {.., base, ..}: without write-back */
        if (base < 8 && rng_chance(g, 50))
            put(u, (uint16_t)(0xC800 | base << 8 | 1u << base | (other < 8 ? 1u << other : 0)));
        else
            put2(u, (uint16_t)(0xE890 | base), (uint16_t)(1u << base | 1u << other));
        break;
    }
    put(u, (uint16_t)(0x4600 | (copy & 8) << 4 | base << 3 | (copy & 7)));
    put_address(u, base, p->init.r[base]);
}

/* SP as a destination, single instructions: what is written need not be a multiple of 4 (A5.1.3:
   bits 1:0 of SP are zero). */
static void unit_sp(struct unit *u, const struct program *p, struct rng *g)
{
    unsigned index = p->rs.index, imm = rng_below(g, 256);
    switch (rng_below(g, 9)) {
    case 0: /* ADD SP, index */
        put(u, (uint16_t)(0x4485 | index << 3));
        break;
    case 1: /* MOV SP, base */
        put(u, (uint16_t)(0x4685 | (rng_chance(g, 50) ? p->rs.aligned : p->rs.unaligned) << 3));
        break;
    case 2: /* ADD.W SP, SP, index, LSL #0-3 */
        put2(u, 0xEB0D, (uint16_t)(0x0D00 | rng_below(g, 4) << 6 | index));
        break;
    case 3: /* SUB.W SP, SP, index, LSL #0-3, with flags */
        put2(u, 0xEBBD, (uint16_t)(0x0D00 | rng_below(g, 4) << 6 | index));
        break;
    case 4: /* SUBW SP, SP, #imm12 */
        put2(u, 0xF2AD, (uint16_t)(0x0D00 | imm));
        break;
    case 5: /* ADDW SP, SP, #imm12 */
        put2(u, 0xF20D, (uint16_t)(0x0D00 | imm));
        break;
    case 6: /* ADD.W SP, SP, #imm */
        put2(u, 0xF10D, (uint16_t)(0x0D00 | imm));
        break;
    case 7: /* SUB.W SP, SP, #imm, with flags */
        put2(u, 0xF1BD, (uint16_t)(0x0D00 | imm));
        break;
    default: /* ADD index', SP, index' */
        index = scratch(p, g, 8);
        put(u, (uint16_t)(0x4468 | index));
        break;
    }
}

static void unit_loop(struct unit *u, const struct program *p)
{
    unsigned rc = p->rs.counter;
    put2(u, (uint16_t)(0xF1A0 | rc), (uint16_t)(rc << 8 | 1)); /* SUB.W rc, rc, #1 */
    put(u, (uint16_t)(0xB108 | rc));                           /* CBZ rc, over the branch */
    u->patch = PATCH_B24;
    u->patch_at = u->len;
    u->back = true;
    put2(u, 0xF000, 0x9000);
}

static uint32_t data_address(struct rng *g)
{
    uint32_t near = DATA_SLOW - 8192 + rng_below(g, 4) * 4096;
    switch (rng_below(g, 3)) {
    case 0: /* around the border of the two halves */
        return DATA_SLOW - 64 + rng_below(g, 128);
    case 1: /* around a page's border */
        return near - 32 + rng_below(g, 64);
    default:
        return near + rng_below(g, 4096);
    }
}

static void init_registers(struct program *p, struct rng *g)
{
    state_random(&p->init, g);
    struct reserved *rs = &p->rs;
    unsigned limit = rng_chance(g, 75) ? 8 : 13;
    rs->aligned = rng_below(g, limit);
    do
        rs->unaligned = rng_below(g, limit);
    while (rs->unaligned == rs->aligned);
    do
        rs->index = rng_below(g, limit);
    while (rs->index == rs->aligned || rs->index == rs->unaligned);
    rs->counter = NO_REG;
    p->init.r[rs->aligned] = data_address(g) & ~3u;
    p->init.r[rs->unaligned] = data_address(g);
    p->init.r[rs->index] = rng_below(g, 256);
    p->init.r[R_SP] = data_address(g) & ~3u;
    if (rng_chance(g, 25)) /* close before a page's end */
        p->init.r[15] = PAGE - 2 * (1 + rng_below(g, 24));
    else
        p->init.r[15] = 2 * rng_below(g, PAGE / 2);
    if (rng_chance(g, 10)) {
        p->init.primask = rng_below(g, 2);
        p->init.basepri = rng_below(g, 256);
        p->init.faultmask = rng_below(g, 2);
    }
}

void program_random(struct program *p, struct rng *g, enum flavour flavour, unsigned max_insns)
{
    if (mem_row_count == 0) {
        for (size_t i = 0; i < insn_count(); i++) {
            if (insn_at(i)->flags & I_MEM)
                mem_rows[mem_row_count++] = insn_at(i);
        }
    }
    memset(p, 0, sizeof *p);
    init_registers(p, g);
    unsigned n = 1 + rng_below(g, max_insns), specials = flavour == FLAVOUR_FLOW ? 50 : 10;
    struct reserved *rs = &p->rs;
    bool loop = n > 2 && rng_chance(g, 15);
    if (loop) {
        do
            rs->counter = rng_below(g, 8);
        while (rs->counter == rs->aligned || rs->counter == rs->unaligned ||
               rs->counter == rs->index);
        p->init.r[rs->counter] = 2 + rng_below(g, 3);
    }
    for (p->units = 0; p->units < n && p->units < PROGRAM_MAX_UNITS - 1; p->units++) {
        struct unit *u = &p->unit[p->units];
        unsigned roll = rng_below(g, 100);
        if (rng_chance(g, 12))
            unit_it(u, p, g, flavour);
        else if (roll >= specials)
            put_random(u, p, g, flavour, 0, !loop);
        else if (roll % 10 < 6)
            unit_branch(u, p, g);
        else if (roll % 10 < 7)
            unit_exclusive(u, p, g);
        else if (roll % 10 < 8)
            unit_load_own_base(u, p, g);
        else if (flavour != FLAVOUR_DP && !loop)
            unit_sp(u, p, g);
        else
            unit_branch(u, p, g);
    }
    if (loop)
        unit_loop(&p->unit[p->units++], p);
}

static void patch_b24(uint16_t *hw, uint32_t offset)
{
    uint32_t s = offset >> 24 & 1, i1 = offset >> 23 & 1, i2 = offset >> 22 & 1;
    uint32_t j1 = (i1 ^ s ^ 1) & 1, j2 = (i2 ^ s ^ 1) & 1;
    hw[0] = (uint16_t)(0xF000 | s << 10 | (offset >> 12 & 0x3FF));
    hw[1] = (uint16_t)((hw[1] & 0xD000) | j1 << 13 | j2 << 11 | (offset >> 1 & 0x7FF));
}

static void patch(const struct unit *u, uint16_t *hw, uint32_t at, uint32_t target)
{
    uint16_t *h = hw + u->patch_at;
    uint32_t here = at + 2u * u->patch_at, offset = target - (here + 4);
    switch (u->patch) {
    case PATCH_B8:
        *h = (uint16_t)((*h & 0xFF00) | (offset >> 1 & 0xFF));
        break;
    case PATCH_B11:
        *h = (uint16_t)((*h & 0xF800) | (offset >> 1 & 0x7FF));
        break;
    case PATCH_B20:
        h[0] = (uint16_t)((h[0] & 0xFBC0) | (offset >> 20 & 1) << 10 | (offset >> 12 & 0x3F));
        h[1] = (uint16_t)(0x8000 | (offset >> 18 & 1) << 13 | (offset >> 19 & 1) << 11 |
                          (offset >> 1 & 0x7FF));
        break;
    case PATCH_B24:
        patch_b24(h, offset);
        break;
    case PATCH_CBZ:
        if (offset > 126) { /* a target straight behind it lies at -2 */
            *h = 0xBF00;
            break;
        }
        *h = (uint16_t)((*h & 0xFD07) | (offset >> 6 & 1) << 9 | (offset >> 1 & 0x1F) << 3);
        break;
    case PATCH_MOVWT: {
        unsigned rd = h[1] >> 8 & 15;
        struct unit t = {.len = 0};
        put_address(&t, rd, target | 1);
        memcpy(h, t.hw, 8);
        break;
    }
    case PATCH_DELTA: {
        struct unit t = {.len = 0};
        put_mov16(&t, false, h[1] >> 8 & 15, target - (here + 8));
        memcpy(h, t.hw, 4);
        break;
    }
    case PATCH_TBB:
        for (unsigned i = 0; i < u->entries / 2u; i++)
            h[i] = (uint16_t)((target - here) / 2 * 0x0101);
        break;
    case PATCH_TBH:
        for (unsigned i = 0; i < u->entries; i++)
            h[i] = (uint16_t)((target - here) / 2);
        break;
    }
}

unsigned program_layout(const struct program *p, uint32_t use, uint16_t hw[PROGRAM_MAX_HW])
{
    uint32_t start[PROGRAM_MAX_UNITS + 1];
    unsigned used[PROGRAM_MAX_UNITS], n = 0, len = 0;
    for (unsigned i = 0; i < p->units; i++) {
        if (!(use >> i & 1))
            continue;
        used[n] = i;
        start[n++] = len;
        if (len + p->unit[i].len > PROGRAM_MAX_HW)
            abort();
        memcpy(hw + len, p->unit[i].hw, 2u * p->unit[i].len);
        len += p->unit[i].len;
    }
    start[n] = len;
    for (unsigned k = 0; k < n; k++) {
        const struct unit *u = &p->unit[used[k]];
        unsigned to = u->back ? 0 : k + 1 + u->skip;
        uint32_t base = p->init.r[15];
        if (u->patch != PATCH_NONE)
            patch(u, hw + start[k], base + 2 * start[k], base + 2 * start[to < n ? to : n]);
    }
    return len;
}
