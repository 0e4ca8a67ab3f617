/*
 * Memory protection: which region holds an address and what it permits, against the rules of Arm
 * DDI0403E B3.5.3 (ValidateAddress) written down anew here; the default map, B3.1; and what is not
 * checked.
 */
#include "machine.h"

enum { ENABLE = 1, HFNMIENA = 2, PRIVDEFENA = 4 };
enum {
    NO_ACCESS,
    PRIVILEGED_ONLY,
    UNPRIVILEGED_READS,
    FULL,
    UNUSED,
    PRIVILEGED_READS,
    READ_ONLY_ALL
};
#define PLACE (RAM + 0x4000u)

/* MPU_RBAR's and MPU_RASR's aliases lie behind them. */
#define RBAR_A(n) (MPU_RBAR + 8u * (n))
#define RASR_A(n) (MPU_RASR + 8u * (n))

/* Region 15: stacks and log for everybody; region 14: the programs, read-only. */
static void protect(struct machine *m, uint32_t control)
{
    enable_faults(m);
    mpu_region(m, 15, RAM + 0x7C00, RASR_SIZE(10) | RASR_AP(FULL) | RASR_NORMAL | RASR_XN);
    mpu_region(m, 14, 0, RASR_SIZE(16) | RASR_AP(READ_ONLY_ALL) | RASR_NORMAL);
    set_word(m, MPU_CTRL, control);
}

/* What an access became: 0, or the exception; Thread mode again in any case, CFSR in *cfsr. */
static uint32_t outcome(struct machine *m, uint32_t program, uint32_t r1, uint32_t *cfsr)
{
    set_word(m, CFSR, 0xFFFFFFFFu);
    set_reg(m, 1, r1);
    run(m, program);
    uint32_t exception = exception_now(m);
    *cfsr = word(m, CFSR);
    if (exception)
        abandon(m);
    return exception;
}

/* Whether the protection let it pass. What the bus says then (nothing is mapped in most places) is
   another matter. */
static bool permitted(struct machine *m, uint32_t program, uint32_t addr)
{
    uint32_t cfsr, exception = outcome(m, program, addr, &cfsr);

    if (exception != MEM)
        return true;
    if (cfsr & DACCVIOL)
        assert_int_equal(word(m, MMFAR), addr);
    return false;
}

static bool can_read(struct machine *m, uint32_t addr)
{
    return permitted(m, AT_run_load_byte, addr);
}

static bool can_write(struct machine *m, uint32_t addr)
{
    return permitted(m, AT_run_store_byte, addr);
}

/* Calls a function there, which is one BX LR. */
static bool can_execute(struct machine *m, uint32_t addr)
{
    uint32_t cfsr, exception = outcome(m, AT_run_call, addr | 1, &cfsr);

    if (exception == MEM)
        assert_int_equal(cfsr, IACCVIOL);
    return exception != MEM;
}

static void plant_functions(struct machine *m, uint32_t from, uint32_t bytes)
{
    for (uint32_t at = from; at < from + bytes; at += 4)
        set_word(m, at, 0x47704770u);
}

/* ---- registers ------------------------------------------------------------------------------ */

static void type_register(void **state)
{
    struct machine *m = *state;

    assert_int_equal(word(m, MPU_TYPE), 16 << 8);
    set_word(m, MPU_TYPE, 0);
    assert_int_equal(word(m, MPU_TYPE), 16 << 8);
}

static void registers_hold_their_fields(void **state)
{
    struct machine *m = *state;

    set_word(m, MPU_RNR, 5);
    set_word(m, MPU_RASR, 0xFFFFFFFEu); /* disabled */
    assert_int_equal(word(m, MPU_RASR), 0x173FFF3Eu);
    set_word(m, MPU_RBAR, 0xFFFFFFE0u);
    assert_int_equal(word(m, MPU_RBAR), 0xFFFFFFE0u | 5); /* VALID reads as zero, REGION is RNR */
    set_word(m, MPU_RNR, 15);
    assert_int_equal(word(m, MPU_RBAR), 15);
    set_word(m, MPU_CTRL, PRIVDEFENA | 0xFFFFFFF8u);
    assert_int_equal(word(m, MPU_CTRL), PRIVDEFENA);
}

