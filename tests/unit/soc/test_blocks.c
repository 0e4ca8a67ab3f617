/*
 * The blocks that only read back: each is where the chip has it, behind its clock gate, resets, and
 * is counted as unimplemented; the flags that start-up code waits for come. And HSEM, which is
 * modelled.
 */
#include "chip.h"

#include <string.h>

#include <stdio.h>

enum { RCC = 0x58024400 };
enum { HSEM = 0x48020800, IRQ_HSEM1 = 125 };

static int setup(void **state)
{
    *state = chip_new();
    return 0;
}

static int teardown(void **state)
{
    soc_free(*state);
    return 0;
}

static void clock(void *soc, uint32_t enr, unsigned bit)
{
    chip_set(soc, RCC + enr, 1u << bit);
}

/* Address, gate and bit as RM0455's memory map and RCC chapter have them; a register that stores
   all of 0x55, and what it holds after reset. */
static const struct block {
    const char *name;
    uint32_t base;
    uint16_t enr, rstr;
    uint8_t bit;
    uint16_t offset;
    uint32_t reset;
} blocks[] = {
    {"DMA2D", 0x52001000, RCC_AHB3ENR, RCC_AHB3RSTR, 4, 0x0C, 0},
    {"JPEG", 0x52003000, RCC_AHB3ENR, RCC_AHB3RSTR, 5, 0x04, 0},
    {"FMC", 0x52004000, RCC_AHB3ENR, RCC_AHB3RSTR, 12, 0x04, 0x0FFFFFFF},
    {"GFXMMU", 0x5200C000, RCC_AHB3ENR, RCC_AHB3RSTR, 24, 0x20, 0},
    {"DCMI", 0x48020000, RCC_AHB2ENR, RCC_AHB2RSTR, 0, 0x20, 0},
    {"PSSI", 0x48020400, RCC_AHB2ENR, RCC_AHB2RSTR, 0, 0x00, 0},
    {"LTDC", 0x50001000, RCC_APB3ENR, RCC_APB3RSTR, 3, 0x2C, 0},
    {"SPDIFRX", 0x40004000, RCC_APB1LENR, RCC_APB1LRSTR, 16, 0x00, 0},
    {"CEC", 0x40006C00, RCC_APB1LENR, RCC_APB1LRSTR, 27, 0x04, 0},
    {"SWPMI", 0x40008800, RCC_APB1HENR, RCC_APB1HRSTR, 2, 0x04, 0},
    {"OPAMP", 0x40009000, RCC_APB1HENR, RCC_APB1HRSTR, 4, 0x04, 0},
    {"MDIOS", 0x40009400, RCC_APB1HENR, RCC_APB1HRSTR, 5, 0x00, 0},
    {"FDCAN1", 0x4000A000, RCC_APB1HENR, RCC_APB1HRSTR, 8, 0x54, 0},
    {"FDCAN2", 0x4000A400, RCC_APB1HENR, RCC_APB1HRSTR, 8, 0x54, 0},
    {"SAI1", 0x40015800, RCC_APB2ENR, RCC_APB2RSTR, 22, 0x04, 0x00000040},
    {"SAI2", 0x40015C00, RCC_APB2ENR, RCC_APB2RSTR, 23, 0x24, 0x00000040},
    {"DFSDM1", 0x40017800, RCC_APB2ENR, RCC_APB2RSTR, 30, 0x00, 0},
    {"COMP", 0x58003800, RCC_APB4ENR, RCC_APB4RSTR, 14, 0x0C, 0},
    {"VREFBUF", 0x58003C00, RCC_APB4ENR, RCC_APB4RSTR, 15, 0x04, 0},
    {"DTS", 0x58006800, RCC_APB4ENR, RCC_APB4RSTR, 26, 0x24, 0},
    {"DFSDM2", 0x58006C00, RCC_APB4ENR, RCC_APB4RSTR, 27, 0x00, 0},
};

