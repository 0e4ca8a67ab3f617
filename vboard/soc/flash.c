/*
 * FLASH: two banks of 1 MB, sectors of 8 KB, programmed 16 bytes at a time; option bytes.
 *
 * RM0455 chapter 4; sequences as in stm32h7xx_hal_flash.c. A bank that erases or programs keeps
 * reads of itself waiting (RM0455: "read while write" only across banks); the other bank goes on.
 */
#include <stdlib.h>
#include <string.h>

#include "devices.h"
#include "flash_cells.h"
#include "timing.h"

enum {
    BANK_SIZE = FLASH_CELLS_BANK,
    SECTOR_SIZE = 8 << 10,
    SECTORS = 128,
    WORD = FLASH_CELLS_WORD, /* bytes that are programmed together */
    FLASH_BASE = 0x08000000,
};

enum {
    ACR = 0x00,
    CR = 0x0C, /* bank registers: bank 2 at +0x100 */
    SR = 0x10,
    OPTCR = 0x18,
    OPTSR_CUR = 0x1C,
    OPTSR_PRG = 0x20,
    BOOT_CUR = 0x40,
    FAR = 0x60,
    BOOT_PRG = 0x44,
    OTPBL_CUR = 0x68,
    OTPBL_PRG = 0x6C,
    WPSN_CUR = 0x38,
};

#define CR_LOCK     (1u << 0)
#define CR_PG       (1u << 1)
#define CR_SER      (1u << 2)
#define CR_BER      (1u << 3)
#define CR_FW       (1u << 4)
#define CR_START    (1u << 5)
#define CR_EOPIE    (1u << 16)
#define SR_BSY      (1u << 0)
#define SR_WBNE     (1u << 1)
#define SR_QW       (1u << 2)
#define SR_EOP      (1u << 16)
#define SR_WRPERR   (1u << 17)
#define SR_PGSERR   (1u << 18)
#define SR_STRBERR  (1u << 19)
#define SR_INCERR   (1u << 21)
#define SR_SNECCERR (1u << 25)
#define SR_DBECCERR (1u << 26)
#define SR_CRCEND   (1u << 27)
#define SR_FLAGS    0x1FAF0000u

#define OPTCR_OPTLOCK  (1u << 0)
#define OPTCR_OPTSTART (1u << 1)
#define OPTCR_MER      (1u << 4)
#define OPTCR_PG_OTP   (1u << 5)
#define OPTCR_SWAP     (1u << 31)
#define OPTSR_BUSY     (1u << 0)
#define OPTSR_SWAP     (1u << 31)

#define OPTSR_CHANGEERR (1u << 30)
/* OPTSR.RDP; any other value is level 1. */
enum { RDP_LEVEL_0 = 0xAA, RDP_LEVEL_2 = 0xCC };

/* Pairs of option registers: what is in force, what is written for the next change. */
static const struct option {
    uint16_t cur, prg;
    uint32_t factory; /* as delivered (values of the family; RM0455 4.4) */
} options[] = {
    {OPTSR_CUR, OPTSR_PRG,
     0x0016AAD0},                     /* RDP level 0, software watchdog, no reset in Stop/Standby */
    {BOOT_CUR, BOOT_PRG, 0x1FF00800}, /* BOOT0 low: 0x08000000; high: 0x1FF00000 */
    {OTPBL_CUR, OTPBL_PRG, 0},
    {0x028, 0x02C, 0x000000FF}, /* PRAR: start behind end, no area */
    {0x128, 0x12C, 0x000000FF},
    {0x030, 0x034, 0x000000FF}, /* SCAR, likewise */
    {0x130, 0x134, 0x000000FF},
    {WPSN_CUR, 0x03C, 0xFFFFFFFF}, /* no sector write-protected */
    {0x138, 0x13C, 0xFFFFFFFF},
};
enum { OPTIONS = sizeof options / sizeof options[0] };

enum job { IDLE, PROGRAM, ERASE_SECTOR, ERASE_BANK };

struct flash;

struct bank {
    struct flash *flash;
    unsigned number; /* 0, 1: by address (with swapped banks not the physical one) */
    enum job job;
    uint32_t job_at; /* offset in the bank */
    vtime duration;
    struct sched_event done;
    uint8_t buffer[WORD];
    uint16_t filled;    /* bytes of buffer that were written */
    uint32_t buffer_at; /* offset in the bank */
    unsigned keys;      /* right keys seen */
    bool key_failed;
};

