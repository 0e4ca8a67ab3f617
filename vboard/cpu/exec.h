/*
 * Operations: what decode.c may put into op->fn, and what the handlers share.
 *
 * Operand conventions: rd, rn, rm, ra are register numbers (NO_REG where unused, so that the issue
 * model sees no dependency); imm is the immediate. PC-relative operands are constants by the time
 * that a handler runs: no handler reads r[15].
 */
#ifndef VBOARD_CPU_EXEC_H
#define VBOARD_CPU_EXEC_H

#include "cpu_int.h"

#define NO_REG 31u

/* ---- data processing (exec_alu.c) ---- */

enum alu {
    ALU_AND,
    ALU_BIC,
    ALU_ORR,
    ALU_ORN,
    ALU_EOR,
    ALU_MOV, /* rd = operand */
    ALU_MVN,
    ALU_TST,
    ALU_TEQ,
    ALU_ADD,
    ALU_ADC,
    ALU_SUB,
    ALU_SBC,
    ALU_RSB,
    ALU_CMP,
    ALU_CMN,
    ALU_COUNT
};

/* Second operand: imm (x = carry out 0/1, CARRY_KEPT: unchanged); rm; rm LSL imm (1..31); rm
   shifted by x (enum shift) by imm; rm shifted by register ra (for MOV only). */
enum operand { OPERAND_IMM, OPERAND_REG, OPERAND_LSL, OPERAND_SHIFT, OPERAND_COUNT };
#define CARRY_KEPT 2u

enum shift { SHIFT_LSL, SHIFT_LSR, SHIFT_ASR, SHIFT_ROR, SHIFT_RRX };

/* [operation][operand][sets flags] */
extern op_fn *const exec_alu[ALU_COUNT][OPERAND_COUNT][2];
/* LSL, LSR, ASR, ROR by register: rd = rn shifted by rm; [shift][sets flags] */
extern op_fn *const exec_shift_reg[4][2];

/* Shift_C() of ARMv7-M ARM A7.4.2 for a constant or variable amount of 0..255 (RRX: amount
   ignored). Inline, so that the carry needs no address and handlers keep their tail call. */
static inline __attribute__((always_inline)) uint32_t
shift_c(enum shift type, uint32_t value, uint32_t amount, uint32_t carry_in, uint32_t *carry_out)
{
    if (type == SHIFT_RRX) {
        *carry_out = value & 1;
        return carry_in << 31 | value >> 1;
    }
    *carry_out = carry_in;
    if (amount == 0)
        return value;
    switch (type) {
    case SHIFT_LSL:
        *carry_out = amount <= 32 ? (uint32_t)((uint64_t)value << amount >> 32) & 1 : 0;
        return amount < 32 ? value << amount : 0;
    case SHIFT_LSR:
        *carry_out = amount <= 32 ? (uint32_t)((uint64_t)value >> (amount - 1)) & 1 : 0;
        return amount < 32 ? value >> amount : 0;
    case SHIFT_ASR:
        if (amount > 31) {
            *carry_out = value >> 31;
            return (uint32_t)((int32_t)value >> 31);
        }
        *carry_out = value >> (amount - 1) & 1;
        return (uint32_t)((int32_t)value >> amount);
    default: /* SHIFT_ROR */
        amount &= 31;
        if (amount != 0)
            value = value >> amount | value << (32 - amount);
        *carry_out = value >> 31;
        return value;
    }
}

op_fn op_movt, op_bfi, op_bfc, op_ubfx, op_sbfx, op_clz, op_rbit, op_rev, op_rev16, op_revsh;
op_fn op_align_sp, op_nop;
op_fn op_sxtb, op_sxth, op_uxtb, op_uxth;     /* rd = extend(rm ror imm) */
op_fn op_sxtab, op_sxtah, op_uxtab, op_uxtah; /* rd = rn + ... */
op_fn op_sxtb16, op_uxtb16, op_sxtab16, op_uxtab16;

/* ---- multiply, divide, saturation, SIMD (exec_dsp.c) ---- */

