/* SPDX-License-Identifier: MIT */

/* firmware/spiram on the virtual board's chip, without the rest of the board: each fault, by name.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "spiram_memtest.h"
#include "spiram_test.h"
#include "virtual_bus.h"

/* What a program says that uses the library as docs/spiram.md shows. */
static void say(char *said, size_t size, const struct spiram_fault *fault, int error)
{
    if (error != SPIRAM_ERR_MEMORY) {
        snprintf(said, size, "%s", spiram_strerror(error));
    } else {
        spiram_fault_text(fault, said, size);
    }
}

static void run_all(struct virtual_board *v, char *said, size_t size)
{
    struct spiram ram;
    struct spiram_fault fault = {.kind = SPIRAM_FAULT_NONE};
    const struct spiram_config config = {.bus = &v->bus};
    int error = spiram_init(&ram, &config);
    if (error == SPIRAM_OK) {
        error = spiram_map(&ram);
    }
    if (error == SPIRAM_ERR_QPI) {
        for (unsigned line = 4; line-- > 0;) {
            struct spiram_fault found;
            if (spiram_line_fault(&ram, line, &found)) {
                fault = found;
            }
        }
        spiram_fault_text(&fault, said, size);
        return;
    }
    if (error == SPIRAM_OK) {
        error = spiram_test_lines(&ram, NULL, &fault);
    }
    if (error == SPIRAM_OK) {
        error = spiram_test_pages(&ram, 0, &fault);
    }
    if (error == SPIRAM_OK) {
        /* Every 16th page would do for the chip; a fault is in this quarter of a megabyte. */
        const struct spiram_memtest_config test = {.tests = SPIRAM_MEMTEST_ALL, .length = 262144};
        error = spiram_memtest(&ram, &test, &fault);
    }
    if (error == SPIRAM_ERR_MEMORY && spiram_unmap(&ram) == SPIRAM_OK) {
        /* The window's address differs from run to run: the offset in the chip is told. */
        ram.window = NULL;
        if (spiram_diagnose(&ram, NULL, &fault) == SPIRAM_OK) {
            fault.address = fault.offset;
        }
    }
    say(said, size, &fault, error);
}

static const struct {
    const char *fault;
    const char *said; /* the beginning */
} table[] = {
    {NULL, "no error"},
    {"address:swap:A3,A7", "no error"},
    {"stuck:io2=0", "spiram IO2 stuck at 0"},
    {"stuck:io3=1", "spiram IO3 stuck at 1, or open"},
    {"open:io2", "spiram IO2 stuck at 1, or open"},
    {"short:io2,io3", "spiram IO2 and IO3 shorted"},
    {"swap:io2,io3", "spiram IO2 and IO3 exchanged"},
    {"stuck:clk=0", "no chip found"},
    {"open:ncs", "no chip found"},
    {"missing", "no chip found"},
    {"lose-ncs:1", "no chip found"},
    {"slow-clock:1", "no chip found"},
    {"kgd", "chip reports failed die"},
    {"lose-ncs:1e-4", "spiram errors without pattern, "},
    {"slow-clock:1e-6", "spiram errors without pattern, "},
    {"noise:1e-5", "spiram errors without pattern, "},
    {"flips:1e-5", "spiram errors without pattern, "},
    {"address:stuck:A0=1", "spiram address bit A0 stuck"},
    {"address:stuck:A13=0", "spiram address bit A13 stuck"},
    {"address:stuck:A20=0",
     "spiram address bit A20 stuck, or the chip is smaller than its id says"},
    {"address:short:A4,A19", "spiram address bits A4 and A19 shorted"},
    {"weak-row:0x12345", "spiram cell 0x00012"},
    {"cell:0x12345.3=0", "spiram cell 0x00012345 bit 3 stuck at 0"},
    {"cell:0x3ffff.7=1", "spiram cell 0x0003ffff bit 7 stuck at 1"},
    {"drop-qpi:90ms", "spiram chip left four-line mode"},
};

static void each_fault_is_named(void **state)
{
    (void)state;
    for (size_t n = 0; n < sizeof table / sizeof table[0]; n++) {
        struct virtual_board v;
        char said[SPIRAM_FAULT_TEXT_MAX] = "";
        const char *faults[] = {"density:16", table[n].fault, NULL};
        virtual_open(&v, "esp-psram64h", faults);
        run_all(&v, said, sizeof said);
        if (strncmp(said, table[n].said, strlen(table[n].said)) != 0) {
            print_error("%s: said '%s', not '%s'\n", table[n].fault ? table[n].fault : "good", said,
                        table[n].said);
            fail();
        }
        /* The library keeps the chip's numbers, whatever is wrong with the chip. Wires that lose
         * edges break them. */
        if (n < 2 || strncmp(table[n].fault, "address", 7) == 0) {
            assert_int_equal(virtual_hazards(&v), 0);
        }
        virtual_close(&v);
    }
}

static void each_size_is_found(void **state)
{
    (void)state;
    static const struct {
        const char *chip, *density;
        uint32_t mbit;
    } sizes[] = {
        {"esp-psram64h", "density:16", 16},
        {"ly68l6400", "density:32", 32},
        {"aps6404l", NULL, 64},
        {"ips6404l", "density:128", 128},
    };
    for (size_t n = 0; n < 4; n++) {
        struct virtual_board v;
        struct spiram ram;
        const char *faults[] = {sizes[n].density, NULL};
        uint32_t bytes = 0;
        virtual_open(&v, sizes[n].chip, faults);
        const struct spiram_config config = {.bus = &v.bus};
        assert_int_equal(spiram_init(&ram, &config), SPIRAM_OK);
        assert_int_equal(spiram_size(&ram), sizes[n].mbit * 131072);
        assert_int_equal(spiram_probe_size(&ram, &bytes), SPIRAM_OK);
        assert_int_equal(bytes, sizes[n].mbit * 131072);
        assert_int_equal(virtual_hazards(&v), 0);
        virtual_close(&v);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_fault_is_named),
        cmocka_unit_test(each_size_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