static void rbar_with_valid_selects_the_region(void **state)
{
    struct machine *m = *state;

    set_word(m, MPU_RNR, 2);
    set_word(m, MPU_RBAR, RAM | 9); /* no VALID: the number is ignored */
    assert_int_equal(word(m, MPU_RNR), 2);
    assert_int_equal(word(m, MPU_RBAR), RAM | 2);
    set_word(m, MPU_RBAR, (RAM + 0x100) | 1 << 4 | 9);
    assert_int_equal(word(m, MPU_RNR), 9);
    assert_int_equal(word(m, MPU_RBAR), (RAM + 0x100) | 9);
    set_word(m, MPU_RNR, 2);
    assert_int_equal(word(m, MPU_RBAR), RAM | 2);
}

static void aliases_program_four_regions_in_one_go(void **state)
{
    struct machine *m = *state;

    for (unsigned i = 0; i < 4; i++) {
        set_word(m, RBAR_A(i), (RAM + 0x1000 * i) | 1 << 4 | (4 + i));
        set_word(m, RASR_A(i), RASR_SIZE(10 + i) | RASR_AP(i) | RASR_NORMAL);
    }
    for (unsigned i = 0; i < 4; i++) {
        set_word(m, MPU_RNR, 4 + i);
        assert_int_equal(word(m, MPU_RBAR), (RAM + 0x1000 * i) | (4 + i));
        assert_int_equal(word(m, MPU_RASR), RASR_SIZE(10 + i) | RASR_AP(i) | RASR_NORMAL);
        assert_int_equal(word(m, RASR_A(3)), word(m, MPU_RASR));
    }
}

static void a_region_that_does_not_exist_is_told(void **state)
{
    struct machine *m = *state;

    set_word(m, MPU_RNR, 3);
    set_word(m, MPU_RNR, 16);
    assert_int_equal(m->remarks, 1);
    assert_int_equal(word(m, MPU_RNR), 3);
}

/* ---- what a region permits ------------------------------------------------------------------ */

/* Table B3-15: read, write by privileged and unprivileged code. */
static const struct {
    unsigned ap;
    bool privileged_read, privileged_write, read, write;
} table[] = {
    {0, false, false, false, false}, {1, true, true, false, false},  {2, true, true, true, false},
    {3, true, true, true, true},     {5, true, false, false, false}, {6, true, false, true, false},
    {7, true, false, true, false},
};

static void access_permissions(void **state)
{
    struct machine *m = *state;

    plant_functions(m, PLACE, 32);
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        for (unsigned xn = 0; xn < 2; xn++) {
            cpu_reset(m->cpu, 0);
            mpu_region(m, 3, PLACE,
                       RASR_SIZE(8) | RASR_AP(table[i].ap) | RASR_NORMAL | (xn ? RASR_XN : 0));
            protect(m, ENABLE | PRIVDEFENA);
            set_reg(m, 0, 0x70);
            assert_int_equal(can_read(m, PLACE), table[i].privileged_read);
            set_reg(m, 0, 0x70);
            assert_int_equal(can_write(m, PLACE), table[i].privileged_write);
            assert_int_equal(can_execute(m, PLACE), table[i].privileged_read && !xn);
            drop_privilege(m);
            assert_int_equal(can_read(m, PLACE), table[i].read);
            set_reg(m, 0, 0x70);
            assert_int_equal(can_write(m, PLACE), table[i].write);
            assert_int_equal(can_execute(m, PLACE), table[i].read && !xn);
        }
    }
}

static void every_size_ends_where_it_should(void **state)
{
    struct machine *m = *state;

    protect(m, ENABLE);
    drop_privilege(m);
    for (unsigned size = 5; size <= 31; size++) {
        /* Memory that nothing else is in, and that does not end at the private peripherals. */
        uint32_t base = size < 28 ? 0x70000000u : size < 30 ? 0xA0000000u : 0x80000000u;
        uint32_t bytes = 1u << size;
        mpu_region(m, 3, base, RASR_SIZE(size) | RASR_AP(FULL) | RASR_NORMAL);
        assert_true(can_read(m, base));
        assert_true(can_read(m, base + bytes / 2));
        assert_true(can_read(m, base + bytes - 1));
        assert_false(can_read(m, base - 1));
        if (base + bytes != 0)
            assert_false(can_read(m, base + bytes));
    }
    mpu_region(m, 3, 0, RASR_SIZE(32) | RASR_AP(FULL) | RASR_NORMAL);
    for (unsigned i = 0; i < 14; i++)
        assert_true(can_read(m, 0x10000000u * i + 0x5000));
}

