/* The DfuSe protocol as a host sees it (AN3156; DFU 1.1, A.2). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "board.h"

static struct board b;

static int fresh(void **state)
{
    (void)state;
    board_init(&b);
    return 0;
}

static int state_now(void)
{
    uint8_t state = 0xFF;

    assert_int_equal(dfuse_in(&b.dfu, DFU_GETSTATE, 0, &state, 1), 1);
    return state;
}

static void begins_idle(void **state)
{
    int status = -1;
    uint32_t poll = 1;

    (void)state;
    assert_int_equal(state_now(), DFU_IDLE);
    assert_int_equal(host_get_status(&b, &status, &poll), DFU_IDLE);
    assert_int_equal(status, DFU_OK);
    assert_int_equal(poll, 0);
    assert_false(dfuse_leaves(&b.dfu));
}

static void lists_its_commands(void **state)
{
    static const uint8_t expected[] = {0x00, 0x21, 0x41, 0x92};
    uint8_t list[64];

    (void)state;
    assert_int_equal(dfuse_in(&b.dfu, DFU_UPLOAD, 0, list, sizeof(list)), 4);
    assert_memory_equal(list, expected, 4);
    assert_int_equal(state_now(), DFU_IDLE); /* a short frame ends an upload */
}

/* Nothing happens before GETSTATUS has been answered with dfuDNBUSY and the time it takes. */
static void works_when_status_is_asked_for(void **state)
{
    const uint8_t erase[5] = {0x41, 0x34, 0x14, 0x00, 0x08}; /* in the middle of a sector */
    uint8_t answer[6];

    (void)state;
    b.cells[0x1400] = b.cells[0x17FF] = b.cells[0x13FF] = b.cells[0x1800] = 0;
    assert_true(host_dnload(&b, 0, erase, 5));
    assert_int_equal(state_now(), DFU_DNLOAD_SYNC);
    dfuse_work(&b.dfu);
    assert_int_equal(b.erases, 0);
    assert_int_equal(dfuse_in(&b.dfu, DFU_GETSTATUS, 0, answer, 6), 6);
    assert_int_equal(answer[4], DFU_DNBUSY);
    assert_int_equal(answer[1], 3);
    assert_int_equal(b.erases, 0);
    dfuse_work(&b.dfu);
    dfuse_work(&b.dfu);
    assert_int_equal(b.erases, 1);
    assert_int_equal(host_get_status(&b, NULL, NULL), DFU_DNLOAD_IDLE);
    assert_int_equal(b.cells[0x1400] & b.cells[0x17FF], 0xFF);
    assert_int_equal(b.cells[0x13FF] | b.cells[0x1800], 0);
}

static void writes_from_the_pointer_on(void **state)
{
    uint8_t data[DFUSE_TRANSFER], back[DFUSE_TRANSFER];

    (void)state;
    for (unsigned n = 0; n < sizeof(data); n++)
        data[n] = (uint8_t)(n * 5 + 1);
    assert_int_equal(host_command(&b, 0x21, START + 0x2000, NULL), DFU_DNLOAD_IDLE);
    assert_int_equal(host_write(&b, 2, data, sizeof(data), NULL), DFU_DNLOAD_IDLE);
    assert_int_equal(host_write(&b, 5, data, 100, NULL), DFU_DNLOAD_IDLE);
    assert_memory_equal(b.cells + 0x2000, data, sizeof(data));
    assert_memory_equal(b.cells + 0x2000 + 3 * DFUSE_TRANSFER, data, 100);
    /* Up to the end of the word of 16 bytes with what an erased cell has. */
    for (unsigned n = 100; n < 112; n++)
        assert_int_equal(b.cells[0x2000 + 3 * DFUSE_TRANSFER + n], 0xFF);
    assert_int_equal(b.cells[0x2000 + DFUSE_TRANSFER], 0xFF);

    assert_true(dfuse_out(&b.dfu, DFU_ABORT, 0, NULL, 0));
    assert_int_equal(dfuse_in(&b.dfu, DFU_UPLOAD, 2, back, sizeof(back)), sizeof(back));
    assert_memory_equal(back, data, sizeof(back));
    assert_int_equal(state_now(), DFU_UPLOAD_IDLE);
    assert_int_equal(dfuse_in(&b.dfu, DFU_UPLOAD, 5, back, 64), 64);
    assert_memory_equal(back, data, 64);
}

