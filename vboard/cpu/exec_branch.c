/*
 * Branches, block ends and system instructions: ARMv7-M ARM A5.2.5, A5.2.6, A5.3.4 and A7.7.
 */
#include "exec_link.h"

/* ---- block heads ---- */

/* imm = cycles of the block, imm2 = instructions, raw = generation of execute permissions. */
void op_head(struct cpu *c, const struct op *op)
{
    if (unlikely(c->cycles + op->imm > c->deadline || op->raw != c->exec_gen)) {
        c->r[15] = op->pc;
        c->itstate = op->it;
        return;
    }
    c->cycles += op->imm;
    c->instructions += op->imm2;
    NEXT;
}

/* The head of a block of whose code a line is not in the instruction cache: the run loop lets it
 * come. */
void op_cold(struct cpu *c, const struct op *op)
{
    c->r[15] = op->pc;
    c->itstate = op->it;
}

/* The head of a block whose code has changed: links may still lead here. */
void op_dead(struct cpu *c, const struct op *op)
{
    const struct block_entry *e = block_slot(c, op->pc);

    if (op->it || e->pc != op->pc || e->head->fn == op_dead) {
        c->r[15] = op->pc;
        c->itstate = op->it;
        return;
    }
    CHAIN(c, e->head);
}

/* ---- links ---- */

/* The first pass over a link: finds or decodes the successor. */
__attribute__((noinline, cold)) void follow_new(struct cpu *c, const struct link *l, unsigned taken)
{
    c->r[15] = l->target[taken];
    c->itstate = taken ? 0 : (uint8_t)l->itstate;
    if (c->blocks->full)
        return;
    struct op *head = block_at(c, c->r[15], c->itstate);
    if (!block_is_transient(head))
        ((struct link *)l)->head[taken] = head;
}

void branch_to(struct cpu *c, uint32_t target)
{
    target &= ~1u;
    const struct block_entry *e = block_slot(c, target);

    if (unlikely(e->pc != target)) {
        c->r[15] = target;
        c->itstate = 0;
        return;
    }
    CHAIN(c, e->head);
}

/* Bit 0 of an interworking target is clear: EPSR.T is cleared, the instruction there faults
 * (A2.3.1). */
static void leave_thumb(struct cpu *c)
{
    c->sys.thumb = 0;
    cpu_attend(c);
}

static __attribute__((noinline, cold)) void branch_exchange_slow(struct cpu *c, uint32_t target)
{
    c->itstate = 0;
    if (target >= 0xF0000000u && c->sys.exception != 0) {
        sys_exception_return(c, target);
        return;
    }
    c->r[15] = target & ~1u;
    if (!(target & 1))
        leave_thumb(c);
}

void branch_exchange(struct cpu *c, uint32_t target)
{
    const struct block_entry *e = block_slot(c, target);

    if (unlikely(target >= 0xF0000000u || (e->pc | 1) != target))
        return branch_exchange_slow(c, target);
    CHAIN(c, e->head);
}

/* ---- conditions ---- */

#define Z ((uint32_t)c->nz == 0)
#define N (c->nz < 0)
#define V ((int32_t)c->vf < 0)

#define CONDITIONS(DO)                                                                             \
    DO(eq, Z, a == b)                                                                              \
    DO(ne, !Z, a != b)                                                                             \
    DO(cs, c->cf, a >= b)                                                                          \
    DO(cc, !c->cf, a < b)                                                                          \
    DO(mi, N, (int32_t)(a - b) < 0)                                                                \
    DO(pl, !N, (int32_t)(a - b) >= 0)                                                              \
    DO(vs, V, (int32_t)((a ^ b) & (a ^ (a - b))) < 0)                                              \
    DO(vc, !V, (int32_t)((a ^ b) & (a ^ (a - b))) >= 0)                                            \
    DO(hi, c->cf && !Z, a > b)                                                                     \
    DO(ls, !c->cf || Z, a <= b)                                                                    \
    DO(ge, N == V, (int32_t)a >= (int32_t)b)                                                       \
    DO(lt, N != V, (int32_t)a < (int32_t)b)                                                        \
    DO(gt, !Z && N == V, (int32_t)a > (int32_t)b)                                                  \
    DO(le, Z || N != V, (int32_t)a <= (int32_t)b)