struct flash {
    struct device d;
    struct bank bank[2];
    uint32_t option[OPTIONS]; /* in force; kept over resets */
    struct sched_event options_done;
    unsigned opt_keys;
    bool opt_key_failed;
    bool swapped; /* the banks, since the last reset */
};

static struct flash *flash_of(struct device *d)
{
    return (struct flash *)d;
}

static uint32_t *bank_reg(struct bank *b, uint32_t offset)
{
    return device_reg(&b->flash->d, offset + 0x100 * b->number);
}

static struct complaints *complaints_of(struct bank *b)
{
    return b->flash->d.soc->complaints;
}

static struct flash_cells *cells_of(struct bank *b)
{
    return b->flash->d.soc->flash_cells;
}

/* The physical bank behind a bank's addresses. */
static unsigned physical(struct bank *b)
{
    return b->number ^ b->flash->swapped;
}

/* Where an offset in a bank is among the cells. */
static uint32_t place(struct bank *b, uint32_t offset)
{
    return physical(b) * BANK_SIZE + offset;
}

static uint8_t *bytes(struct bank *b, uint32_t offset)
{
    return flash_cells_bytes(cells_of(b)) + place(b, offset);
}

static uint32_t address(struct bank *b, uint32_t offset)
{
    return FLASH_BASE + b->number * BANK_SIZE + offset;
}

static void update_irq(struct flash *f)
{
    bool level = false;

    for (unsigned n = 0; n < 2; n++)
        level |= *bank_reg(&f->bank[n], SR) & *bank_reg(&f->bank[n], CR) & SR_FLAGS;
    soc_irq(f->d.soc, IRQ_FLASH, level);
}

static void set_error(struct bank *b, uint32_t flag, const char *name, uint32_t offset,
                      const char *why)
{
    *bank_reg(b, SR) |= flag;
    complain(complaints_of(b), GUEST_ERROR, name, "flash at 0x%08x: %s",
             (unsigned)address(b, offset), why);
    update_irq(b->flash);
}

/* Reads come to access_bank() while the bank works, because they wait, and while it has a word that
   does not fit its code. */
static void set_direct(struct bank *b)
{
    bool direct = b->job == IDLE && !flash_cells_bad(cells_of(b), physical(b));

    bus_set_flags(b->flash->d.soc->bus, address(b, 0), direct ? BUS_DIRECT_READ : 0);
}

static bool is_protected(struct bank *b, uint32_t offset)
{
    return !(*bank_reg(b, WPSN_CUR) >> (offset / SECTOR_SIZE / 4) & 1);
}

static void start(struct bank *b, enum job job, uint32_t offset, vtime duration)
{
    struct soc *soc = b->flash->d.soc;

    if (!rules_check_flash_write(soc))
        b->buffer[0] ^= 1;
    b->job = job;
    b->job_at = offset;
    b->duration = duration;
    *bank_reg(b, SR) |= SR_QW | SR_BSY;
    sched_at(soc->sched, &b->done, sched_now(soc->sched) + duration);
    set_direct(b);
    if (soc->on_flash)
        soc->on_flash(soc->on_flash_ctx, duration);
}

/* What a share of the job's time does to the cells. */
static void work(struct bank *b, double share)
{
    uint32_t size = WORD;

    switch (b->job) {
    case PROGRAM:
        flash_cells_program(cells_of(b), place(b, b->job_at), b->buffer, share);
        memset(b->buffer, 0xFF, WORD);
        b->filled = 0;
        break;
    case ERASE_SECTOR:
        size = SECTOR_SIZE;
        flash_cells_erase(cells_of(b), place(b, b->job_at), size, share);
        break;
    case ERASE_BANK:
        size = BANK_SIZE;
        flash_cells_erase(cells_of(b), place(b, 0), size, share);
        *device_reg(&b->flash->d, OPTCR) &= ~OPTCR_MER;
        break;
    case IDLE:
        return;
    }
    b->job = IDLE;
    set_direct(b);
    bus_changed(b->flash->d.soc->bus, address(b, b->job_at), size);
}

static void done(void *ctx, vtime at)
{
    struct bank *b = ctx;
    uint32_t *cr = bank_reg(b, CR);

    (void)at;
    if (b->job == IDLE)
        return;
    work(b, 1);
    *cr &= ~(CR_START | CR_FW);
    *bank_reg(b, SR) &= ~(SR_QW | SR_BSY | SR_WBNE);
    *bank_reg(b, SR) |= SR_EOP;
    update_irq(b->flash);
}

