#include "sd_card.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Times of an ordinary card; the specification's limits are 100 ms to read and 250 ms to write a
   block, 250 ms to erase (4.6.2). */
#define FIRST_ACCESS (150 * VTIME_US)
#define NEXT_ACCESS  (4 * VTIME_US)
#define PROGRAM      (250 * VTIME_US)
#define ERASE        (3 * VTIME_MS)
#define FOR_EVER     (86400 * VTIME_S)
#define POWER_UP     (2 * VTIME_MS) /* ACMD41 says "busy" for so long */

enum { DEFAULT_SIZE = 64 << 20, IDENTIFICATION_HZ = 400000, DEFAULT_HZ = 25000000 };
enum { HIGH_SPEED_HZ = 50000000 };

enum state { IDLE, READY, IDENT, STBY, TRAN, DATA, RCV, PRG, DIS, INACTIVE };

/* Card status, 4.10.1. */
#define OUT_OF_RANGE    (1u << 31)
#define ADDRESS_ERROR   (1u << 30)
#define ERASE_SEQ_ERROR (1u << 28)
#define ERASE_PARAM     (1u << 27)
#define ILLEGAL_COMMAND (1u << 22)
#define READY_FOR_DATA  (1u << 8)
#define APP_CMD         (1u << 5)

#define OCR_WINDOW 0x00FF8000u /* 2.7 to 3.6 V */
#define OCR_CCS    (1u << 30)
#define OCR_READY  (1u << 31)

/* What the next data block is. */
enum source { NOTHING, BLOCKS, REGISTER };

struct sd_card {
    struct sdbus_card bus;
    struct complaints *complaints;
    int file;
    uint64_t blocks;
    bool v1; /* version 1.01 */
    bool in;

    enum state state;
    bool app;        /* the command before was CMD55 */
    uint32_t errors; /* bits of the card status that a status reply clears */
    uint16_t rca;
    unsigned lines;
    bool high_speed;
    bool powering;
    vtime powered, busy;

    enum source source;
    uint8_t reg[64];
    uint32_t reg_size;
    uint64_t block;   /* next one to read or write */
    uint64_t left;    /* blocks of the transfer; UINT64_MAX: until CMD12 */
    uint32_t count;   /* CMD23 */
    uint32_t written; /* good blocks of the last write: ACMD22 */
    bool first;       /* access of a transfer */
    vtime ready;      /* for the next block */
    uint32_t erase_from, erase_to;
    unsigned erase_step;
    uint64_t break_in;
    uint64_t hang_in;
    bool hangs;
};

static void big_endian(uint8_t *to, uint32_t value)
{
    for (unsigned i = 0; i < 4; i++)
        to[i] = (uint8_t)(value >> (24 - 8 * i));
}

static void complain_of(struct sd_card *c, const char *name, const char *what, unsigned number)
{
    if (c->complaints != NULL)
        complain(c->complaints, GUEST_ERROR, name, "SD card: %s (%u)", what, number);
}

/* ---- registers ---- */

/* CID, 5.2: all made up, but for the layout. */
static const uint32_t cid[4] = {0x56534456, 0x424F4152, 0x10000000, 0x01018B00};

static void csd(const struct sd_card *c, uint32_t *word)
{
    uint32_t c_size = (uint32_t)(c->blocks * SD_BLOCK / SD_UNIT) - 1;

    if (c->v1) {
        /* Version 1.0, 5.3.2: C_SIZE_MULT = 7, so units of 512 blocks; classes 0, 2, 4, 5, 8. */
        c_size = (uint32_t)(c->blocks / 512) - 1;
        word[0] = 0x00260032;
        word[1] = 0x13598000 | c_size >> 2;
        word[2] = c_size << 30 | 0x0003FF80;
        word[3] = 0x0A400000;
        return;
    }
    /* Version 2.0, 5.3.3: TRAN_SPEED 25 or 50 MHz, classes 0, 2, 4, 5, 8, 10, blocks of 512. */
    word[0] = 0x400E0000 | (c->high_speed ? 0x5A : 0x32);
    word[1] = 0x5B590000 | c_size >> 16;
    word[2] = c_size << 16 | 0x7F80;
    word[3] = 0x0A400000;
}