static void the_base_is_taken_modulo_the_size(void **state)
{
    struct machine *m = *state;

    protect(m, ENABLE | PRIVDEFENA);
    mpu_region(m, 3, PLACE + 0x60, RASR_SIZE(8) | RASR_AP(NO_ACCESS) | RASR_NORMAL);
    assert_false(can_read(m, PLACE));
    assert_false(can_read(m, PLACE + 0xFF));
    assert_true(can_read(m, PLACE + 0x100));
}

static void sub_regions_can_be_switched_off(void **state)
{
    struct machine *m = *state;

    protect(m, ENABLE);
    drop_privilege(m);
    for (unsigned size = 8; size <= 13; size++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            uint32_t part = 1u << (size - 3);
            mpu_region(m, 3, PLACE,
                       RASR_SIZE(size) | RASR_AP(FULL) | RASR_NORMAL | 1u << (8 + bit));
            for (unsigned i = 0; i < 8; i++) {
                assert_int_equal(can_read(m, PLACE + i * part), i != bit);
                assert_int_equal(can_read(m, PLACE + (i + 1) * part - 1), i != bit);
            }
        }
    }
}

static void small_regions_have_no_sub_regions(void **state)
{
    struct machine *m = *state;

    protect(m, ENABLE | PRIVDEFENA);
    mpu_region(m, 3, PLACE, RASR_SIZE(7) | RASR_AP(NO_ACCESS) | RASR_NORMAL | 0xFF00);
    assert_false(can_read(m, PLACE));
    assert_false(can_read(m, PLACE + 0x7F));
}

static void a_switched_off_part_falls_to_the_region_below(void **state)
{
    struct machine *m = *state;

    protect(m, ENABLE);
    drop_privilege(m);
    mpu_region(m, 2, PLACE, RASR_SIZE(10) | RASR_AP(UNPRIVILEGED_READS) | RASR_NORMAL);
    mpu_region(m, 3, PLACE, RASR_SIZE(8) | RASR_AP(NO_ACCESS) | RASR_NORMAL | 0x0200);
    assert_false(can_read(m, PLACE));
    assert_true(can_read(m, PLACE + 0x20));
    assert_false(can_write(m, PLACE + 0x20));
    assert_false(can_read(m, PLACE + 0x40));
    assert_true(can_read(m, PLACE + 0x100));
}

static void the_highest_number_wins(void **state)
{
    struct machine *m = *state;

    protect(m, ENABLE | PRIVDEFENA);
    for (unsigned n = 0; n < 13; n++) {
        mpu_region(m, n, PLACE, RASR_SIZE(8) | RASR_AP(FULL) | RASR_NORMAL);
        assert_true(can_read(m, PLACE));
        mpu_region(m, n + 1, PLACE, RASR_SIZE(8) | RASR_AP(NO_ACCESS) | RASR_NORMAL);
        assert_false(can_read(m, PLACE));
    }
}

/* ---- attributes ----------------------------------------------------------------------------- */

/* Table B3-13: TEX, C, B to type and inner cache policy. S counts for Normal memory only. */
static const struct {
    unsigned tex, cb;
    uint32_t attr;
} types[] = {
    {0, 0, BUS_STRONGLY_ORDERED | BUS_SHAREABLE},
    {0, 1, BUS_DEVICE | BUS_SHAREABLE},
    {0, 2, BUS_NORMAL | BUS_WRITE_THROUGH},
    {0, 3, BUS_NORMAL | BUS_WRITE_BACK},
    {1, 0, BUS_NORMAL | BUS_NON_CACHEABLE},
    {1, 3, BUS_NORMAL | BUS_WRITE_BACK | BUS_WRITE_ALLOCATE},
    {2, 0, BUS_DEVICE},
    {4, 0, BUS_NORMAL | BUS_NON_CACHEABLE},
    {4, 1, BUS_NORMAL | BUS_WRITE_BACK | BUS_WRITE_ALLOCATE},
    {5, 2, BUS_NORMAL | BUS_WRITE_THROUGH},
    {6, 3, BUS_NORMAL | BUS_WRITE_BACK},
    {7, 1, BUS_NORMAL | BUS_WRITE_BACK | BUS_WRITE_ALLOCATE},
};

static void attributes_of_a_region(void **state)
{
    struct machine *m = *state;

    protect(m, ENABLE | PRIVDEFENA);
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        for (uint32_t s = 0; s < 2; s++) {
            bool normal = (types[i].attr & BUS_TYPE_MASK) == BUS_NORMAL;
            uint32_t attr = types[i].attr | (s && normal ? BUS_SHAREABLE : 0);
            mpu_region(m, 3, COUNTED,
                       RASR_SIZE(12) | RASR_AP(FULL) | types[i].tex << 19 | s << 18 |
                           types[i].cb << 16);
            assert_true(can_read(m, COUNTED + 4));
            assert_int_equal(m->last_attr, attr | BUS_PRIVILEGED);
            assert_true(can_write(m, COUNTED + 4));
            assert_int_equal(m->last_attr, attr | BUS_PRIVILEGED);
        }
    }
}

