/*
 * The boot loader in system memory as a host on USB sees it (AN3156, DFU 1.1), and that it leaves
 * the flash no other way to be changed than RM0455 has.
 */
#include <string.h>

#include "dfu_host.h"

enum { FLASH = 0x08000000, OTP = 0x08FFF000, OPTIONS = 0x5200201C, TRANSFER = 1024 };
enum { OPTSR_CUR = 0x5200201C, OPTSR_PRG = 0x52002020, OPTCR = 0x52002018, OPTKEYR = 0x52002008 };

/* BOOT0 is high at power-on. */
static int setup(void **state)
{
    const struct soc_config config = {
        .seed = 1, .hse_hz = CHIP_HSE_HZ, .lse_hz = CHIP_LSE_HZ, .boot0 = true};
    struct dfu_host *b = dfu_plug(chip_new_with(&config));

    assert_true(dfu_ready(b));
    *state = b;
    return 0;
}

/* BOOT0 is low; a program runs. */
static int setup_program(void **state)
{
    *state = dfu_plug(chip_new());
    return 0;
}

static int teardown(void **state)
{
    struct dfu_host *b = *state;

    struct soc *soc = b->soc;

    dfu_unplug(b);
    soc_free(soc);
    return 0;
}

static void shows_what_dfu_util_lists(void **state)
{
    static const char *const names[] = {"@Internal Flash   /0x08000000/256*08Kg",
                                        "@Option Bytes   /0x5200201C/01*297 e",
                                        "@OTP Memory   /0x08FFF000/01*1024 e"};
    struct dfu_host *b = *state;
    size_t size;
    const uint8_t *device = usb_host_device(b->host);
    const uint8_t *configuration = usb_host_configuration(b->host, &size);
    unsigned alternates = 0;
    bool functional = false;
    char text[128];

    assert_int_equal(device[8] | device[9] << 8, 0x0483);
    assert_int_equal(device[10] | device[11] << 8, 0xDF11);
    assert_int_equal(device[12] | device[13] << 8, 0x0200);
    for (const uint8_t *p = configuration; p < configuration + size; p += p[0]) {
        assert_true(p[0] >= 2);
        if (p[1] == 4) {
            assert_int_equal(p[2], 0);
            assert_int_equal(p[3], alternates);
            assert_int_equal(p[4], 0);
            assert_int_equal(p[5] << 16 | p[6] << 8 | p[7], 0xFE0102);
            dfu_string(b, p[8], text);
            assert_string_equal(text, names[alternates]);
            alternates++;
        }
        if (p[1] == 0x21) {
            functional = true;
            assert_int_equal(p[5] | p[6] << 8, TRANSFER);
            assert_int_equal(p[7] | p[8] << 8, 0x011A);
            assert_int_equal(p[2] & 3, 3);
        }
    }
    assert_int_equal(alternates, 3);
    assert_true(functional);
    dfu_string(b, device[16], text);
    assert_int_equal(strlen(text), 12);
    assert_int_equal(strspn(text, "0123456789ABCDEF"), 12);
    for (unsigned n = 0; n < 3; n++)
        assert_int_equal(dfu_control(b, 0x01, 11, n, 0, NULL, 0), 0);
    assert_int_equal(dfu_control(b, 0x01, 11, 3, 0, NULL, 0), -1);
}

static void lists_its_commands(void **state)
{
    uint8_t list[16];

    assert_int_equal(dfu_in(*state, UPLOAD, 0, list, sizeof(list)), 4);
    assert_memory_equal(list, "\x00\x21\x41\x92", 4);
}

/* What dfu-util -D does, and then the program runs. */
static void flashes_and_starts(void **state)
{
    struct dfu_host *b = *state;
    uint8_t image[TRANSFER * 2 + 100], back[TRANSFER];
    const uint32_t vectors[2] = {0x20010000, FLASH + 0x101};
    int status;

    for (unsigned n = 0; n < sizeof(image); n++)
        image[n] = (uint8_t)(n * 7 >> 2);
    memcpy(image, vectors, 8);
    memcpy(image + 0x100, "\x30\xBF\xFD\xE7", 4); /* wfi; b */
    soc_load(b->soc, FLASH + 0x1FF0, "old", 3);
    assert_int_equal(dfu_command(b, 0x41, FLASH + 0x1FFF), OK);
    assert_int_equal(chip_read(b->soc, FLASH + 0x1FF0), 0xFFFFFFFF);
    assert_int_equal(dfu_command(b, 0x21, FLASH), OK);
    for (unsigned n = 0; n < 3; n++)
        assert_int_equal(dfu_download(b, 2 + n, image + n * TRANSFER, n < 2 ? TRANSFER : 100), OK);
    for (unsigned n = 0; n < sizeof(image); n++)
        assert_int_equal(chip_read_n(b->soc, FLASH + n, 1), image[n]);
    dfu_upload(b, FLASH + TRANSFER, back, TRANSFER);
    assert_memory_equal(back, image + TRANSFER, TRANSFER);

    assert_int_equal(dfu_command(b, 0x21, FLASH), OK);
    assert_int_equal(dfu_out(b, DNLOAD, 0, NULL, 0), 0);
    assert_int_equal(dfu_get_status(b, &status), MANIFEST);
    chip_run(b->soc, 10 * VTIME_MS);
    assert_false(usb_host_ready(b->host));
    assert_in_range(cpu_get(b->soc->cpu, CPU_PC), FLASH + 0x100, FLASH + 0x103);
    assert_int_equal(chip_errors(b->soc), 0);
}