static void set_register(struct sd_card *c, uint32_t size)
{
    memset(c->reg, 0, sizeof(c->reg));
    c->reg_size = size;
    c->source = REGISTER;
    c->state = DATA;
    c->first = true;
}

/* SCR, 5.6: version 3.0, 1 and 4 lines, CMD23; or version 1.01, 1 and 4 lines. */
static void send_scr(struct sd_card *c)
{
    set_register(c, 8);
    big_endian(c->reg, c->v1 ? 0x00250000 : 0x02358002);
}

/* SD status, 4.10.2: the lines in use; class 10, units of 4 MB. */
static void send_status(struct sd_card *c)
{
    set_register(c, 64);
    c->reg[0] = c->lines == 4 ? 0x80 : 0x00;
    if (c->v1)
        return;
    c->reg[8] = 0x04;
    c->reg[10] = 0x90;
}

/* CMD6, 4.3.10: group 1 knows default and high speed, the others their default. */
static void send_functions(struct sd_card *c, uint32_t argument)
{
    bool change = argument >> 31;
    unsigned wanted = argument & 15, now = c->high_speed, chosen;

    chosen = wanted == 15 ? now : wanted <= 1 ? wanted : 15;
    set_register(c, 64);
    c->reg[1] = 100; /* mA */
    for (unsigned group = 0; group < 6; group++)
        c->reg[2 + 2 * group + 1] = 0x01;
    c->reg[13] = 0x03; /* group 1 */
    c->reg[16] = (uint8_t)chosen;
    if (change && chosen != 15)
        c->high_speed = chosen;
}

/* ---- commands ---- */

static uint32_t status(struct sd_card *c, enum state state, vtime at)
{
    uint32_t s = c->errors | (uint32_t)state << 9 | (c->busy <= at ? READY_FOR_DATA : 0);

    c->errors = 0;
    return s | (c->app ? APP_CMD : 0);
}

static void leave_busy(struct sd_card *c, vtime at)
{
    if (c->state == PRG && c->busy <= at)
        c->state = TRAN;
}

static void stay_busy(struct sd_card *c, vtime at, vtime time)
{
    c->state = PRG;
    c->busy = (c->busy > at ? c->busy : at) + time;
}

static void reset(struct sd_card *c)
{
    c->state = IDLE;
    c->app = false;
    c->errors = 0;
    c->rca = 0;
    c->lines = 1;
    c->high_speed = false;
    c->powering = false;
    c->busy = 0;
    c->source = NOTHING;
    c->left = c->count = c->written = 0;
    c->erase_step = 0;
}

/* Data addresses are of blocks, or of bytes on a card of standard capacity (4.3.14). */
static uint32_t block_at(const struct sd_card *c, uint32_t address)
{
    return c->v1 ? address / SD_BLOCK : address;
}

static void begin_blocks(struct sd_card *c, uint32_t address, enum state state, bool many)
{
    uint32_t block = block_at(c, address);

    c->block = block;
    c->source = BLOCKS;
    c->first = true;
    c->left = !many ? 1 : c->count ? c->count : UINT64_MAX;
    c->count = 0;
    if (state == RCV) {
        c->written = 0;
        c->hangs = c->hang_in && !--c->hang_in;
    }
    /* READ_BLK_MISALIGN and WRITE_BLK_MISALIGN are 0. */
    if (block >= c->blocks || (c->v1 && address % SD_BLOCK != 0)) {
        c->errors |= block >= c->blocks ? OUT_OF_RANGE : ADDRESS_ERROR;
        c->source = NOTHING;
        return;
    }
    c->state = state;
}

static void erase(struct sd_card *c, vtime at)
{
    static const uint8_t zeros[SD_BLOCK];

    if (c->erase_step != 2) {
        c->errors |= ERASE_SEQ_ERROR;
    } else if (c->erase_from > c->erase_to || c->erase_to >= c->blocks) {
        c->errors |= ERASE_PARAM;
    } else {
        for (uint64_t n = c->erase_from; n <= c->erase_to; n++) {
            if (pwrite(c->file, zeros, SD_BLOCK, (off_t)(n * SD_BLOCK)) != SD_BLOCK)
                c->errors |= ERASE_PARAM;
        }
        stay_busy(c, at, ERASE);
    }
    c->erase_step = 0;
}

