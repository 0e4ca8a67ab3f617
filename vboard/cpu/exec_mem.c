/*
 * Loads and stores: ARMv7-M ARM A5.2.4, A5.3.5 to A5.3.10 and the instruction pages of A7.7.
 */
#include "exec.h"

#define R(n) (c->r[n])

/*
 * One handler for each access and address form. The base is written back only after the access has
 * succeeded (B1.5.14: an instruction that faults must be restartable).
 */
#define ADDRESS_OF_IMM  uint32_t addr = R(op->rn) + op->imm
#define ADDRESS_OF_REG  uint32_t addr = R(op->rn) + (R(op->rm) << op->imm)
#define ADDRESS_OF_PRE  uint32_t addr = R(op->rn) + op->imm
#define ADDRESS_OF_POST uint32_t addr = R(op->rn)
#define ADDRESS_OF_ABS  uint32_t addr = op->imm

#define WRITE_BACK_IMM
#define WRITE_BACK_REG
#define WRITE_BACK_PRE  R(op->rn) = addr
#define WRITE_BACK_POST R(op->rn) = addr + op->imm
#define WRITE_BACK_ABS

/*
 * The way through mem.c stands in a function of its own that finishes the instruction itself, so
 * that the fast path needs no stack frame.
 */
#define SLOW static __attribute__((noinline, cold)) void

#define LOAD(NAME, FORM, TYPE, CAST)                                                               \
    SLOW NAME##_##FORM##_slow(struct cpu *c, const struct op *op, uint32_t addr)                   \
    {                                                                                              \
        if (!mem_load_slow(c, op, addr, sizeof(TYPE)))                                             \
            return;                                                                                \
        WRITE_BACK_##FORM;                                                                         \
        R(op->rd) = (uint32_t)(CAST)(TYPE)c->loaded;                                               \
        NEXT;                                                                                      \
    }                                                                                              \
    static void NAME##_##FORM(struct cpu *c, const struct op *op)                                  \
    {                                                                                              \
        TYPE value;                                                                                \
        ADDRESS_OF_##FORM;                                                                         \
        uintptr_t page = c->read_pages[addr >> PAGE_BITS];                                         \
        if (unlikely(page == 0 || (addr & (sizeof(TYPE) - 1)) != 0))                               \
            return NAME##_##FORM##_slow(c, op, addr);                                              \
        memcpy(&value, (const void *)(page + addr), sizeof(TYPE));                                 \
        WRITE_BACK_##FORM;                                                                         \
        R(op->rd) = (uint32_t)(CAST)value;                                                         \
        NEXT;                                                                                      \
    }
#define STORE(NAME, FORM, TYPE)                                                                    \
    SLOW NAME##_##FORM##_slow(struct cpu *c, const struct op *op, uint32_t addr)                   \
    {                                                                                              \
        if (!mem_store_slow(c, op, addr, sizeof(TYPE), (TYPE)R(op->rd)))                           \
            return;                                                                                \
        WRITE_BACK_##FORM;                                                                         \
        NEXT;                                                                                      \
    }                                                                                              \
    static void NAME##_##FORM(struct cpu *c, const struct op *op)                                  \
    {                                                                                              \
        ADDRESS_OF_##FORM;                                                                         \
        TYPE value = (TYPE)R(op->rd);                                                              \
        uintptr_t page = c->write_pages[addr >> PAGE_BITS];                                        \
        if (unlikely(page == 0 || (addr & (sizeof(TYPE) - 1)) != 0))                               \
            return NAME##_##FORM##_slow(c, op, addr);                                              \
        memcpy((void *)(page + addr), &value, sizeof(TYPE));                                       \
        WRITE_BACK_##FORM;                                                                         \
        NEXT;                                                                                      \
    }
/* LoadWritePC (A2.3.1). */
#define LOAD_PC(FORM)                                                                              \
    static void ldr_pc_##FORM(struct cpu *c, const struct op *op)                                  \
    {                                                                                              \
        uint32_t value;                                                                            \
        ADDRESS_OF_##FORM;                                                                         \
        if (unlikely((addr & 3) != 0)) {                                                           \
            mem_unaligned_fault(c, op);                                                            \
            return;                                                                                \
        }                                                                                          \
        if (unlikely(!mem_load32(c, op, addr, &value)))                                            \
            return;                                                                                \
        WRITE_BACK_##FORM;                                                                         \
        branch_exchange(c, value);                                                                 \
    }

#define LOADS_AND_STORES(FORM)                                                                     \
    LOAD(ldrb, FORM, uint8_t, uint8_t)                                                             \
    LOAD(ldrsb, FORM, uint8_t, int8_t)                                                             \
    LOAD(ldrh, FORM, uint16_t, uint16_t)                                                           \
    LOAD(ldrsh, FORM, uint16_t, int16_t)                                                           \
    LOAD(ldr, FORM, uint32_t, uint32_t)                                                            \
    STORE(strb, FORM, uint8_t)                                                                     \
    STORE(strh, FORM, uint16_t)                                                                    \
    STORE(str, FORM, uint32_t)                                                                     \
    LOAD_PC(FORM)
