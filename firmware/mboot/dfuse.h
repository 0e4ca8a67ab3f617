/* SPDX-License-Identifier: MIT */

/*
 * The device's side of the DfuSe protocol: USB Device Firmware Upgrade 1.1 with ST's commands, as
 * in AN3156 ("USB DFU protocol used in the STM32 bootloader") and UM0424.
 *
 * Portable; knows neither USB stack nor flash. The USB side hands over each class request, and
 * calls dfuse_work() when the answer to a GETSTATUS has gone out: that is when the memory is
 * worked on, as hosts expect. One thread; nothing here waits, but for what the memory's callbacks
 * do.
 */
#ifndef MBOOT_DFUSE_H
#define MBOOT_DFUSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What one DNLOAD or UPLOAD carries; wTransferSize of the functional descriptor. */
#define DFUSE_TRANSFER 2048u

/* bRequest, DFU 1.1 table 3.2. */
enum dfu_request {
    DFU_DETACH = 0,
    DFU_DNLOAD = 1,
    DFU_UPLOAD = 2,
    DFU_GETSTATUS = 3,
    DFU_CLRSTATUS = 4,
    DFU_GETSTATE = 5,
    DFU_ABORT = 6,
};

/* DFU 1.1, A.1. */
enum dfu_state {
    DFU_IDLE = 2,
    DFU_DNLOAD_SYNC = 3,
    DFU_DNBUSY = 4,
    DFU_DNLOAD_IDLE = 5,
    DFU_MANIFEST_SYNC = 6,
    DFU_MANIFEST = 7,
    DFU_UPLOAD_IDLE = 9,
    DFU_ERROR = 10,
};

/* bStatus, DFU 1.1 6.1.2. */
enum dfu_status {
    DFU_OK = 0,
    DFU_ERR_TARGET = 1,       /* the boot loader's own sectors */
    DFU_ERR_WRITE = 3,        /* the memory cannot be written */
    DFU_ERR_ERASE = 4,        /* erasing failed */
    DFU_ERR_CHECK_ERASED = 5, /* written without an erase */
    DFU_ERR_PROG = 6,         /* programming failed */
    DFU_ERR_VERIFY = 7,       /* does not read as written */
    DFU_ERR_ADDRESS = 8,      /* there is no such memory, or not for this */
    DFU_ERR_FIRMWARE = 10,    /* leaving, but the application is not whole */
    DFU_ERR_VENDOR = 11,      /* read unprotect is refused */
    DFU_ERR_STALLEDPKT = 15,  /* a request that does not fit here */
};

/* The memory that is served; addresses are checked before any callback is called. */
struct dfuse_memory {
    uint32_t start, end;   /* all of it: [start, end) */
    uint32_t own_end;      /* [start, own_end) is the boot loader: read, but never written */
    uint32_t sector_bytes; /* what is erased at once; a power of two */
    uint32_t word_bytes;   /* alignment of what is written; a power of two */

    /* How long they take, for bwPollTimeout. */
    uint32_t erase_ms; /* a sector */
    uint32_t write_ms; /* DFUSE_TRANSFER bytes */

    void *ctx;
    enum dfu_status (*erase)(void *ctx, uint32_t sector);
    /* bytes is a multiple of word_bytes: what the host did not send is 0xFF. */
    enum dfu_status (*write)(void *ctx, uint32_t address, const uint8_t *from, size_t bytes);
    enum dfu_status (*read)(void *ctx, uint32_t address, uint8_t *to, size_t bytes);
    /* Command 0x92, all but the boot loader having been erased. */
    enum dfu_status (*unprotect)(void *ctx);
    /* Whether what lies at own_end may be started. */
    bool (*application_is_whole)(void *ctx);
};

struct dfuse {
    const struct dfuse_memory *memory;
    enum dfu_state state;
    enum dfu_status status;
    uint32_t pointer; /* "address pointer" of AN3156 */
    bool leave;

    /* The DNLOAD that waits for its GETSTATUS. */
    uint16_t block;
    uint16_t bytes;
    bool working; /* it has been announced as dfuDNBUSY */
    uint8_t data[DFUSE_TRANSFER];
};

void dfuse_init(struct dfuse *d, const struct dfuse_memory *memory);

/* The bus was reset, or unplugged: what waits is forgotten. */
void dfuse_bus_reset(struct dfuse *d);

/*
 * A request without data, or with data from the host (all of it; bytes is at most DFUSE_TRANSFER).
 * False: stall it.
 */
bool dfuse_out(struct dfuse *d, uint8_t request, uint16_t value, const uint8_t *data,
               uint16_t bytes);

/* A request for up to `room` bytes, at most DFUSE_TRANSFER. The number of bytes; negative: stall
 * it. */
int dfuse_in(struct dfuse *d, uint8_t request, uint16_t value, uint8_t *to, uint16_t room);

/* Does what was announced as dfuDNBUSY, if anything. */
void dfuse_work(struct dfuse *d);

/* dfuMANIFEST has been answered: time to start the application. */
static inline bool dfuse_leaves(const struct dfuse *d)
{
    return d->leave;
}

#endif
