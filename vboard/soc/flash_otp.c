/*
 * The read-only area beside the flash: one-time programmable memory, then unique id, flash size and
 * package code at +0x800 (RM0455 chapter 4; places as in the CMSIS header).
 */
#include <stdlib.h>
#include <string.h>

#include "devices.h"
#include "timing.h"

enum {
    OTP_BASE = 0x08FFF000,
    OTP_SIZE = 1024,
    OTP_BLOCK = 64,
    INFO_SIZE = 4096,
};

struct otp {
    struct device d;
    uint8_t info[INFO_SIZE];
};

/* OTP: half-words, each once, unless their block of 32 is locked. The rest is read-only. */
static enum bus_status access_info(void *ctx, struct bus_access *a)
{
    struct otp *o = ctx;
    struct soc *soc = o->d.soc;
    uint32_t offset = a->addr - OTP_BASE;
    bool locked = false;

    if (!a->write) {
        memcpy(a->data, o->info + offset, a->size);
        return BUS_OK;
    }
    if (a->attr & BUS_DEBUG) {
        memcpy(o->info + offset, a->data, a->size);
        return BUS_OK;
    }
    if (offset >= OTP_SIZE || a->size != 2 ||
        !flash_otp_writable(soc, offset / OTP_BLOCK, &locked)) {
        flash_refused(soc, locked);
        complain(soc->complaints, GUEST_ERROR, "otp-write",
                 "write of %u bytes at 0x%08x: OTP takes half-words, with OPTCR.PG_OTP = 1, in "
                 "blocks that are not locked",
                 (unsigned)a->size, (unsigned)a->addr);
        return BUS_OK;
    }
    for (unsigned i = 0; i < 2; i++)
        o->info[offset + i] &= a->data[i];
    a->stall_ps = TIME_FLASH_WORD;
    return BUS_OK;
}

/* Unique id, flash size in KB and package code, where the CMSIS header's UID_BASE, FLASHSIZE_BASE
   and PACKAGE_BASE point. */
static void fill_info(struct otp *o, uint64_t seed)
{
    uint64_t x = (seed + 1) * UINT64_C(0xD1342543DE82EF95);
    uint16_t kilobytes = 2048, package = 0;
    struct adc_factory adc;

    memset(o->info, 0xFF, INFO_SIZE);
    memcpy(o->info + 0x800, &x, 8);
    x = (x ^ x >> 29) * UINT64_C(0xBF58476D1CE4E5B9);
    memcpy(o->info + 0x808, &x, 4);
    memcpy(o->info + 0x80C, &kilobytes, 2);
    memcpy(o->info + 0x80E, &package, 2);
    /* VREFINT_CAL, TS_CAL1, TS_CAL2: addresses in the LL driver of the ADC. */
    adc_factory_values(seed, &adc);
    memcpy(o->info + 0x810, &adc.vrefint, 2);
    memcpy(o->info + 0x814, &adc.ts_30, 2);
    memcpy(o->info + 0x818, &adc.ts_110, 2);
}

int flash_otp_create(struct soc *soc)
{
    struct otp *o = calloc(1, sizeof *o);
    struct bus_region region = {.name = "OTP and device information",
                                .base = OTP_BASE,
                                .size = INFO_SIZE,
                                .flags = BUS_DIRECT_READ,
                                .fn = access_info,
                                .ctx = o};

    if (!o)
        return -1;
    o->d.name = "OTP";
    if (device_init(&o->d, soc) < 0) {
        free(o);
        return -1;
    }
    fill_info(o, soc->config.seed);
    region.host = o->info;
    return bus_map(soc->bus, &region);
}
