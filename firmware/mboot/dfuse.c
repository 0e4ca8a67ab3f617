/* SPDX-License-Identifier: MIT */

#include "dfuse.h"

#include <string.h>

/* First byte of a DNLOAD of block 0 (AN3156, "Write memory and commands"). */
enum command { GET_COMMANDS = 0x00, SET_ADDRESS = 0x21, ERASE = 0x41, READ_UNPROTECT = 0x92 };

static const uint8_t commands[] = {GET_COMMANDS, SET_ADDRESS, ERASE, READ_UNPROTECT};

/* Blocks 0 and 1 are commands and reserved: data begin with block 2. */
enum { FIRST_BLOCK = 2 };

void dfuse_init(struct dfuse *d, const struct dfuse_memory *memory)
{
    *d = (struct dfuse){.memory = memory};
    dfuse_bus_reset(d);
}

void dfuse_bus_reset(struct dfuse *d)
{
    d->state = DFU_IDLE;
    d->status = DFU_OK;
    d->pointer = d->memory->start;
    d->working = false;
}

static void fail(struct dfuse *d, enum dfu_status status)
{
    d->state = DFU_ERROR;
    d->status = status;
    d->working = false;
}

/* DFU 1.1 A.2: what a state does not expect is stalled and leads to dfuERROR. */
static bool unexpected(struct dfuse *d)
{
    fail(d, DFU_ERR_STALLEDPKT);
    return false;
}

static bool contains(const struct dfuse *d, uint32_t address, uint32_t bytes)
{
    const struct dfuse_memory *m = d->memory;

    return address >= m->start && address < m->end && bytes <= m->end - address;
}

static uint32_t block_address(const struct dfuse *d, uint16_t block)
{
    return d->pointer + (uint32_t)(block - FIRST_BLOCK) * DFUSE_TRANSFER;
}

