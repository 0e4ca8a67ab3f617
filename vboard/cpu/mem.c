/*
 * Memory as the core sees it: page pointers for the fast path, and the way of every access that the
 * fast path does not serve: protection, attributes, data cache, bus, faults (ARMv7-M ARM A3, B2.3,
 * B3.1, B3.5).
 */
#include <stdlib.h>

#include "debug.h"
#include "exec.h"

#define PPB_BASE 0xE0000000u
#define PPB_SIZE 0x00100000u

/* What is known of a page that has no pointer for the fast path. */
enum {
    KIND_CACHED = 1 << 0, /* Normal write-back, write-allocate, observed by others, data cache on:
                             readable and writable through dcache_*() */
    KIND_CODE = 1 << 1,   /* plain memory from which code was decoded */
    KIND_LOADS = 1 << 2,  /* plain memory behind the data cache, whose tags have to be looked at: */
    KIND_STORES = 1 << 3, /* readable, writable at set->plain[page] */
};

int mem_init(struct cpu *c)
{
    for (unsigned i = 0; i < 2; i++) {
        struct page_set *set = &c->page_sets[i];

        set->read = calloc(PAGE_COUNT, sizeof(*set->read));
        set->write = calloc(PAGE_COUNT, sizeof(*set->write));
        set->plain = calloc(PAGE_COUNT, sizeof(*set->plain));
        set->kind = calloc(PAGE_COUNT, 1);
        set->used_max = 4096;
        set->used = calloc(set->used_max, sizeof(*set->used));
        if (set->read == NULL || set->write == NULL || set->plain == NULL || set->kind == NULL ||
            set->used == NULL)
            return -1;
    }
    c->pages = &c->page_sets[1];
    c->read_pages = c->pages->read;
    c->write_pages = c->pages->write;
    return icache_init(c) == 0 ? dcache_init(c) : -1;
}

void mem_free(struct cpu *c)
{
    for (unsigned i = 0; i < 2; i++) {
        struct page_set *set = &c->page_sets[i];

        free(set->read);
        free(set->write);
        free(set->plain);
        free(set->kind);
        free(set->used);
    }
    icache_free(c);
    dcache_free(c);
}

static void flush_set(struct page_set *set)
{
    for (uint32_t i = 0; i < set->used_count; i++) {
        uint32_t page = set->used[i];

        set->read[page] = set->write[page] = set->plain[page] = 0;
        set->kind[page] = 0;
    }
    set->used_count = 0;
}

void mem_flush_pages(struct cpu *c)
{
    flush_set(&c->page_sets[0]);
    flush_set(&c->page_sets[1]);
}

/* Notes that the page has an entry from now on. */
static void use_page(struct page_set *set, uint32_t page)
{
    if (set->read[page] || set->write[page] || set->kind[page])
        return;
    if (set->used_count == set->used_max)
        flush_set(set);
    set->used[set->used_count++] = page;
}

void mem_watch_code(struct cpu *c, uint32_t addr)
{
    for (unsigned i = 0; i < 2; i++)
        c->page_sets[i].write[addr >> PAGE_BITS] = 0;
}

void mem_unaligned_fault(struct cpu *c, const struct op *op)
{
    cpu_sync(c, op, EXC_USAGE_FAULT, CFSR_UNALIGNED, 0);
}

uint64_t mem_stall_cycles(const struct cpu *c, uint64_t stall_ps)
{
    return (uint64_t)(((unsigned __int128)stall_ps * c->clock_hz) / 1000000000000u);
}

enum bus_status mem_transfer(struct cpu *c, struct bus_access *a)
{
    a->stall_ps = 0;
    enum bus_status status = bus_do(c->config.bus, a);
    if (a->stall_ps)
        c->cycles += mem_stall_cycles(c, a->stall_ps);
    return status;
}

enum bus_status mem_transfer_observed(struct cpu *c, struct bus_access *a)
{
    dcache_settle(c);
    return mem_transfer(c, a);
}

static bool region_covers_page(const struct bus_region *r, uint32_t addr)
{
    uint32_t base = addr & ~(PAGE_SIZE - 1);

    return r->base <= base && r->size - (base - r->base) >= PAGE_SIZE;
}

/* Normal memory whose data the data cache would hold (DDI0489F; shareable memory is not cached
   unless CACR.SIWT makes it write-through). */