/* Power or reset came in between: the cells keep what they have. */
static void cut_off(struct bank *b)
{
    struct soc *soc = b->flash->d.soc;
    vtime now = sched_now(soc->sched), left = b->done.at > now ? b->done.at - now : 0;

    sched_cancel(soc->sched, &b->done);
    if (b->job != IDLE)
        work(b, 1 - (double)left / (double)b->duration);
}

/* An access to a busy bank waits: the job ends here, and the time it had left goes to the access.
 */
static void wait_for(struct bank *b, struct bus_access *a)
{
    struct soc *soc = b->flash->d.soc;
    vtime now = sched_now(soc->sched);

    if (b->job == IDLE)
        return;
    a->stall_ps += b->done.at > now ? b->done.at - now : 0;
    sched_cancel(soc->sched, &b->done);
    done(b, b->done.at);
}

static void program_buffer(struct bank *b)
{
    if (is_protected(b, b->buffer_at)) {
        set_error(b, SR_WRPERR, "flash-write-protected", b->buffer_at,
                  "programming a write-protected sector (WPSN)");
        b->filled = 0;
        memset(b->buffer, 0xFF, WORD);
        *bank_reg(b, SR) &= ~SR_WBNE;
        return;
    }
    for (unsigned i = 0; i < WORD; i++) {
        if (*bytes(b, b->buffer_at + i) != 0xFF) {
            complain(complaints_of(b), GUEST_ERROR, "flash-not-erased",
                     "flash word 0x%08x programmed again without an erase (its ECC no longer fits)",
                     (unsigned)address(b, b->buffer_at));
            break;
        }
    }
    start(b, PROGRAM, b->buffer_at, TIME_FLASH_WORD);
}

static void write_cells(struct bank *b, struct bus_access *a)
{
    uint32_t cr = *bank_reg(b, CR), offset = (a->addr - FLASH_BASE) % BANK_SIZE;

    if (!(cr & CR_PG) || cr & CR_LOCK) {
        set_error(b, SR_PGSERR, "flash-write-without-pg", offset, "store while CR.PG = 0");
        return;
    }
    for (uint32_t i = 0; i < a->size; i++) {
        uint32_t at = offset + i, bit;

        if (!(a->strobe >> i & 1))
            continue;
        wait_for(b, a);
        if (b->filled && b->buffer_at != at / WORD * WORD) {
            set_error(b, SR_INCERR, "flash-inconsistent-write", at,
                      "store to another flash word while the write buffer is partly filled");
            return;
        }
        b->buffer_at = at / WORD * WORD;
        bit = 1u << at % WORD;
        if (b->filled & bit) {
            set_error(b, SR_STRBERR, "flash-strobe", at,
                      "a byte of the write buffer written twice");
            return;
        }
        b->buffer[at % WORD] = a->data[i];
        b->filled |= (uint16_t)bit;
        *bank_reg(b, SR) |= SR_WBNE;
        if (b->filled == 0xFFFF)
            program_buffer(b);
    }
}

/* A loader or debugger: cells change as it says, with the code that fits. */
static void access_by_debugger(struct bank *b, uint32_t offset, struct bus_access *a)
{
    if (!a->write) {
        memcpy(a->data, bytes(b, offset), a->size);
        return;
    }
    for (uint32_t i = 0; i < a->size; i++) {
        if (a->strobe >> i & 1)
            *bytes(b, offset + i) = a->data[i];
    }
    flash_cells_encode(cells_of(b), place(b, offset), a->size);
    set_direct(b);
}

/* FAR keeps the first address until its flag is cleared (RM0455, FLASH_FAR). */
static void note_ecc(struct bank *b, enum flash_ecc ecc, uint32_t offset)
{
    uint32_t *sr = bank_reg(b, SR);

    if (!(*sr & (SR_SNECCERR | SR_DBECCERR)))
        *bank_reg(b, FAR) = offset / WORD;
    *sr |= ecc == FLASH_ECC_CORRECTED ? SR_SNECCERR : SR_DBECCERR;
    update_irq(b->flash);
}

/* By words, each through its code. */
static enum bus_status read_cells(struct bank *b, uint32_t offset, uint8_t *data, uint32_t size)
{
    enum bus_status status = BUS_OK;