static void an_upload_ends_with_the_memory(void **state)
{
    uint8_t back[DFUSE_TRANSFER];

    (void)state;
    assert_int_equal(host_command(&b, 0x21, END - DFUSE_TRANSFER - 100, NULL), DFU_DNLOAD_IDLE);
    assert_true(dfuse_out(&b.dfu, DFU_ABORT, 0, NULL, 0));
    assert_int_equal(dfuse_in(&b.dfu, DFU_UPLOAD, 2, back, sizeof(back)), sizeof(back));
    assert_int_equal(dfuse_in(&b.dfu, DFU_UPLOAD, 3, back, sizeof(back)), 100);
    assert_int_equal(state_now(), DFU_IDLE);
    /* Exactly at the end: nothing more, which is no error. Behind it: an error. */
    assert_int_equal(host_command(&b, 0x21, END - DFUSE_TRANSFER, NULL), DFU_DNLOAD_IDLE);
    assert_true(dfuse_out(&b.dfu, DFU_ABORT, 0, NULL, 0));
    assert_int_equal(dfuse_in(&b.dfu, DFU_UPLOAD, 3, back, sizeof(back)), 0);
    assert_int_equal(dfuse_in(&b.dfu, DFU_UPLOAD, 4, back, sizeof(back)), -1);
    assert_int_equal(b.dfu.status, DFU_ERR_ADDRESS);
}

static void reads_itself_but_is_never_changed(void **state)
{
    static const uint32_t own[] = {START, START + 16, APPLICATION - 1};
    uint8_t before[OWN], data[32] = {1}, back[64];
    int status;

    (void)state;
    memcpy(before, b.cells, OWN);
    for (unsigned n = 0; n < 3; n++) {
        assert_int_equal(host_command(&b, 0x41, own[n], &status), DFU_ERROR);
        assert_int_equal(status, DFU_ERR_TARGET);
        assert_true(host_clear(&b));
    }
    assert_int_equal(host_command(&b, 0x21, START, NULL), DFU_DNLOAD_IDLE);
    assert_int_equal(host_write(&b, 2, data, 32, &status), DFU_ERROR);
    assert_int_equal(status, DFU_ERR_TARGET);
    assert_true(host_clear(&b));
    assert_int_equal(dfuse_in(&b.dfu, DFU_UPLOAD, 2, back, sizeof(back)), sizeof(back));
    assert_memory_equal(back, before, sizeof(back));
    assert_true(dfuse_out(&b.dfu, DFU_ABORT, 0, NULL, 0));
    /* The highest block number that there is. */
    assert_int_equal(host_command(&b, 0x21, END - 16, NULL), DFU_DNLOAD_IDLE);
    assert_int_equal(host_write(&b, 0xFFFF, data, 32, &status), DFU_ERROR);
    assert_int_equal(status, DFU_ERR_ADDRESS);
    assert_memory_equal(b.cells, before, OWN);
    assert_int_equal(b.erases, 0);
}

