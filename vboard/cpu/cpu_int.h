/*
 * The core's inside: state, decoded operations, and the contracts between its files.
 *
 *   cpu.c       life cycle, run loop, debugger's view          block.c   decoded blocks and their
 * cache decode*.c   encodings -> operations                        exec_*.c  the operations mem.c
 * loads, stores, page table                      cache.c   data cache sys.c, nvic.c, mpu.c,
 * exception.c   system control space, interrupts, protection, exceptions fpu.c       arithmetic of
 * FPv5 on bit patterns
 *
 * How a program runs: code is decoded once into a block, an array of struct op that starts with a
 * head and ends with a branch. Each handler does its work and tail-calls the next op's handler; a
 * branch tail-calls the head of its successor. The head returns to the run loop when the cycle
 * counter has reached c->deadline, so anything that needs attention (an interrupt, an event, a
 * stop) sets the deadline to 0.
 *
 * How an instruction faults: the helper that notices calls cpu_sync(), which notes the exception
 * and sets the PC to the faulting instruction; the handler then returns at once, without having
 * changed a register. The run loop takes the exception.
 */
#ifndef VBOARD_CPU_INT_H
#define VBOARD_CPU_INT_H

#include <string.h>

#include "cpu.h"
#include "sys.h"

#define likely(x)   __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

struct op;
struct block;
typedef void op_fn(struct cpu *c, const struct op *op);

/* One decoded operation: 32 bytes. What the fields mean beyond the obvious is the handler's
 * business. */
struct op {
    op_fn *fn;
    uint8_t rd, rn, rm, ra;
    uint32_t imm;
    uint32_t imm2;
    uint32_t pc;  /* address of the instruction */
    uint32_t raw; /* its encoding; a 32-bit one has its first half-word in the upper half */
    uint8_t it;   /* ITSTATE in force for it (0 outside IT blocks) */
    uint8_t len;  /* 2 or 4 bytes */
    uint8_t cycles;
    uint8_t x;
};

/* Continues with the next operation of the block. Handlers end with NEXT; or, after a fault,
 * return. */
#define NEXT return op[1].fn(c, op + 1)

/* Pages of the fast path. */
#define PAGE_BITS  12u
#define PAGE_SIZE  (1u << PAGE_BITS)
#define PAGE_COUNT (1u << (32 - PAGE_BITS))

/*
 * Per privilege level: host address of a guest page minus its guest address, or 0 for "ask mem.c".
 * Entries exist only for plain memory with one set of permissions over the whole page.
 */
struct page_set {
    uintptr_t *read; /* PAGE_COUNT entries each */
    uintptr_t *write;
    uintptr_t *plain; /* the same for plain memory behind the data cache, see mem.c */
    uint8_t *kind;    /* PAGE_KIND_* of pages without an entry that mem.c has looked at */
    uint32_t *used;   /* pages that have an entry or a kind, for flushing */
    uint32_t used_count, used_max;
};

/* A synchronous exception noted by an instruction, to be taken by the run loop. */
struct sync_exception {
    uint32_t exception; /* EXC_*; 0 = none */
    uint32_t cfsr;      /* status bits to set in CFSR */
    uint32_t address;   /* for MMFAR/BFAR when the VALID bit is in cfsr */
    uint32_t hfsr;      /* status bits to set in HFSR */
};

/*
 * Lines of the data cache hit of late, by their lowest bits: what most accesses to them need. Never
 * the line that is being filled.
 */
#define HOT_LINES 64u
struct hot_line {
    uint32_t line; /* its address; odd = none */
    uint8_t *data;
    bool *dirty;
};

/* The store buffer (store_buffer.c). */
enum { STORE_ENTRIES = 4 };
struct store_entry {
    uint32_t addr; /* of its doubleword */
    uint32_t attr;
    uint8_t data[8];
    uint8_t strobe;
    bool streaming; /* a write-allocate store that read-allocate mode let through */
};
struct store_buffer {
    struct store_entry entry[STORE_ENTRIES]; /* oldest first */
    unsigned count;
    uint64_t last; /* cycle of the last store */
};

struct cpu {
    /* r[13] is the SP in use, r[15] the address of the next instruction whenever the run loop or a
       bus target looks; inside a block PC-relative operands are decoded constants. */
    uint32_t r[16];

    /* Flags: N = (nz < 0), Z = ((uint32_t)nz == 0); both may be true at once after MSR. */
    int64_t nz;
    uint32_t cf;     /* 0 or 1 */
    uint32_t vf;     /* bit 31 */
    uint8_t qf;      /* 0 or 1 */
    uint8_t ge;      /* 4 bits */
    uint8_t itstate; /* for the instruction at r[15]; blocks normally start with 0 */