/* The states in which a command is one; 0: there is no such command. Table 4-29. */
static unsigned allowed(const struct sd_card *c, uint8_t index, bool app)
{
#define IN(s) (1u << (s))
    static const uint16_t plain[64] = {
        [0] = 0x1FF,
        [2] = IN(READY),
        [3] = IN(IDENT) | IN(STBY),
        [6] = IN(TRAN),
        [7] = IN(STBY) | IN(TRAN) | IN(DATA) | IN(PRG) | IN(DIS),
        [8] = IN(IDLE),
        [9] = IN(STBY),
        [10] = IN(STBY),
        [12] = IN(DATA) | IN(RCV),
        [13] = IN(STBY) | IN(TRAN) | IN(DATA) | IN(RCV) | IN(PRG) | IN(DIS),
        [15] = IN(STBY) | IN(TRAN) | IN(DATA) | IN(RCV) | IN(PRG) | IN(DIS),
        [16] = IN(TRAN),
        [17] = IN(TRAN),
        [18] = IN(TRAN),
        [23] = IN(TRAN),
        [24] = IN(TRAN),
        [25] = IN(TRAN),
        [32] = IN(TRAN),
        [33] = IN(TRAN),
        [38] = IN(TRAN),
        [55] = 0x1F9,
    };
    static const uint16_t application[64] = {
        [6] = IN(TRAN),  [13] = IN(TRAN), [22] = IN(TRAN), [23] = IN(TRAN),
        [41] = IN(IDLE), [42] = IN(TRAN), [51] = IN(TRAN),
    };
#undef IN

    if (app && application[index])
        return application[index];
    return c->v1 && (index == 6 || index == 8 || index == 23) ? 0 : plain[index];
}

static void reply_status(struct sd_card *c, struct sdbus_reply *r, enum state state, vtime at)
{
    r->kind = SDBUS_SHORT;
    r->word[0] = status(c, state, at);
}

static bool application_command(struct sd_card *c, uint8_t index, uint32_t argument, vtime at,
                                struct sdbus_reply *r)
{
    enum state before = c->state;

    switch (index) {
    case 6:
        c->lines = argument & 2 ? 4 : 1;
        break;
    case 13:
        send_status(c);
        break;
    case 22:
        set_register(c, 4);
        big_endian(c->reg, c->written);
        break;
    case 23: /* blocks to erase ahead: a hint */
    case 42: /* the pull-up of D3 */
        break;
    case 41:
        if (argument & OCR_WINDOW && !c->powering) {
            c->powering = true;
            c->powered = at + POWER_UP;
        }
        r->kind = SDBUS_OCR;
        r->index = 0x3F;
        r->word[0] = OCR_WINDOW;
        if (c->powering && at >= c->powered) {
            /* To an old card HCS is a reserved bit (4.2.3.1). */
            r->word[0] |= OCR_READY | (c->v1 ? 0 : argument & OCR_CCS);
            c->state = c->v1 || argument & OCR_CCS ? READY : INACTIVE;
        }
        return true;
    case 51:
        send_scr(c);
        break;
    default:
        return false;
    }
    reply_status(c, r, before, at);
    return true;
}

/* Commands with an address: those for another card are none for this one. */
static bool is_addressed(uint8_t index)
{
    return index == 7 || index == 9 || index == 10 || index == 13 || index == 15;
}

static void select_card(struct sd_card *c, uint32_t argument, vtime at, struct sdbus_reply *r)
{
    enum state before = c->state;

    if (argument >> 16 != c->rca) {
        c->state = before == PRG ? DIS : STBY;
        return;
    }
    c->state = before == DIS ? PRG : TRAN;
    reply_status(c, r, before, at);
}

static void stop(struct sd_card *c, vtime at)
{
    if (c->state == RCV)
        stay_busy(c, at, c->hangs ? FOR_EVER : PROGRAM);
    else
        c->state = TRAN;
    c->source = NOTHING;
    c->left = 0;
}

static void plain_command(struct sd_card *c, uint8_t index, uint32_t argument, vtime at,
                          struct sdbus_reply *r)
{
    enum state before = c->state;

