/*
 * LDM, STM, PUSH and POP of up to nine registers, as compilers use them: unrolled, for lists that
 * lie within one page of plain memory. Everything else about them stands in exec_mem.c, where these
 * handlers go when they cannot.
 */
#include "exec.h"

#define R(n) (c->r[n])

/* raw, no longer needed: the numbers of the first eight registers, 4 bits each; ra: that of the
 * ninth. */
enum { IN_RAW = 8, LONGEST = 9 };

static inline __attribute__((always_inline)) unsigned number(const struct op *op, unsigned i)
{
    return i < IN_RAW ? op->raw >> (4 * i) & 15 : op->ra;
}

static inline __attribute__((always_inline)) bool usable(uintptr_t page, uint32_t addr,
                                                         unsigned count)
{
    return likely(page != 0 && (addr & 3) == 0 &&
                  (addr & (PAGE_SIZE - 1)) <= PAGE_SIZE - 4 * count);
}

static inline __attribute__((always_inline)) void load(struct cpu *c, const struct op *op,
                                                       uintptr_t from, unsigned count)
{
#pragma GCC unroll 9
    for (unsigned i = 0; i < count; i++)
        memcpy(&R(number(op, i)), (const void *)(from + (size_t)4 * i), 4);
}

static inline __attribute__((always_inline)) void store(struct cpu *c, const struct op *op,
                                                        uintptr_t to, unsigned count)
{
#pragma GCC unroll 9
    for (unsigned i = 0; i < count; i++)
        memcpy((void *)(to + (size_t)4 * i), &R(number(op, i)), 4);
}

/* The same with the PC as the last one. */
static inline __attribute__((always_inline)) uint32_t
load_before_pc(struct cpu *c, const struct op *op, uintptr_t from, unsigned count)
{
    uint32_t pc;

    load(c, op, from, count - 1);
    memcpy(&pc, (const void *)(from + (size_t)4 * (count - 1)), 4);
    return pc;
}

/* Each with its addresses, what the base becomes, and who does it otherwise. */
#define HANDLER(NAME, N, PAGES, ADDRESS, BASE, TRANSFER, OTHERWISE, NEXT_OP)                       \
    static void NAME##_##N(struct cpu *c, const struct op *op)                                     \
    {                                                                                              \
        uint32_t addr = ADDRESS;                                                                   \
        uintptr_t page = c->PAGES[addr >> PAGE_BITS];                                              \
        if (!usable(page, addr, N))                                                                \
            return OTHERWISE(c, op);                                                               \
        TRANSFER;                                                                                  \
        BASE;                                                                                      \
        NEXT_OP;                                                                                   \
    }
#define STORES(NAME, N, ADDRESS, BASE)                                                             \
    HANDLER(NAME, N, write_pages, ADDRESS, BASE, store(c, op, page + addr, N), op_stm, NEXT)
#define LOADS(NAME, N, BASE)                                                                       \
    HANDLER(NAME, N, read_pages, R(op->rn), BASE, load(c, op, page + addr, N), op_ldm, NEXT)
#define LISTS(N)                                                                                   \
    STORES(stm, N, R(op->rn), )                                                                    \
    STORES(stm_up, N, R(op->rn), R(op->rn) = addr + 4 * (N))                                       \
    STORES(stm_down, N, R(op->rn) - 4 * (N), R(op->rn) = addr)                                     \
    LOADS(ldm, N, )                                                                                \
    LOADS(ldm_up, N, R(op->rn) = addr + 4 * (N))                                                   \
    HANDLER(ldm_pc_up, N, read_pages, R(op->rn), R(op->rn) = addr + 4 * (N),                       \
            uint32_t pc = load_before_pc(c, op, page + addr, N), op_ldm_pc,                        \
            branch_exchange(c, pc))
#define COUNTS(DO) DO(1) DO(2) DO(3) DO(4) DO(5) DO(6) DO(7) DO(8) DO(9)
COUNTS(LISTS)

#define ROW(NAME)                                                                                  \
    {                                                                                              \
        NULL, NAME##_1, NAME##_2, NAME##_3, NAME##_4, NAME##_5, NAME##_6, NAME##_7, NAME##_8,      \
            NAME##_9                                                                               \
    }
enum { UP = 1, DOWN = 3 }; /* x: write back, and that after decrementing */
static const struct {
    op_fn *general;
    uint8_t x;
    op_fn *unrolled[LONGEST + 1];
} kinds[] = {
    {op_stm, 0, ROW(stm)}, {op_stm, UP, ROW(stm_up)}, {op_stm, DOWN, ROW(stm_down)},
    {op_ldm, 0, ROW(ldm)}, {op_ldm, UP, ROW(ldm_up)}, {op_ldm_pc, UP, ROW(ldm_pc_up)},
};

void exec_unroll_list(struct op *op)
{
    op_fn *general = op->fn;
    uint8_t x = op->x;

    if (general == op_push) {
        general = op_stm;
        x = DOWN;
    } else if (general == op_pop) {
        general = op_ldm;
        x = UP;
    }
    /* STM with its base in the list: what is stored of it is for exec_mem.c. */
    if (op->imm2 > LONGEST || (general == op_stm && x != 0 && op->imm >> op->rn & 1))
        return;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        uint32_t list = op->imm;

        if (kinds[i].general != general || kinds[i].x != x)
            continue;
        op->fn = kinds[i].unrolled[op->imm2];
        op->x = x;
        op->raw = 0;
        for (unsigned n = 0; list != 0; n++, list &= list - 1) {
            unsigned r = (unsigned)__builtin_ctz(list);

            if (n < IN_RAW)
                op->raw |= r << (4 * n);
            else
                op->ra = (uint8_t)r;
        }
    }
}
