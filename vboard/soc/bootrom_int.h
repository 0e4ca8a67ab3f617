/*
 * The boot loader in system memory, as it shows itself over USB: what its files share.
 *
 * No code of ST's is here. Core code in system memory (memory.c) only tells bootrom.c that the core
 * has come there, and sleeps; what the boot loader then does on USB and to the flash is written
 * from AN2606 ("STM32 microcontroller system memory boot mode"), AN3156 ("USB DFU protocol used in
 * the STM32 bootloader"), USB DFU 1.1, and what `dfu-util -l` printed on an STM32H7A3.
 *
 *   bootrom.c      when it runs, and its work on the flash: registers and stores, as a program's
 *   bootrom_dfu.c  the protocol
 *   bootrom_usb.c  descriptors and the control endpoint
 */
#ifndef VBOARD_SOC_BOOTROM_INT_H
#define VBOARD_SOC_BOOTROM_INT_H

#include "../wire/usb.h"
#include "devices.h"

enum {
    BOOTROM_TRANSFER = 1024, /* wTransferSize; UNVERIFIED for the STM32H7A3 */
    BOOTROM_SERIAL_DIGITS = 12,
};

enum dfu_request { DETACH, DNLOAD, UPLOAD, GETSTATUS, CLRSTATUS, GETSTATE, ABORT };

/* DFU 1.1, A.1 and 6.1.2. */
enum dfu_state {
    DFU_IDLE = 2,
    DFU_DNLOAD_SYNC,
    DFU_DNBUSY,
    DFU_DNLOAD_IDLE,
    DFU_MANIFEST_SYNC,
    DFU_MANIFEST,
    DFU_UPLOAD_IDLE = 9,
    DFU_ERROR,
};
enum dfu_status {
    STATUS_OK = 0,
    STATUS_TARGET = 1,
    STATUS_ERASE = 4,
    STATUS_PROG = 6,
    STATUS_VENDOR = 11,
    STATUS_STALLED = 15,
};

/* What is to be done to the flash; one at a time. */
enum bootrom_job { JOB_NONE, JOB_SECTOR, JOB_ALL, JOB_WRITE, JOB_UNPROTECT };

struct bootrom {
    struct device d;
    uint8_t *memory;
    struct sched_event start, work, leave;
    bool running;

    /* The job under way. */
    enum bootrom_job job;
    uint32_t address, done, size;
    bool begun; /* the operation at `done` */
    uint8_t data[BOOTROM_TRANSFER];

    /* bootrom_dfu.c */
    enum dfu_state state;
    enum dfu_status status;
    uint32_t pointer;
    unsigned block, bytes;
    bool announced; /* a GETSTATUS said dfuDNBUSY: the job begins when its answer is out */

    /* bootrom_usb.c */
    struct usb_function function;
    char serial[BOOTROM_SERIAL_DIGITS + 1];
    uint8_t usb_address, new_address, configuration, alternate;
    uint8_t setup[8];
    bool fresh;          /* the request has not been looked at */
    bool in_stage;       /* the data go to the host */
    bool stalled;        /* this transfer */
    bool status_stage;   /* data are done */
    unsigned toggle;     /* of the next data packet */
    unsigned length, at; /* of the data, and how much has passed */
    uint8_t buffer[BOOTROM_TRANSFER];
};

/* ---- bootrom.c ---- */

/* Reads as a program. STATUS_TARGET: there is no such memory for the boot loader; STATUS_VENDOR: it
   is protected, or unreadable. */
enum dfu_status bootrom_read(struct bootrom *r, uint32_t address, uint8_t *to, unsigned size);
/* Begins a job; it ends by bootrom_dfu_done(). For JOB_WRITE the bytes are in r->data. */
void bootrom_begin(struct bootrom *r, enum bootrom_job job, uint32_t address, unsigned size);
/* Disconnects, and starts what lies at the address. */
void bootrom_leave(struct bootrom *r, uint32_t address);
bool bootrom_busy(const struct bootrom *r);
uint32_t bootrom_word(struct bootrom *r, uint32_t address);

/* ---- bootrom_dfu.c ---- */

void bootrom_dfu_reset(struct bootrom *r);
/* A class request; data of size bytes came with it. False: stall. */
bool bootrom_dfu_out(struct bootrom *r, unsigned request, unsigned value, const uint8_t *data,
                     unsigned size);
/* Number of bytes for the host, or -1: stall. */
int bootrom_dfu_in(struct bootrom *r, unsigned request, unsigned value, uint8_t *to, unsigned room);
/* The answer to the last request is out. */
void bootrom_dfu_answered(struct bootrom *r);
void bootrom_dfu_done(struct bootrom *r, enum dfu_status status);

/* ---- bootrom_usb.c ---- */

void bootrom_usb_init(struct bootrom *r);

#endif