static bool is_cacheable(const struct cpu *c, uint32_t attr)
{
    if ((attr & BUS_TYPE_MASK) != BUS_NORMAL || (attr & BUS_CACHE_MASK) == BUS_NON_CACHEABLE)
        return false;
    if ((attr & BUS_SHAREABLE) && !(c->sys.cacr & CACR_SIWT))
        return false;
    return (c->sys.ccr & CCR_DC) != 0;
}

static bool writes_back(const struct cpu *c, uint32_t attr)
{
    return (attr & BUS_CACHE_MASK) == BUS_WRITE_BACK && !(attr & BUS_SHAREABLE) &&
           !(c->sys.cacr & CACR_FORCEWT);
}

/* What others observe goes through caches and store buffer; but RAM that nothing caches is seen by
   all as it is, and so is as plain as any. */
static bool is_observed(const struct cpu *c, const struct bus_region *r, uint32_t attr)
{
    return (r->flags & BUS_OBSERVED) && (r->host == NULL || is_cacheable(c, attr));
}

/* Gives the page around addr its pointers if it is plain memory with one set of permissions. */
static void enter_page(struct cpu *c, uint32_t addr, const struct mpu_view *view,
                       const struct bus_region *r)
{
    struct page_set *set = c->pages;
    uint32_t page = addr >> PAGE_BITS;
    uint32_t base = page << PAGE_BITS;

    if (!view->uniform || !region_covers_page(r, addr) ||
        (view->attr & BUS_TYPE_MASK) != BUS_NORMAL ||
        debug_watch_at(c->debug, base, PAGE_SIZE, CPU_WATCH_READ | CPU_WATCH_WRITE))
        return;
    if (is_observed(c, r, view->attr)) {
        if (is_cacheable(c, view->attr) && writes_back(c, view->attr) &&
            (view->attr & BUS_WRITE_ALLOCATE) && view->read && view->write) {
            use_page(set, page);
            set->kind[page] |= KIND_CACHED;
        }
        return;
    }

    uintptr_t offset = (uintptr_t)r->host - r->base;

    bool loads = view->read && (r->flags & BUS_DIRECT_READ);
    bool stores = view->write && (r->flags & BUS_DIRECT_WRITE);

    if (r->line_ps != 0 && is_cacheable(c, view->attr)) {
        if (loads || stores) {
            use_page(set, page);
            set->plain[page] = offset;
            set->kind[page] |= (loads ? KIND_LOADS : 0) | (stores ? KIND_STORES : 0);
        }
        return;
    }
    use_page(set, page);
    if (loads)
        set->read[page] = offset;
    if (stores) {
        if (blocks_in_page(c, addr))
            set->kind[page] |= KIND_CODE;
        else
            set->write[page] = offset;
    }
    if (set->read[page] == 0 && set->write[page] == 0 && set->kind[page] == 0)
        set->used_count--;
}

static void hit_watch(struct cpu *c, uint32_t addr, unsigned size, unsigned kind)
{
    if (c->debug->watch_count == 0 || !debug_watch_at(c->debug, addr, size, kind))
        return;
    c->debug->watch_hit = addr;
    c->stop_now = true;
    c->stop_reason = CPU_WATCHPOINT;
    cpu_attend(c);
}

static bool protection_fault(struct cpu *c, const struct op *op, uint32_t addr)
{
    cpu_sync(c, op, EXC_MEM_MANAGE, CFSR_DACCVIOL | CFSR_MMARVALID, addr);
    return false;
}

/* False: a precise bus fault was noted. True: it is to be ignored (CCR.BFHFNMIGN). */
static bool bus_fault(struct cpu *c, const struct op *op, uint32_t addr)
{
    if (sys_ignores_bus_fault(c))
        return true;
    cpu_sync(c, op, EXC_BUS_FAULT, CFSR_PRECISERR | CFSR_BFARVALID, addr);
    return false;
}

/* Hosts are little-endian: checked in cpu.c. Sizes by cases, so that each is one move of the host.
 */
static inline uint64_t little_endian(const uint8_t *bytes, unsigned size)
{
    uint64_t value = 0;

    switch (size) {
    case 1:
        return *bytes;
    case 2:
        memcpy(&value, bytes, 2);
        return value;
    case 4:
        memcpy(&value, bytes, 4);
        return value;
    default:
        memcpy(&value, bytes, 8);
        return value;
    }
}

static inline void put_little_endian(uint8_t *bytes, uint64_t value, unsigned size)
{
    switch (size) {
    case 1:
        *bytes = (uint8_t)value;
        break;
    case 2:
        memcpy(bytes, &value, 2);
        break;
    case 4:
        memcpy(bytes, &value, 4);
        break;
    default:
        memcpy(bytes, &value, 8);
        break;
    }
}

