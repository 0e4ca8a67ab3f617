/*
 * The boot loader's protocol: DFU 1.1 with the commands of AN3156.
 */
#include <string.h>

#include "bootrom_int.h"

enum { GET_COMMANDS = 0x00, SET_ADDRESS = 0x21, ERASE = 0x41, READ_UNPROTECT = 0x92 };

/* bwPollTimeout; the boot loader does not answer anyway while it works on the flash. */
enum { POLL_ERASE_MS = 10, POLL_ERASE_ALL_MS = 100, POLL_WRITE_MS = 10, POLL_OPTIONS_MS = 50 };

void bootrom_dfu_reset(struct bootrom *r)
{
    r->state = DFU_IDLE;
    r->status = STATUS_OK;
    r->pointer = 0x08000000;
    r->announced = false;
}

static void fail(struct bootrom *r, enum dfu_status status)
{
    r->state = DFU_ERROR;
    r->status = status;
    r->announced = false;
}

static bool unexpected(struct bootrom *r)
{
    fail(r, STATUS_STALLED);
    return false;
}

/* Blocks 0 and 1 are commands and reserved. */
static uint32_t block_address(const struct bootrom *r, unsigned block)
{
    return r->pointer + (block - 2) * BOOTROM_TRANSFER;
}

static uint32_t argument(const struct bootrom *r)
{
    return r->data[1] | (uint32_t)r->data[2] << 8 | (uint32_t)r->data[3] << 16 |
           (uint32_t)r->data[4] << 24;
}

static bool download(struct bootrom *r, unsigned block, const uint8_t *data, unsigned size)
{
    if ((r->state != DFU_IDLE && r->state != DFU_DNLOAD_IDLE) || size > BOOTROM_TRANSFER)
        return unexpected(r);
    if (size == 0) {
        r->state = DFU_MANIFEST_SYNC;
        return true;
    }
    if (block == 1)
        return unexpected(r);
    memcpy(r->data, data, size);
    r->block = block;
    r->bytes = size;
    r->state = DFU_DNLOAD_SYNC;
    return true;
}

bool bootrom_dfu_out(struct bootrom *r, unsigned request, unsigned value, const uint8_t *data,
                     unsigned size)
{
    switch (request) {
    case DNLOAD:
        return download(r, value, data, size);
    case CLRSTATUS:
        if (r->state != DFU_ERROR)
            return unexpected(r);
        r->state = DFU_IDLE;
        r->status = STATUS_OK;
        return true;
    case ABORT:
        if (r->state == DFU_ERROR || r->state == DFU_DNBUSY || r->state == DFU_MANIFEST)
            return unexpected(r);
        r->state = DFU_IDLE;
        return true;
    default: /* DETACH belongs to run-time mode */
        return unexpected(r);
    }
}

static int upload(struct bootrom *r, unsigned block, uint8_t *to, unsigned room)
{
    static const uint8_t commands[] = {GET_COMMANDS, SET_ADDRESS, ERASE, READ_UNPROTECT};
    unsigned size = room < BOOTROM_TRANSFER ? room : BOOTROM_TRANSFER;
    enum dfu_status why;

    if ((r->state != DFU_IDLE && r->state != DFU_UPLOAD_IDLE) || block == 1) {
        unexpected(r);
        return -1;
    }
    if (block == 0) {
        size = size < sizeof(commands) ? size : sizeof(commands);
        memcpy(to, commands, size);
    } else {
        uint32_t at = block_address(r, block);

        /* A block at a memory's end is short. */
        while ((why = bootrom_read(r, at, to, size)) == STATUS_TARGET && size > 1)
            size--;
        if (why != STATUS_OK) {
            fail(r, why);
            return -1;
        }
    }
    r->state = size < room ? DFU_IDLE : DFU_UPLOAD_IDLE;
    return (int)size;
}

static unsigned poll_ms(const struct bootrom *r)
{
    if (r->block)
        return POLL_WRITE_MS;
    switch (r->data[0]) {
    case ERASE:
        return r->bytes == 1 ? POLL_ERASE_ALL_MS : POLL_ERASE_MS;
    case READ_UNPROTECT:
        return POLL_OPTIONS_MS;
    default:
        return 0;
    }
}

int bootrom_dfu_in(struct bootrom *r, unsigned request, unsigned value, uint8_t *to, unsigned room)
{
    switch (request) {
    case UPLOAD:
        return upload(r, value, to, room);
    case GETSTATUS: {
        unsigned ms = 0;

        if (r->state == DFU_DNLOAD_SYNC) {
            r->state = DFU_DNBUSY;
            r->announced = true;
            ms = poll_ms(r);
        } else if (r->state == DFU_MANIFEST_SYNC) {
            r->state = DFU_MANIFEST;
        }
        const uint8_t answer[6] = {
            (uint8_t)r->status, (uint8_t)ms, (uint8_t)(ms >> 8), 0, (uint8_t)r->state, 0};

        room = room < sizeof(answer) ? room : sizeof(answer);
        memcpy(to, answer, room);
        return (int)room;
    }
    case GETSTATE:
        to[0] = (uint8_t)r->state;
        return room ? 1 : 0;
    default:
        unexpected(r);
        return -1;
    }
}

static void command(struct bootrom *r)
{
    uint8_t which = r->data[0], byte;

    if (which == SET_ADDRESS && r->bytes == 5) {
        /* Of protected memory as well. */
        if (bootrom_read(r, argument(r), &byte, 1) == STATUS_TARGET) {
            fail(r, STATUS_TARGET);
        } else {
            r->pointer = argument(r);
            bootrom_dfu_done(r, STATUS_OK);
        }
    } else if (which == ERASE && r->bytes == 5) {
        bootrom_begin(r, JOB_SECTOR, argument(r), 1);
    } else if (which == ERASE && r->bytes == 1) {
        bootrom_begin(r, JOB_ALL, 0, 0);
    } else if (which == READ_UNPROTECT && r->bytes == 1) {
        bootrom_begin(r, JOB_UNPROTECT, 0, 1);
    } else {
        fail(r, STATUS_STALLED);
    }
}

void bootrom_dfu_answered(struct bootrom *r)
{
    if (r->announced) {
        r->announced = false;
        if (r->block)
            bootrom_begin(r, JOB_WRITE, block_address(r, r->block), r->bytes);
        else
            command(r);
    } else if (r->state == DFU_MANIFEST) {
        bootrom_leave(r, r->pointer);
    }
}

void bootrom_dfu_done(struct bootrom *r, enum dfu_status status)
{
    if (status == STATUS_OK)
        r->state = DFU_DNLOAD_IDLE;
    else
        fail(r, status);
}