static void erases_all(void **state)
{
    struct dfu_host *b = *state;
    const uint8_t all = 0x41;

    soc_load(b->soc, FLASH, "x", 1);
    soc_load(b->soc, FLASH + 0x1FFFF0, "x", 1);
    assert_int_equal(dfu_download(b, 0, &all, 1), OK);
    assert_int_equal(chip_read(b->soc, FLASH), 0xFFFFFFFF);
    assert_int_equal(chip_read(b->soc, FLASH + 0x1FFFF0), 0xFFFFFFFF);
}

static void refuses(void **state)
{
    struct dfu_host *b = *state;
    const uint8_t data[16] = {0};
    uint8_t back[64];
    int status;

    assert_int_equal(dfu_command(b, 0x21, 0x90000000), ERR_TARGET);
    assert_int_equal(dfu_command(b, 0x41, FLASH + 0x200000), ERR_TARGET);
    assert_int_equal(dfu_command(b, 0x41, OTP), ERR_TARGET);
    assert_int_equal(dfu_command(b, 0x21, FLASH + 0x1FFFF8), OK);
    assert_int_equal(dfu_download(b, 2, data, 16), ERR_TARGET); /* over the end */
    assert_int_equal(dfu_out(b, DNLOAD, 1, data, 16), -1);
    assert_int_equal(dfu_get_status(b, &status), ERROR);
    assert_int_equal(status, ERR_STALLED);
    assert_int_equal(dfu_out(b, CLRSTATUS, 0, NULL, 0), 0);
    assert_int_equal(dfu_in(b, UPLOAD, 1, back, 64), -1);
    assert_int_equal(dfu_out(b, CLRSTATUS, 0, NULL, 0), 0);
    assert_int_equal(dfu_command(b, 0x33, 0), ERR_STALLED);
    /* Past the end of the flash an upload is short, then an error. */
    assert_int_equal(dfu_command(b, 0x21, FLASH + 0x1FFFF0), OK);
    dfu_to_idle(b);
    assert_int_equal(dfu_in(b, UPLOAD, 2, back, 64), 16);
    assert_int_equal(dfu_in(b, UPLOAD, 3, back, 64), -1);
}

static void unlock_options(struct dfu_host *b)
{
    chip_write(b->soc, OPTKEYR, 0x08192A3B);
    chip_write(b->soc, OPTKEYR, 0x4C5D6E7F);
}

static void change_options(struct dfu_host *b, uint32_t address, uint32_t value)
{
    unlock_options(b);
    chip_write(b->soc, address, value);
    chip_write(b->soc, OPTCR, 2);
    chip_run(b->soc, 100 * VTIME_MS);
    chip_write(b->soc, OPTCR, 1);
}

static void keeps_write_protection(void **state)
{
    struct dfu_host *b = *state;
    const uint8_t data[16] = {0};

    change_options(b, 0x5200203C, 0xFFFFFFFD); /* sectors 4 to 7 of bank 1 */
    assert_int_equal(dfu_command(b, 0x41, FLASH + 0x8000), ERR_ERASE);
    assert_int_equal(dfu_command(b, 0x21, FLASH + 0xFFF0), OK);
    assert_int_equal(dfu_download(b, 2, data, 16), ERR_PROG);
    assert_int_equal(dfu_command(b, 0x41, FLASH + 0x10000), OK);
    assert_int_equal(chip_errors(b->soc), 0);
}

static void keeps_read_protection(void **state)
{
    struct dfu_host *b = *state;
    const uint8_t unprotect = 0x92;
    uint8_t back[16];
    int status;

    soc_load(b->soc, FLASH, "secret", 6);
    change_options(b, OPTSR_PRG, (chip_read(b->soc, OPTSR_CUR) & ~0xFF00u) | 0x5500);
    assert_int_equal(dfu_command(b, 0x21, FLASH), OK);
    dfu_to_idle(b);
    assert_int_equal(dfu_in(b, UPLOAD, 2, back, 16), -1);
    dfu_get_status(b, &status);
    assert_int_equal(status, ERR_VENDOR);
    assert_int_equal(dfu_out(b, CLRSTATUS, 0, NULL, 0), 0);
    assert_int_equal(dfu_command(b, 0x41, FLASH), ERR_VENDOR);
    /* Opening it erases all, and resets; with BOOT0 still high the boot loader is back. */
    assert_int_equal(dfu_out(b, DNLOAD, 0, &unprotect, 1), 1);
    assert_int_equal(dfu_get_status(b, &status), DNBUSY);
    chip_run(b->soc, 500 * VTIME_MS);
    assert_true(dfu_ready(b));
    assert_int_equal(chip_read(b->soc, OPTSR_CUR) >> 8 & 0xFF, 0xAA);
    dfu_upload(b, FLASH, back, 16);
    assert_memory_equal(back, "\xFF\xFF\xFF\xFF\xFF\xFF", 6);
}