/* ---- loads ---- */

/*
 * An access that may take a microsecond begins only if no event or interrupt is due: those in front
 * of it in its block may have used up the time. Only Normal memory may be accessed twice.
 */
static bool must_wait(const struct cpu *c, const struct bus_region *r, uint32_t attr)
{
    return r != NULL && is_observed(c, r, attr) && (attr & BUS_TYPE_MASK) == BUS_NORMAL &&
           (c->cycles >= c->hard || c->deadline == 0) && !c->single;
}

/* A load from memory that others observe, within one line. */
static enum bus_status load_observed(struct cpu *c, struct bus_access *a)
{
    enum bus_status status = BUS_OK;
    const uint8_t *line;

    if (!is_cacheable(c, a->attr)) {
        stores_drain_line(c, a->addr);
        return mem_transfer_observed(c, a);
    }
    line = dcache_find(c, a->addr);
    if (line == NULL)
        line = dcache_fill(c, a->addr, a->attr, &status);
    if (line != NULL)
        memcpy(a->data, line + (a->addr & (LINE_SIZE - 1)), a->size);
    return status;
}

static bool load_aligned(struct cpu *c, const struct op *op, uint32_t addr, unsigned size)
{
    uint8_t bytes[8];
    struct mpu_view view;
    enum bus_status status;
    struct bus_access a = {.addr = addr, .size = size, .data = bytes};

    c->r[15] = op->pc; /* for targets that ask who accesses them */
    if (addr - PPB_BASE < PPB_SIZE) {
        a.attr = BUS_STRONGLY_ORDERED | (c->privileged ? BUS_PRIVILEGED : 0);
        status = sys_ppb(c, &a);
        if (status != BUS_OK)
            return bus_fault(c, op, addr);
        c->loaded = little_endian(bytes, size);
        return true;
    }

    sys_mpu_view(c, addr, c->privileged, &view);
    if (!view.read)
        return protection_fault(c, op, addr);

    const struct bus_region *r = bus_find(c->config.bus, addr);

    if (must_wait(c, r, view.attr)) {
        cpu_retry(c, op);
        return false;
    }
    hit_watch(c, addr, size, CPU_WATCH_READ); /* asks for a stop: not before must_wait() */
    a.attr = view.attr | (c->privileged ? BUS_PRIVILEGED : 0);
    c->loaded = 0;
    if (r != NULL) {
        enter_page(c, addr, &view, r);
        c->cycles += r->read_wait;
    }
    status = r != NULL && is_observed(c, r, a.attr) ? load_observed(c, &a) : mem_transfer(c, &a);
    if (status != BUS_OK)
        return bus_fault(c, op, addr);
    c->loaded = little_endian(bytes, size);
    return true;
}

/* The time of an access to plain memory behind the data cache. */
static inline void touch(struct cpu *c, uint32_t addr, bool store)
{
    if ((addr & ~(LINE_SIZE - 1)) == c->plain_line)
        c->stats.dcache_hits++;
    else
        dcache_plain(c, addr, store);
}

/* The unaligned cases of A3.2.1 that do not fault: single loads and stores of Normal memory. */
static bool may_be_unaligned(struct cpu *c, const struct op *op, uint32_t addr, unsigned size)
{
    struct mpu_view view;
    bool device = addr - PPB_BASE < PPB_SIZE;

    if (!device) {
        sys_mpu_view(c, addr, c->privileged, &view);
        device = (view.attr & BUS_TYPE_MASK) != BUS_NORMAL;
    }
    if (c->unalign_trap || device) {
        mem_unaligned_fault(c, op);
        return false;
    }
    (void)size;
    return true;
}

static bool load_unaligned(struct cpu *c, const struct op *op, uint32_t addr, unsigned size)
{
    uintptr_t page = c->pages->read[addr >> PAGE_BITS];
    uint64_t value = 0;

    if (page != 0 && !c->unalign_trap && (addr & (PAGE_SIZE - 1)) + size <= PAGE_SIZE) {
        memcpy(&value, (const void *)(page + addr), size);
        c->loaded = value;
        return true;
    }
    if (!may_be_unaligned(c, op, addr, size))
        return false;
    for (unsigned i = 0; i < size; i++) {
        if (!mem_load_slow(c, op, addr + i, 1))
            return false;
        value |= c->loaded << (8 * i);
    }
    c->loaded = value;
    return true;
}