LOADS_AND_STORES(IMM)
LOADS_AND_STORES(REG)
LOADS_AND_STORES(PRE)
LOADS_AND_STORES(POST)
LOADS_AND_STORES(ABS)

#define ROW(NAME)                                                                                  \
    {                                                                                              \
        NAME##_IMM, NAME##_REG, NAME##_PRE, NAME##_POST, NAME##_ABS                                \
    }
op_fn *const exec_load[ACCESS_COUNT][ADDRESS_COUNT] = {
    [ACCESS_U8] = ROW(ldrb),   [ACCESS_S8] = ROW(ldrsb), [ACCESS_U16] = ROW(ldrh),
    [ACCESS_S16] = ROW(ldrsh), [ACCESS_U32] = ROW(ldr),
};
op_fn *const exec_store[3][ADDRESS_COUNT] = {ROW(strb), ROW(strh), ROW(str)};
op_fn *const exec_load_pc[ADDRESS_COUNT] = ROW(ldr_pc);

/* LDRT and friends: the access is made as by unprivileged code (A7.7.45 and alike). */
void op_unprivileged(struct cpu *c, const struct op *op)
{
    static const uint8_t sizes[ACCESS_COUNT] = {1, 1, 2, 2, 4};
    uint8_t privileged = c->privileged;
    uint32_t addr = R(op->rn) + op->imm;
    bool done;

    c->privileged = 0;
    c->pages = &c->page_sets[0];
    if (op->ra)
        done = mem_store_slow(c, op, addr, sizes[op->x], R(op->rd));
    else
        done = mem_load_slow(c, op, addr, sizes[op->x]);
    c->privileged = privileged;
    c->pages = &c->page_sets[privileged];
    if (!done)
        return;
    if (!op->ra) {
        uint32_t value = (uint32_t)c->loaded;

        if (op->x == ACCESS_S8)
            value = (uint32_t)(int8_t)value;
        else if (op->x == ACCESS_S16)
            value = (uint32_t)(int16_t)value;
        R(op->rd) = value;
    }
    NEXT;
}

/* ---- two words ---- */

enum { DUAL_INDEX = 1, DUAL_WRITE_BACK = 2, DUAL_ABSOLUTE = 4 };

static inline uint32_t dual_address(const struct cpu *c, const struct op *op)
{
    if (op->x & DUAL_ABSOLUTE)
        return op->imm;
    return op->x & DUAL_INDEX ? R(op->rn) + op->imm : R(op->rn);
}

void op_ldrd(struct cpu *c, const struct op *op)
{
    uint32_t addr = dual_address(c, op);
    uint32_t low, high;

    if (unlikely((addr & 3) != 0)) {
        mem_unaligned_fault(c, op);
        return;
    }
    if (!mem_load32(c, op, addr, &low) || !mem_load32(c, op, addr + 4, &high))
        return;
    if (op->x & DUAL_WRITE_BACK)
        R(op->rn) += op->imm;
    R(op->rd) = low;
    R(op->ra) = high;
    NEXT;
}

void op_strd(struct cpu *c, const struct op *op)
{
    uint32_t addr = dual_address(c, op);
    uint32_t low = R(op->rd), high = R(op->ra);

    if (unlikely((addr & 3) != 0)) {
        mem_unaligned_fault(c, op);
        return;
    }
    if (c->write_pages[addr >> PAGE_BITS] == 0 && (addr & 7) == 0) {
        /* one 64-bit beat on AXI */
        if (!mem_store_slow(c, op, addr, 8, (uint64_t)high << 32 | low))
            return;
    } else if (!mem_store32(c, op, addr, low) || !mem_store32(c, op, addr + 4, high)) {
        return;
    }
    if (op->x & DUAL_WRITE_BACK)
        R(op->rn) += op->imm;
    NEXT;
}

/* ---- register lists ---- */

enum { LIST_WRITE_BACK = 1, LIST_BEFORE = 2 };

/* Loads imm2 words from addr into the registers of the list. All words are read before a register
   changes, so that a fault in the middle leaves a restartable instruction. *pc gets r15's word. */
static inline bool load_list(struct cpu *c, const struct op *op, uint32_t addr, uint32_t *pc)
{
    uint32_t list = op->imm;
    uint32_t size = op->imm2 * 4;
    uintptr_t page = c->read_pages[addr >> PAGE_BITS];

    if (unlikely((addr & 3) != 0)) {
        mem_unaligned_fault(c, op);
        return false;
    }
    if (likely(page != 0 && (addr & (PAGE_SIZE - 1)) + size <= PAGE_SIZE)) {
        const uint8_t *from = (const uint8_t *)(page + addr);

        for (; list & 0x7FFF; list &= list - 1, from += 4)
            memcpy(&R(__builtin_ctz(list)), from, 4);
        if (list)
            memcpy(pc, from, 4);
        return true;
    }

    uint32_t words[16];
    unsigned n = 0;

    for (; n < op->imm2; n++) {
        if (!mem_load_slow(c, op, addr + 4 * n, 4))
            return false;
        words[n] = (uint32_t)c->loaded;
    }
    n = 0;
    for (; list & 0x7FFF; list &= list - 1)
        /* cppcheck-suppress uninitvar ; imm2 is the number of bits in list */
        R(__builtin_ctz(list)) = words[n++];
    if (list)
        *pc = words[n];
    return true;
}