static void privilege_and_fetches_are_told_to_the_bus(void **state)
{
    struct machine *m = *state;
    const uint32_t normal = BUS_NORMAL | BUS_WRITE_BACK | BUS_WRITE_ALLOCATE;
    uint32_t cfsr;

    protect(m, ENABLE | PRIVDEFENA);
    mpu_region(m, 3, COUNTED, RASR_SIZE(12) | RASR_AP(FULL) | RASR_NORMAL);
    plant_functions(m, COUNTED, 32);
    outcome(m, AT_run_load_unprivileged, COUNTED, &cfsr);
    assert_int_equal(m->last_attr, normal);
    assert_true(can_execute(m, COUNTED));
    assert_int_equal(m->last_attr, normal | BUS_FETCH | BUS_PRIVILEGED);
    drop_privilege(m);
    assert_true(can_read(m, COUNTED));
    assert_int_equal(m->last_attr, normal);
}

static void attributes_of_the_default_map(void **state)
{
    struct machine *m = *state;
    const uint32_t normal = BUS_NORMAL | BUS_WRITE_BACK | BUS_WRITE_ALLOCATE | BUS_PRIVILEGED;

    can_read(m, COUNTED);
    assert_int_equal(m->last_attr, normal);
    can_read(m, READ_ONLY);
    assert_int_equal(m->last_attr, normal);
    can_read(m, DEVICE + 0x100);
    assert_int_equal(m->last_attr & ~(uint32_t)BUS_SHAREABLE, BUS_DEVICE | BUS_PRIVILEGED);
}

/* ---- random set-ups against the rules ------------------------------------------------------- */

struct region {
    uint32_t base, rasr;
};

enum { MAY_READ = 1, MAY_WRITE = 2, MAY_EXECUTE = 4 };

static unsigned rights(const struct region *regions, uint32_t addr, bool privileged)
{
    for (int n = 15; n >= 0; n--) {
        uint32_t rasr = regions[n].rasr;
        unsigned size = (rasr >> 1 & 31) + 1;
        if (!(rasr & 1) || addr >> size != regions[n].base >> size)
            continue;
        if (size >= 8 && (rasr >> (8 + (addr >> (size - 3) & 7)) & 1))
            continue;
        for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
            if (table[i].ap != (rasr >> 24 & 7))
                continue;
            bool read = privileged ? table[i].privileged_read : table[i].read;
            bool write = privileged ? table[i].privileged_write : table[i].write;
            bool execute = read && !(rasr & RASR_XN);
            return (read ? MAY_READ : 0) | (write ? MAY_WRITE : 0) | (execute ? MAY_EXECUTE : 0);
        }
    }
    return privileged ? MAY_READ | MAY_WRITE | MAY_EXECUTE : 0; /* PRIVDEFENA */
}

static void random_regions(void **state)
{
    struct machine *m = *state;
    uint64_t seed = 35;
    unsigned denied = 0, allowed = 0;

    plant_functions(m, PLACE, 0x2000);
    protect(m, ENABLE | PRIVDEFENA);
    for (unsigned round = 0; round < 150; round++) {
        struct region regions[16] = {{0}};
        regions[14] = (struct region){0, RASR_SIZE(16) | RASR_AP(6)};
        regions[15] = (struct region){RAM + 0x7C00, RASR_SIZE(10) | RASR_AP(3) | RASR_XN};
        for (unsigned n = 0; n < 14; n++) {
            uint32_t size = 5 + random_word(&seed) % 10;
            uint32_t ap = table[random_word(&seed) % 7].ap;
            uint32_t srd = random_word(&seed) & random_word(&seed) & 0xFF00;
            regions[n].base = (PLACE + random_word(&seed) % 0x2000) & ~((1u << size) - 1);
            regions[n].rasr = RASR_SIZE(size) | RASR_AP(ap) | RASR_NORMAL | (size >= 8 ? srd : 0) |
                              (random_word(&seed) & RASR_XN);
            if (random_word(&seed) % 2)
                regions[n].rasr &= ~1u;
            mpu_region(m, n, regions[n].base, regions[n].rasr);
        }
        for (unsigned probe = 0; probe < 60; probe++) {
            uint32_t addr = (PLACE + random_word(&seed) % 0x2000) & ~1u;
            bool privileged = random_word(&seed) & 1;
            unsigned kind = random_word(&seed) % 3;
            unsigned may = rights(regions, addr, privileged);
            set_reg(m, CPU_CONTROL, !privileged);
            set_reg(m, 0, 0x70); /* what is there already, and the program's store leaves it */
            bool passed = kind == 0   ? can_read(m, addr)
                          : kind == 1 ? can_write(m, addr)
                                      : can_execute(m, addr);
            assert_int_equal(passed, may >> kind & 1);
            denied += !passed;
            allowed += passed;
        }
    }
    assert_true(denied > 1000 && allowed > 1000);
}