bool mem_load_slow(struct cpu *c, const struct op *op, uint32_t addr, unsigned size)
{
    uint32_t page = addr >> PAGE_BITS;

    if ((addr & (size - 1)) != 0)
        return load_unaligned(c, op, addr, size);
    if (c->pages->kind[page] & KIND_CACHED) {
        const struct hot_line *hot = hot_line(c, addr);
        const uint8_t *line =
            hot->line == (addr & ~(LINE_SIZE - 1)) ? hot->data : dcache_find(c, addr);

        if (likely(line != NULL)) {
            c->stats.dcache_hits++;
            c->loaded = little_endian(line + (addr & (LINE_SIZE - 1)), size);
            return true;
        }
    } else if (c->pages->kind[page] & KIND_LOADS) {
        touch(c, addr, false);
        c->loaded = little_endian((const uint8_t *)(c->pages->plain[page] + addr), size);
        return true;
    } else if (c->pages->read[page]) {
        c->loaded = little_endian((const uint8_t *)(c->pages->read[page] + addr), size);
        return true;
    }
    c->stats.slow_accesses++;
    return load_aligned(c, op, addr, size);
}

/* ---- stores ---- */

/*
 * A store to memory that others observe, within one doubleword. Data cache policies of
 * DDI0489F 5.9: write-back, write-through, write-allocate or not. What does not end in the cache
 * goes through the store buffer, except for Device and Strongly-ordered memory, whose accesses keep
 * their size and number (ARMv7-M ARM A3.5.3).
 */
static enum bus_status store_observed(struct cpu *c, struct bus_access *a)
{
    enum bus_status status = BUS_OK;
    bool allocates = a->attr & BUS_WRITE_ALLOCATE;

    if ((a->attr & BUS_TYPE_MASK) != BUS_NORMAL)
        return mem_transfer_observed(c, a);
    if (!is_cacheable(c, a->attr)) {
        stores_put(c, a, false);
        return BUS_OK;
    }
    if (!writes_back(c, a->attr)) {
        dcache_update(c, a->addr, a->data, a->size);
        stores_put(c, a, false);
        return BUS_OK;
    }
    if (dcache_store(c, a->addr, a->data, a->size))
        return BUS_OK;
    if (allocates && dcache_allocate(c, a->addr, a->attr, &status))
        dcache_store(c, a->addr, a->data, a->size);
    else if (status == BUS_OK)
        stores_put(c, a, allocates);
    return status;
}

static void code_may_have_changed(struct cpu *c, uint32_t addr, unsigned size)
{
    if (blocks_in_granule(c, addr))
        blocks_drop(c, addr, size);
}

static bool store_aligned(struct cpu *c, const struct op *op, uint32_t addr, unsigned size,
                          uint64_t value)
{
    struct mpu_view view;
    enum bus_status status;
    uint8_t bytes[8];
    struct bus_access a = {
        .addr = addr, .size = size, .strobe = (1u << size) - 1, .write = true, .data = bytes};

    c->r[15] = op->pc;
    memcpy(bytes, &value, sizeof(bytes));
    if (addr - PPB_BASE < PPB_SIZE) {
        a.attr = BUS_STRONGLY_ORDERED | (c->privileged ? BUS_PRIVILEGED : 0);
        status = sys_ppb(c, &a);
        return status == BUS_OK || bus_fault(c, op, addr);
    }

    sys_mpu_view(c, addr, c->privileged, &view);
    if (!view.write)
        return protection_fault(c, op, addr);

    const struct bus_region *r = bus_find(c->config.bus, addr);

    if (must_wait(c, r, view.attr)) {
        cpu_retry(c, op);
        return false;
    }
    hit_watch(c, addr, size, CPU_WATCH_WRITE); /* asks for a stop: not before must_wait() */
    a.attr = view.attr | (c->privileged ? BUS_PRIVILEGED : 0);
    if (r != NULL && (r->flags & BUS_DIRECT_WRITE)) {
        enter_page(c, addr, &view, r);
        code_may_have_changed(c, addr, size);
    } else if (r != NULL) {
        enter_page(c, addr, &view, r);
        c->cycles += r->write_wait;
    }
    status = r != NULL && is_observed(c, r, a.attr) ? store_observed(c, &a) : mem_transfer(c, &a);
    if (status == BUS_OK)
        return true;
    /* Stores wait in the store buffer and their errors come back when the core is further on, those
       of Device and Strongly-ordered memory as well (DDI0489F 2.7.1, DUI0646C 2.4.3). */
    sys_imprecise(c, status);
    return true;
}