    for (uint32_t i = 0; i < size;) {
        uint8_t word[WORD];
        uint32_t in_word = (offset + i) % WORD, n = WORD - in_word;
        enum flash_ecc ecc = flash_cells_read(cells_of(b), place(b, offset + i), word);

        if (n > size - i)
            n = size - i;
        if (ecc != FLASH_ECC_GOOD)
            note_ecc(b, ecc, offset + i);
        if (ecc == FLASH_ECC_FAILED)
            status = BUS_SLVERR;
        memcpy(data + i, word + in_word, n);
        i += n;
    }
    return status;
}

static enum bus_status access_bank(void *ctx, struct bus_access *a)
{
    struct bank *b = ctx;
    uint32_t offset = a->addr - address(b, 0);

    if (a->attr & BUS_DEBUG) {
        access_by_debugger(b, offset, a);
        return BUS_OK;
    }
    if (a->write) {
        write_cells(b, a);
        return BUS_OK;
    }
    wait_for(b, a);
    return read_cells(b, offset, a->data, a->size);
}

static void write_keyr(struct device *d, unsigned n, uint32_t value, uint32_t old)
{
    static const uint32_t keys[2] = {0x45670123, 0xCDEF89AB};
    struct bank *b = &flash_of(d)->bank[n];
    uint32_t *cr = bank_reg(b, CR);

    (void)old;
    if (b->key_failed || !(*cr & CR_LOCK))
        return;
    if (value != keys[b->keys]) {
        b->key_failed = true;
        complain(d->soc->complaints, GUEST_ERROR, "flash-wrong-key",
                 "FLASH_KEYR%u: wrong key 0x%08x; bank locked until the next reset", n + 1,
                 (unsigned)value);
        return;
    }
    if (++b->keys == 2) {
        b->keys = 0;
        *cr &= ~CR_LOCK;
    }
}

static void erase(struct bank *b)
{
    uint32_t cr = *bank_reg(b, CR), offset;

    if (cr & CR_BER) {
        if (*bank_reg(b, WPSN_CUR) != 0xFFFFFFFF)
            set_error(b, SR_WRPERR, "flash-write-protected", 0,
                      "bank erase with write-protected sectors");
        else
            start(b, ERASE_BANK, 0, TIME_FLASH_BANK);
    } else if (cr & CR_SER) {
        offset = (cr >> 6 & 0x7F) * SECTOR_SIZE;
        if (is_protected(b, offset))
            set_error(b, SR_WRPERR, "flash-write-protected", offset,
                      "erasing a write-protected sector (WPSN)");
        else
            start(b, ERASE_SECTOR, offset, TIME_FLASH_SECTOR);
    } else {
        set_error(b, SR_PGSERR, "flash-start-without-erase", 0, "CR.START without SER or BER");
    }
    if (b->job == IDLE)
        *bank_reg(b, CR) &= ~CR_START;
}

static void write_cr(struct device *d, unsigned n, uint32_t value, uint32_t old)
{
    struct bank *b = &flash_of(d)->bank[n];
    uint32_t *cr = bank_reg(b, CR);

    if (old & CR_LOCK) {
        if (*cr != old)
            complain(d->soc->complaints, GUEST_ERROR, "flash-locked",
                     "FLASH_CR%u written (0x%08x) while LOCK = 1; ignored", n + 1, (unsigned)value);
        *cr = old;
        return;
    }
    if (b->job != IDLE) {
        /* Only interrupt enables may change while the bank works (RM0455: QW must be 0). */
        *cr = (old & 0xFFFF) | (*cr & 0xFFFF0000u);
        update_irq(flash_of(d));
        return;
    }
    if (*cr & CR_FW) {
        *cr &= ~CR_FW;
        if (b->filled && *cr & CR_PG)
            program_buffer(b);
    }
    if (*cr & CR_START && !(old & CR_START))
        erase(b);
    update_irq(flash_of(d));
}

static void write_ccr(struct device *d, unsigned n, uint32_t value, uint32_t old)
{
    struct bank *b = &flash_of(d)->bank[n];

    (void)old;
    *bank_reg(b, SR) &= ~(value & SR_FLAGS);
    if (value & (SR_SNECCERR | SR_DBECCERR) && !(*bank_reg(b, SR) & (SR_SNECCERR | SR_DBECCERR)))
        *bank_reg(b, FAR) = 0;
    if (value & SR_INCERR && b->job == IDLE && b->filled) {
        /* The error threw the buffer away. */
        b->filled = 0;
        memset(b->buffer, 0xFF, WORD);
        *bank_reg(b, SR) &= ~SR_WBNE;
    }
    update_irq(flash_of(d));
}