static void each_reads_back_behind_its_gate(void **state)
{
    for (size_t i = 0; i < sizeof blocks / sizeof blocks[0]; i++) {
        const struct block *b = &blocks[i];
        uint32_t addr = b->base + b->offset;
        uint64_t off = chip_complained(*state, "clock-off");
        /* Start-up code of ST's older packages writes to FMC without its clock: no error there. */
        unsigned complaints = strcmp(b->name, "FMC") == 0 ? 1 : 2;

        printf("# %s\n", b->name);
        chip_clear(*state, RCC + b->enr, 1u << b->bit);
        chip_write(*state, addr, 0x55555555);
        assert_int_equal(chip_read(*state, addr), 0);
        assert_int_equal(chip_complained(*state, "clock-off"), off + complaints);
        assert_int_equal(chip_complained(*state, b->name), 0);
        clock(*state, b->enr, b->bit);
        assert_int_equal(chip_read(*state, addr), b->reset);
        chip_write(*state, addr, 0x55555555);
        assert_int_not_equal(chip_read(*state, addr), b->reset);
        assert_int_equal(chip_complained(*state, b->name), 3);
        chip_set(*state, RCC + b->rstr, 1u << b->bit);
        chip_clear(*state, RCC + b->rstr, 1u << b->bit);
        assert_int_equal(chip_read(*state, addr), b->reset);
    }
}

/* Without a gate, or sharing one. */
static void others_are_there(void **state)
{
    static const uint32_t addr[] = {
        0x51008108, /* AXI GPV TARG7_FN_MOD: ST's SystemInit() writes it */
        0x51042024, /* AXI GPV INI1_FN_MOD2 */
        0x52009020, /* RAMECC */
        0x4000A800, /* FDCAN clock calibration */
        0x4000D3FC, /* last word of the FDCAN message RAM */
        0x52008000, /* DLYB_SDMMC1 */
        0x48022800, /* DLYB_SDMMC2 */
    };

    clock(*state, RCC_APB1HENR, 8);
    clock(*state, RCC_AHB3ENR, 16);
    clock(*state, RCC_AHB2ENR, 9);
    for (size_t i = 0; i < sizeof addr / sizeof addr[0]; i++) {
        chip_write(*state, addr[i], 1);
        assert_int_equal(chip_read(*state, addr[i]), 1);
    }
    assert_int_equal(chip_errors(*state), 0);
    assert_int_equal(complaints_count(((struct soc *)*state)->complaints, UNIMPLEMENTED),
                     2 * sizeof addr / sizeof addr[0]);
}

static void identity(void **state)
{
    assert_int_equal(chip_read(*state, 0x5C001000) & 0xFFF, 0x480);
}

static void vrefbuf_ready(void **state)
{
    uint32_t csr = 0x58003C00;

    clock(*state, RCC_APB4ENR, 15);
    assert_int_equal(chip_read(*state, csr), 2); /* HIZ */
    chip_set(*state, csr, 1);
    assert_int_equal(chip_read(*state, csr) & 8, 0);
    chip_clear(*state, csr, 2);
    chip_wait(*state, csr, 8, 8, VTIME_US, 10 * VTIME_MS);
}

/* Only while it is enabled, and when the kernel clock has taken the value. */
static void lptim_confirms_writes(void **state)
{
    uint32_t isr = 0x40002400, icr = isr + 4, cr = isr + 0x10, cmp = isr + 0x14, arr = isr + 0x18;

    clock(*state, RCC_APB1LENR, 9);
    assert_int_equal(chip_read(*state, arr), 1);
    chip_write(*state, arr, 1000);
    assert_int_equal(chip_complained(*state, "lptim-disabled"), 1);
    chip_write(*state, cr, 0);
    chip_write(*state, cr, 1);
    chip_write(*state, arr, 1000);
    assert_int_equal(chip_read(*state, isr), 0);
    chip_write(*state, arr, 1001);
    assert_int_equal(chip_complained(*state, "lptim-too-soon"), 1);
    chip_wait(*state, isr, 1 << 4, 1 << 4, 10 * VTIME_NS, VTIME_US);
    chip_write(*state, icr, 1 << 4);
    assert_int_equal(chip_read(*state, isr), 0);
    chip_write(*state, cmp, 500);
    chip_wait(*state, isr, 1 << 3, 1 << 3, 10 * VTIME_NS, VTIME_US);
    assert_int_equal(chip_complained(*state, "lptim-disabled"), 1);
}

static void fdcan_clock_stop(void **state)
{
    uint32_t cccr = 0x4000A018;

    clock(*state, RCC_APB1HENR, 8);
    assert_int_equal(chip_read(*state, 0x4000A004), 0x87654321);
    assert_int_equal(chip_read(*state, cccr), 1); /* INIT */
    chip_set(*state, cccr, 1 << 4);
    assert_int_equal(chip_read(*state, cccr) & 1 << 3, 1 << 3);
    chip_clear(*state, cccr, 1 << 4);
    assert_int_equal(chip_read(*state, cccr) & 1 << 3, 0);
}