static bool store_unaligned(struct cpu *c, const struct op *op, uint32_t addr, unsigned size,
                            uint64_t value)
{
    uintptr_t page = c->pages->write[addr >> PAGE_BITS];
    struct mpu_view view;

    if (page != 0 && !c->unalign_trap && (addr & (PAGE_SIZE - 1)) + size <= PAGE_SIZE) {
        memcpy((void *)(page + addr), &value, size);
        return true;
    }
    if (!may_be_unaligned(c, op, addr, size))
        return false;
    /* no byte is written unless all may be */
    sys_mpu_view(c, addr, c->privileged, &view);
    if (!view.write)
        return protection_fault(c, op, addr);
    sys_mpu_view(c, addr + size - 1, c->privileged, &view);
    if (!view.write)
        return protection_fault(c, op, (addr + size - 1) & ~(size - 1));
    for (unsigned i = 0; i < size; i++)
        if (!mem_store_slow(c, op, addr + i, 1, value >> (8 * i) & 0xFF))
            return false;
    return true;
}

bool mem_store_slow(struct cpu *c, const struct op *op, uint32_t addr, unsigned size,
                    uint64_t value)
{
    uint32_t page = addr >> PAGE_BITS;

    if ((addr & (size - 1)) != 0)
        return store_unaligned(c, op, addr, size, value);
    if (c->pages->kind[page] & KIND_CACHED) {
        const struct hot_line *hot = hot_line(c, addr);

        if (likely(hot->line == (addr & ~(LINE_SIZE - 1)))) {
            put_little_endian(hot->data + (addr & (LINE_SIZE - 1)), value, size);
            *hot->dirty = true;
            c->stats.dcache_hits++;
            return true;
        }
        if (dcache_store(c, addr, &value, size)) {
            c->stats.dcache_hits++;
            return true;
        }
    } else if (c->pages->kind[page] & KIND_STORES) {
        touch(c, addr, true);
        put_little_endian((uint8_t *)(c->pages->plain[page] + addr), value, size);
        code_may_have_changed(c, addr, size);
        return true;
    } else if ((c->pages->kind[page] & KIND_CODE) && c->pages->read[page]) {
        memcpy((void *)(c->pages->read[page] + addr), &value, size);
        code_may_have_changed(c, addr, size);
        return true;
    } else if (c->pages->write[page]) {
        memcpy((void *)(c->pages->write[page] + addr), &value, size);
        return true;
    }
    c->stats.slow_accesses++;
    return store_aligned(c, op, addr, size, value);
}

/* ---- the exception machinery's accesses ---- */

/* Loads and stores on behalf of no instruction: faults are returned, not noted. */
static enum mem_fault machine_access(struct cpu *c, uint32_t addr, bool privileged, bool write,
                                     uint32_t *value)
{
    struct mpu_view view;
    enum bus_status status = BUS_OK;
    struct bus_access a = {
        .addr = addr, .size = 4, .strobe = 15, .write = write, .data = (uint8_t *)value};

    sys_mpu_view(c, addr, privileged, &view);
    if (write ? !view.write : !view.read)
        return MEM_MPU_FAULT;

    const struct bus_region *r = bus_find(c->config.bus, addr);

    a.attr = view.attr | (privileged ? BUS_PRIVILEGED : 0);
    if (r == NULL)
        return MEM_BUS_FAULT;
    if (is_observed(c, r, a.attr)) {
        status = write ? store_observed(c, &a) : load_observed(c, &a);
    } else {
        status = mem_transfer(c, &a);
        if (write && (r->flags & BUS_DIRECT_WRITE))
            code_may_have_changed(c, addr, 4);
    }
    return status == BUS_OK ? MEM_OK : MEM_BUS_FAULT;
}

enum mem_fault mem_stack_read(struct cpu *c, uint32_t addr, bool privileged, uint32_t *out)
{
    uintptr_t page = c->page_sets[privileged].read[addr >> PAGE_BITS];

    if (page != 0) {
        memcpy(out, (const void *)(page + addr), 4);
        return MEM_OK;
    }
    return machine_access(c, addr, privileged, false, out);
}

enum mem_fault mem_stack_write(struct cpu *c, uint32_t addr, bool privileged, uint32_t value)
{
    uintptr_t page = c->page_sets[privileged].write[addr >> PAGE_BITS];

    if (page != 0) {
        memcpy((void *)(page + addr), &value, 4);
        return MEM_OK;
    }
    return machine_access(c, addr, privileged, true, &value);
}

