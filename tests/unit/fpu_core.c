#include <stdlib.h>

#include "fpu_core.h"

static struct fpu_core *core_of(struct cpu *c)
{
    return (struct fpu_core *)((char *)c - offsetof(struct fpu_core, cpu));
}

struct fpu_core *fpu_core_new(void)
{
    struct fpu_core *core = calloc(1, sizeof *core);

    if (!core)
        abort();
    for (int i = 0; i < 2; i++) {
        struct page_set *set = &core->cpu.page_sets[i];
        set->read = calloc(PAGE_COUNT, sizeof *set->read);
        set->write = calloc(PAGE_COUNT, sizeof *set->write);
        if (!set->read || !set->write)
            abort();
        for (uint32_t page = RAM_BASE >> PAGE_BITS; page < SLOW_BASE >> PAGE_BITS; page++)
            set->read[page] = set->write[page] = (uintptr_t)core->memory - RAM_BASE;
    }
    core->cpu.pages = &core->cpu.page_sets[1];
    core->cpu.read_pages = core->cpu.pages->read;
    core->cpu.write_pages = core->cpu.pages->write;
    return core;
}

void fpu_core_free(struct fpu_core *core)
{
    for (int i = 0; i < 2; i++) {
        free(core->cpu.page_sets[i].read);
        free(core->cpu.page_sets[i].write);
    }
    free(core);
}

static void finish(struct cpu *c, const struct op *op)
{
    (void)op;
    core_of(c)->finished++;
}

bool fpu_core_run(struct fpu_core *core, uint32_t insn, uint32_t pc, struct op *op)
{
    struct op ops[2] = {{.pc = pc, .raw = insn, .len = 4}, {.fn = finish}};
    bool ends_block = true;

    if (!decode_fp(insn, &ops[0], &ends_block))
        return false;
    if (op)
        *op = ops[0];
    fpu_enter(&core->cpu);
    ops[0].fn(&core->cpu, &ops[0]);
    fpu_leave(&core->cpu);
    return true;
}

/* ---- what the rest of vboard/cpu does for the FP files ---- */

bool sys_fp_access(struct cpu *c, const struct op *op)
{
    struct fpu_core *core = core_of(c);

    (void)op;
    core->access_checks++;
    if (core->deny_access)
        return false;
    c->fp_attention = 0;
    return true;
}

bool mem_load_slow(struct cpu *c, const struct op *op, uint32_t addr, unsigned size)
{
    struct fpu_core *core = core_of(c);

    (void)op;
    core->slow_loads++;
    if (addr < RAM_BASE || addr + size > SLOW_BASE + SLOW_SIZE) {
        core->faults++;
        return false;
    }
    c->loaded = 0;
    memcpy(&c->loaded, core->memory + (addr - RAM_BASE), size);
    return true;
}

bool mem_store_slow(struct cpu *c, const struct op *op, uint32_t addr, unsigned size,
                    uint64_t value)
{
    struct fpu_core *core = core_of(c);

    (void)op;
    core->slow_stores++;
    if (size == 8)
        core->doubleword_stores++;
    if (addr < RAM_BASE || addr + size > SLOW_BASE + SLOW_SIZE) {
        core->faults++;
        return false;
    }
    memcpy(core->memory + (addr - RAM_BASE), &value, size);
    return true;
}

void mem_unaligned_fault(struct cpu *c, const struct op *op)
{
    (void)op;
    core_of(c)->unaligned_faults++;
}

bool condition_passed(const struct cpu *c, unsigned cond)
{
    bool n = flag_n(c), z = flag_z(c), v = flag_v(c);
    bool base = cond == 0 ? z : cond == 6 ? v : cond == 10 ? n == v : n == v && !z;

    return base;
}