bool condition_passed(const struct cpu *c, unsigned cond)
{
    switch (cond) {
#define CASE(NAME, TEST, COMPARE)                                                                  \
    case CONDITION_##NAME:                                                                         \
        return TEST;
#define NUMBER(NAME, TEST, COMPARE) CONDITION_##NAME,
        enum { CONDITIONS(NUMBER) };
        CONDITIONS(CASE)
    default:
        return true;
    }
}

#define CONDITION_HANDLERS(NAME, TEST, COMPARE)                                                    \
    static void b_##NAME(struct cpu *c, const struct op *op)                                       \
    {                                                                                              \
        if (TEST)                                                                                  \
            follow(c, op + 1, 1);                                                                  \
        else                                                                                       \
            follow(c, op + 1, 0);                                                                  \
    }                                                                                              \
    static void skip_unless_##NAME(struct cpu *c, const struct op *op)                             \
    {                                                                                              \
        if (TEST)                                                                                  \
            NEXT;                                                                                  \
        op += 1 + op->imm;                                                                         \
        return op->fn(c, op);                                                                      \
    }                                                                                              \
    static void cmp_imm_b_##NAME(struct cpu *c, const struct op *op)                               \
    {                                                                                              \
        uint32_t a = c->r[op->rn], b = op->imm;                                                    \
        set_nz(c, a - b);                                                                          \
        c->cf = a >= b;                                                                            \
        c->vf = (a ^ b) & (a ^ (a - b));                                                           \
        if (COMPARE)                                                                               \
            follow(c, op + 2, 1);                                                                  \
        else                                                                                       \
            follow(c, op + 2, 0);                                                                  \
    }                                                                                              \
    static void cmp_reg_b_##NAME(struct cpu *c, const struct op *op)                               \
    {                                                                                              \
        uint32_t a = c->r[op->rn], b = c->r[op->rm];                                               \
        set_nz(c, a - b);                                                                          \
        c->cf = a >= b;                                                                            \
        c->vf = (a ^ b) & (a ^ (a - b));                                                           \
        if (COMPARE)                                                                               \
            follow(c, op + 2, 1);                                                                  \
        else                                                                                       \
            follow(c, op + 2, 0);                                                                  \
    }
CONDITIONS(CONDITION_HANDLERS)

#define B_ENTRY(NAME, TEST, COMPARE)    b_##NAME,
#define SKIP_ENTRY(NAME, TEST, COMPARE) skip_unless_##NAME,
#define CMPI_ENTRY(NAME, TEST, COMPARE) cmp_imm_b_##NAME,
#define CMPR_ENTRY(NAME, TEST, COMPARE) cmp_reg_b_##NAME,
op_fn *const exec_branch_if[14] = {CONDITIONS(B_ENTRY)};
op_fn *const exec_skip_unless[14] = {CONDITIONS(SKIP_ENTRY)};
op_fn *const exec_cmp_imm_branch[14] = {CONDITIONS(CMPI_ENTRY)};
op_fn *const exec_cmp_reg_branch[14] = {CONDITIONS(CMPR_ENTRY)};

/* ---- branches ---- */

void op_b(struct cpu *c, const struct op *op)
{
    follow(c, op + 1, 1);
}

void op_bl(struct cpu *c, const struct op *op)
{
    c->r[14] = (op->pc + 4) | 1;
    follow(c, op + 1, 1);
}

void op_cbz(struct cpu *c, const struct op *op)
{
    if (c->r[op->rn] == 0)
        follow(c, op + 1, 1);
    else
        follow(c, op + 1, 0);
}

void op_cbnz(struct cpu *c, const struct op *op)
{
    if (c->r[op->rn] != 0)
        follow(c, op + 1, 1);
    else
        follow(c, op + 1, 0);
}

