/*
 * Memory protection and the default memory map. ARMv7-M ARM DDI0403E B3.1 (map), B3.5 (PMSAv7);
 * DDI0489F for what this core makes of the default attributes.
 */
#include "sys_int.h"

/* MPU_RASR, B3.5.9. */
#define RASR_ENABLE   (1u << 0)
#define RASR_SIZE(r)  ((r) >> 1 & 31)
#define RASR_SRD(r)   ((r) >> 8 & 0xFF)
#define RASR_B(r)     ((r) >> 16 & 1)
#define RASR_C(r)     ((r) >> 17 & 1)
#define RASR_S        (1u << 18)
#define RASR_TEX(r)   ((r) >> 19 & 7)
#define RASR_AP(r)    ((r) >> 24 & 7)
#define RASR_XN       (1u << 28)
#define RASR_WRITABLE 0x173FFF3Fu

/* MPU_RBAR, B3.5.8. */
#define RBAR_ADDR   0xFFFFFFE0u
#define RBAR_VALID  (1u << 4)
#define RBAR_REGION 15u

enum { CAN_READ = 1 << 0, CAN_WRITE = 1 << 1 };

/* Access permissions by AP, B3.5.9 table B3-15. 0b100 is UNPREDICTABLE and gives nothing here. */
static const uint8_t permissions[8][2] = {
    /* unprivileged, privileged */
    {0, 0},
    {0, CAN_READ | CAN_WRITE},
    {CAN_READ, CAN_READ | CAN_WRITE},
    {CAN_READ | CAN_WRITE, CAN_READ | CAN_WRITE},
    {0, 0},
    {0, CAN_READ},
    {CAN_READ, CAN_READ},
    {CAN_READ, CAN_READ},
};

/* Inner cache policy of TEX = 0b1BB, C and B: the L1 caches go by it (B3.5.9 table B3-14). */
static const uint32_t policies[4] = {
    BUS_NON_CACHEABLE,
    BUS_WRITE_BACK | BUS_WRITE_ALLOCATE,
    BUS_WRITE_THROUGH,
    BUS_WRITE_BACK,
};

static uint32_t region_attributes(uint32_t rasr)
{
    uint32_t tex = RASR_TEX(rasr), cb = RASR_C(rasr) << 1 | RASR_B(rasr);
    uint32_t share = rasr & RASR_S ? BUS_SHAREABLE : 0;

    if (tex & 4)
        return BUS_NORMAL | policies[cb] | share;
    switch (tex << 2 | cb) {
    case 0:
        return BUS_STRONGLY_ORDERED | BUS_SHAREABLE;
    case 1:
        return BUS_DEVICE | BUS_SHAREABLE;
    case 2:
        return BUS_NORMAL | BUS_WRITE_THROUGH | share;
    case 3:
        return BUS_NORMAL | BUS_WRITE_BACK | share;
    case 4:
    case 6: /* IMPLEMENTATION DEFINED: the safe side is not to cache */
        return BUS_NORMAL | BUS_NON_CACHEABLE | share;
    case 7:
        return BUS_NORMAL | BUS_WRITE_BACK | BUS_WRITE_ALLOCATE | share;
    case 8:
        return BUS_DEVICE;
    default: /* reserved: the most careful of all types */
        return BUS_STRONGLY_ORDERED | BUS_SHAREABLE;
    }
}

/* Table B3-1 and its Cortex-M7 values, one row per 512 MB (0xE0000000 is treated apart). */
static const struct {
    uint32_t attr;
    bool execute;
} default_map[8] = {
    {BUS_NORMAL | BUS_WRITE_THROUGH, true},                   /* Code */
    {BUS_NORMAL | BUS_WRITE_BACK | BUS_WRITE_ALLOCATE, true}, /* SRAM */
    {BUS_DEVICE, false},                                      /* Peripheral */
    {BUS_NORMAL | BUS_WRITE_BACK | BUS_WRITE_ALLOCATE, true}, /* RAM */
    {BUS_NORMAL | BUS_WRITE_THROUGH, true},                   /* RAM */
    {BUS_DEVICE | BUS_SHAREABLE, false},
    {BUS_DEVICE, false},
    {BUS_DEVICE, false}, /* Vendor_SYS */
};

static bool is_ppb(uint32_t addr)
{
    return addr >> 20 == 0xE00;
}

static void default_view(uint32_t addr, struct mpu_view *v)
{
    v->read = v->write = true;
    if (is_ppb(addr)) {
        v->attr = BUS_STRONGLY_ORDERED | BUS_SHAREABLE;
        v->execute = false;
        return;
    }
    v->attr = default_map[addr >> 29].attr;
    v->execute = default_map[addr >> 29].execute;
}

/* How a region lies on the page around addr, and whether it holds addr itself. */
struct coverage {
    bool here;    /* addr is inside an enabled sub-region */
    bool partial; /* other bytes of the page are on the other side */
};

static struct coverage cover(const struct mpu_region *r, uint32_t addr)
{
    /* Below 32 bytes a size is reserved; B3.5.9. */
    uint32_t size_log2 = RASR_SIZE(r->rasr) + 1;
    struct coverage result = {false, false};

    if (!(r->rasr & RASR_ENABLE) || size_log2 < 5)
        return result;