op_fn op_mul, op_muls, op_mla, op_mls, op_smull, op_umull, op_smlal, op_umlal, op_umaal;
op_fn op_sdiv, op_udiv;
op_fn op_ssat, op_usat, op_ssat16, op_usat16; /* imm = bits, x/imm2 = shift */
op_fn op_qadd, op_qdadd, op_qsub, op_qdsub;
op_fn op_smulxy, op_smlaxy, op_smlalxy; /* x bit 0: M (top of rm), bit 1: N (top of rn) */
op_fn op_smulw, op_smlaw;               /* x bit 0: M */
op_fn op_smuad, op_smlad, op_smusd, op_smlsd, op_smlald, op_smlsld; /* x bit 0: X (swap) */
op_fn op_smmul, op_smmla, op_smmls;                                 /* x bit 0: R (round) */
op_fn op_usad8, op_usada8, op_sel, op_pkh; /* pkh: x bit 0: TB; imm = shift */
/* Parallel add/subtract: [prefix: S Q SH U UQ UH][ADD8 ADD16 ASX SUB8 SUB16 SAX] */
extern op_fn *const exec_parallel[6][6];

/* ---- loads and stores (exec_mem.c) ---- */

enum access { ACCESS_U8, ACCESS_S8, ACCESS_U16, ACCESS_S16, ACCESS_U32, ACCESS_COUNT };
/* imm: rn + imm; reg: rn + (rm << imm); pre: rn += imm first; post: rn += imm after; abs: imm
 * itself. */
enum address { ADDRESS_IMM, ADDRESS_REG, ADDRESS_PRE, ADDRESS_POST, ADDRESS_ABS, ADDRESS_COUNT };

extern op_fn *const exec_load[ACCESS_COUNT][ADDRESS_COUNT];
extern op_fn *const exec_store[3][ADDRESS_COUNT]; /* 8, 16, 32 bits */
/* LDR PC: as exec_load's word, then a branch. */
extern op_fn *const exec_load_pc[ADDRESS_COUNT];
/* Unprivileged LDRT/STRT: x = enum access, ra = 1 for a store. */
op_fn op_unprivileged;
/* LDRD/STRD: rd, ra = the two registers; x bits: 0 index, 1 writeback, 2 absolute (imm = address).
 */
op_fn op_ldrd, op_strd;
/* LDM/STM: imm = list, imm2 = count, x bit 0: write back, bit 1: decrement before. */
op_fn op_ldm, op_stm, op_push, op_pop, op_ldm_pc;
/* LDREX/STREX: x = enum access, rd = value (load) or status (store), rm = value (store). */
op_fn op_ldrex, op_strex, op_clrex, op_pld;

/* ---- register lists of usual length (exec_list.c) ---- */

/* Gives LDM, STM, PUSH or POP its unrolled handler if there is one. */
void exec_unroll_list(struct op *op);

/* ---- two in one (exec_pair.c) ---- */

/* Gives the first one of two neighbours the handler that does both, wherever there is one. */
void exec_pair_up(struct op *ops, unsigned count);

/* ---- branches and system (exec_branch.c) ---- */

/* Every op that may end a block by a known target is followed by one slot that holds its links. */
struct link {
    struct op *head[2]; /* decoded successor or NULL; [0] fall through, [1] taken */
    uint32_t target[2];
    uint32_t itstate; /* for the successor */
};
_Static_assert(sizeof(struct link) == sizeof(struct op), "a link takes the place of an op");
_Static_assert(sizeof(struct op) == 32, "ops are half a cache line of the host");

extern op_fn *const exec_branch_if[14];   /* link slot follows */
extern op_fn *const exec_skip_unless[14]; /* goes on at op[1], or at op[1 + imm] */
/* A compare (CMP rn, operand) and the conditional branch in the next op, as one. */
extern op_fn *const exec_cmp_imm_branch[14];
extern op_fn *const exec_cmp_reg_branch[14];
op_fn op_b, op_bl, op_cbz, op_cbnz; /* link slot follows */
op_fn op_bx, op_blx, op_mov_pc, op_add_pc, op_tbb, op_tbh;
op_fn op_goto; /* end of a block that has no branch of its own; link slot follows */
op_fn op_svc, op_bkpt, op_udf,
    op_stop; /* stop: breakpoint of the debugger before this instruction */