static void write_crccr(struct device *d, unsigned n, uint32_t value, uint32_t old)
{
    struct bank *b = &flash_of(d)->bank[n];

    (void)old;
    if (!(value & 1u << 16))
        return;
    complain(d->soc->complaints, UNIMPLEMENTED, "flash-crc",
             "FLASH_CRCCR%u.START_CRC: the CRC engine ends at once with CRCDATAR = 0", n + 1);
    *bank_reg(b, 0x50) &= ~(1u << 16);
    *bank_reg(b, SR) |= SR_CRCEND;
    update_irq(flash_of(d));
}

static void write_optkeyr(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    static const uint32_t keys[2] = {0x08192A3B, 0x4C5D6E7F};
    struct flash *f = flash_of(d);
    uint32_t *optcr = device_reg(d, OPTCR);

    (void)i;
    (void)old;
    if (f->opt_key_failed || !(*optcr & OPTCR_OPTLOCK))
        return;
    if (value != keys[f->opt_keys]) {
        f->opt_key_failed = true;
        complain(d->soc->complaints, GUEST_ERROR, "flash-wrong-key",
                 "FLASH_OPTKEYR: wrong key 0x%08x; option bytes locked until the next reset",
                 (unsigned)value);
        return;
    }
    if (++f->opt_keys == 2) {
        f->opt_keys = 0;
        *optcr &= ~OPTCR_OPTLOCK;
    }
}

static unsigned protection(uint32_t optsr)
{
    return optsr >> 8 & 0xFF;
}

static void options_loaded(void *ctx, vtime at)
{
    struct flash *f = ctx;
    unsigned before = protection(f->option[0]);

    (void)at;
    *device_reg(&f->d, OPTCR) &= ~OPTCR_OPTSTART;
    if (before == RDP_LEVEL_2) {
        *device_reg(&f->d, OPTSR_CUR) |= OPTSR_CHANGEERR;
        return;
    }
    for (unsigned i = 0; i < OPTIONS; i++) {
        f->option[i] = *device_reg(&f->d, options[i].prg);
        *device_reg(&f->d, options[i].cur) = f->option[i];
    }
    /* RM0455, level 1 to level 0: a mass erase of both banks. */
    if (before != RDP_LEVEL_0 && protection(f->option[0]) == RDP_LEVEL_0) {
        flash_cells_erase(f->d.soc->flash_cells, 0, FLASH_CELLS_SIZE, 1);
        soc_flash_changed(f->d.soc);
    }
}

static void write_optccr(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    (void)i;
    (void)old;
    *device_reg(d, OPTSR_CUR) &= ~(value & OPTSR_CHANGEERR);
}

static void write_optcr(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    struct flash *f = flash_of(d);
    uint32_t *optcr = device_reg(d, OPTCR);

    (void)i;
    (void)value;
    if (old & OPTCR_OPTLOCK) {
        if (*optcr != old)
            complain(d->soc->complaints, GUEST_ERROR, "flash-locked",
                     "FLASH_OPTCR written while OPTLOCK = 1; ignored");
        *optcr = old;
        return;
    }
    *optcr = (*optcr & ~OPTCR_SWAP) | (old & OPTCR_SWAP); /* follows the option byte at reset */
    if (*optcr & OPTCR_OPTSTART && !(old & OPTCR_OPTSTART)) {
        *device_reg(d, OPTSR_CUR) |= OPTSR_BUSY;
        sched_at(d->soc->sched, &f->options_done, sched_now(d->soc->sched) + TIME_FLASH_OPTIONS);
    }
    if (*optcr & OPTCR_MER && !(old & OPTCR_MER)) {
        for (unsigned n = 0; n < 2; n++) {
            if (f->bank[n].job == IDLE)
                start(&f->bank[n], ERASE_BANK, 0, TIME_FLASH_BANK);
        }
    }
}

/* The option registers for the next change are writable only with OPTLOCK = 0. */
static void guard_option(struct device *d, uint32_t offset, uint32_t old)
{
    if (!(*device_reg(d, OPTCR) & OPTCR_OPTLOCK))
        return;
    if (*device_reg(d, offset) != old)
        complain(d->soc->complaints, GUEST_ERROR, "flash-locked",
                 "FLASH option register +0x%03x written while OPTLOCK = 1; ignored",
                 (unsigned)offset);
    *device_reg(d, offset) = old;
}

