#include "encode.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

size_t insn_count(void)
{
    return insn_narrow_count + insn_wide_count + insn_dsp_count + insn_fp_count;
}

const struct insn_row *insn_at(size_t i)
{
    if (i < insn_narrow_count)
        return &insn_narrow[i];
    i -= insn_narrow_count;
    if (i < insn_wide_count)
        return &insn_wide[i];
    i -= insn_wide_count;
    if (i < insn_dsp_count)
        return &insn_dsp[i];
    return &insn_fp[i - insn_dsp_count];
}

bool reserved_has(const struct reserved *rs, unsigned reg)
{
    return reg == rs->aligned || reg == rs->unaligned || reg == rs->index || reg == rs->counter;
}

static char class_of(const struct insn_row *row, char field)
{
    for (const char *p = row->ops; *p; p++) {
        if (p[0] == field && p[1] == '=')
            return p[2];
    }
    return 0;
}

static uint32_t reserved_mask(const struct reserved *rs)
{
    uint32_t mask = 0;
    for (unsigned reg = 0; reg < 13; reg++)
        mask |= (uint32_t)reserved_has(rs, reg) << reg;
    return mask;
}

static uint32_t pick(struct rng *g, const unsigned *from, unsigned n)
{
    return from[rng_below(g, n)];
}

/* A value of the field's class, or a value beyond its width if there is none. */
static uint32_t field_value(char class, unsigned width, const struct reserved *rs, struct rng *g)
{
    uint32_t all = (uint32_t)((1ull << width) - 1);
    uint32_t v = (uint32_t)rng_next(g) & all;
    switch (class) {
    case 'D':
        while (v == 13 || v == 15 || reserved_has(rs, v))
            v = (uint32_t)rng_next(g) & all;
        return v;
    case 'S':
        return v == 13 || v == 15 ? rng_below(g, 13) : v;
    case 'P':
        return v == 15 ? rng_below(g, 15) : v;
    case 'B':
        return pick(g, (unsigned[]){rs->aligned, rs->unaligned, width > 3 ? 13 : rs->unaligned}, 3);
    case 'A':
    case 'V':
        return pick(g, (unsigned[]){rs->aligned, width > 3 ? 13 : rs->aligned}, 2);
    case 'W':
        return rs->unaligned;
    case 'X':
        return rs->index;
    case 'N':
        return v ? v : 1;
    case 'L':
    case 'l':
        v &= ~reserved_mask(rs);
        break;
    }
    if (strchr("LMlm", class) && class) {
        /* short lists as often as long ones */
        if (rng_chance(g, 50))
            v &= (uint32_t)rng_next(g);
        unsigned least = islower((unsigned char)class) ? 2 : 1;
        if ((unsigned)__builtin_popcount(v) < least)
            return all + 1;
    }
    return v;
}

unsigned encode_random(const struct insn_row *row, const struct reserved *rs, struct rng *g,
                       uint16_t hw[2])
{
    char seq[33];
    unsigned n = 0;
    for (const char *p = row->bits; *p; p++) {
        if (*p == ' ')
            continue;
        if (n == 32)
            abort();
        seq[n++] = *p;
    }
    if (n != 16 && n != 32) {
        fprintf(stderr, "%s: %u bits\n", row->name, n);
        abort();
    }
    unsigned width[128] = {0};
    for (unsigned i = 0; i < n; i++)
        width[(unsigned char)seq[i]]++;

    for (int attempt = 0; attempt < 40; attempt++) {
        struct fields f = {{0}};
        bool fits = true;
        for (int c = 'A'; c <= 'z' && fits; c++) {
            if (width[c] == 0)
                continue;
            f.v[c] = field_value(class_of(row, (char)c), width[c], rs, g);
            fits = f.v[c] >> width[c] == 0;
        }
        if (!fits || (row->ok != NULL && !row->ok(&f)))
            continue;
        unsigned left[128];
        memcpy(left, width, sizeof left);
        uint32_t code = 0;
        for (unsigned i = 0; i < n; i++) {
            unsigned char c = (unsigned char)seq[i];
            uint32_t bit = c == '1' || (isalpha(c) && (f.v[c] >> --left[c] & 1));
            code = code << 1 | bit;
        }
        if (n == 16) {
            hw[0] = (uint16_t)code;
            return 1;
        }
        hw[0] = (uint16_t)(code >> 16);
        hw[1] = (uint16_t)code;
        return 2;
    }
    return 0;
}

const struct insn_row *decode_row(const uint16_t hw[2])
{
    for (size_t r = 0; r < insn_count(); r++) {
        const struct insn_row *row = insn_at(r);
        struct fields f = {{0}};
        unsigned n = 0;
        for (const char *p = row->bits; *p; p++)
            n += *p != ' ';
        uint32_t code = n == 16 ? hw[0] : (uint32_t)hw[0] << 16 | hw[1];
        bool match = n == (hw[0] >= 0xE800 ? 32u : 16u);
        unsigned bit = n;
        for (const char *p = row->bits; *p && match; p++) {
            if (*p == ' ')
                continue;
            uint32_t b = code >> --bit & 1;
            if (isalpha((unsigned char)*p))
                f.v[(unsigned char)*p] = f.v[(unsigned char)*p] << 1 | b;
            else
                match = b == (uint32_t)(*p == '1');
        }
        if (!match)
            continue;
        for (const char *p = row->ops; *p && match; p++) {
            if (p[1] != '=')
                continue;
            uint32_t v = f.v[(unsigned char)p[0]];
            if (strchr("DS", p[2]))
                match = v != 13 && v != 15;
            else if (strchr("PBAVW", p[2]))
                match = v != 15;
            else if (p[2] == 'N')
                match = v != 0;
        }
        if (match && (row->ok == NULL || row->ok(&f)))
            return row;
    }
    return NULL;
}