op_fn op_wfi, op_wfe, op_sev, op_barrier, op_isb; /* wfi, wfe, isb end a block: link slot follows */
op_fn op_mrs, op_msr, op_cps;                     /* msr and cps end a block: link slot follows */
op_fn op_fetch_fault; /* the instruction could not be fetched: imm = kind */
op_fn op_head, op_cold, op_dead;

/* BranchWritePC/BXWritePC and friends: goes to the block at target (bit 0 ignored). */
void branch_to(struct cpu *c, uint32_t target);
/* BXWritePC of ARMv7-M ARM B1.4.7 and A2.3.1: EXC_RETURN, interworking bit. pc = this instruction.
 */
void branch_exchange(struct cpu *c, uint32_t target);
/* Marks the op's place as "the instruction is done" for helpers that look at r[15] and itstate. */
static inline void at_next(struct cpu *c, const struct op *op)
{
    c->r[15] = op->pc + op->len;
    c->itstate = op->it && (op->it & 7) ? (uint8_t)((op->it & 0xE0) | ((op->it << 1) & 0x1F)) : 0;
}

/* ---- blocks (block.c) ---- */

/* Direct-mapped look-up table of blocks that start outside IT blocks. */
#define BLOCK_TABLE_BITS 15u
struct block_entry {
    uint32_t pc; /* odd = empty */
    struct op *head;
};
struct block_cache {
    struct block_entry table[1u << BLOCK_TABLE_BITS];
    struct block_store *store;
    bool full; /* no room: the run loop drops everything before it decodes on */
};
static inline struct block_entry *block_slot(struct cpu *c, uint32_t pc)
{
    return &c->blocks->table[(pc >> 1) & ((1u << BLOCK_TABLE_BITS) - 1)];
}

/*
 * The head of the block at pc with itstate; decodes it if need be. Never NULL: what cannot be
 * fetched becomes a block that faults. The block may be run under the present permissions. Needs
 * !blocks->full; may be called in the middle of a chain.
 */
struct op *block_at(struct cpu *c, uint32_t pc, uint8_t itstate);
/* A cold block's code comes, and its time passes; it is warm then if it stays in the cache. */
void block_warm(struct cpu *c, struct op *head);
/* A block of one instruction that nothing else will find, breakpoints ignored. */
struct op *block_single(struct cpu *c, uint32_t pc, uint8_t itstate);
/* A head that must not be remembered in links (single instructions, fetch faults). */
static inline bool block_is_transient(const struct op *head)
{
    return head->x != 0;
}
/* Whether code was decoded from the page, or from the 64-byte granule of addr. */
bool blocks_in_page(const struct cpu *c, uint32_t addr);
bool blocks_in_granule(const struct cpu *c, uint32_t addr);

/* ---- decoding (decode.c) ---- */

enum { FLAGS_NZ = 1, FLAGS_C = 2, FLAGS_V = 4, FLAGS_ALL = 7 };

/* What the decoder learns about one instruction beyond its op. */
struct decoded {
    bool ends;   /* the block ends after it */
    bool link;   /* a link slot follows; target[1] is in op->imm, fall-through follows the insn */
    bool simple; /* may be issued together with its neighbour */
    bool memory;
    bool aligns_sp;    /* an op_align_sp follows */
    uint8_t flags_set; /* FLAGS_* that it always sets */
    uint8_t flags_used;
    op_fn *without_flags; /* the same operation when its flags are dead; or NULL */
};

/* Decodes one instruction; op->pc, raw, len, it are set. Undefined ones become op_udf. */
void decode16(struct cpu *c, uint32_t insn, struct op *op, struct decoded *d);
void decode32(struct cpu *c, uint32_t insn, struct op *op, struct decoded *d);

#endif
