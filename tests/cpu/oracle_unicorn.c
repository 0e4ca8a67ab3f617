/*
 * Unicorn 2.0.1 as the oracle. Its Cortex-M7 has a single-precision FPU only (MVFR0 = 0x10110021),
 * so there are two engines on the same memory: that Cortex-M7, and for programs with
 * double-precision arithmetic the A-profile "max" CPU, whose FPU has the same instructions (VFPv4,
 * and VSEL, VMAXNM, VRINT, VCVTA .. of ARMv8), run in Thumb state.
 */
#include "machine.h"

#include <stdlib.h>
#include <string.h>
#include <unicorn/unicorn.h>

enum { MODEL_M7, MODEL_MAX, MODELS };

struct unicorn_side {
    uc_engine *uc[MODELS];
    unsigned model;    /* the one that runs */
    uint32_t cpsr_low; /* mode, T and mask bits of MODEL_MAX */
    uint8_t *code, *data;
    char error[80];
};

static void must(uc_err err, const char *what)
{
    if (err != UC_ERR_OK) {
        fprintf(stderr, "unicorn: %s: %s\n", what, uc_strerror(err));
        exit(2);
    }
}

static const int core_regs[] = {
    UC_ARM_REG_R0,  UC_ARM_REG_R1,  UC_ARM_REG_R2,  UC_ARM_REG_R3,  UC_ARM_REG_R4,
    UC_ARM_REG_R5,  UC_ARM_REG_R6,  UC_ARM_REG_R7,  UC_ARM_REG_R8,  UC_ARM_REG_R9,
    UC_ARM_REG_R10, UC_ARM_REG_R11, UC_ARM_REG_R12, UC_ARM_REG_R13, UC_ARM_REG_R14,
};

static void reg_write(uc_engine *uc, int reg, uint32_t v)
{
    must(uc_reg_write(uc, reg, &v), "register write");
}

static uint32_t reg_read(uc_engine *uc, int reg)
{
    uint32_t v = 0;
    must(uc_reg_read(uc, reg, &v), "register read");
    return v;
}

static void *page_memory(size_t size)
{
    void *p = aligned_alloc(PAGE, size);
    if (p == NULL)
        exit(2);
    memset(p, 0, size);
    return p;
}

static void open_model(struct unicorn_side *u, unsigned model)
{
    static const struct {
        uc_mode mode;
        int cpu;
    } as[MODELS] = {
        {UC_MODE_THUMB | UC_MODE_MCLASS, UC_CPU_ARM_CORTEX_M7},
        {UC_MODE_THUMB, UC_CPU_ARM_MAX},
    };
    uc_engine *uc;
    must(uc_open(UC_ARCH_ARM, as[model].mode, &uc), "open");
    must(uc_ctl_set_cpu_model(uc, as[model].cpu), "model");
    must(uc_mem_map_ptr(uc, CODE_BASE, CODE_SIZE, UC_PROT_ALL, u->code), "map code");
    must(uc_mem_map_ptr(uc, DATA_BASE, DATA_SIZE, UC_PROT_ALL, u->data), "map data");
    if (model == MODEL_MAX) {
        reg_write(uc, UC_ARM_REG_C1_C0_2, 0xFu << 20); /* CPACR */
        u->cpsr_low = reg_read(uc, UC_ARM_REG_CPSR) & 0x1FF;
    }
    /* FPEXC is how this version's M-profile FPU is switched on as well. One FP instruction makes
       the FP context, so that FPSCR is not loaded from FPDSCR later (B1.5.7, ExecuteFPCheck). */
    reg_write(uc, UC_ARM_REG_FPEXC, 1u << 30);
    static const uint16_t vmov[] = {0xEEB0, 0x0A40};
    memcpy(u->code, vmov, sizeof vmov);
    must(uc_emu_start(uc, CODE_BASE | 1, CODE_BASE + 4, 0, 0), "first instruction");
    u->uc[model] = uc;
}

struct unicorn_side *unicorn_side_new(void)
{
    struct unicorn_side *u = calloc(1, sizeof *u);
    if (u == NULL)
        exit(2);
    u->code = page_memory(CODE_SIZE);
    u->data = page_memory(DATA_SIZE);
    for (unsigned model = 0; model < MODELS; model++)
        open_model(u, model);
    return u;
}

