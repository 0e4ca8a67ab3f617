/*
 * Floating-point moves, loads and stores: ARMv7-M ARM DDI0403E A7.7 (VLDM, VLDR, VMOV, VMRS, VMSR,
 * VPOP, VPUSH, VSTM, VSTR).
 */
#include "exec_fp.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "s[] and d[] of struct cpu overlap");

#define SLOW static __attribute__((noinline, cold)) void

/* Grants access or ends the handler. */
#define ACCESS_OR_RETURN                                                                           \
    do {                                                                                           \
        if (unlikely(c->fp_attention) && !sys_fp_access(c, op))                                    \
            return;                                                                                \
    } while (0)

/* ---- registers ---------------------------------------------------------------------------------
 */

void op_vmov_s_r(struct cpu *c, const struct op *op)
{
    ACCESS_OR_RETURN;
    c->s[op->rd] = c->r[op->ra];
    NEXT;
}

void op_vmov_r_s(struct cpu *c, const struct op *op)
{
    ACCESS_OR_RETURN;
    c->r[op->ra] = c->s[op->rm];
    NEXT;
}

void op_vmov_ss_rr(struct cpu *c, const struct op *op)
{
    ACCESS_OR_RETURN;
    c->s[op->rm] = c->r[op->ra];
    c->s[op->rm + 1] = c->r[op->rn];
    NEXT;
}

void op_vmov_rr_ss(struct cpu *c, const struct op *op)
{
    ACCESS_OR_RETURN;
    c->r[op->ra] = c->s[op->rm];
    c->r[op->rn] = c->s[op->rm + 1];
    NEXT;
}

void op_vmrs(struct cpu *c, const struct op *op)
{
    ACCESS_OR_RETURN;
    c->r[op->ra] = c->fpscr;
    NEXT;
}

void op_vmrs_apsr(struct cpu *c, const struct op *op)
{
    ACCESS_OR_RETURN;
    apsr_set_nzcv(c, c->fpscr);
    NEXT;
}

void op_vmsr(struct cpu *c, const struct op *op)
{
    ACCESS_OR_RETURN;
    c->fpscr = c->r[op->ra] & FPSCR_WRITABLE;
    NEXT;
}

/* ---- memory ------------------------------------------------------------------------------------
 */

/*
 * An unaligned address is a UsageFault whatever CCR.UNALIGN_TRP says (A3.2.1). Doubles are two
 * words, the one at the lower address first; what is in no page goes out as one 64-bit beat where
 * AXI does so.
 */
SLOW load_32_slow(struct cpu *c, const struct op *op, uint32_t addr)
{
    ACCESS_OR_RETURN;
    if (addr & 3) {
        mem_unaligned_fault(c, op);
        return;
    }
    if (!mem_load_slow(c, op, addr, 4))
        return;
    c->s[op->rd] = (uint32_t)c->loaded;
    NEXT;
}

SLOW load_64_slow(struct cpu *c, const struct op *op, uint32_t addr)
{
    uint32_t low, high;

    ACCESS_OR_RETURN;
    if (addr & 3) {
        mem_unaligned_fault(c, op);
        return;
    }
    if (!mem_load32(c, op, addr, &low) || !mem_load32(c, op, addr + 4, &high))
        return;
    c->d[op->rd] = (uint64_t)high << 32 | low;
    NEXT;
}

SLOW store_32_slow(struct cpu *c, const struct op *op, uint32_t addr)
{
    ACCESS_OR_RETURN;
    if (addr & 3) {
        mem_unaligned_fault(c, op);
        return;
    }
    if (!mem_store_slow(c, op, addr, 4, c->s[op->rd]))
        return;
    NEXT;
}

/* Stores n words from s[first]. */
static bool store_words(struct cpu *c, const struct op *op, uint32_t addr, unsigned first,
                        unsigned n)
{
    while (n > 0) {
        if (n >= 2 && (addr & 7) == 0 && c->pages->write[addr >> PAGE_BITS] == 0) {
            uint64_t pair = (uint64_t)c->s[first + 1] << 32 | c->s[first];

            if (!mem_store_slow(c, op, addr, 8, pair))
                return false;
            addr += 8;
            first += 2;
            n -= 2;
        } else {
            if (!mem_store32(c, op, addr, c->s[first]))
                return false;
            addr += 4;
            first++;
            n--;
        }
    }
    return true;
}