    switch (index) {
    case 0:
        reset(c);
        return;
    case 2:
        c->state = IDENT;
        /* fall through */
    case 10:
        r->kind = SDBUS_LONG;
        r->index = 0x3F;
        memcpy(r->word, cid, sizeof(cid));
        return;
    case 3:
        c->rca = (uint16_t)(c->rca + 0x1234);
        c->state = STBY;
        r->kind = SDBUS_SHORT;
        r->word[0] = (uint32_t)c->rca << 16 | (status(c, before, at) & 0x1FFF);
        return;
    case 7:
        select_card(c, argument, at, r);
        return;
    case 8:
        if ((argument >> 8 & 15) != 1)
            return; /* not this voltage: silence */
        r->kind = SDBUS_SHORT;
        r->word[0] = argument & 0xFFF;
        return;
    case 9:
        r->kind = SDBUS_LONG;
        r->index = 0x3F;
        csd(c, r->word);
        return;
    case 15:
        c->state = INACTIVE;
        return;
    case 6:
        send_functions(c, argument);
        break;
    case 12:
        stop(c, at);
        break;
    case 17:
    case 18:
        begin_blocks(c, argument, DATA, index == 18);
        break;
    case 23:
        c->count = argument;
        break;
    case 24:
    case 25:
        begin_blocks(c, argument, RCV, index == 25);
        break;
    case 32:
        c->erase_from = block_at(c, argument);
        c->erase_step = 1;
        break;
    case 33:
        c->erase_to = block_at(c, argument);
        c->erase_step = c->erase_step == 1 ? 2 : 0;
        break;
    case 38:
        erase(c, at);
        break;
    case 55:
        c->app = true;
        break;
    default: /* 13, 16 */
        break;
    }
    reply_status(c, r, before, at);
}

static void check_clock(struct sd_card *c, const struct sdbus_timing *t)
{
    uint64_t limit = c->state < STBY ? IDENTIFICATION_HZ
                     : c->high_speed ? HIGH_SPEED_HZ
                                     : DEFAULT_HZ;

    if (t->hz > limit)
        complain_of(c, "sd-clock", "CLK above the limit of the card's state, in kHz",
                    (unsigned)(t->hz / 1000));
}

static void command(void *ctx, uint8_t index, uint32_t argument, const struct sdbus_timing *t,
                    vtime at, struct sdbus_reply *r)
{
    struct sd_card *c = ctx;
    bool app = c->app;

    *r = (struct sdbus_reply){.kind = SDBUS_NO_REPLY, .index = index};
    if (!c->in || c->state == INACTIVE)
        return;
    leave_busy(c, at);
    check_clock(c, t);
    if (!(allowed(c, index, app) >> c->state & 1)) {
        c->errors |= ILLEGAL_COMMAND;
        c->app = false;
        return;
    }
    if (is_addressed(index) && index != 7 && argument >> 16 != c->rca && !app)
        return;
    if (index == 55 && argument >> 16 != c->rca)
        return;
    /* The bit is still there in the application command's own reply. */
    if (!app || !application_command(c, index, argument, at, r))
        plain_command(c, index, argument, at, r);
    if (index != 55)
        c->app = false;
}

/* ---- data ---- */

/* Whether this block arrives broken. */
static bool breaks(struct sd_card *c, const struct sdbus_timing *t)
{
    return (c->break_in && !--c->break_in) || t->lines != c->lines;
}

static void end_of_block(struct sd_card *c, enum state state)
{
    c->block++;
    c->first = false;
    if (c->left != UINT64_MAX && --c->left == 0) {
        c->source = NOTHING;
        c->state = state;
    } else if (c->block >= c->blocks) {
        c->errors |= OUT_OF_RANGE;
        c->source = NOTHING;
    }
}

