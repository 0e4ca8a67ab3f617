/*
 * The boot loader as it is built, on the virtual chip, with a host at its USB: when it stays, when
 * it starts the application, what it refuses, and that no unplugging and no power cut leaves a
 * board that cannot be updated.
 *
 * usage: test_board MBOOT.bin [CUTS]     CUTS: how many power cuts and unpluggings (12)
 */
#include <stdio.h>
#include <string.h>

#include "../soc/dfu_host.h"

enum {
    FLASH = 0x08000000,
    APPLICATION = 0x08008000,
    SECTOR = 0x2000,
    TRANSFER = 2048,
    ENTRY = 0x300,
    RECORD = 0x2B0,
    BYTES = 5 * SECTOR + 0x123 * 4, /* not whole sectors, not whole transfers */
};

static uint8_t mboot[64 << 10];
static size_t mboot_bytes;
static unsigned cuts = 12;

struct bench {
    struct soc *soc;
    struct dfu_host *host;
    struct net_driver button;
    uint8_t image[2][BYTES];
};

/* CRC-32 as in IEEE 802.3, bit by bit. */
static uint32_t crc32(const uint8_t *p, size_t n)
{
    uint32_t crc = UINT32_MAX;

    while (n--) {
        crc ^= *p++;
        for (unsigned i = 0; i < 8; i++)
            crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320u : 0);
    }
    return ~crc;
}

/* An application that sleeps; all but its beginning differs from number to number. */
static void make_image(uint8_t *image, unsigned number)
{
    const uint32_t vectors[2] = {0x24010000, APPLICATION + ENTRY + 1};
    const uint32_t record[2] = {0x474D4931, BYTES - 4};
    uint32_t x = number * 2654435761u + 1;

    for (unsigned n = 0; n < BYTES; n++) {
        x = x * 1664525 + 1013904223;
        image[n] = (uint8_t)(x >> 24);
    }
    memcpy(image, vectors, sizeof(vectors));
    memcpy(image + RECORD, record, sizeof(record));
    memcpy(image + ENTRY, "\x30\xBF\xFD\xE7", 4); /* wfi; b to it */
    x = crc32(image, BYTES - 4);
    memcpy(image + BYTES - 4, &x, 4);
}

static int setup(void **state)
{
    struct bench *b = calloc(1, sizeof(*b));

    for (unsigned n = 0; n < 2; n++)
        make_image(b->image[n], n);
    b->soc = chip_new();
    assert_int_equal(soc_load(b->soc, FLASH, mboot, mboot_bytes), 0);
    net_attach(b->soc->pin[SOC_PIN('C', 5)], &b->button);
    b->host = dfu_plug(b->soc);
    *state = b;
    return 0;
}

static int teardown(void **state)
{
    struct bench *b = *state;

    dfu_unplug(b->host);
    soc_free(b->soc);
    free(b);
    return 0;
}

static void load(struct bench *b, unsigned number)
{
    assert_int_equal(soc_load(b->soc, APPLICATION, b->image[number], BYTES), 0);
}

static void power_on(struct bench *b)
{
    soc_reset(b->soc, SOC_RESET_POWER_ON);
}

static bool application_runs(struct bench *b)
{
    uint32_t pc = cpu_get(b->soc->cpu, CPU_PC);

    return pc >= APPLICATION + ENTRY && pc <= APPLICATION + ENTRY + 4;
}

/* As `dfu-util -D` with a leave. False: the device is gone, or refused. */
static bool update(struct bench *b, const uint8_t *image)
{
    int status;

    for (uint32_t at = 0; at < BYTES; at += SECTOR)
        if (dfu_command(b->host, 0x41, APPLICATION + at) != OK)
            return false;
    for (uint32_t at = 0; at < BYTES; at += TRANSFER) {
        unsigned n = BYTES - at < TRANSFER ? BYTES - at : TRANSFER;

        if (dfu_command(b->host, 0x21, APPLICATION + at) != OK ||
            dfu_download(b->host, 2, image + at, n) != OK)
            return false;
    }
    return dfu_command(b->host, 0x21, APPLICATION) == OK &&
           dfu_out(b->host, DNLOAD, 0, NULL, 0) == 0 &&
           dfu_get_status(b->host, &status) == MANIFEST;
}

static bool flash_holds(struct bench *b, uint32_t address, const uint8_t *bytes, size_t n)
{
    const struct bus_region *r = bus_find(b->soc->bus, address);

    return memcmp(r->host + (address - r->base), bytes, n) == 0;
}

static void without_application_it_waits(void **state)
{
    struct bench *b = *state;
    char text[64];

    power_on(b);
    assert_true(dfu_ready(b->host));
    const uint8_t *device = usb_host_device(b->host->host);
    assert_int_equal(device[8] | device[9] << 8, 0x0483);
    assert_int_equal(device[10] | device[11] << 8, 0xDF11);
    size_t size;
    const uint8_t *configuration = usb_host_configuration(b->host->host, &size);
    dfu_string(b->host, configuration[9 + 8], text);
    assert_string_equal(text, "@Internal Flash  /0x08000000/256*08Kg");
    dfu_string(b->host, device[16], text);
    assert_int_equal(strspn(text, "0123456789ABCDEF"), 12);
}

