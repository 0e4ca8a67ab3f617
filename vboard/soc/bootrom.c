/*
 * The boot loader in system memory: when it runs, and what it does to the flash.
 *
 * It is started by BOOT0, or by a program that jumps there (AN2606). Its code in system memory
 * stores to one address, which nothing else does, and sleeps; from then on this model acts in its
 * place, by loads and stores of its own, so that the flash takes its time, keeps its protection and
 * sets its errors as for any program. RM0455 chapter 4 for the sequences.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bootrom_int.h"

enum {
    ROM = 0x1FF00000,
    ROM_SIZE = 128 << 10,
    ENTRY = 0x400,         /* behind each vector table */
    SECOND_TABLE = 0xA800, /* where AN2606 lets programs jump to on the H7A3 */
    MAILBOX = 0x1FFF0,

    FLASH_BASE = 0x08000000,
    FLASH_SIZE = 2 << 20,
    BANK_SIZE = 1 << 20,
    SECTOR_SIZE = 8 << 10,
    OTP_BASE = 0x08FFF000,
    OTP_SIZE = 1024,
    UID = 0x08FFF800,
    OPTIONS_SIZE = 297,

    FLASH = 0x52002000, /* registers; those of bank 2 at +0x100 */
    KEYR = 0x04,
    OPTKEYR = 0x08,
    CR = 0x0C,
    SR = 0x10,
    CCR = 0x14,
    OPTCR = 0x18,
    OPTSR_CUR = 0x1C,
    OPTSR_PRG = 0x20,
    WPSN_CUR = 0x38,
    OPTIONS_BASE = FLASH + OPTSR_CUR,
};

#define CR_LOCK        (1u << 0)
#define CR_PG          (1u << 1)
#define CR_SER         (1u << 2)
#define CR_BER         (1u << 3)
#define CR_FW          (1u << 4)
#define CR_START       (1u << 5)
#define CR_SNB(n)      ((uint32_t)(n) << 6)
#define SR_QW          (1u << 2)
#define SR_ERRORS      0x1FAE0000u
#define OPTCR_OPTLOCK  (1u << 0)
#define OPTCR_OPTSTART (1u << 1)
#define OPTCR_PG_OTP   (1u << 5)
#define OPTSR_BUSY     (1u << 0)
#define RDP_OPEN       0xAAu

/* From reset to the pull-up: the boot loader looks at its other interfaces first. Order of
   magnitude. */
#define TIME_START (20 * VTIME_MS)
#define TIME_POLL  (10 * VTIME_US)
#define TIME_LEAVE (2 * VTIME_MS)

/* What is written by options: registers for the next change, by their offset in the region. */
static const uint16_t option_registers[] = {0x20, 0x44,  0x6C, 0x2C, 0x12C,
                                            0x34, 0x134, 0x3C, 0x13C};

static enum bus_status access_memory(struct bootrom *r, uint32_t address, uint8_t *data,
                                     unsigned size, bool write)
{
    struct bus_access a = {.addr = address,
                           .attr = BUS_DEVICE | BUS_PRIVILEGED,
                           .size = size,
                           .strobe = (1u << size) - 1,
                           .write = write,
                           .data = data};

    return bus_do(r->d.soc->bus, &a);
}

uint32_t bootrom_word(struct bootrom *r, uint32_t address)
{
    uint32_t value = 0;

    access_memory(r, address, (uint8_t *)&value, 4, false);
    return value;
}

static void set_word(struct bootrom *r, uint32_t address, uint32_t value)
{
    access_memory(r, address, (uint8_t *)&value, 4, true);
}

static bool within(uint32_t address, uint32_t size, uint32_t base, uint32_t length)
{
    return address >= base && address - base < length && size <= length - (address - base);
}

static bool is_open(struct bootrom *r)
{
    return (bootrom_word(r, FLASH + OPTSR_CUR) >> 8 & 0xFF) == RDP_OPEN;
}

/* Registers of the bank that holds a flash address. */
static uint32_t bank(uint32_t address)
{
    return FLASH + (address - FLASH_BASE >= BANK_SIZE ? 0x100 : 0);
}

enum dfu_status bootrom_read(struct bootrom *r, uint32_t address, uint8_t *to, unsigned size)
{
    bool flash = within(address, size, FLASH_BASE, FLASH_SIZE);