static uint32_t argument(const struct dfuse *d)
{
    const uint8_t *p = d->data + 1;

    return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/* The boot loader's own sectors and what is not there cannot be erased or written. */
static enum dfu_status may_change(const struct dfuse *d, uint32_t address, uint32_t bytes)
{
    if (!contains(d, address, bytes)) {
        return DFU_ERR_ADDRESS;
    }
    return address < d->memory->own_end ? DFU_ERR_TARGET : DFU_OK;
}

static enum dfu_status erase(const struct dfuse *d, uint32_t address)
{
    const struct dfuse_memory *m = d->memory;
    enum dfu_status status = may_change(d, address, 1);

    return status == DFU_OK ? m->erase(m->ctx, address & ~(m->sector_bytes - 1)) : status;
}

static enum dfu_status erase_all(const struct dfuse *d)
{
    const struct dfuse_memory *m = d->memory;
    enum dfu_status status = DFU_OK;

    for (uint32_t at = m->own_end; at < m->end && status == DFU_OK; at += m->sector_bytes) {
        status = m->erase(m->ctx, at);
    }
    return status;
}

static enum dfu_status write(struct dfuse *d)
{
    const struct dfuse_memory *m = d->memory;
    uint32_t address = block_address(d, d->block);
    uint32_t whole = (d->bytes + m->word_bytes - 1) & ~(m->word_bytes - 1);
    enum dfu_status status = may_change(d, address, whole);

    if (status == DFU_OK && address % m->word_bytes != 0) {
        status = DFU_ERR_ADDRESS;
    }
    if (status != DFU_OK) {
        return status;
    }
    memset(d->data + d->bytes, 0xFF, whole - d->bytes);
    return m->write(m->ctx, address, d->data, whole);
}

static enum dfu_status command(struct dfuse *d)
{
    const struct dfuse_memory *m = d->memory;

    switch (d->data[0]) {
    case SET_ADDRESS:
        if (d->bytes != 5) {
            return DFU_ERR_STALLEDPKT;
        }
        if (!contains(d, argument(d), 1)) {
            return DFU_ERR_ADDRESS;
        }
        d->pointer = argument(d);
        return DFU_OK;
    case ERASE:
        if (d->bytes == 1) {
            return erase_all(d);
        }
        return d->bytes == 5 ? erase(d, argument(d)) : DFU_ERR_STALLEDPKT;
    case READ_UNPROTECT: {
        if (d->bytes != 1) {
            return DFU_ERR_STALLEDPKT;
        }
        enum dfu_status status = erase_all(d);
        return status == DFU_OK ? m->unprotect(m->ctx) : status;
    }
    default:
        return DFU_ERR_STALLEDPKT;
    }
}

/* How long dfuse_work() will take for what waits. */
static uint32_t work_ms(const struct dfuse *d)
{
    const struct dfuse_memory *m = d->memory;

    if (d->block != 0) {
        return m->write_ms;
    }
    if (d->data[0] == SET_ADDRESS) {
        return 0;
    }
    return d->bytes == 1 ? (m->end - m->own_end) / m->sector_bytes * m->erase_ms : m->erase_ms;
}

void dfuse_work(struct dfuse *d)
{
    if (!d->working) {
        return;
    }
    d->working = false;
    enum dfu_status status = d->block == 0 ? command(d) : write(d);
    if (status == DFU_OK) {
        d->state = DFU_DNLOAD_IDLE;
    } else {
        fail(d, status);
    }
}

static bool download(struct dfuse *d, uint16_t block, const uint8_t *data, uint16_t bytes)
{
    if ((d->state != DFU_IDLE && d->state != DFU_DNLOAD_IDLE) || bytes > DFUSE_TRANSFER) {
        return unexpected(d);
    }
    if (bytes == 0) {
        d->state = DFU_MANIFEST_SYNC;
        return true;
    }
    if (block == 1) {
        return unexpected(d);
    }
    memcpy(d->data, data, bytes);
    d->block = block;
    d->bytes = bytes;
    d->state = DFU_DNLOAD_SYNC;
    return true;
}

bool dfuse_out(struct dfuse *d, uint8_t request, uint16_t value, const uint8_t *data,
               uint16_t bytes)
{
    switch (request) {
    case DFU_DNLOAD:
        return download(d, value, data, bytes);
    case DFU_CLRSTATUS:
        if (d->state != DFU_ERROR) {
            return unexpected(d);
        }
        d->state = DFU_IDLE;
        d->status = DFU_OK;
        return true;
    case DFU_ABORT:
        if (d->state != DFU_IDLE && d->state != DFU_DNLOAD_IDLE && d->state != DFU_UPLOAD_IDLE &&
            d->state != DFU_DNLOAD_SYNC) {
            return unexpected(d);
        }
        d->state = DFU_IDLE;
        return true;
    default:
        return unexpected(d);
    }
}

static int upload(struct dfuse *d, uint16_t block, uint8_t *to, uint16_t room)
{
    const struct dfuse_memory *m = d->memory;
    uint32_t address = block_address(d, block);
    uint32_t bytes = room < DFUSE_TRANSFER ? room : DFUSE_TRANSFER;

    if ((d->state != DFU_IDLE && d->state != DFU_UPLOAD_IDLE) || block == 1) {
        unexpected(d);
        return -1;
    }
    if (block == 0) {
        bytes = bytes < sizeof commands ? bytes : sizeof commands;
        memcpy(to, commands, bytes);
    } else if (address == m->end) {
        bytes = 0;
    } else if (!contains(d, address, 1)) {
        fail(d, DFU_ERR_ADDRESS);
        return -1;
    } else {
        if (bytes > m->end - address) {
            bytes = m->end - address;
        }
        enum dfu_status status = m->read(m->ctx, address, to, bytes);
        if (status != DFU_OK) {
            fail(d, status);
            return -1;
        }
    }
    /* A short frame is the end (DFU 1.1, 6.2). */
    d->state = bytes < room ? DFU_IDLE : DFU_UPLOAD_IDLE;
    return (int)bytes;
}

/* bStatus, bwPollTimeout, bState, iString. */
static int get_status(struct dfuse *d, uint8_t *to, uint16_t room)
{
    const struct dfuse_memory *m = d->memory;
    uint32_t poll_ms = 0;

    if (d->state == DFU_DNLOAD_SYNC) {
        d->state = DFU_DNBUSY;
        d->working = true;
        poll_ms = work_ms(d);
    } else if (d->state == DFU_MANIFEST_SYNC) {
        if (m->application_is_whole(m->ctx)) {
            d->state = DFU_MANIFEST;
            d->leave = true;
        } else {
            fail(d, DFU_ERR_FIRMWARE);
        }
    }
    const uint8_t answer[6] = {
        (uint8_t)d->status,       (uint8_t)poll_ms,  (uint8_t)(poll_ms >> 8),
        (uint8_t)(poll_ms >> 16), (uint8_t)d->state, 0,
    };
    uint16_t bytes = room < sizeof answer ? room : sizeof answer;
    memcpy(to, answer, bytes);
    return bytes;
}

int dfuse_in(struct dfuse *d, uint8_t request, uint16_t value, uint8_t *to, uint16_t room)
{
    switch (request) {
    case DFU_UPLOAD:
        return upload(d, value, to, room);
    case DFU_GETSTATUS:
        return get_status(d, to, room);
    case DFU_GETSTATE:
        if (room == 0) {
            return 0;
        }
        *to = (uint8_t)d->state;
        return 1;
    default:
        unexpected(d);
        return -1;
    }
}