SLOW store_64_slow(struct cpu *c, const struct op *op, uint32_t addr)
{
    ACCESS_OR_RETURN;
    if (addr & 3) {
        mem_unaligned_fault(c, op);
        return;
    }
    if (!store_words(c, op, addr, op->rd * 2u, 2))
        return;
    NEXT;
}

/* n bytes at addr lie in one page of the table and are aligned to words. */
static inline bool direct(uintptr_t page, uint32_t addr, unsigned n)
{
    return page != 0 && (addr & 3) == 0 && (addr & (PAGE_SIZE - 1)) + n <= PAGE_SIZE;
}

#define LOAD_STORE(NAME, ADDRESS, TABLE, BITS, COPY)                                               \
    void op_v##NAME(struct cpu *c, const struct op *op)                                            \
    {                                                                                              \
        uint32_t addr = ADDRESS;                                                                   \
        uintptr_t page = c->pages->TABLE[addr >> PAGE_BITS];                                       \
        if (unlikely(c->fp_attention) || unlikely(!direct(page, addr, (BITS) / 8)))                \
            return COPY##_##BITS##_slow(c, op, addr);                                              \
        COPY##_##BITS((page + addr));                                                              \
        NEXT;                                                                                      \
    }
#define load_32(at)  memcpy(&c->s[op->rd], (const void *)(at), 4)
#define load_64(at)  memcpy(&c->d[op->rd], (const void *)(at), 8)
#define store_32(at) memcpy((void *)(at), &c->s[op->rd], 4)
#define store_64(at) memcpy((void *)(at), &c->d[op->rd], 8)
LOAD_STORE(ldr_f32, c->r[op->rn] + op->imm, read, 32, load)
LOAD_STORE(ldr_f64, c->r[op->rn] + op->imm, read, 64, load)
LOAD_STORE(ldr_literal_f32, op->imm, read, 32, load)
LOAD_STORE(ldr_literal_f64, op->imm, read, 64, load)
LOAD_STORE(str_f32, c->r[op->rn] + op->imm, write, 32, store)
LOAD_STORE(str_f64, c->r[op->rn] + op->imm, write, 64, store)

/* The base changes when all words have been moved; loaded registers may have changed before a
 * fault. */
static inline void write_back(struct cpu *c, const struct op *op)
{
    c->r[op->rn] += (uint32_t)(int8_t)op->ra * 4;
}

SLOW load_multiple_slow(struct cpu *c, const struct op *op, uint32_t addr)
{
    ACCESS_OR_RETURN;
    if (addr & 3) {
        mem_unaligned_fault(c, op);
        return;
    }
    for (unsigned i = 0; i < op->imm2; i++)
        if (!mem_load32(c, op, addr + 4 * i, &c->s[op->rd + i]))
            return;
    write_back(c, op);
    NEXT;
}

SLOW store_multiple_slow(struct cpu *c, const struct op *op, uint32_t addr)
{
    ACCESS_OR_RETURN;
    if (addr & 3) {
        mem_unaligned_fault(c, op);
        return;
    }
    if (!store_words(c, op, addr, op->rd, op->imm2))
        return;
    write_back(c, op);
    NEXT;
}

void op_vldm(struct cpu *c, const struct op *op)
{
    uint32_t addr = c->r[op->rn] + op->imm;
    uintptr_t page = c->pages->read[addr >> PAGE_BITS];

    if (unlikely(c->fp_attention) || unlikely(!direct(page, addr, op->imm2 * 4)))
        return load_multiple_slow(c, op, addr);
    memcpy(&c->s[op->rd], (const void *)(page + addr), (size_t)op->imm2 * 4);
    write_back(c, op);
    NEXT;
}

void op_vstm(struct cpu *c, const struct op *op)
{
    uint32_t addr = c->r[op->rn] + op->imm;
    uintptr_t page = c->pages->write[addr >> PAGE_BITS];

    if (unlikely(c->fp_attention) || unlikely(!direct(page, addr, op->imm2 * 4)))
        return store_multiple_slow(c, op, addr);
    memcpy((void *)(page + addr), &c->s[op->rd], (size_t)op->imm2 * 4);
    write_back(c, op);
    NEXT;
}