enum mem_fault mem_vector_read(struct cpu *c, uint32_t addr, uint32_t *out)
{
    struct bus_access a = {.addr = addr,
                           .size = 4,
                           .attr = BUS_NORMAL | BUS_WRITE_THROUGH | BUS_PRIVILEGED,
                           .data = (uint8_t *)out};

    return mem_transfer(c, &a) == BUS_OK ? MEM_OK : MEM_BUS_FAULT;
}

/* ---- fetch ---- */

enum mem_fault mem_fetch(struct cpu *c, uint32_t addr, uint16_t *out)
{
    struct mpu_view view;
    struct bus_access a = {.addr = addr, .size = 2, .data = (uint8_t *)out};

    if (addr - PPB_BASE < PPB_SIZE)
        return MEM_MPU_FAULT; /* always execute-never (B3.1) */
    sys_mpu_view(c, addr, c->privileged, &view);
    if (!view.execute)
        return MEM_MPU_FAULT;

    const struct bus_region *r = bus_find(c->config.bus, addr);

    if (r == NULL)
        return MEM_BUS_FAULT;
    if (r->flags & BUS_DIRECT_READ) {
        memcpy(out, r->host + (addr - r->base), 2);
        return MEM_OK;
    }
    a.attr = view.attr | BUS_FETCH | (c->privileged ? BUS_PRIVILEGED : 0);
    dcache_settle(c);
    return mem_transfer(c, &a) == BUS_OK ? MEM_OK : MEM_BUS_FAULT;
}

/* ---- caches, barriers, the debugger ---- */

void mem_cache_maintenance(struct cpu *c, uint32_t offset, uint32_t value)
{
    switch (offset & 0xFF) {
    case 0x50: /* ICIALLU: and what was decoded from memory that the core does not see change */
    case 0x58: /* ICIMVAU */
        if ((offset & 0xFF) == 0x50)
            icache_invalidate_all(c);
        else
            icache_invalidate(c, value);
        for (uint32_t base = 0x60000000u; base < 0xA0000000u; base += 0x10000000u)
            blocks_drop(c, base, 0x10000000u);
        cpu_attend(c);
        return;
    case 0x78: /* BPIALL */
        return;
    default:
        dcache_maintain(c, offset & 0xFF, value);
        return;
    }
}

void mem_dcache_enable(struct cpu *c, bool on)
{
    (void)on;
    cpu_memory_changed(c);
}

void mem_barrier(struct cpu *c)
{
    stores_drain(c);
    dcache_settle(c);
}

void mem_attend(struct cpu *c)
{
    stores_attend(c);
    dcache_attend(c);
}

void mem_reset(struct cpu *c)
{
    c->stores.count = 0;
    dcache_reset(c);
}

static size_t debug_move(struct cpu *c, uint32_t addr, uint8_t *bytes, size_t n, bool write)
{
    for (size_t i = 0; i < n; i++, addr++) {
        const uint8_t *line = c->sys.ccr & CCR_DC ? dcache_peek(c, addr) : NULL;
        uint8_t *waiting = stores_find(c, addr);
        struct bus_access a = {.addr = addr,
                               .size = 1,
                               .strobe = 1,
                               .write = write,
                               .attr = BUS_NORMAL | BUS_PRIVILEGED | BUS_DEBUG,
                               .data = &bytes[i]};

        if (addr - PPB_BASE < PPB_SIZE) {
            /* Most registers there know whole words only. */
            if ((addr & 3) == 0 && n - i >= 4)
                a.size = 4;
            if (sys_ppb(c, &a) != BUS_OK)
                return i;
            i += a.size - 1;
            addr += a.size - 1;
            continue;
        }
        if (waiting != NULL || line != NULL) {
            if (!write) {
                bytes[i] = waiting != NULL ? *waiting : line[addr & (LINE_SIZE - 1)];
                continue;
            }
            if (waiting != NULL)
                *waiting = bytes[i];
            dcache_update(c, addr, &bytes[i], 1);
        }
        if (bus_do(c->config.bus, &a) != BUS_OK)
            return i;
        if (write)
            blocks_drop(c, addr, 1);
    }
    return n;
}

size_t cpu_peek(struct cpu *c, uint32_t addr, void *out, size_t n)
{
    return debug_move(c, addr, out, n, false);
}

size_t cpu_poke(struct cpu *c, uint32_t addr, const void *in, size_t n)
{
    return debug_move(c, addr, (uint8_t *)in, n, true);
}