static void dts_ready(void **state)
{
    clock(*state, RCC_APB4ENR, 26);
    assert_int_equal(chip_read(*state, 0x58006820), 0);
    chip_set(*state, 0x58006800, 1);
    assert_int_equal(chip_read(*state, 0x58006820), 1 << 15);
}

#define LOCK 0x80000000u
enum { CORE = 3 << 8 };

static void hsem_two_steps(void **state)
{
    uint32_t r5 = HSEM + 4 * 5;

    clock(*state, RCC_AHB2ENR, 2);
    assert_int_equal(chip_read(*state, r5), 0);
    chip_write(*state, r5, LOCK | CORE | 0x11);
    assert_int_equal(chip_read(*state, r5), LOCK | CORE | 0x11);
    chip_write(*state, r5, LOCK | CORE | 0x22); /* taken: another process does not get it */
    assert_int_equal(chip_read(*state, r5), LOCK | CORE | 0x11);
    chip_write(*state, r5, CORE | 0x22); /* nor can it free it */
    assert_int_equal(chip_read(*state, r5), LOCK | CORE | 0x11);
    chip_write(*state, r5, CORE | 0x11);
    assert_int_equal(chip_read(*state, r5), 0);
    assert_int_equal(chip_errors(*state), 0);
    chip_write(*state, r5, LOCK | 1 << 8 | 0x11); /* no master of this chip's core */
    assert_int_equal(chip_read(*state, r5), 0);
    assert_int_equal(chip_complained(*state, "hsem-core"), 1);
}

static void hsem_one_step(void **state)
{
    uint32_t r7 = HSEM + 4 * 7, rlr7 = r7 + 0x80;

    clock(*state, RCC_AHB2ENR, 2);
    assert_int_equal(chip_peek(*state, rlr7), 0); /* a debugger takes nothing */
    assert_int_equal(chip_read(*state, rlr7), LOCK | CORE);
    assert_int_equal(chip_read(*state, r7), LOCK | CORE);
    chip_write(*state, r7, CORE);
    chip_write(*state, r7, LOCK | CORE | 9);
    assert_int_equal(chip_read(*state, rlr7), LOCK | CORE | 9); /* taken by process 9 */
}

static void hsem_tells_of_release(void **state)
{
    uint32_t ier = HSEM + 0x100, icr = HSEM + 0x104, isr = HSEM + 0x108, misr = HSEM + 0x10C;

    clock(*state, RCC_AHB2ENR, 2);
    chip_read(*state, HSEM + 0x80 + 4 * 31);
    chip_write(*state, HSEM + 4 * 31, CORE);
    assert_int_equal(chip_read(*state, isr), 1u << 31);
    assert_int_equal(chip_read(*state, misr), 0);
    assert_false(chip_irq_pending(*state, IRQ_HSEM1));
    chip_write(*state, ier, 1u << 31);
    assert_int_equal(chip_read(*state, misr), 1u << 31);
    assert_true(chip_irq_pending(*state, IRQ_HSEM1));
    chip_write(*state, icr, 1u << 31);
    chip_irq_clear(*state, IRQ_HSEM1);
    assert_int_equal(chip_read(*state, isr), 0);
    assert_false(chip_irq_pending(*state, IRQ_HSEM1));
}

static void hsem_clear_by_key(void **state)
{
    uint32_t cr = HSEM + 0x140, keyr = HSEM + 0x144;

    clock(*state, RCC_AHB2ENR, 2);
    chip_write(*state, keyr, 0xABCD0000);
    chip_read(*state, HSEM + 0x80);
    chip_read(*state, HSEM + 0x84);
    chip_write(*state, cr, 0x12340000 | CORE);
    assert_int_equal(chip_read(*state, HSEM), LOCK | CORE);
    chip_write(*state, cr, 0xABCD0000 | 1 << 8);
    assert_int_equal(chip_read(*state, HSEM), LOCK | CORE);
    chip_write(*state, cr, 0xABCD0000 | CORE);
    assert_int_equal(chip_read(*state, HSEM), 0);
    assert_int_equal(chip_read(*state, HSEM + 4), 0);
    assert_int_equal(chip_read(*state, HSEM + 0x108), 3);
}

#define IN(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN(each_reads_back_behind_its_gate),
        IN(others_are_there),
        IN(identity),
        IN(vrefbuf_ready),
        IN(lptim_confirms_writes),
        IN(fdcan_clock_stop),
        IN(dts_ready),
        IN(hsem_two_steps),
        IN(hsem_one_step),
        IN(hsem_tells_of_release),
        IN(hsem_clear_by_key),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