    if (within(address, size, OPTIONS_BASE, OPTIONS_SIZE)) {
        /* Registers are read as words, whatever the host asks for. */
        for (unsigned n = 0; n < size; n++)
            to[n] = (uint8_t)(bootrom_word(r, (address + n) & ~3u) >> 8 * ((address + n) & 3));
        return STATUS_OK;
    }
    if (!flash && !within(address, size, OTP_BASE, OTP_SIZE))
        return STATUS_TARGET;
    if (flash && !is_open(r))
        return STATUS_VENDOR;
    for (unsigned n = 0; n < size; n++)
        if (access_memory(r, address + n, to + n, 1, false) != BUS_OK)
            return STATUS_VENDOR;
    return STATUS_OK;
}

bool bootrom_busy(const struct bootrom *r)
{
    return r->job != JOB_NONE;
}

static void finish(struct bootrom *r, enum dfu_status status)
{
    r->job = JOB_NONE;
    for (unsigned n = 0; n < 2; n++)
        set_word(r, FLASH + 0x100 * n + CR, CR_LOCK);
    bootrom_dfu_done(r, status);
}

static void unlock(struct bootrom *r)
{
    for (unsigned n = 0; n < 2; n++) {
        set_word(r, FLASH + 0x100 * n + CCR, SR_ERRORS);
        if (bootrom_word(r, FLASH + 0x100 * n + CR) & CR_LOCK) {
            set_word(r, FLASH + 0x100 * n + KEYR, 0x45670123);
            set_word(r, FLASH + 0x100 * n + KEYR, 0xCDEF89AB);
        }
    }
}

static void unlock_options(struct bootrom *r)
{
    if (bootrom_word(r, FLASH + OPTCR) & OPTCR_OPTLOCK) {
        set_word(r, FLASH + OPTKEYR, 0x08192A3B);
        set_word(r, FLASH + OPTKEYR, 0x4C5D6E7F);
    }
}

static void start_options(struct bootrom *r)
{
    set_word(r, FLASH + OPTCR, OPTCR_OPTSTART);
}

/* A word is 16 bytes; a last one that is not full is forced out. */
static void program_word(struct bootrom *r, uint32_t address, const uint8_t *from, unsigned size)
{
    set_word(r, bank(address) + CR, CR_PG);
    for (unsigned n = 0; n < size; n++) {
        uint8_t byte = from[n];

        access_memory(r, address + n, &byte, 1, true);
    }
    if (size < 16 - address % 16)
        set_word(r, bank(address) + CR, CR_PG | CR_FW);
}

static void write_options(struct bootrom *r)
{
    unlock_options(r);
    for (unsigned n = 0; n < sizeof(option_registers) / sizeof(option_registers[0]); n++) {
        uint32_t at = option_registers[n] - OPTSR_CUR, value;

        at += OPTIONS_BASE;
        if (!within(at, 4, r->address, r->size))
            continue;
        memcpy(&value, r->data + (at - r->address), 4);
        set_word(r, at, value);
    }
    start_options(r);
}

static void write_otp(struct bootrom *r)
{
    uint16_t half;

    unlock_options(r);
    set_word(r, FLASH + OPTCR, OPTCR_PG_OTP);
    memcpy(&half, r->data + r->done, 2);
    access_memory(r, r->address + r->done, (uint8_t *)&half, 2, true);
    set_word(r, FLASH + OPTCR, 0);
}

/* Begins the next operation of the job; `done` then counts it. */
static void begin_step(struct bootrom *r)
{
    uint32_t at = r->address + r->done, offset = at - FLASH_BASE;

    switch (r->job) {
    case JOB_SECTOR:
        set_word(r, bank(at) + CR, CR_SER | CR_SNB(offset % BANK_SIZE / SECTOR_SIZE) | CR_START);
        r->done = r->size;
        break;
    case JOB_ALL:
        set_word(r, bank(at) + CR, CR_BER | CR_START);
        r->done += BANK_SIZE;
        break;
    case JOB_WRITE:
        if (within(at, 1, OPTIONS_BASE, OPTIONS_SIZE)) {
            write_options(r);
            r->done = r->size;
        } else if (within(at, 1, OTP_BASE, OTP_SIZE)) {
            write_otp(r);
            r->done += 2;
        } else {
            unsigned size = 16 - at % 16;

            if (size > r->size - r->done)
                size = r->size - r->done;
            program_word(r, at, r->data + r->done, size);
            r->done += size;
        }
        break;
    case JOB_UNPROTECT:
        unlock_options(r);
        set_word(r, FLASH + OPTSR_PRG,
                 (bootrom_word(r, FLASH + OPTSR_PRG) & ~0xFF00u) | RDP_OPEN << 8);
        start_options(r);
        r->done = r->size;
        break;
    case JOB_NONE:
        break;
    }
}