    uint64_t cycles;
    uint64_t deadline; /* block heads return to the run loop when cycles >= deadline */
    uint64_t instructions;
    uint64_t slept;    /* cycles in WFI, WFE */
    uint32_t exec_gen; /* heads of blocks made under another generation return to the loop */

    struct page_set *pages; /* of the privilege level in force ... */
    uintptr_t *read_pages;  /* ... and its tables, one load nearer */
    uintptr_t *write_pages;

    /* FP: every FP operation calls sys_fp_access() first if this is non-zero (access disabled, lazy
       state to be saved, or CONTROL.FPCA to be set). */
    uint8_t fp_attention;
    uint8_t unalign_trap; /* CCR.UNALIGN_TRP */
    uint8_t div0_trap;    /* CCR.DIV_0_TRP */
    uint8_t privileged;
    union {
        uint32_t s[32];
        uint64_t d[16];
    };
    uint32_t fpscr; /* see fpu.h: use fpu_get_fpscr()/fpu_set_fpscr() outside fpu files */

    struct sync_exception sync;
    uint64_t loaded; /* result of mem_load_slow() */

    /* Exclusive monitor (ARMv7-M ARM A3.4): one local monitor. */
    bool exclusive;
    uint32_t exclusive_addr;

    uint64_t until; /* end of the present run; a block may go beyond it */
    uint64_t event; /* next event of the outside, see cpu_event() */
    uint64_t hard;  /* that or SysTick's: no instruction begins behind it before it is served */
    bool stop_requested;
    bool single; /* one instruction is being stepped */
    bool sleeping;
    bool stop_now;
    enum cpu_stop stop_reason; /* valid while stop_now */
    uint64_t clock_hz;
    uint32_t memory_gen; /* counts cpu_memory_changed() */

    struct page_set page_sets[2]; /* [privileged] */
    struct cpu_config config;
    struct sys sys;
    struct block_cache *blocks;
    struct dcache *dcache;
    struct icache *icache;
    struct store_buffer stores;
    struct hot_line hot[HOT_LINES];
    uint32_t plain_line; /* line of plain memory touched last and present; odd = none */
    struct debug *debug; /* breakpoints, watchpoints */
    struct cpu_stats stats;
};

/* ---- flags -------------------------------------------------------------------------------------
 */

static inline uint32_t flag_n(const struct cpu *c)
{
    return c->nz < 0;
}
static inline uint32_t flag_z(const struct cpu *c)
{
    return (uint32_t)c->nz == 0;
}
static inline uint32_t flag_v(const struct cpu *c)
{
    return c->vf >> 31;
}
static inline void set_nz(struct cpu *c, uint32_t result)
{
    c->nz = (int32_t)result;
}
/* APSR as in xPSR bits 31:27 and 19:16. */
static inline uint32_t apsr_get(const struct cpu *c)
{
    return flag_n(c) << 31 | flag_z(c) << 30 | c->cf << 29 | flag_v(c) << 28 |
           (uint32_t)c->qf << 27 | (uint32_t)c->ge << 16;
}
static inline void apsr_set_nzcv(struct cpu *c, uint32_t apsr)
{
    c->nz = (int64_t)((uint64_t)(apsr >> 31) << 63 | (apsr & 1u << 30 ? 0 : 1));
    c->cf = apsr >> 29 & 1;
    c->vf = (apsr & 1u << 28) << 3;
}
/* ConditionPassed() of ARMv7-M ARM A7.3.1. */
bool condition_passed(const struct cpu *c, unsigned cond);

/* ---- run loop (cpu.c) --------------------------------------------------------------------------
 */

/* Makes the run loop look at everything as soon as the present block ends. */
static inline void cpu_attend(struct cpu *c)
{
    c->deadline = 0;
}

/* Notes a synchronous exception of the instruction op (see the head of this file). */
void cpu_sync(struct cpu *c, const struct op *op, uint32_t exception, uint32_t cfsr,
              uint32_t address);
/* Takes op back, which has done nothing yet: the run loop looks at events and interrupts, then it
 * runs. */
void cpu_retry(struct cpu *c, const struct op *op);
/* UsageFault UNDEFINSTR for op. */
void cpu_undefined(struct cpu *c, const struct op *op);

/* What is derived from protection, attributes or memory kinds is stale: pages are dropped and
   blocks re-checked. Called for MPU, CCR.DC/IC, privilege rules, HardFault/NMI/FAULTMASK with
   HFNMIENA = 0. */