void unicorn_side_free(struct unicorn_side *u)
{
    for (unsigned model = 0; model < MODELS; model++)
        uc_close(u->uc[model]);
    free(u->code);
    free(u->data);
    free(u);
}

void unicorn_side_double_precision(struct unicorn_side *u, bool on)
{
    u->model = on ? MODEL_MAX : MODEL_M7;
}

void unicorn_side_write_code(struct unicorn_side *u, uint32_t addr, const void *bytes, size_t n)
{
    memcpy(u->code + (addr - CODE_BASE), bytes, n);
}

void unicorn_side_clear_code(struct unicorn_side *u, const uint8_t *pattern)
{
    for (unsigned model = 0; model < MODELS; model++) {
        uc_close(u->uc[model]);
        open_model(u, model);
    }
    for (uint32_t at = 0; at < CODE_SIZE; at += SLOT_SIZE)
        memcpy(u->code + at, pattern, SLOT_SIZE);
}

uint8_t *unicorn_side_data(struct unicorn_side *u)
{
    return u->data;
}

static void load_state(struct unicorn_side *u, const struct state *in)
{
    uc_engine *uc = u->uc[u->model];
    for (int i = 0; i < 15; i++)
        reg_write(uc, core_regs[i], in->r[i]);
    for (int i = 0; i < 16; i++) {
        uint64_t d = (uint64_t)in->s[2 * i + 1] << 32 | in->s[2 * i];
        must(uc_reg_write(uc, UC_ARM_REG_D0 + i, &d), "register write");
    }
    reg_write(uc, UC_ARM_REG_FPSCR, in->fpscr);
    if (u->model == MODEL_MAX) {
        reg_write(uc, UC_ARM_REG_CPSR, in->apsr | u->cpsr_low);
        return;
    }
    reg_write(uc, UC_ARM_REG_APSR_NZCVQG, in->apsr);
    reg_write(uc, UC_ARM_REG_PSP, in->psp);
    reg_write(uc, UC_ARM_REG_PRIMASK, in->primask);
    reg_write(uc, UC_ARM_REG_BASEPRI, in->basepri);
    reg_write(uc, UC_ARM_REG_FAULTMASK, in->faultmask);
}

static void store_state(struct unicorn_side *u, const struct state *in, struct state *out)
{
    uc_engine *uc = u->uc[u->model];
    memset(out, 0, sizeof *out);
    for (int i = 0; i < 15; i++)
        out->r[i] = reg_read(uc, core_regs[i]);
    out->r[15] = reg_read(uc, UC_ARM_REG_PC) & ~1u;
    out->fpscr = reg_read(uc, UC_ARM_REG_FPSCR);
    for (int i = 0; i < 16; i++) {
        uint64_t d = 0;
        must(uc_reg_read(uc, UC_ARM_REG_D0 + i, &d), "register read");
        out->s[2 * i] = (uint32_t)d;
        out->s[2 * i + 1] = (uint32_t)(d >> 32);
    }
    if (u->model == MODEL_MAX) {
        out->apsr = reg_read(uc, UC_ARM_REG_CPSR) & APSR_MASK;
        out->primask = in->primask;
        out->basepri = in->basepri;
        out->faultmask = in->faultmask;
        out->psp = in->psp;
        return;
    }
    out->apsr = reg_read(uc, UC_ARM_REG_XPSR) & APSR_MASK;
    out->psp = reg_read(uc, UC_ARM_REG_PSP);
    out->primask = reg_read(uc, UC_ARM_REG_PRIMASK);
    out->basepri = reg_read(uc, UC_ARM_REG_BASEPRI);
    out->faultmask = reg_read(uc, UC_ARM_REG_FAULTMASK);
}

const char *unicorn_side_run(struct unicorn_side *u, const struct state *in, uint32_t end,
                             struct state *out)
{
    load_state(u, in);
    uc_err err = uc_emu_start(u->uc[u->model], in->r[15] | 1, end, 0, 0);
    store_state(u, in, out);
    if (err == UC_ERR_OK && out->r[15] == end)
        return NULL;
    snprintf(u->error, sizeof u->error, "%s at %08x", uc_strerror(err), out->r[15]);
    /* An exception inside an IT block leaves its state in the engine. */
    uc_close(u->uc[u->model]);
    open_model(u, u->model);
    return u->error;
}