/* ---- background, negative priorities, private peripheral bus --------------------------------- */

static void background_is_for_privileged_code(void **state)
{
    struct machine *m = *state;

    protect(m, ENABLE | PRIVDEFENA);
    assert_true(can_read(m, PLACE));
    drop_privilege(m);
    assert_false(can_read(m, PLACE));
}

static void without_privdefena_nobody_has_it(void **state)
{
    struct machine *m = *state;

    protect(m, ENABLE);
    assert_false(can_read(m, PLACE));
    assert_false(can_write(m, PLACE));
    assert_false(can_execute(m, PLACE));
    set_word(m, MPU_CTRL, ENABLE | PRIVDEFENA);
    assert_true(can_read(m, PLACE));
}

static void the_default_map_without_mpu(void **state)
{
    struct machine *m = *state;
    static const bool executable[8] = {true, true, false, true, true, false, false, false};

    enable_faults(m);
    for (unsigned i = 0; i < 8; i++) {
        uint32_t addr = 0x20000000u * i + 0x10000000u + (i == 7 ? 0x08000000u : 0);
        assert_true(can_read(m, addr));
        assert_int_equal(can_execute(m, addr), executable[i]);
    }
    drop_privilege(m); /* and it is for everybody */
    assert_true(can_read(m, PLACE));
    assert_true(can_execute(m, 0x10000000u));
}

static void the_background_keeps_execute_never(void **state)
{
    struct machine *m = *state;

    protect(m, ENABLE | PRIVDEFENA);
    assert_false(can_execute(m, DEVICE));
    assert_false(can_execute(m, 0xA0000000u));
    assert_true(can_execute(m, 0x80000000u));
}

static void the_system_area_is_never_executable(void **state)
{
    struct machine *m = *state;

    protect(m, ENABLE | PRIVDEFENA);
    mpu_region(m, 3, 0xE0000000u, RASR_SIZE(29) | RASR_AP(FULL) | RASR_NORMAL);
    assert_true(can_read(m, 0xE0200000u));
    assert_false(can_execute(m, 0xE0200000u));
    assert_false(can_execute(m, 0xE000ED00u));
}

static void no_region_covers_the_private_peripherals(void **state)
{
    struct machine *m = *state;

    protect(m, ENABLE);
    mpu_region(m, 3, 0xE0000000u, RASR_SIZE(20) | RASR_AP(NO_ACCESS));
    set_reg(m, 1, MPU_TYPE);
    run(m, AT_run_load);
    assert_int_equal(exception_now(m), 0);
    assert_int_equal(reg(m, 0), 0x1000);
    /* Nor does a region open them to unprivileged code. */
    mpu_region(m, 3, 0xE0000000u, RASR_SIZE(20) | RASR_AP(FULL));
    drop_privilege(m);
    run(m, AT_run_load);
    assert_int_equal(exception_now(m), BUS);
}

static void hfnmiena_0_switches_it_off_at_negative_priority(void **state)
{
    struct machine *m = *state;

    protect(m, ENABLE | PRIVDEFENA);
    plant_functions(m, PLACE, 32);
    mpu_region(m, 3, PLACE, RASR_SIZE(8) | RASR_AP(NO_ACCESS) | RASR_NORMAL);
    assert_false(can_read(m, PLACE));
    machine_handler(m, 2, AT_load_r9_handler);
    machine_handler(m, HARD, AT_load_r9_handler);
    set_reg(m, 9, PLACE);
    cpu_nmi(m->cpu);
    run(m, AT_run_nops);
    assert_int_equal(exception_now(m), 2);
    abandon(m);
    assert_false(can_read(m, PLACE));

    set_reg(m, CPU_PRIMASK, 1);
    run(m, AT_run_udf);
    assert_int_equal(exception_now(m), HARD);
    abandon(m);
    set_reg(m, CPU_PRIMASK, 0);
    assert_false(can_read(m, PLACE));

    set_reg(m, CPU_FAULTMASK, 1);
    assert_true(can_read(m, PLACE));
    set_reg(m, 0, 0x70);
    assert_true(can_write(m, PLACE));
    assert_true(can_execute(m, PLACE));
    set_reg(m, CPU_FAULTMASK, 0);
    assert_false(can_read(m, PLACE));
}