/* Polls, as a program does: the flash has ended its operation, or the next one begins. */
static void work(void *ctx, vtime at)
{
    struct bootrom *r = ctx;
    uint32_t flags = bootrom_word(r, FLASH + SR) | bootrom_word(r, FLASH + 0x100 + SR);

    if (!r->running || r->job == JOB_NONE)
        return;
    if (!(flags & SR_QW) && !(bootrom_word(r, FLASH + OPTCR) & OPTCR_OPTSTART)) {
        if (flags & SR_ERRORS) {
            finish(r, r->job == JOB_WRITE ? STATUS_PROG : STATUS_ERASE);
            return;
        }
        if (r->done >= r->size) {
            bool reset = r->job == JOB_UNPROTECT;

            finish(r, STATUS_OK);
            if (reset) /* AN3156: the boot loader resets the chip after it */
                soc_request_reset(r->d.soc, SOC_RESET_SOFTWARE);
            return;
        }
        begin_step(r);
    }
    sched_at(r->d.soc->sched, &r->work, at + TIME_POLL);
}

/* Protected sectors are refused without asking the flash. */
static bool is_protected(struct bootrom *r, uint32_t address, uint32_t size)
{
    for (uint32_t at = address / SECTOR_SIZE * SECTOR_SIZE; at < address + size;
         at += SECTOR_SIZE) {
        uint32_t groups = bootrom_word(r, bank(at) + WPSN_CUR);

        if (!(groups >> ((at - FLASH_BASE) % BANK_SIZE / SECTOR_SIZE / 4) & 1))
            return true;
    }
    return false;
}

static enum dfu_status may(struct bootrom *r, enum bootrom_job job, uint32_t address, uint32_t size)
{
    if (job == JOB_UNPROTECT)
        return STATUS_OK;
    if (within(address, size, FLASH_BASE, FLASH_SIZE)) {
        if (!is_open(r))
            return STATUS_VENDOR;
        if (is_protected(r, address, size))
            return job == JOB_WRITE ? STATUS_PROG : STATUS_ERASE;
        return STATUS_OK;
    }
    if (job == JOB_WRITE &&
        (within(address, size, OPTIONS_BASE, OPTIONS_SIZE) ||
         (within(address, size, OTP_BASE, OTP_SIZE) && address % 2 == 0 && size % 2 == 0)))
        return STATUS_OK;
    return STATUS_TARGET;
}

void bootrom_begin(struct bootrom *r, enum bootrom_job job, uint32_t address, unsigned size)
{
    if (job == JOB_ALL) {
        address = FLASH_BASE;
        size = FLASH_SIZE;
    }
    enum dfu_status status = may(r, job, address, size);

    if (status != STATUS_OK) {
        bootrom_dfu_done(r, status);
        return;
    }
    r->job = job;
    r->address = address;
    r->size = size;
    r->done = 0;
    unlock(r);
    sched_at(r->d.soc->sched, &r->work, sched_now(r->d.soc->sched) + TIME_POLL);
}

static void leave(void *ctx, vtime at)
{
    struct bootrom *r = ctx;
    struct soc *soc = r->d.soc;

    (void)at;
    usb_detach(soc_usb(soc), &r->function);
    r->running = false;
    cpu_reset(soc->cpu, r->address);
}

/* A stack in RAM, and an entry in Thumb state. */
static bool is_program(struct bootrom *r, uint32_t address)
{
    uint32_t stack, entry;

    if (address % 4 || bootrom_read(r, address, (uint8_t *)&stack, 4) != STATUS_OK ||
        bootrom_read(r, address + 4, (uint8_t *)&entry, 4) != STATUS_OK)
        return false;
    return (stack >> 28 == 2 || stack >> 28 == 3) && stack % 4 == 0 && entry & 1 &&
           within(entry, 1, FLASH_BASE, FLASH_SIZE);
}