static inline bool store_list(struct cpu *c, const struct op *op, uint32_t addr)
{
    uint32_t list = op->imm;
    uint32_t size = op->imm2 * 4;
    uintptr_t page = c->write_pages[addr >> PAGE_BITS];

    if (unlikely((addr & 3) != 0)) {
        mem_unaligned_fault(c, op);
        return false;
    }
    if (likely(page != 0 && (addr & (PAGE_SIZE - 1)) + size <= PAGE_SIZE)) {
        uint8_t *to = (uint8_t *)(page + addr);

        for (; list; list &= list - 1, to += 4)
            memcpy(to, &R(__builtin_ctz(list)), 4);
        return true;
    }
    while (list) {
        unsigned first = (unsigned)__builtin_ctz(list);

        list &= list - 1;
        if ((addr & 7) == 0 && list) { /* one 64-bit beat on AXI */
            unsigned second = (unsigned)__builtin_ctz(list);

            list &= list - 1;
            if (!mem_store_slow(c, op, addr, 8, (uint64_t)R(second) << 32 | R(first)))
                return false;
            addr += 8;
        } else {
            if (!mem_store_slow(c, op, addr, 4, R(first)))
                return false;
            addr += 4;
        }
    }
    return true;
}

static inline bool load_multiple(struct cpu *c, const struct op *op, uint32_t *pc)
{
    uint32_t base = R(op->rn);
    uint32_t size = 4 * op->imm2;
    uint32_t addr = op->x & LIST_BEFORE ? base - size : base;

    if (!load_list(c, op, addr, pc))
        return false;
    if (op->x & LIST_WRITE_BACK)
        R(op->rn) = op->x & LIST_BEFORE ? addr : base + size;
    return true;
}

void op_ldm(struct cpu *c, const struct op *op)
{
    uint32_t pc = 0;

    if (unlikely(!load_multiple(c, op, &pc)))
        return;
    NEXT;
}

/* LDM and POP with the PC in the list. */
void op_ldm_pc(struct cpu *c, const struct op *op)
{
    uint32_t pc = 0;

    if (unlikely(!load_multiple(c, op, &pc)))
        return;
    branch_exchange(c, pc);
}

void op_stm(struct cpu *c, const struct op *op)
{
    uint32_t size = 4 * op->imm2;
    uint32_t addr = op->x & LIST_BEFORE ? R(op->rn) - size : R(op->rn);

    if (unlikely(!store_list(c, op, addr)))
        return;
    if (op->x & LIST_WRITE_BACK)
        R(op->rn) = op->x & LIST_BEFORE ? addr : addr + size;
    NEXT;
}

void op_push(struct cpu *c, const struct op *op)
{
    uint32_t addr = R(13) - 4 * op->imm2;

    if (unlikely(!store_list(c, op, addr)))
        return;
    R(13) = addr;
    NEXT;
}

void op_pop(struct cpu *c, const struct op *op)
{
    uint32_t pc = 0, addr = R(13);

    if (unlikely(!load_list(c, op, addr, &pc)))
        return;
    R(13) = addr + 4 * op->imm2;
    NEXT;
}

/* ---- exclusives (A3.4): one local monitor whose granule is all of memory ---- */

static const uint8_t exclusive_sizes[ACCESS_COUNT] = {1, 1, 2, 2, 4};

void op_ldrex(struct cpu *c, const struct op *op)
{
    uint32_t addr = R(op->rn) + op->imm;
    unsigned size = exclusive_sizes[op->x];

    if (addr & (size - 1)) {
        mem_unaligned_fault(c, op);
        return;
    }
    if (!mem_load_slow(c, op, addr, size))
        return;
    c->exclusive = true;
    c->exclusive_addr = addr;
    R(op->rd) = (uint32_t)c->loaded;
    NEXT;
}

void op_strex(struct cpu *c, const struct op *op)
{
    uint32_t addr = R(op->rn) + op->imm;
    unsigned size = exclusive_sizes[op->x];

    if (addr & (size - 1)) {
        mem_unaligned_fault(c, op);
        return;
    }
    if (c->exclusive) {
        if (!mem_store_slow(c, op, addr, size, R(op->rm)))
            return;
        R(op->rd) = 0;
    } else {
        R(op->rd) = 1;
    }
    c->exclusive = false;
    NEXT;
}

void op_clrex(struct cpu *c, const struct op *op)
{
    c->exclusive = false;
    NEXT;
}

/* PLD, PLI: hints. */
void op_pld(struct cpu *c, const struct op *op)
{
    NEXT;
}