static void its_light_blinks(void **state)
{
    struct bench *b = *state;
    const struct net *led = b->soc->pin[SOC_PIN('A', 1)];
    unsigned changes = 0;
    bool level;

    power_on(b);
    chip_run(b->soc, 100 * VTIME_MS);
    level = net_level(led);
    for (unsigned n = 0; n < 200; n++) {
        chip_run(b->soc, 10 * VTIME_MS);
        changes += net_level(led) != level;
        level = net_level(led);
    }
    assert_in_range(changes, 7, 9);
}

static void starts_what_is_whole(void **state)
{
    struct bench *b = *state;
    uint32_t vtor;

    load(b, 0);
    power_on(b);
    chip_run(b->soc, 100 * VTIME_MS);
    assert_true(application_runs(b));
    assert_int_equal(cpu_peek(b->soc->cpu, 0xE000ED08, &vtor, 4), 4);
    assert_int_equal(vtor, APPLICATION);
    assert_int_equal(cpu_get(b->soc->cpu, CPU_MSP), 0x24010000);
    assert_false(usb_host_ready(b->host->host));
    assert_int_equal(chip_errors(b->soc), 0);
}

static void stays_for_the_button(void **state)
{
    struct bench *b = *state;

    load(b, 0);
    net_drive(&b->button, NET_LOW);
    power_on(b);
    assert_true(dfu_ready(b->host));
    net_drive(&b->button, NET_Z);
    power_on(b);
    chip_run(b->soc, 200 * VTIME_MS);
    assert_true(application_runs(b));
}

static void stays_for_one_wrong_bit(void **state)
{
    static const uint32_t at[] = {8, RECORD + 5, ENTRY + 2, BYTES / 2, BYTES - 1};
    struct bench *b = *state;

    for (unsigned n = 0; n < sizeof(at) / sizeof(at[0]); n++) {
        uint8_t wrong = b->image[0][at[n]] ^ 0x10;

        load(b, 0);
        assert_int_equal(soc_load(b->soc, APPLICATION + at[n], &wrong, 1), 0);
        power_on(b);
        assert_true(dfu_ready(b->host));
        assert_false(application_runs(b));
    }
}

static void is_updated(void **state)
{
    struct bench *b = *state;
    uint8_t back[TRANSFER];

    load(b, 0);
    net_drive(&b->button, NET_LOW);
    power_on(b);
    assert_true(dfu_ready(b->host));
    net_drive(&b->button, NET_Z);
    assert_true(update(b, b->image[1]));
    chip_run(b->soc, 500 * VTIME_MS);
    assert_true(application_runs(b));
    assert_true(flash_holds(b, APPLICATION, b->image[1], BYTES));
    assert_int_equal(chip_errors(b->soc), 0);

    net_drive(&b->button, NET_LOW);
    power_on(b);
    assert_true(dfu_ready(b->host));
    dfu_upload(b->host, APPLICATION + SECTOR, back, TRANSFER);
    assert_memory_equal(back, b->image[1] + SECTOR, TRANSFER);
}

static void refuses_its_own_sectors(void **state)
{
    struct bench *b = *state;
    const uint8_t data[16] = {0}, all = 0x41;

    load(b, 0);
    net_drive(&b->button, NET_LOW);
    power_on(b);
    assert_true(dfu_ready(b->host));
    for (uint32_t at = FLASH; at < APPLICATION; at += SECTOR)
        assert_int_equal(dfu_command(b->host, 0x41, at), ERR_TARGET);
    assert_int_equal(dfu_command(b->host, 0x21, APPLICATION - 16), OK);
    assert_int_equal(dfu_download(b->host, 2, data, 16), ERR_TARGET);
    assert_int_equal(dfu_command(b->host, 0x41, FLASH + 0x200000), ERR_ADDRESS);
    assert_int_equal(dfu_command(b->host, 0x21, 0x90000000), ERR_ADDRESS);
    assert_int_equal(dfu_download(b->host, 0, &all, 1), OK);
    assert_true(flash_holds(b, FLASH, mboot, mboot_bytes));
    assert_int_equal(chip_peek(b->soc, APPLICATION), 0xFFFFFFFF);
    assert_int_equal(chip_peek(b->soc, APPLICATION + BYTES - 4), 0xFFFFFFFF);
}