static void shows_and_takes_option_bytes(void **state)
{
    struct dfu_host *b = *state;
    uint8_t options[297];
    uint32_t word;

    dfu_upload(b, OPTIONS, options, sizeof(options));
    memcpy(&word, options, 4);
    assert_int_equal(word, chip_read(b->soc, OPTSR_CUR));
    memcpy(&word, options + 0x24, 4);
    assert_int_equal(word, 0x1FF00800);
    /* BOR level 3, all else as it was. */
    memcpy(&word, options + 4, 4);
    word |= 3 << 2;
    memcpy(options + 4, &word, 4);
    assert_int_equal(dfu_command(b, 0x21, OPTIONS), OK);
    assert_int_equal(dfu_download(b, 2, options, sizeof(options)), OK);
    assert_int_equal(chip_read(b->soc, OPTSR_CUR) >> 2 & 3, 3);
    assert_int_equal(chip_read(b->soc, 0x52002040), 0x1FF00800);
    assert_int_equal(chip_errors(b->soc), 0);
}

static void writes_otp_once(void **state)
{
    struct dfu_host *b = *state;
    uint8_t back[1024];

    assert_int_equal(dfu_command(b, 0x21, OTP + 0x40), OK);
    assert_int_equal(dfu_download(b, 2, "\x34\x12\x78\x56", 4), OK);
    dfu_upload(b, OTP, back, sizeof(back));
    assert_memory_equal(back + 0x3E, "\xFF\xFF\x34\x12\x78\x56\xFF\xFF", 8);
    assert_int_equal(dfu_command(b, 0x21, OTP + 0x41), OK);
    assert_int_equal(dfu_download(b, 2, "\x34\x12", 2), ERR_TARGET); /* half-words only */
}

/* A program sets stack and program counter from the table that AN2606 names. */
static void a_program_may_jump_there(void **state)
{
    static const uint16_t jump[] = {
        0x4803,         /* ldr r0, =0x1FF0A800 */
        0x6801,         /* ldr r1, [r0] */
        0xF381, 0x8808, /* msr msp, r1 */
        0x6840,         /* ldr r0, [r0, #4] */
        0x4700,         /* bx r0 */
        0xBF00, 0xBF00, /* literal at 16 */
        0xA800, 0x1FF0,
    };
    struct dfu_host *b = *state;

    chip_run(b->soc, 100 * VTIME_MS);
    assert_false(usb_host_ready(b->host));
    chip_program(b->soc, jump, sizeof(jump) / 2);
    assert_true(dfu_ready(b));
    lists_its_commands(state);
    /* A reset starts the program in the flash again, which goes the same way. */
    soc_reset(b->soc, SOC_RESET_PIN);
    chip_run(b->soc, 5 * VTIME_MS);
    assert_false(usb_host_ready(b->host));
    assert_true(dfu_ready(b));
}

static void nobody_else_may_write_there(void **state)
{
    struct dfu_host *b = *state;
    uint32_t value = 0;
    struct bus_access a = {.addr = 0x1FF0A800,
                           .attr = BUS_NORMAL | BUS_PRIVILEGED,
                           .size = 4,
                           .strobe = 15,
                           .write = true,
                           .data = (uint8_t *)&value};

    assert_int_equal(bus_do(b->soc->bus, &a), BUS_SLVERR);
    assert_int_equal(chip_read(b->soc, 0x1FF0A800), 0x20002000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(shows_what_dfu_util_lists, setup, teardown),
        cmocka_unit_test_setup_teardown(lists_its_commands, setup, teardown),
        cmocka_unit_test_setup_teardown(flashes_and_starts, setup, teardown),
        cmocka_unit_test_setup_teardown(erases_all, setup, teardown),
        cmocka_unit_test_setup_teardown(refuses, setup, teardown),
        cmocka_unit_test_setup_teardown(keeps_write_protection, setup, teardown),
        cmocka_unit_test_setup_teardown(keeps_read_protection, setup, teardown),
        cmocka_unit_test_setup_teardown(shows_and_takes_option_bytes, setup, teardown),
        cmocka_unit_test_setup_teardown(writes_otp_once, setup, teardown),
        cmocka_unit_test_setup_teardown(a_program_may_jump_there, setup_program, teardown),
        cmocka_unit_test_setup_teardown(nobody_else_may_write_there, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
