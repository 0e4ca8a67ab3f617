/*
 * A host for DFU devices at a chip's USB, in virtual time: requests, and the sequences of AN3156
 * for DfuSe. What must not fail fails the running test.
 */
#ifndef TESTS_UNIT_SOC_DFU_HOST_H
#define TESTS_UNIT_SOC_DFU_HOST_H

#include "../../../vboard/parts/usb_host.h"
#include "chip.h"

enum { DNLOAD = 1, UPLOAD, GETSTATUS, CLRSTATUS, GETSTATE, ABORT };
enum { IDLE = 2, DNBUSY = 4, DNLOAD_IDLE = 5, MANIFEST = 7, UPLOAD_IDLE = 9, ERROR = 10 };
enum {
    OK = 0,
    ERR_TARGET = 1,
    ERR_ERASE = 4,
    ERR_PROG = 6,
    ERR_ADDRESS = 8,
    ERR_FIRMWARE = 10,
    ERR_VENDOR = 11,
    ERR_STALLED = 15,
};

struct dfu_host {
    struct soc *soc;
    struct usb_host *host;
    bool done;
};

/* Plugged into the chip's cable. dfu_unplug() frees the host, not the chip. */
struct dfu_host *dfu_plug(struct soc *soc);
void dfu_unplug(struct dfu_host *b);
/* Runs until a device is configured; false: none is after a second. */
bool dfu_ready(struct dfu_host *b);

/* A control transfer; the number of bytes moved, -1: stalled, or the device is gone. */
int dfu_control(struct dfu_host *b, unsigned type, unsigned request, unsigned value, unsigned index,
                void *data, unsigned length);
/* Class requests. */
int dfu_out(struct dfu_host *b, unsigned request, unsigned value, const void *data, unsigned n);
int dfu_in(struct dfu_host *b, unsigned request, unsigned value, void *data, unsigned n);
/* Waits for bwPollTimeout. bState, -1: no answer. */
int dfu_get_status(struct dfu_host *b, int *status);

/* DNLOAD, GETSTATUS (busy), GETSTATUS. bStatus, which is cleared if it is an error; -1: the device
   is gone. */
int dfu_download(struct dfu_host *b, unsigned block, const void *data, unsigned n);
/* The same with a command and an address. */
int dfu_command(struct dfu_host *b, unsigned code, uint32_t address);
void dfu_to_idle(struct dfu_host *b);
void dfu_upload(struct dfu_host *b, uint32_t address, void *to, unsigned n);
/* A string descriptor, as far as it is Latin. */
void dfu_string(struct dfu_host *b, unsigned index, char *to);

#endif