static void what_is_not_there_is_an_address_error(void **state)
{
    static const uint32_t nowhere[] = {0, START - 1, END, 0x20000000, 0xFFFFFFFF};
    int status;

    (void)state;
    for (unsigned n = 0; n < 5; n++) {
        assert_int_equal(host_command(&b, 0x21, nowhere[n], &status), DFU_ERROR);
        assert_int_equal(status, DFU_ERR_ADDRESS);
        assert_true(host_clear(&b));
        assert_int_equal(host_command(&b, 0x41, nowhere[n], &status), DFU_ERROR);
        assert_int_equal(status, DFU_ERR_ADDRESS);
        assert_true(host_clear(&b));
    }
    /* Over the end; not at a word. */
    const uint8_t data[64] = {0};
    assert_int_equal(host_command(&b, 0x21, END - 32, NULL), DFU_DNLOAD_IDLE);
    assert_int_equal(host_write(&b, 2, data, 64, &status), DFU_ERROR);
    assert_int_equal(status, DFU_ERR_ADDRESS);
    assert_true(host_clear(&b));
    assert_int_equal(host_command(&b, 0x21, APPLICATION + 8, NULL), DFU_DNLOAD_IDLE);
    assert_int_equal(host_write(&b, 2, data, 64, &status), DFU_ERROR);
    assert_int_equal(status, DFU_ERR_ADDRESS);
}

static void mass_erase_leaves_the_boot_loader(void **state)
{
    const uint8_t erase = 0x41;
    uint32_t poll;

    (void)state;
    memset(b.cells, 0x55, SIZE);
    assert_true(host_dnload(&b, 0, &erase, 1));
    assert_int_equal(host_get_status(&b, NULL, &poll), DFU_DNBUSY);
    assert_int_equal(poll, 3 * (SIZE - OWN) / SECTOR);
    assert_int_equal(host_get_status(&b, NULL, NULL), DFU_DNLOAD_IDLE);
    for (uint32_t n = 0; n < SIZE; n++)
        assert_int_equal(b.cells[n], n < OWN ? 0x55 : 0xFF);
}

static void read_unprotect_erases_first(void **state)
{
    const uint8_t unprotect = 0x92;

    (void)state;
    memset(b.cells, 0x55, SIZE);
    assert_true(host_dnload(&b, 0, &unprotect, 1));
    assert_int_equal(host_get_status(&b, NULL, NULL), DFU_DNBUSY);
    assert_int_equal(b.unprotects, 1);
    assert_int_equal(b.cells[OWN] & b.cells[SIZE - 1], 0xFF);
    assert_int_equal(b.cells[0], 0x55);
}

static void errors_of_the_memory_are_told(void **state)
{
    const uint8_t data[16] = {0};
    int status;

    (void)state;
    b.next_error = DFU_ERR_ERASE;
    assert_int_equal(host_command(&b, 0x41, APPLICATION, &status), DFU_ERROR);
    assert_int_equal(status, DFU_ERR_ERASE);
    /* Until it is cleared, only that is said. */
    assert_int_equal(host_get_status(&b, &status, NULL), DFU_ERROR);
    assert_true(host_clear(&b));
    assert_int_equal(host_get_status(&b, &status, NULL), DFU_IDLE);
    assert_int_equal(status, DFU_OK);
    assert_int_equal(host_command(&b, 0x21, APPLICATION, NULL), DFU_DNLOAD_IDLE);
    assert_int_equal(host_write(&b, 2, data, 16, NULL), DFU_DNLOAD_IDLE);
    assert_int_equal(host_write(&b, 2, data, 16, &status), DFU_ERROR);
    assert_int_equal(status, DFU_ERR_CHECK_ERASED);
}