/*
 * AN3156, "Leave DFU mode": the program at the address pointer is started. `dfu-util -s :leave -D
 * FILE.dfu` leaves the pointer where the last block went, and is known to start the program all the
 * same (MicroPython's make files use it); so where no program is, the one at the start of the flash
 * is taken. UNVERIFIED for the STM32H7A3.
 */
void bootrom_leave(struct bootrom *r, uint32_t address)
{
    r->address = is_program(r, address) ? address : FLASH_BASE;
    sched_at(r->d.soc->sched, &r->leave, sched_now(r->d.soc->sched) + TIME_LEAVE);
}

/* From the unique id, as MicroPython's stm32 port found out. */
static void read_serial(struct bootrom *r)
{
    uint8_t id[12];

    for (unsigned n = 0; n < sizeof(id); n++)
        access_memory(r, UID + n, &id[n], 1, false);
    snprintf(r->serial, sizeof(r->serial), "%02X%02X%02X%02X%02X%02X", id[11],
             (id[10] + id[2]) & 0xFF, id[9], (id[8] + id[0]) & 0xFF, id[7], id[6]);
}

static void start(void *ctx, vtime at)
{
    struct bootrom *r = ctx;

    (void)at;
    read_serial(r);
    bootrom_dfu_reset(r);
    usb_attach(soc_usb(r->d.soc), &r->function);
    usb_connect(soc_usb(r->d.soc), &r->function);
}

/* Writes to system memory: the boot loader's own code has one. */
static enum bus_status access_rom(void *ctx, struct bus_access *a)
{
    struct bootrom *r = ctx;

    if (a->attr & BUS_DEBUG || !a->write)
        return BUS_SLVERR;
    if (a->addr != ROM + MAILBOX)
        return BUS_SLVERR;
    if (!r->running) {
        r->running = true;
        sched_at(r->d.soc->sched, &r->start, sched_now(r->d.soc->sched) + TIME_START);
    }
    return BUS_OK;
}

/* A reset, whatever its kind, ends it; the core may come here again. */
static void reset(struct device *d)
{
    struct bootrom *r = (struct bootrom *)d;

    sched_cancel(d->soc->sched, &r->start);
    sched_cancel(d->soc->sched, &r->work);
    sched_cancel(d->soc->sched, &r->leave);
    if (r->running)
        usb_detach(soc_usb(d->soc), &r->function);
    r->running = false;
    r->job = JOB_NONE;
}

/* Interrupts off, tell the model, sleep. */
static void fill(uint8_t *m)
{
    static const uint16_t code[] = {
        0xB672,         /* cpsid i */
        0x4C02,         /* ldr r4, [pc, #8] */
        0x6024,         /* str r4, [r4] */
        0xBF30, 0xE7FD, /* wfi; b to it */
        0xBF00,         /* (aligns the literal) */
    };
    static const uint32_t mailbox = ROM + MAILBOX;
    static const uint32_t at[] = {0, SECOND_TABLE};

    memset(m, 0xFF, ROM_SIZE);
    for (unsigned i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
        uint32_t vectors[16] = {0x20002000};

        for (unsigned n = 1; n < 16; n++)
            vectors[n] = ROM + at[i] + ENTRY + 1;
        memcpy(m + at[i], vectors, sizeof(vectors));
        memcpy(m + at[i] + ENTRY, code, sizeof(code));
        memcpy(m + at[i] + ENTRY + sizeof(code), &mailbox, 4);
    }
}

static void destroy(struct device *d)
{
    struct bootrom *r = (struct bootrom *)d;

    free(r->memory);
}

int bootrom_create(struct soc *soc)
{
    struct bootrom *r = calloc(1, sizeof(*r));

    if (!r)
        return -1;
    r->memory = malloc(ROM_SIZE);
    r->d.name = "system memory";
    r->d.reset = reset;
    r->d.destroy = destroy;
    r->start = (struct sched_event){.fn = start, .ctx = r};
    r->work = (struct sched_event){.fn = work, .ctx = r};
    r->leave = (struct sched_event){.fn = leave, .ctx = r};
    if (!r->memory || device_init(&r->d, soc) < 0) {
        free(r->memory);
        free(r);
        return -1;
    }
    bootrom_usb_init(r);
    fill(r->memory);
    struct bus_region region = {.name = "system memory",
                                .base = ROM,
                                .size = ROM_SIZE,
                                .flags = BUS_DIRECT_READ,
                                .host = r->memory,
                                .fn = access_rom,
                                .ctx = r};

    return bus_map(soc->bus, &region);
}