static void write_optsr(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    (void)i;
    (void)value;
    guard_option(d, OPTSR_PRG, old);
}

static void write_boot(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    (void)i;
    (void)value;
    guard_option(d, BOOT_PRG, old);
}

static void write_otpbl(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    (void)i;
    (void)value;
    guard_option(d, OTPBL_PRG, old);
}

static void write_prar(struct device *d, unsigned n, uint32_t value, uint32_t old)
{
    (void)value;
    guard_option(d, 0x02C + 0x100 * n, old);
}

static void write_scar(struct device *d, unsigned n, uint32_t value, uint32_t old)
{
    (void)value;
    guard_option(d, 0x034 + 0x100 * n, old);
}

static void write_wpsn(struct device *d, unsigned n, uint32_t value, uint32_t old)
{
    (void)value;
    guard_option(d, 0x03C + 0x100 * n, old);
}

/*
 * A cache line is two flash words, each LATENCY + 1 AXI clocks, and the way through the AXI
 * interconnect: an order of magnitude.
 */
static void line_time_changed(struct device *d)
{
    enum { WORDS_IN_LINE = 2, WAY_CLOCKS = 6 };
    uint64_t hz = soc_clock_hz(d->soc, CLOCK_HCLK);
    uint64_t clocks = WORDS_IN_LINE * ((*device_reg(d, ACR) & 15) + 1) + WAY_CLOCKS;

    for (uint32_t bank = 0; hz && bank < 2; bank++)
        bus_set_line_time(d->soc->bus, FLASH_BASE + bank * BANK_SIZE, vtime_of_clocks(clocks, hz));
}

static void write_acr(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    (void)i;
    (void)value;
    (void)old;
    line_time_changed(d);
    rules_check(d->soc);
}

#define ONE(n, o, r, w, fn)                                                                        \
    {                                                                                              \
        .name = (n), .offset = (o), .reset = (r), .writable = (w), .write = (fn)                   \
    }
/* Both banks have it, bank 2 at +0x100. */
#define BANKED(n, o, r, w, fn)                                                                     \
    {                                                                                              \
        .name = (n), .offset = (o), .reset = (r), .writable = (w), .write = (fn), .count = 2,      \
        .stride = 0x100                                                                            \
    }

static const struct reg regs[] = {
    ONE("ACR", ACR, 0x13, 0x3F, write_acr),
    BANKED("KEYR", 0x04, 0, 0, write_keyr),
    ONE("OPTKEYR", 0x08, 0, 0, write_optkeyr),
    BANKED("CR", CR, 1, 0x1FAF9FFF, write_cr),
    BANKED("SR", SR, 0, 0, NULL),
    BANKED("CCR", 0x14, 0, 0, write_ccr),
    ONE("OPTCR", OPTCR, 1, 0xC0000033, write_optcr),
    ONE("OPTSR_CUR", OPTSR_CUR, 0, 0, NULL),
    ONE("OPTSR_PRG", OPTSR_PRG, 0, 0xA03FFFDC, write_optsr),
    ONE("OPTCCR", 0x24, 0, 0, write_optccr),
    BANKED("PRAR_CUR", 0x28, 0, 0, NULL),
    BANKED("PRAR_PRG", 0x2C, 0, 0x8FFF0FFF, write_prar),
    BANKED("SCAR_CUR", 0x30, 0, 0, NULL),
    BANKED("SCAR_PRG", 0x34, 0, 0x8FFF0FFF, write_scar),
    BANKED("WPSN_CUR", WPSN_CUR, 0, 0, NULL),
    BANKED("WPSN_PRG", 0x3C, 0, 0xFFFFFFFF, write_wpsn),
    ONE("BOOT_CUR", BOOT_CUR, 0, 0, NULL),
    ONE("BOOT_PRG", BOOT_PRG, 0, 0xFFFFFFFF, write_boot),
    BANKED("CRCCR", 0x50, 0x001C0000, 0x0073077F, write_crccr),
    BANKED("CRCSADDR", 0x54, 0, 0x000FFFFC, NULL),
    BANKED("CRCEADDR", 0x58, 0, 0x000FFFFC, NULL),
    ONE("CRCDATAR", 0x5C, 0, 0, NULL),
    BANKED("FAR", FAR, 0, 0, NULL),
    ONE("OTPBL_CUR", OTPBL_CUR, 0, 0, NULL),
    ONE("OTPBL_PRG", OTPBL_PRG, 0, 0xFFFF, write_otpbl),
};