static void hfnmiena_1_keeps_it_on(void **state)
{
    struct machine *m = *state;

    protect(m, ENABLE | PRIVDEFENA | HFNMIENA);
    mpu_region(m, 3, PLACE, RASR_SIZE(8) | RASR_AP(NO_ACCESS) | RASR_NORMAL);
    machine_handler(m, 2, AT_load_r9_handler);
    set_reg(m, 9, PLACE);
    cpu_nmi(m->cpu);
    run_expecting(m, AT_run_nops, CPU_LOCKUP, 1000);
    assert_int_equal(word(m, CFSR), DACCVIOL | MMARVALID);
}

static void vectors_are_read_with_the_default_map(void **state)
{
    struct machine *m = *state;

    protect(m, ENABLE | PRIVDEFENA);
    set_word(m, VTOR, PLACE);
    for (unsigned n = 0; n < 16; n++)
        set_word(m, PLACE + 4 * n, AT_halt_handler | 1);
    mpu_region(m, 3, PLACE, RASR_SIZE(8) | RASR_AP(NO_ACCESS) | RASR_NORMAL);
    run(m, AT_run_svc);
    assert_int_equal(exception_now(m), SVCALL);
    assert_int_equal(word(m, HFSR), 0);
}

/* ---- accesses of more than one byte --------------------------------------------------------- */

static void an_unaligned_access_needs_both_regions(void **state)
{
    struct machine *m = *state;

    protect(m, ENABLE | PRIVDEFENA);
    set_word(m, PLACE + 0xFC, 0x11111111u);
    set_word(m, PLACE + 0x100, 0x22222222u);
    for (unsigned second = 0; second < 2; second++) {
        mpu_region(m, 3, PLACE + 0x100 * second, RASR_SIZE(8) | RASR_AP(NO_ACCESS) | RASR_NORMAL);
        for (uint32_t addr = PLACE + 0xFD; addr < PLACE + 0x100; addr++) {
            uint32_t cfsr;
            assert_int_equal(outcome(m, AT_run_load, addr, &cfsr), MEM);
            assert_int_equal(cfsr, DACCVIOL | MMARVALID);
            assert_in_range(word(m, MMFAR), addr, addr + 3);
            set_reg(m, 0, 0xEEEEEEEEu);
            assert_int_equal(outcome(m, AT_run_store, addr, &cfsr), MEM);
            assert_in_range(word(m, MMFAR), addr, addr + 3);
            assert_int_equal(outcome(m, AT_run_store, addr, &cfsr), MEM);
        }
        assert_int_equal(word(m, PLACE + 0xFC), 0x11111111u);
        assert_int_equal(word(m, PLACE + 0x100), 0x22222222u);
    }
}

static void an_unaligned_access_across_two_that_permit_it(void **state)
{
    struct machine *m = *state;

    protect(m, ENABLE);
    mpu_region(m, 3, PLACE, RASR_SIZE(8) | RASR_AP(FULL) | RASR_NORMAL);
    mpu_region(m, 4, PLACE + 0x100, RASR_SIZE(5) | RASR_AP(FULL) | RASR_NORMAL);
    set_word(m, PLACE + 0xFC, 0x44332211u);
    set_word(m, PLACE + 0x100, 0x88776655u);
    set_reg(m, 1, PLACE + 0xFE);
    run(m, AT_run_load);
    assert_int_equal(reg(m, 0), 0x66554433u);
}

static void a_list_stops_at_the_border(void **state)
{
    struct machine *m = *state;
    uint32_t cfsr;

    protect(m, ENABLE | PRIVDEFENA);
    mpu_region(m, 3, PLACE + 0x100, RASR_SIZE(8) | RASR_AP(NO_ACCESS) | RASR_NORMAL);
    assert_int_equal(outcome(m, AT_run_load_many, PLACE + 0xFC, &cfsr), MEM);
    assert_int_equal(word(m, MMFAR), PLACE + 0x100);
    assert_int_equal(outcome(m, AT_run_load_double, PLACE + 0xFC, &cfsr), MEM);
    assert_int_equal(word(m, MMFAR), PLACE + 0x100);
    assert_int_equal(outcome(m, AT_run_load_many, PLACE + 0xF8, &cfsr), 0);
}