    uint64_t size = (uint64_t)1 << size_log2;
    /* The base is taken as aligned to the size: B3.5.3 compares only the bits above. */
    uint64_t base = r->rbar & RBAR_ADDR & ~(size - 1);
    uint64_t page = addr & ~(uint64_t)(PAGE_SIZE - 1);
    if (base >= page + PAGE_SIZE || base + size <= page)
        return result;

    /* Sub-regions exist from 256 bytes on. */
    uint32_t srd = size_log2 >= 8 ? RASR_SRD(r->rasr) : 0;
    uint64_t part = size / 8;
    if (addr >= base && addr < base + size)
        result.here = !(srd >> (addr - base) / part & 1);

    if (size <= PAGE_SIZE / 2) {
        result.partial = srd != 0xFF;
    } else if (part >= PAGE_SIZE) {
        result.partial = false;
    } else {
        uint64_t from = page > base ? (page - base) / part : 0;
        uint64_t count = size < PAGE_SIZE ? 8 : PAGE_SIZE / part < 8 ? PAGE_SIZE / part : 8;
        uint32_t seen = srd >> from & ((1u << count) - 1);
        bool all_off = seen == (1u << count) - 1;
        result.partial = !all_off && seen != 0;
    }
    return result;
}

void sys_mpu_view(const struct cpu *c, uint32_t addr, bool privileged, struct mpu_view *v)
{
    const struct sys *s = &c->sys;

    v->uniform = true;
    /* The PPB always has the default map (B3.5.1). */
    if (!(s->mpu_ctrl & MPU_CTRL_ENABLE) || s->mpu_suspended || is_ppb(addr)) {
        default_view(addr, v);
        return;
    }
    /* The region with the highest number wins (B3.5.3). */
    for (uint32_t n = c->config.mpu_regions; n-- > 0;) {
        struct coverage k = cover(&s->mpu[n], addr);
        if (k.partial)
            v->uniform = false;
        if (!k.here)
            continue;
        uint32_t rasr = s->mpu[n].rasr;
        uint8_t can = permissions[RASR_AP(rasr)][privileged];
        v->attr = region_attributes(rasr);
        v->read = can & CAN_READ;
        v->write = can & CAN_WRITE;
        v->execute = v->read && !(rasr & RASR_XN);
        /* No region makes the System area executable (table B3-1). */
        if (addr >= 0xE0000000u)
            v->execute = false;
        return;
    }
    default_view(addr, v);
    if (!privileged || !(s->mpu_ctrl & MPU_CTRL_PRIVDEFENA))
        v->read = v->write = v->execute = false;
}

/* ---- registers ------------------------------------------------------------------------------ */

void mpu_reset(struct cpu *c)
{
    struct sys *s = &c->sys;

    s->mpu_ctrl = 0;
    s->mpu_rnr = 0;
    s->mpu_suspended = false;
    memset(s->mpu, 0, sizeof s->mpu);
}

uint32_t mpu_read(const struct cpu *c, uint32_t offset)
{
    const struct sys *s = &c->sys;

    if (offset == 0xD90) /* MPU_TYPE */
        return c->config.mpu_regions << 8;
    if (!c->config.mpu_regions)
        return 0;
    switch (offset) {
    case 0xD94:
        return s->mpu_ctrl;
    case 0xD98:
        return s->mpu_rnr;
    case 0xD9C: /* RBAR and its aliases A1..A3 */
    case 0xDA4:
    case 0xDAC:
    case 0xDB4:
        return s->mpu[s->mpu_rnr].rbar | s->mpu_rnr;
    case 0xDA0: /* RASR and its aliases */
    case 0xDA8:
    case 0xDB0:
    case 0xDB8:
        return s->mpu[s->mpu_rnr].rasr;
    default:
        return 0;
    }
}

static void select_region(struct cpu *c, uint32_t n)
{
    if (n >= c->config.mpu_regions)
        cpu_remark(c, c->r[15], "MPU region %u does not exist", (unsigned)n);
    else
        c->sys.mpu_rnr = n;
}

void mpu_write(struct cpu *c, uint32_t offset, uint32_t value)
{
    struct sys *s = &c->sys;
    bool was_on = s->mpu_ctrl & MPU_CTRL_ENABLE;

    if (!c->config.mpu_regions)
        return;
    switch (offset) {
    case 0xD94:
        if ((value & MPU_CTRL_HFNMIENA) && !(value & MPU_CTRL_ENABLE))
            cpu_remark(c, c->r[15], "MPU_CTRL: HFNMIENA without ENABLE is UNPREDICTABLE");
        value &= MPU_CTRL_ENABLE | MPU_CTRL_HFNMIENA | MPU_CTRL_PRIVDEFENA;
        if (value == s->mpu_ctrl)
            return;
        s->mpu_ctrl = value;
        nvic_masks_changed(c);
        if (was_on || (value & MPU_CTRL_ENABLE))
            cpu_memory_changed(c);
        return;
    case 0xD98:
        select_region(c, value & 0xFF);
        return;
    case 0xD9C:
    case 0xDA4:
    case 0xDAC:
    case 0xDB4:
        if (value & RBAR_VALID)
            select_region(c, value & RBAR_REGION);
        s->mpu[s->mpu_rnr].rbar = value & RBAR_ADDR;
        break;
    case 0xDA0:
    case 0xDA8:
    case 0xDB0:
    case 0xDB8:
        s->mpu[s->mpu_rnr].rasr = value & RASR_WRITABLE;
        break;
    default:
        return;
    }
    if (was_on)
        cpu_memory_changed(c);
}