void cpu_memory_changed(struct cpu *c);
/* Thread/Handler or CONTROL.nPRIV changed: c->privileged has its new value. */
void cpu_privilege_changed(struct cpu *c);

void cpu_remark(struct cpu *c, uint32_t pc, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* ---- memory (mem.c) ----------------------------------------------------------------------------
 */

/*
 * A load or store by instruction op. Slow paths: unaligned, page not in the table, devices, faults.
 * False: an exception was noted; the handler returns at once. size 1, 2, 4 (8 for one beat of an
 * aligned doubleword). What needs alignment (LDM, LDRD, LDREX, FP) checks it before and calls
 * mem_unaligned_fault(). The loaded value arrives in c->loaded, zero extended: a pointer to a
 * handler's local would cost the compiler its tail call.
 */
bool mem_load_slow(struct cpu *c, const struct op *op, uint32_t addr, unsigned size);
bool mem_store_slow(struct cpu *c, const struct op *op, uint32_t addr, unsigned size,
                    uint64_t value);
void mem_unaligned_fault(struct cpu *c, const struct op *op);

#define MEM_LOAD(BITS)                                                                             \
    static inline bool mem_load##BITS(struct cpu *c, const struct op *op, uint32_t addr,           \
                                      uint##BITS##_t *out)                                         \
    {                                                                                              \
        uintptr_t page = c->read_pages[addr >> PAGE_BITS];                                         \
        if (likely(page != 0 && (addr & ((BITS) / 8 - 1u)) == 0)) {                                \
            memcpy(out, (const void *)(page + addr), (BITS) / 8);                                  \
            return true;                                                                           \
        }                                                                                          \
        if (!mem_load_slow(c, op, addr, (BITS) / 8))                                               \
            return false;                                                                          \
        *out = (uint##BITS##_t)c->loaded;                                                          \
        return true;                                                                               \
    }
#define MEM_STORE(BITS)                                                                            \
    static inline bool mem_store##BITS(struct cpu *c, const struct op *op, uint32_t addr,          \
                                       uint##BITS##_t value)                                       \
    {                                                                                              \
        uintptr_t page = c->write_pages[addr >> PAGE_BITS];                                        \
        if (likely(page != 0 && (addr & ((BITS) / 8 - 1u)) == 0)) {                                \
            memcpy((void *)(page + addr), &value, (BITS) / 8);                                     \
            return true;                                                                           \
        }                                                                                          \
        return mem_store_slow(c, op, addr, (BITS) / 8, value);                                     \
    }
MEM_LOAD(8)
MEM_LOAD(16)
MEM_LOAD(32)
MEM_STORE(8)
MEM_STORE(16)
MEM_STORE(32)

/*
 * The same for the exception machinery (stacking, unstacking, vector fetch), which is no
 * instruction: 4 bytes, aligned. Returns 0, or the kind of fault for the caller to turn into its
 * own status bits.
 */
enum mem_fault { MEM_OK = 0, MEM_MPU_FAULT, MEM_BUS_FAULT };
enum mem_fault mem_stack_read(struct cpu *c, uint32_t addr, bool privileged, uint32_t *out);
enum mem_fault mem_stack_write(struct cpu *c, uint32_t addr, bool privileged, uint32_t value);
/* Vector table reads: through the bus with default attributes, never MPU checked (B1.5.3: "vector
   reads use the default address map"). */
enum mem_fault mem_vector_read(struct cpu *c, uint32_t addr, uint32_t *out);

/* Between two blocks: what was held back long enough leaves. */
void mem_attend(struct cpu *c);
/* Core reset. */
void mem_reset(struct cpu *c);

/* Data cache maintenance requested by a write to 0xE000EF50..EF78 (DDI0489F, DUI0646C 4.8). */
void mem_cache_maintenance(struct cpu *c, uint32_t offset, uint32_t value);
/* CCR.DC changed to `on`. */
void mem_dcache_enable(struct cpu *c, bool on);
/* DSB/DMB: everything that the core still holds back and that is not cached leaves it. */
void mem_barrier(struct cpu *c);

/* Instruction fetch of one half-word. */
enum mem_fault mem_fetch(struct cpu *c, uint32_t addr, uint16_t *out);
/* Code was decoded from the page of addr: stores to it must be noticed from now on. */
void mem_watch_code(struct cpu *c, uint32_t addr);
/* Forgets all page pointers. */
void mem_flush_pages(struct cpu *c);
int mem_init(struct cpu *c);
void mem_free(struct cpu *c);

/*
 * The data cache (cache.c) holds data of regions that others observe (BUS_OBSERVED); of plain
 * memory it would make no difference. 16 KB, 4 ways, 32-byte lines (DDI0489F; CCSIDR 0xF00FE019).
 */
#define LINE_SIZE 32u
int dcache_init(struct cpu *c);
void dcache_free(struct cpu *c);
static inline struct hot_line *hot_line(struct cpu *c, uint32_t addr)
{
    return &c->hot[addr / LINE_SIZE % HOT_LINES];
}
/* The line that holds addr, or NULL; for a load. A fill that is under way is waited for. */
uint8_t *dcache_find(struct cpu *c, uint32_t addr);
/* Brings the line of addr in for a load (write-back of a dirty victim included). NULL: the bus
 *refused, status. */
uint8_t *dcache_fill(struct cpu *c, uint32_t addr, uint32_t attr, enum bus_status *status);
/* A store of size bytes into a line that is there, which becomes dirty. False: it is not there. */
bool dcache_store(struct cpu *c, uint32_t addr, const void *bytes, unsigned size);
/* A write-allocate store that misses: true if the line is there now (its fill may still be under
   way), false with BUS_OK if it is to go past the cache (read-allocate mode), false with an error.
 */
bool dcache_allocate(struct cpu *c, uint32_t addr, uint32_t attr, enum bus_status *status);
/* A write-through store: a line that is there is updated, and stays as clean as it was. */
void dcache_update(struct cpu *c, uint32_t addr, const void *bytes, unsigned size);
void dcache_leave_read_allocate(struct cpu *c);
/* An access to plain memory behind the cache: only the tag is kept, and the time passes. Sets
   c->plain_line. */
void dcache_plain(struct cpu *c, uint32_t addr, bool store);
/* Waits for a line fill that is under way; the line that made room for it leaves. */
void dcache_settle(struct cpu *c);
/* The same if its time has come; else its end becomes a deadline. */
void dcache_attend(struct cpu *c);
/* What a debugger is to see: the line that holds addr, in the cache or on its way out of it; or
 * NULL. */
const uint8_t *dcache_peek(struct cpu *c, uint32_t addr);
/* Core reset: what was under way is gone, lines stay as they are (DDI0489F: reset invalidates
 * nothing). */
void dcache_reset(struct cpu *c);
void dcache_maintain(struct cpu *c, uint32_t offset, uint32_t value);

/* The instruction cache (icache.c). icache_fetch() lets the lines of some code come, and their time
   pass; false: they will not stay, because the cache is off or the memory not cacheable. */
int icache_init(struct cpu *c);
void icache_free(struct cpu *c);
bool icache_fetch(struct cpu *c, uint32_t addr, uint32_t bytes);
void icache_invalidate(struct cpu *c, uint32_t addr);
void icache_invalidate_all(struct cpu *c);

/* One transfer on the bus; its stall is added to the cycle counter. */
enum bus_status mem_transfer(struct cpu *c, struct bus_access *a);
/* The same to memory that others observe: after a line fill that is under way. */
enum bus_status mem_transfer_observed(struct cpu *c, struct bus_access *a);
/* A stall in cycles of the core, rounded down. */
uint64_t mem_stall_cycles(const struct cpu *c, uint64_t stall_ps);

/* The store buffer: takes a store of Normal memory within one doubleword; lets everything, or one
   line, go (true: there was something); lets it go when it waited long enough; the byte that waits
   for addr, or NULL. */
void stores_put(struct cpu *c, const struct bus_access *a, bool streaming);
void stores_drain(struct cpu *c);
bool stores_drain_line(struct cpu *c, uint32_t addr);
void stores_attend(struct cpu *c);
uint8_t *stores_find(struct cpu *c, uint32_t addr);

/* ---- system (sys.c, nvic.c, mpu.c, exception.c): everything that struct sys holds ---- */

enum {
    EXC_RESET = 1,
    EXC_NMI = 2,
    EXC_HARD_FAULT = 3,
    EXC_MEM_MANAGE = 4,
    EXC_BUS_FAULT = 5,
    EXC_USAGE_FAULT = 6,
    EXC_SVCALL = 11,
    EXC_DEBUG_MONITOR = 12,
    EXC_PENDSV = 14,
    EXC_SYSTICK = 15,
    EXC_IRQ0 = 16,
};

/* CFSR bits, ARMv7-M ARM B3.2.15. */
enum {
    CFSR_IACCVIOL = 1 << 0,
    CFSR_DACCVIOL = 1 << 1,
    CFSR_MUNSTKERR = 1 << 3,
    CFSR_MSTKERR = 1 << 4,
    CFSR_MLSPERR = 1 << 5,
    CFSR_MMARVALID = 1 << 7,
    CFSR_IBUSERR = 1 << 8,
    CFSR_PRECISERR = 1 << 9,
    CFSR_IMPRECISERR = 1 << 10,
    CFSR_UNSTKERR = 1 << 11,
    CFSR_STKERR = 1 << 12,
    CFSR_LSPERR = 1 << 13,
    CFSR_BFARVALID = 1 << 15,
    CFSR_UNDEFINSTR = 1 << 16,
    CFSR_INVSTATE = 1 << 17,
    CFSR_INVPC = 1 << 18,
    CFSR_NOCP = 1 << 19,
    CFSR_UNALIGNED = 1 << 24,
    CFSR_DIVBYZERO = 1 << 25,
};

int sys_init(struct cpu *c); /* once, from c->config; 0 or -1 */
void sys_free(struct cpu *c);
void sys_reset(struct cpu *c,
               uint32_t vtor); /* all registers of the core incl. r[], flags, SP, PC */

/* Called by the run loop between blocks.
   sys_take_sync: takes c->sync (status bits, escalation, lock-up, entry) and clears it.
   sys_service: SysTick expiry up to c->cycles; enters the pending exception of sufficient priority,
   if any. Returns true if it changed the flow (an entry happened). sys_wakes: whether WFI/WFE ends
   now. sys_next_event: cycle at which sys_service must run next for SysTick; UINT64_MAX if never.
 */
void sys_take_sync(struct cpu *c);
bool sys_service(struct cpu *c);
bool sys_wakes(struct cpu *c);
uint64_t sys_next_event(const struct cpu *c);

/* BX, POP {pc}, LDM, LDR pc with an EXC_RETURN value in Handler mode (value >= 0xF0000000):
   performs the exception return (or notes/derives its faults). On return r[15], flags, itstate are
   the new ones. */
void sys_exception_return(struct cpu *c, uint32_t exc_return);

/* MRS/MSR/CPS of ARMv7-M ARM B5.2; sysm and mask as encoded. Unprivileged rules included. */
uint32_t sys_mrs(struct cpu *c, unsigned sysm);
void sys_msr(struct cpu *c, unsigned sysm, unsigned mask, uint32_t value);
void sys_cps(struct cpu *c, bool disable, bool affect_i, bool affect_f);

/* An access to the private peripheral bus 0xE0000000..0xE00FFFFF. BUS_SLVERR: a bus fault
   (unprivileged access, reserved space, wrong size). */
enum bus_status sys_ppb(struct cpu *c, struct bus_access *a);

/* An error response to a buffered store: pends an imprecise bus fault. */
void sys_imprecise(struct cpu *c, uint32_t axi_status);

/* WFI/WFE/SEV and the event register. wfe returns whether to sleep. */
void sys_sev(struct cpu *c);
bool sys_wfe(struct cpu *c);

/* Before an FP instruction when c->fp_attention: CPACR check (NOCP), lazy state preservation, FPCA.
   False: an exception was noted for op; the handler returns. */
bool sys_fp_access(struct cpu *c, const struct op *op);

/* What the MPU and the default map say of addr for the present state of the core. */
struct mpu_view {
    uint32_t attr; /* BUS_* type, shareability, cache policy */
    bool read, write, execute;
    bool uniform; /* the same for the whole PAGE_SIZE page around addr */
};
void sys_mpu_view(const struct cpu *c, uint32_t addr, bool privileged, struct mpu_view *out);

/* ---- floating point (decode_fp.c, exec_fp.c, fpu.c) ---- */

/* Decodes a coprocessor 10/11 encoding (and the FPv5 ones: VSEL, VMAXNM, VCVTx, VRINTx). Fills op's
   fn, operands and cycles; sets *ends_block when the instruction may write the PC. False:
   undefined. */
bool decode_fp(uint32_t insn, struct op *op, bool *ends_block);
uint32_t fpu_get_fpscr(struct cpu *c);
void fpu_set_fpscr(struct cpu *c, uint32_t value);
/* Around cpu_run(): installs and removes the host's floating-point environment if fpu.c uses it. */
void fpu_enter(struct cpu *c);
void fpu_leave(struct cpu *c);

/* ---- blocks (block.c) and decoding (decode.c) ---- */

int blocks_init(struct cpu *c);
void blocks_free(struct cpu *c);
/* A line left the instruction cache: blocks with code of it look again when they are entered; so do
   all blocks. */
void blocks_cool(struct cpu *c, uint32_t line);
void blocks_cool_all(struct cpu *c);
/* Drops everything decoded from [base, base + size). */
void blocks_drop(struct cpu *c, uint32_t base, uint32_t size);
void blocks_drop_all(struct cpu *c);

#endif