static void unprivileged_loads_and_stores_of_privileged_code(void **state)
{
    struct machine *m = *state;
    uint32_t cfsr;

    protect(m, ENABLE | PRIVDEFENA);
    mpu_region(m, 3, PLACE, RASR_SIZE(8) | RASR_AP(UNPRIVILEGED_READS) | RASR_NORMAL);
    assert_true(can_write(m, PLACE));
    assert_int_equal(outcome(m, AT_run_load_unprivileged, PLACE, &cfsr), 0);
    assert_int_equal(outcome(m, AT_run_store_unprivileged, PLACE, &cfsr), MEM);
    assert_int_equal(cfsr, DACCVIOL | MMARVALID);
    assert_int_equal(outcome(m, AT_run_load_unprivileged, PLACE + 0x100, &cfsr), MEM);
    assert_int_equal(outcome(m, AT_run_load_unprivileged, MPU_TYPE, &cfsr), BUS);
    assert_int_equal(reg(m, CPU_CONTROL), 0);
    assert_true(can_read(m, PLACE + 0x100)); /* still privileged */
}

/* ---- code ----------------------------------------------------------------------------------- */

static void execute_never_in_the_middle_of_code_that_ran_before(void **state)
{
    struct machine *m = *state;

    protect(m, ENABLE | PRIVDEFENA);
    run(m, AT_run_long);
    assert_int_equal(exception_now(m), 0);
    mpu_region(m, 15, AT_run_long + 32, RASR_SIZE(5) | RASR_AP(READ_ONLY_ALL) | RASR_XN);
    run(m, AT_run_long);
    assert_int_equal(exception_now(m), MEM);
    assert_int_equal(word(m, CFSR), IACCVIOL);
    assert_int_equal(stacked(m, 6), AT_run_long + 32);
    mpu_region(m, 15, 0, 0);
    leave(m); /* the handler permits it, and it goes on there */
    assert_int_equal(exception_now(m), 0);
}

static void what_a_region_permits_changes_at_once(void **state)
{
    struct machine *m = *state;

    protect(m, ENABLE | PRIVDEFENA);
    plant_functions(m, PLACE, 32);
    for (unsigned i = 0; i < 3; i++) {
        mpu_region(m, 3, PLACE, RASR_SIZE(12) | RASR_AP(FULL) | RASR_NORMAL);
        assert_true(can_read(m, PLACE) && can_write(m, PLACE + 64) && can_execute(m, PLACE));
        mpu_region(m, 3, PLACE, RASR_SIZE(12) | RASR_AP(READ_ONLY_ALL) | RASR_NORMAL | RASR_XN);
        assert_true(can_read(m, PLACE));
        assert_false(can_write(m, PLACE + 64) || can_execute(m, PLACE));
        set_word(m, MPU_CTRL, 0);
        assert_true(can_write(m, PLACE + 64) && can_execute(m, PLACE));
        set_word(m, MPU_CTRL, ENABLE | PRIVDEFENA);
    }
}

static void code_for_privileged_eyes_only(void **state)
{
    struct machine *m = *state;

    protect(m, ENABLE | PRIVDEFENA);
    plant_functions(m, PLACE, 32);
    mpu_region(m, 3, PLACE, RASR_SIZE(12) | RASR_AP(PRIVILEGED_ONLY) | RASR_NORMAL);
    assert_true(can_execute(m, PLACE));
    drop_privilege(m);
    assert_false(can_execute(m, PLACE));
    run(m, AT_run_svc);
    assert_true(exception_now(m) == SVCALL); /* handlers are privileged */
    set_reg(m, 1, PLACE | 1);
    run(m, AT_run_call);
    assert_int_equal(exception_now(m), SVCALL);
}

/* ---- stacks --------------------------------------------------------------------------------- */