static void what_does_not_fit_is_stalled(void **state)
{
    static const struct {
        uint8_t request;
        uint16_t block, bytes;
    } bad[] = {
        {DFU_DETACH, 0, 0},    {DFU_DNLOAD, 1, 16}, {DFU_DNLOAD, 2, DFUSE_TRANSFER + 1},
        {DFU_CLRSTATUS, 0, 0}, {7, 0, 0},
    };
    static const uint8_t data[DFUSE_TRANSFER + 1];
    uint8_t back[16];
    int status;

    (void)state;
    for (unsigned n = 0; n < sizeof(bad) / sizeof(bad[0]); n++) {
        assert_false(dfuse_out(&b.dfu, bad[n].request, bad[n].block, data, bad[n].bytes));
        assert_int_equal(host_get_status(&b, &status, NULL), DFU_ERROR);
        assert_int_equal(status, DFU_ERR_STALLEDPKT);
        assert_true(host_clear(&b));
    }
    assert_int_equal(dfuse_in(&b.dfu, DFU_UPLOAD, 1, back, 16), -1);
    assert_int_equal(dfuse_in(&b.dfu, DFU_DNLOAD, 0, back, 16), -1);
    assert_true(host_clear(&b));
    /* Commands that are not there, or of a wrong length. */
    for (unsigned command = 0; command < 256; command++) {
        if (command == 0x41 || command == 0x92)
            continue;
        const uint8_t one = (uint8_t)command;
        assert_true(host_dnload(&b, 0, &one, 1));
        (void)host_get_status(&b, NULL, NULL);
        assert_int_equal(host_get_status(&b, &status, NULL), DFU_ERROR);
        assert_int_equal(status, DFU_ERR_STALLEDPKT);
        assert_true(host_clear(&b));
    }
    /* An upload while a download is under way, a download while an upload is. */
    assert_int_equal(host_command(&b, 0x21, APPLICATION, NULL), DFU_DNLOAD_IDLE);
    assert_int_equal(dfuse_in(&b.dfu, DFU_UPLOAD, 2, back, 16), -1);
    assert_true(host_clear(&b));
    assert_int_equal(dfuse_in(&b.dfu, DFU_UPLOAD, 2, back, 16), 16);
    assert_false(host_dnload(&b, 2, data, 16));
}

static void a_bus_reset_forgets(void **state)
{
    const uint8_t erase[5] = {0x41, 0x00, 0x10, 0x00, 0x08};
    uint8_t answer[6];

    (void)state;
    assert_true(host_dnload(&b, 0, erase, 5));
    assert_int_equal(dfuse_in(&b.dfu, DFU_GETSTATUS, 0, answer, 6), 6);
    dfuse_bus_reset(&b.dfu);
    dfuse_work(&b.dfu);
    assert_int_equal(b.erases, 0);
    assert_int_equal(state_now(), DFU_IDLE);
}

static void leaves_for_a_whole_application_only(void **state)
{
    uint8_t image[0x1800];
    int status;

    (void)state;
    make_application(image, sizeof(image), 1);
    assert_true(host_update(&b, APPLICATION, image, sizeof(image)));
    assert_true(dfuse_leaves(&b.dfu));

    board_init(&b);
    assert_int_equal(host_command(&b, 0x21, APPLICATION, NULL), DFU_DNLOAD_IDLE);
    assert_true(host_dnload(&b, 0, NULL, 0));
    assert_int_equal(host_get_status(&b, &status, NULL), DFU_ERROR);
    assert_int_equal(status, DFU_ERR_FIRMWARE);
    assert_false(dfuse_leaves(&b.dfu));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(begins_idle, fresh),
        cmocka_unit_test_setup(lists_its_commands, fresh),
        cmocka_unit_test_setup(works_when_status_is_asked_for, fresh),
        cmocka_unit_test_setup(writes_from_the_pointer_on, fresh),
        cmocka_unit_test_setup(an_upload_ends_with_the_memory, fresh),
        cmocka_unit_test_setup(reads_itself_but_is_never_changed, fresh),
        cmocka_unit_test_setup(what_is_not_there_is_an_address_error, fresh),
        cmocka_unit_test_setup(mass_erase_leaves_the_boot_loader, fresh),
        cmocka_unit_test_setup(read_unprotect_erases_first, fresh),
        cmocka_unit_test_setup(errors_of_the_memory_are_told, fresh),
        cmocka_unit_test_setup(what_does_not_fit_is_stalled, fresh),
        cmocka_unit_test_setup(a_bus_reset_forgets, fresh),
        cmocka_unit_test_setup(leaves_for_a_whole_application_only, fresh),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