/* A reset ends what is under way and reloads the option bytes. */
static void reset(struct device *d)
{
    struct flash *f = flash_of(d);
    struct soc *soc = d->soc;

    for (unsigned n = 0; n < 2; n++)
        cut_off(&f->bank[n]);
    for (unsigned i = 0; i < OPTIONS; i++) {
        *device_reg(d, options[i].cur) = f->option[i];
        *device_reg(d, options[i].prg) = f->option[i];
    }
    f->swapped = *device_reg(d, OPTSR_CUR) & OPTSR_SWAP;
    if (f->swapped)
        *device_reg(d, OPTCR) |= OPTCR_SWAP;
    f->opt_keys = 0;
    f->opt_key_failed = false;
    sched_cancel(soc->sched, &f->options_done);
    for (unsigned n = 0; n < 2; n++) {
        struct bank *b = &f->bank[n];

        b->filled = 0;
        memset(b->buffer, 0xFF, WORD);
        b->keys = 0;
        b->key_failed = false;
        bus_set_host(soc->bus, address(b, 0), bytes(b, 0));
        set_direct(b);
    }
    update_irq(f);
}

void soc_flash_changed(struct soc *soc)
{
    struct flash *f = flash_of(soc->flash);

    for (unsigned n = 0; n < 2; n++)
        set_direct(&f->bank[n]);
    bus_changed(soc->bus, FLASH_BASE, FLASH_CELLS_SIZE);
}

uint32_t flash_boot_address(const struct soc *soc, bool boot0)
{
    uint32_t boot = *device_reg(soc->flash, BOOT_CUR);

    return (boot0 ? boot >> 16 : boot & 0xFFFF) << 16;
}

void flash_latency(const struct soc *soc, unsigned *wait_states, unsigned *signal_delay)
{
    uint32_t acr = *device_reg(soc->flash, ACR);

    *wait_states = acr & 15;
    *signal_delay = acr >> 4 & 3;
}

void flash_refused(struct soc *soc, bool is_protected)
{
    struct flash *f = flash_of(soc->flash);

    *bank_reg(&f->bank[0], SR) |= is_protected ? SR_WRPERR : SR_PGSERR;
    update_irq(f);
}

bool flash_otp_writable(const struct soc *soc, unsigned block, bool *locked)
{
    *locked = *device_reg(soc->flash, OTPBL_CUR) >> block & 1;
    return !*locked && *device_reg(soc->flash, OPTCR) & OPTCR_PG_OTP;
}

static void destroy(struct device *d)
{
    flash_cells_free(d->soc->flash_cells);
    d->soc->flash_cells = NULL;
}

int flash_create(struct soc *soc)
{
    struct flash *f = calloc(1, sizeof *f);

    if (!f)
        return -1;
    soc->flash_cells = flash_cells_new(soc->config.seed);
    f->d.name = "FLASH";
    f->d.base = 0x52002000;
    f->d.size = 0x400;
    f->d.regs = regs;
    f->d.reg_count = sizeof regs / sizeof regs[0];
    f->d.reset = reset;
    f->options_done = (struct sched_event){.fn = options_loaded, .ctx = f};
    if (!soc->flash_cells || device_init(&f->d, soc) < 0) {
        flash_cells_free(soc->flash_cells);
        soc->flash_cells = NULL;
        free(f);
        return -1;
    }
    f->d.destroy = destroy;
    f->d.clocks_changed = line_time_changed;
    soc->flash = &f->d;
    for (unsigned i = 0; i < OPTIONS; i++)
        f->option[i] = options[i].factory;
    for (unsigned n = 0; n < 2; n++) {
        struct bank *b = &f->bank[n];
        struct bus_region region = {.name = n ? "flash bank 2" : "flash bank 1",
                                    .size = BANK_SIZE,
                                    .flags = BUS_DIRECT_READ,
                                    .fn = access_bank,
                                    .ctx = b};

        b->flash = f;
        b->number = n;
        b->done = (struct sched_event){.fn = done, .ctx = b};
        region.base = address(b, 0);
        region.host = bytes(b, 0);
        if (bus_map(soc->bus, &region) < 0)
            return -1;
    }
    return 0;
}