static enum sdbus_token read_data(void *ctx, uint8_t *to, uint32_t size,
                                  const struct sdbus_timing *t, vtime at, vtime *start)
{
    struct sd_card *c = ctx;

    if (!c->in || c->state != DATA || c->source == NOTHING)
        return SDBUS_NONE;
    *start = at + (c->first ? FIRST_ACCESS : NEXT_ACCESS);
    memset(to, 0xFF, size);
    if (c->source == REGISTER) {
        memcpy(to, c->reg, size < c->reg_size ? size : c->reg_size);
        c->source = NOTHING;
        c->state = TRAN;
        return size == c->reg_size && !breaks(c, t) ? SDBUS_GOOD : SDBUS_BROKEN;
    }
    if (size != SD_BLOCK)
        return SDBUS_BROKEN;
    memset(to, 0, size);
    if (pread(c->file, to, SD_BLOCK, (off_t)(c->block * SD_BLOCK)) < 0)
        return SDBUS_NONE;
    end_of_block(c, TRAN);
    return breaks(c, t) ? SDBUS_BROKEN : SDBUS_GOOD;
}

static enum sdbus_token write_data(void *ctx, const uint8_t *from, uint32_t size,
                                   const struct sdbus_timing *t, vtime at)
{
    struct sd_card *c = ctx;

    leave_busy(c, at);
    if (!c->in || c->state != RCV || c->source != BLOCKS)
        return SDBUS_NONE;
    if (size != SD_BLOCK || breaks(c, t))
        return SDBUS_BROKEN;
    if (pwrite(c->file, from, SD_BLOCK, (off_t)(c->block * SD_BLOCK)) != SD_BLOCK)
        return SDBUS_BROKEN;
    c->written++;
    end_of_block(c, PRG);
    c->busy = at + (c->hangs && c->state == PRG ? FOR_EVER : PROGRAM);
    return SDBUS_GOOD;
}

static vtime busy_until(void *ctx, vtime at)
{
    struct sd_card *c = ctx;

    leave_busy(c, at);
    return c->in ? c->busy : 0;
}

/* ---- */

void sd_card_insert(struct sd_card *c, bool in)
{
    reset(c);
    c->in = in;
}

void sd_card_power_cycle(struct sd_card *c)
{
    reset(c);
}

void sd_card_break_block(struct sd_card *c, uint64_t n)
{
    c->break_in = n;
}

void sd_card_stay_busy(struct sd_card *c, uint64_t n)
{
    c->hang_in = n;
}

uint64_t sd_card_size(const struct sd_card *c)
{
    return c->blocks * SD_BLOCK;
}

const struct sdbus_card *sd_card_bus(struct sd_card *c)
{
    return &c->bus;
}

struct sd_card *sd_card_new(const char *path, uint64_t size, bool v1, struct complaints *complaints,
                            char *error, size_t error_size)
{
    struct sd_card *c = calloc(1, sizeof(*c));
    struct stat s;

    if (c == NULL) {
        snprintf(error, error_size, "out of memory");
        return NULL;
    }
    c->file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (c->file < 0 || fstat(c->file, &s) != 0) {
        snprintf(error, error_size, "%s: %s", path, strerror(errno));
        sd_card_free(c);
        return NULL;
    }
    if (size == 0)
        size = s.st_size != 0 ? (uint64_t)s.st_size : DEFAULT_SIZE;
    if (size % SD_UNIT != 0 || size == 0 || size / SD_UNIT > 1u << 22) {
        snprintf(error, error_size, "%s: a card has a multiple of 512 KB, not %llu bytes", path,
                 (unsigned long long)size);
        sd_card_free(c);
        return NULL;
    }
    if (v1 && size > SD_V1_LIMIT) {
        snprintf(error, error_size, "%s: a card of version 1 has 1 GB at most", path);
        sd_card_free(c);
        return NULL;
    }
    /* What a shorter file lacks takes no room on the PC's disk. */
    if ((uint64_t)s.st_size < size && ftruncate(c->file, (off_t)size) != 0) {
        snprintf(error, error_size, "%s: %s", path, strerror(errno));
        sd_card_free(c);
        return NULL;
    }
    c->blocks = size / SD_BLOCK;
    c->v1 = v1;
    c->complaints = complaints;
    c->bus = (struct sdbus_card){.ctx = c,
                                 .command = command,
                                 .read = read_data,
                                 .write = write_data,
                                 .busy_until = busy_until};
    sd_card_insert(c, true);
    return c;
}

void sd_card_free(struct sd_card *c)
{
    if (c == NULL)
        return;
    if (c->file >= 0)
        close(c->file);
    free(c);
}