static void does_not_leave_for_half_an_application(void **state)
{
    struct bench *b = *state;
    int status;

    power_on(b);
    assert_true(dfu_ready(b->host));
    assert_int_equal(dfu_command(b->host, 0x21, APPLICATION), OK);
    assert_int_equal(dfu_download(b->host, 2, b->image[0], TRANSFER), OK);
    assert_int_equal(dfu_out(b->host, DNLOAD, 0, NULL, 0), 0);
    assert_int_equal(dfu_get_status(b->host, &status), ERROR);
    assert_int_equal(status, ERR_FIRMWARE);
    chip_run(b->soc, 300 * VTIME_MS);
    assert_true(usb_host_ready(b->host->host));
}

/* What a program leaves in the backup register, and a reset: machine.bootloader() does that. */
static void an_application_may_ask_for_it(void **state)
{
    struct bench *b = *state;

    load(b, 0);
    power_on(b);
    chip_run(b->soc, 100 * VTIME_MS);
    chip_set(b->soc, 0x58024800, 1 << 8); /* PWR_CR1.DBP */
    chip_write(b->soc, 0x58004500 + 4 * 23, 0x746F6F62);
    soc_reset(b->soc, SOC_RESET_SOFTWARE);
    assert_true(dfu_ready(b->host));
    soc_reset(b->soc, SOC_RESET_PIN);
    chip_run(b->soc, 200 * VTIME_MS);
    assert_true(application_runs(b));
}

struct cut {
    struct sched_event event;
    struct bench *bench;
    bool power;
};

static void cut_now(void *ctx, vtime at)
{
    struct cut *c = ctx;

    (void)at;
    if (c->power)
        soc_request_reset(c->bench->soc, SOC_RESET_POWER_ON);
    else
        usb_host_stop(c->bench->host->host);
}

/* At a random moment of an update: power goes, or the plug is pulled and put in again. One of the
   two applications is whole, or none is started; and the next update ends well. */
static void survives(struct bench *b, bool power, uint32_t *x, vtime duration)
{
    struct cut c = {.event = {.fn = cut_now, .ctx = &c}, .bench = b, .power = power};

    load(b, 0);
    net_drive(&b->button, NET_LOW);
    power_on(b);
    assert_true(dfu_ready(b->host));
    *x = *x * 1664525 + 1013904223;
    sched_at(b->soc->sched, &c.event,
             sched_now(b->soc->sched) + (vtime)((double)duration * (*x >> 8) / (1 << 24)));
    (void)update(b, b->image[1]);
    chip_run(b->soc, 10 * VTIME_MS);
    sched_cancel(b->soc->sched, &c.event);
    net_drive(&b->button, NET_Z);
    assert_true(flash_holds(b, FLASH, mboot, mboot_bytes));
    if (!power) {
        usb_host_stop(b->host->host);
        usb_host_start(b->host->host);
    }
    power_on(b);
    chip_run(b->soc, 300 * VTIME_MS);
    if (application_runs(b)) {
        assert_true(flash_holds(b, APPLICATION, b->image[0], BYTES) ||
                    flash_holds(b, APPLICATION, b->image[1], BYTES));
        net_drive(&b->button, NET_LOW);
        power_on(b);
    }
    assert_true(dfu_ready(b->host));
    net_drive(&b->button, NET_Z);
    assert_true(update(b, b->image[1]));
    chip_run(b->soc, 500 * VTIME_MS);
    assert_true(application_runs(b));
    assert_true(flash_holds(b, APPLICATION, b->image[1], BYTES));
}

static void survives_power_cuts_and_unplugging(void **state)
{
    struct bench *b = *state;
    uint32_t x = 1;

    power_on(b);
    assert_true(dfu_ready(b->host));
    vtime began = sched_now(b->soc->sched);
    assert_true(update(b, b->image[0]));
    vtime duration = sched_now(b->soc->sched) - began;

    for (unsigned n = 0; n < cuts; n++)
        survives(b, n % 3 != 2, &x, duration);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(without_application_it_waits, setup, teardown),
        cmocka_unit_test_setup_teardown(its_light_blinks, setup, teardown),
        cmocka_unit_test_setup_teardown(starts_what_is_whole, setup, teardown),
        cmocka_unit_test_setup_teardown(stays_for_the_button, setup, teardown),
        cmocka_unit_test_setup_teardown(stays_for_one_wrong_bit, setup, teardown),
        cmocka_unit_test_setup_teardown(is_updated, setup, teardown),
        cmocka_unit_test_setup_teardown(refuses_its_own_sectors, setup, teardown),
        cmocka_unit_test_setup_teardown(does_not_leave_for_half_an_application, setup, teardown),
        cmocka_unit_test_setup_teardown(an_application_may_ask_for_it, setup, teardown),
        cmocka_unit_test_setup_teardown(survives_power_cuts_and_unplugging, setup, teardown),
    };
    FILE *f = argc > 1 ? fopen(argv[1], "rb") : NULL;

    if (!f) {
        fputs("usage: test_board MBOOT.bin [CUTS]\n", stderr);
        return 2;
    }
    mboot_bytes = fread(mboot, 1, sizeof(mboot), f);
    fclose(f);
    if (argc > 2)
        cuts = (unsigned)strtoul(argv[2], NULL, 10);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