static void a_stack_that_may_not_be_written(void **state)
{
    struct machine *m = *state;

    protect(m, ENABLE | PRIVDEFENA);
    set_byte(m, SHPR2 + 3, 0x80);
    mpu_region(m, 3, PLACE, RASR_SIZE(8) | RASR_AP(PRIVILEGED_ONLY) | RASR_NORMAL);
    set_reg(m, CPU_PSP, PLACE + 0x80);
    set_reg(m, CPU_CONTROL, 2);
    run(m, AT_run_svc); /* privileged code stacks with its privilege */
    assert_int_equal(exception_now(m), SVCALL);
    leave(m);

    set_reg(m, CPU_CONTROL, 3);
    run(m, AT_run_svc);
    assert_int_equal(exception_now(m), MEM);
    assert_int_equal(word(m, CFSR), MSTKERR); /* MMFAR does not hold it */
    assert_int_equal(reg(m, CPU_PSP), PLACE + 0x60);
    assert_int_equal(reg(m, CPU_LR), 0xFFFFFFFDu);
    assert_int_equal(word(m, SHCSR) >> 15 & 1, 1);
}

static void a_push_beyond_the_stack(void **state)
{
    struct machine *m = *state;

    protect(m, ENABLE | PRIVDEFENA);
    mpu_region(m, 3, PLACE, RASR_SIZE(5) | RASR_AP(NO_ACCESS) | RASR_NORMAL); /* a guard */
    set_reg(m, CPU_PSP, PLACE + 0x20);
    set_reg(m, CPU_CONTROL, 2);
    run(m, AT_run_push);
    /* The push is refused; so is the frame of the exception that tells of it. */
    assert_int_equal(exception_now(m), MEM);
    assert_int_equal(word(m, CFSR), DACCVIOL | MMARVALID | MSTKERR);
    assert_int_equal(word(m, MMFAR), PLACE + 0x1C);
}

static void a_frame_that_may_not_be_read_back(void **state)
{
    struct machine *m = *state;

    protect(m, ENABLE | PRIVDEFENA);
    set_reg(m, CPU_PSP, PLACE + 0x80);
    mpu_region(m, 3, PLACE, RASR_SIZE(8) | RASR_AP(FULL) | RASR_NORMAL);
    set_reg(m, CPU_CONTROL, 3);
    run(m, AT_run_svc);
    assert_int_equal(exception_now(m), SVCALL);
    set_word(m, MPU_RASR, RASR_SIZE(8) | RASR_AP(PRIVILEGED_ONLY) | RASR_NORMAL);
    leave(m); /* reads with the privilege of what it returns to */
    assert_int_equal(exception_now(m), MEM);
    assert_int_equal(word(m, CFSR), MUNSTKERR);
    assert_int_equal(reg(m, CPU_PSP), PLACE + 0x60);
    set_word(m, MPU_RASR, RASR_SIZE(8) | RASR_AP(FULL) | RASR_NORMAL);
    leave(m);
    assert_int_equal(exception_now(m), 0);
    assert_int_equal(reg(m, CPU_CONTROL), 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(type_register),
        TEST(registers_hold_their_fields),
        TEST(rbar_with_valid_selects_the_region),
        TEST(aliases_program_four_regions_in_one_go),
        TEST(a_region_that_does_not_exist_is_told),
        TEST(access_permissions),
        TEST(every_size_ends_where_it_should),
        TEST(the_base_is_taken_modulo_the_size),
        TEST(sub_regions_can_be_switched_off),
        TEST(small_regions_have_no_sub_regions),
        TEST(a_switched_off_part_falls_to_the_region_below),
        TEST(the_highest_number_wins),
        TEST(attributes_of_a_region),
        TEST(privilege_and_fetches_are_told_to_the_bus),
        TEST(attributes_of_the_default_map),
        TEST(random_regions),
        TEST(background_is_for_privileged_code),
        TEST(without_privdefena_nobody_has_it),
        TEST(the_default_map_without_mpu),
        TEST(the_background_keeps_execute_never),
        TEST(the_system_area_is_never_executable),
        TEST(no_region_covers_the_private_peripherals),
        TEST(hfnmiena_0_switches_it_off_at_negative_priority),
        TEST(hfnmiena_1_keeps_it_on),
        TEST(vectors_are_read_with_the_default_map),
        TEST(an_unaligned_access_needs_both_regions),
        TEST(an_unaligned_access_across_two_that_permit_it),
        TEST(a_list_stops_at_the_border),
        TEST(unprivileged_loads_and_stores_of_privileged_code),
        TEST(execute_never_in_the_middle_of_code_that_ran_before),
        TEST(what_a_region_permits_changes_at_once),
        TEST(code_for_privileged_eyes_only),
        TEST(a_stack_that_may_not_be_written),
        TEST(a_push_beyond_the_stack),
        TEST(a_frame_that_may_not_be_read_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