void op_goto(struct cpu *c, const struct op *op)
{
    follow(c, op + 1, 0);
}

void op_bx(struct cpu *c, const struct op *op)
{
    branch_exchange(c, c->r[op->rm]);
}

/* BLX never is an exception return (A7.7.19: BLXWritePC). */
void op_blx(struct cpu *c, const struct op *op)
{
    uint32_t target = c->r[op->rm];

    c->r[14] = (op->pc + 2) | 1;
    if (unlikely(!(target & 1))) {
        c->r[15] = target;
        c->itstate = 0;
        leave_thumb(c);
        return;
    }
    branch_to(c, target);
}

void op_mov_pc(struct cpu *c, const struct op *op)
{
    branch_to(c, c->r[op->rm]);
}

/* ADD PC, rm: imm = this instruction + 4. */
void op_add_pc(struct cpu *c, const struct op *op)
{
    branch_to(c, op->imm + c->r[op->rm]);
}

/* Table branches: imm = this instruction + 4, also the base if x is set. */
void op_tbb(struct cpu *c, const struct op *op)
{
    uint32_t base = op->x ? op->imm : c->r[op->rn];
    uint8_t offset;

    if (!mem_load8(c, op, base + c->r[op->rm], &offset))
        return;
    branch_to(c, op->imm + 2u * offset);
}

void op_tbh(struct cpu *c, const struct op *op)
{
    uint32_t base = op->x ? op->imm : c->r[op->rn];
    uint16_t offset;

    if (!mem_load16(c, op, base + 2 * c->r[op->rm], &offset))
        return;
    branch_to(c, op->imm + 2u * offset);
}

/* ---- system ---- */

void op_svc(struct cpu *c, const struct op *op)
{
    cpu_sync(c, op, EXC_SVCALL, 0, 0);
}

void op_bkpt(struct cpu *c, const struct op *op)
{
    cpu_sync(c, op, EXC_DEBUG_MONITOR, 0, 0);
}

void op_udf(struct cpu *c, const struct op *op)
{
    cpu_undefined(c, op);
}

void op_stop(struct cpu *c, const struct op *op)
{
    c->r[15] = op->pc;
    c->itstate = op->it;
    c->stop_now = true;
    c->stop_reason = CPU_BREAKPOINT;
}

void op_fetch_fault(struct cpu *c, const struct op *op)
{
    if (op->imm == MEM_MPU_FAULT)
        cpu_sync(c, op, EXC_MEM_MANAGE, CFSR_IACCVIOL, 0);
    else
        cpu_sync(c, op, EXC_BUS_FAULT, CFSR_IBUSERR, 0);
}

void op_wfi(struct cpu *c, const struct op *op)
{
    at_next(c, op);
    mem_barrier(c);
    if (!sys_wakes(c))
        sys_sleep(c, false);
}

void op_wfe(struct cpu *c, const struct op *op)
{
    at_next(c, op);
    mem_barrier(c);
    if (sys_wfe(c))
        sys_sleep(c, true);
}

void op_sev(struct cpu *c, const struct op *op)
{
    sys_sev(c);
    NEXT;
}

void op_barrier(struct cpu *c, const struct op *op)
{
    mem_barrier(c);
    NEXT;
}

/* ISB ends a block: what was changed before it (permissions, code, pending interrupts) is seen. */
void op_isb(struct cpu *c, const struct op *op)
{
    at_next(c, op);
}

void op_mrs(struct cpu *c, const struct op *op)
{
    c->r[op->rd] = sys_mrs(c, op->imm);
    NEXT;
}

void op_msr(struct cpu *c, const struct op *op)
{
    at_next(c, op);
    sys_msr(c, op->imm, op->imm2, c->r[op->rn]);
}

void op_cps(struct cpu *c, const struct op *op)
{
    at_next(c, op);
    sys_cps(c, op->x & 4, op->x & 2, op->x & 1);
}
