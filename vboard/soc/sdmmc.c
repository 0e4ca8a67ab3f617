/*
 * SDMMC1 and SDMMC2: command path (CPSM), data path (DPSM) with FIFO and IDMA. RM0455, "Secure
 * digital input/output MultiMediaCard interface (SDMMC)"; sequences as in stm32h7xx_hal_sd.c.
 *
 * A command, its reply and a data block are frames of the bus contract (wire/sdbus.h); within a
 * block the FIFO fills or empties by 32 bytes at a time, so that a program that is too slow for the
 * clock has its overrun or underrun. Not modelled: MMC boot, SDIO interrupts and read wait, 1.8 V
 * switching, DDR.
 */
#include <stdlib.h>
#include <string.h>

#include "../wire/sdbus.h"
#include "devices.h"
#include "mdma.h"

enum {
    POWER = 0x00,
    CLKCR = 0x04,
    ARG = 0x08,
    CMD = 0x0C,
    RESPCMD = 0x10,
    RESP1 = 0x14,
    DTIMER = 0x24,
    DLEN = 0x28,
    DCTRL = 0x2C,
    DCNT = 0x30,
    STA = 0x34,
    ICR = 0x38,
    MASK = 0x3C,
    ACKTIME = 0x40,
    IDMACTRL = 0x50,
    IDMABSIZE = 0x54,
    IDMABASE0 = 0x58,
    IDMABASE1 = 0x5C,
    FIFO = 0x80,
};

#define POWER_ON        3u
#define CLKCR_DIV(v)    ((v)&0x3FF)
#define CLKCR_WIDE(v)   ((v) >> 14 & 3)
#define CLKCR_HWFC      (1u << 17)
#define CMD_TRANS       (1u << 6)
#define CMD_STOP        (1u << 7)
#define CMD_WAITRESP(v) ((v) >> 8 & 3)
#define CMD_CPSMEN      (1u << 12)
#define DCTRL_DTEN      (1u << 0)
#define DCTRL_DTDIR     (1u << 1)
#define DCTRL_BLOCK(v)  (1u << ((v) >> 4 & 15))
#define DCTRL_FIFORST   (1u << 13)
#define IDMA_EN         (1u << 0)
#define IDMA_DOUBLE     (1u << 1)
#define IDMA_SECOND     (1u << 2)

#define CCRCFAIL  (1u << 0)
#define DCRCFAIL  (1u << 1)
#define CTIMEOUT  (1u << 2)
#define DTIMEOUT  (1u << 3)
#define TXUNDERR  (1u << 4)
#define RXOVERR   (1u << 5)
#define CMDREND   (1u << 6)
#define CMDSENT   (1u << 7)
#define DATAEND   (1u << 8)
#define DBCKEND   (1u << 10)
#define DABORT    (1u << 11)
#define DPSMACT   (1u << 12)
#define CPSMACT   (1u << 13)
#define TXFIFOHE  (1u << 14)
#define RXFIFOHF  (1u << 15)
#define TXFIFOF   (1u << 16)
#define RXFIFOF   (1u << 17)
#define TXFIFOE   (1u << 18)
#define RXFIFOE   (1u << 19)
#define BUSYD0    (1u << 20)
#define BUSYD0END (1u << 21)
#define IDMATE    (1u << 27)
#define IDMABTC   (1u << 28)
#define CLEARABLE 0x1FE00FFFu

/* Lengths in clocks (SD Physical Layer Specification, 4.12): frames, the card's usual delay before
   a reply, and how long SDMMC waits for one (RM0455: 64). */
enum { COMMAND_BITS = 48, LONG_BITS = 136, REPLY_DELAY = 8, REPLY_LIMIT = 64 };
enum { CRC_BITS = 17, TOKEN_BITS = 8 };
enum { FIFO_SIZE = 64, CHUNK = 32, LARGEST_BLOCK = 1 << 14, RESPONSE_NONE = 0, RESPONSE_LONG = 3 };
/* WAITRESP 2: a short response whose CRC is not looked at. */
enum { RESPONSE_NO_CRC = 2 };

enum dpsm { D_IDLE, D_WAIT_R, D_RECEIVE, D_RECEIVED, D_DRAIN, D_WAIT_S, D_SEND, D_SENT, D_BUSY };

struct sdmmc {
    struct device d;
    unsigned number, irq;
    const struct sdbus_card *card; /* NULL: nothing is wired */

    struct sched_event command, busy; /* end of the command or its reply; end of D0's busy */
    bool replying;
    struct sdbus_reply reply;

    enum dpsm dpsm;
    struct sched_event data, timeout;
    bool stalled; /* hardware flow control stopped the clock */
    enum sdbus_token token;
    uint8_t block[LARGEST_BLOCK];
    uint32_t block_size, at;
    uint8_t fifo[FIFO_SIZE];
    uint32_t first, count;
    uint32_t idma_at; /* in the present buffer */
};

static struct sdmmc *sdmmc_of(struct device *d)
{
    return (struct sdmmc *)d;
}

static uint32_t *reg(struct sdmmc *s, uint32_t offset)
{
    return device_reg(&s->d, offset);
}

static vtime now(struct sdmmc *s)
{
    return sched_now(s->d.soc->sched);
}

static uint64_t clock_hz(struct sdmmc *s)
{
    uint32_t div = CLKCR_DIV(*reg(s, CLKCR));

    return soc_clock_hz(s->d.soc, CLOCK_SDMMC) / (div ? 2 * div : 1);
}

static void after(struct sdmmc *s, struct sched_event *e, uint64_t clocks)
{
    uint64_t hz = clock_hz(s);

    if (hz)
        sched_at(s->d.soc->sched, e, now(s) + vtime_of_clocks(clocks, hz));
    else
        complain(s->d.soc->complaints, GUEST_ERROR, "sdmmc-clock",
                 "%s has work to do and no kernel clock (RCC_CDCCIPR.SDMMCSEL)", s->d.name);
}

/* ---- wires ---- */

/* Where the boards have their slot: SDMMC1, alternate function 12 (DS13195, table of AFs). */
enum { SLOT_AF = 12 };
static const unsigned slot_pins[] = {SOC_PIN('C', 12), SOC_PIN('D', 2),  SOC_PIN('C', 8),
                                     SOC_PIN('C', 9),  SOC_PIN('C', 10), SOC_PIN('C', 11)};
enum { NEEDED_PINS = 3 };

static unsigned pins_connected(struct sdmmc *s)
{
    unsigned n = 0;

    while (n < sizeof slot_pins / sizeof slot_pins[0] &&
           soc_pin_af(s->d.soc, slot_pins[n]) == SLOT_AF)
        n++;
    return n;
}

static bool connected(struct sdmmc *s)
{
    return s->card && pins_connected(s) >= NEEDED_PINS;
}

static struct sdbus_timing timing(struct sdmmc *s)
{
    static const uint8_t lines[4] = {1, 4, 8, 8};
    unsigned wanted = lines[CLKCR_WIDE(*reg(s, CLKCR))];

    /* Lines that do not reach the card: no number of lines that a card has. */
    if (wanted > pins_connected(s) - (NEEDED_PINS - 1))
        wanted = 0;
    return (struct sdbus_timing){.hz = clock_hz(s), .lines = wanted};
}

static unsigned data_clocks(struct sdmmc *s, uint32_t bytes)
{
    static const uint8_t lines[4] = {1, 4, 8, 8};

    return bytes * 8 / lines[CLKCR_WIDE(*reg(s, CLKCR))];
}

/* ---- status ---- */

static bool receives(struct sdmmc *s)
{
    return *reg(s, DCTRL) & DCTRL_DTDIR;
}

static uint32_t status(struct sdmmc *s)
{
    uint32_t sta = *reg(s, STA), room = FIFO_SIZE - s->count;

    if (s->dpsm == D_IDLE)
        return sta;
    if (receives(s))
        sta |= (s->count >= CHUNK ? RXFIFOHF : 0) | (room < 4 ? RXFIFOF : 0) |
               (s->count == 0 ? RXFIFOE : 0);
    else
        sta |= (room >= CHUNK ? TXFIFOHE : 0) | (room < 4 ? TXFIFOF : 0) |
               (s->count == 0 ? TXFIFOE : 0);
    return sta | DPSMACT;
}

static void update_irq(struct sdmmc *s)
{
    uint32_t sta = status(s);

    soc_irq(s->d.soc, s->irq, sta & *reg(s, MASK));
    if (s->number != 1)
        return;
    mdma_request(s->d.soc, MDMA_SDMMC1_DATAEND, sta & DATAEND);
    mdma_request(s->d.soc, MDMA_SDMMC1_IDMABTC, sta & IDMABTC);
    mdma_request(s->d.soc, MDMA_SDMMC1_CMDREND, sta & CMDREND);
}

static void set(struct sdmmc *s, uint32_t flags)
{
    *reg(s, STA) |= flags;
    update_irq(s);
}

/* ---- FIFO and IDMA ---- */

static void push(struct sdmmc *s, const uint8_t *bytes, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        s->fifo[(s->first + s->count++) % FIFO_SIZE] = bytes[i];
}

static void pop(struct sdmmc *s, uint8_t *bytes, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        bytes[i] = s->fifo[s->first++ % FIFO_SIZE];
        s->count--;
    }
}

static bool uses_idma(struct sdmmc *s)
{
    return *reg(s, IDMACTRL) & IDMA_EN;
}

/*
 * RM0455, bus matrix: both reach what hangs on AXI. The TCMs answer the core and MDMA alone; the
 * AHB SRAMs are behind SDMMC2's matrix, not SDMMC1's.
 */
static bool reaches(const struct sdmmc *s, uint32_t addr)
{
    return !(addr < 0x08000000 || addr >> 28 == 2 || addr >> 28 >= 10 ||
             (s->number == 1 && addr >> 28 == 3)) ||
           addr >> 24 == 0x24;
}

/* One chunk between the block and memory, in words. False: a transfer error. */
static bool move(struct sdmmc *s, uint8_t *bytes, uint32_t n, bool to_memory)
{
    for (uint32_t i = 0; i < n; i += 4) {
        uint32_t *control = reg(s, IDMACTRL);
        uint32_t base = *reg(s, *control & IDMA_SECOND ? IDMABASE1 : IDMABASE0);
        struct bus_access a = {.addr = base + s->idma_at,
                               .attr = BUS_NORMAL | BUS_NON_CACHEABLE | BUS_PRIVILEGED,
                               .size = 4,
                               .strobe = 15,
                               .write = to_memory,
                               .data = bytes + i};

        if (!reaches(s, a.addr) || bus_do(s->d.soc->bus, &a) != BUS_OK)
            return false;
        s->idma_at += 4;
        if (*control & IDMA_DOUBLE && s->idma_at >= *reg(s, IDMABSIZE)) {
            s->idma_at = 0;
            *control ^= IDMA_SECOND;
            set(s, IDMABTC);
        }
    }
    return true;
}

/* ---- data path ---- */

static void stop_data(struct sdmmc *s, uint32_t flags)
{
    sched_cancel(s->d.soc->sched, &s->data);
    sched_cancel(s->d.soc->sched, &s->timeout);
    s->dpsm = D_IDLE;
    s->stalled = false;
    s->count = s->first = 0;
    *reg(s, DCTRL) &= ~DCTRL_DTEN;
    set(s, flags);
}

static void finish(struct sdmmc *s)
{
    stop_data(s, DATAEND);
}

static void start_timeout(struct sdmmc *s)
{
    after(s, &s->timeout, *reg(s, DTIMER));
}

static void timed_out(void *ctx, vtime at)
{
    (void)at;
    stop_data(ctx, DTIMEOUT);
}

static uint32_t next_block(struct sdmmc *s)
{
    uint32_t size = DCTRL_BLOCK(*reg(s, DCTRL)), left = *reg(s, DCNT);

    if (size > LARGEST_BLOCK)
        size = LARGEST_BLOCK;
    return size < left ? size : left;
}

static uint32_t chunk(struct sdmmc *s)
{
    return s->block_size - s->at < CHUNK ? s->block_size - s->at : CHUNK;
}

/* In Wait_R: has the card a block? Asked when the state is entered and after each command. */
static void try_receive(struct sdmmc *s)
{
    struct sdbus_timing t = timing(s);
    vtime start = now(s);

    if (s->dpsm != D_WAIT_R || !connected(s))
        return;
    s->block_size = next_block(s);
    s->at = 0;
    s->token = s->card->read(s->card->ctx, s->block, s->block_size, &t, now(s), &start);
    if (s->token == SDBUS_NONE)
        return;
    s->dpsm = D_RECEIVE;
    sched_at(s->d.soc->sched, &s->data,
             start + vtime_of_clocks(1 + data_clocks(s, chunk(s)), t.hz ? t.hz : 1));
}

static void wait_receive(struct sdmmc *s)
{
    s->dpsm = D_WAIT_R;
    start_timeout(s);
    try_receive(s);
}

/* A chunk has come in. */
static void receive(struct sdmmc *s)
{
    uint32_t n = chunk(s);

    sched_cancel(s->d.soc->sched, &s->timeout);
    if (uses_idma(s)) {
        if (!move(s, s->block + s->at, n, true)) {
            stop_data(s, IDMATE);
            return;
        }
    } else if (FIFO_SIZE - s->count < n) {
        if (*reg(s, CLKCR) & CLKCR_HWFC)
            s->stalled = true;
        else
            stop_data(s, RXOVERR);
        return;
    } else {
        push(s, s->block + s->at, n);
    }
    s->at += n;
    *reg(s, DCNT) -= n;
    if (s->at == s->block_size) {
        s->dpsm = D_RECEIVED;
        after(s, &s->data, CRC_BITS);
    } else {
        after(s, &s->data, data_clocks(s, chunk(s)));
    }
    update_irq(s);
}

static void received(struct sdmmc *s)
{
    if (uses_idma(s))
        bus_changed(s->d.soc->bus, *reg(s, *reg(s, IDMACTRL) & IDMA_SECOND ? IDMABASE1 : IDMABASE0),
                    s->idma_at ? s->idma_at : 4);
    if (s->token != SDBUS_GOOD) {
        stop_data(s, DCRCFAIL);
        return;
    }
    if (*reg(s, DCNT)) {
        set(s, DBCKEND);
        wait_receive(s);
        return;
    }
    s->dpsm = D_DRAIN;
    set(s, DBCKEND);
    if (!s->count)
        finish(s);
}

static void try_send(struct sdmmc *s)
{
    if (s->dpsm != D_WAIT_S)
        return;
    s->block_size = next_block(s);
    s->at = 0;
    if (!uses_idma(s) && s->count < chunk(s))
        return;
    s->dpsm = D_SEND;
    after(s, &s->data, 2 + data_clocks(s, chunk(s)));
}

/* A chunk goes out. */
static void send(struct sdmmc *s)
{
    uint32_t n = chunk(s);

    if (uses_idma(s)) {
        if (!move(s, s->block + s->at, n, false)) {
            stop_data(s, IDMATE);
            return;
        }
    } else if (s->count < n) {
        if (*reg(s, CLKCR) & CLKCR_HWFC)
            s->stalled = true;
        else
            stop_data(s, TXUNDERR);
        return;
    } else {
        pop(s, s->block + s->at, n);
    }
    s->at += n;
    *reg(s, DCNT) -= n;
    if (s->at == s->block_size) {
        s->dpsm = D_SENT;
        after(s, &s->data, CRC_BITS + TOKEN_BITS);
    } else {
        after(s, &s->data, data_clocks(s, chunk(s)));
    }
    update_irq(s);
}

/* The card's CRC status; without a good one the block failed (RM0455, DPSM, state Busy). */
static void sent(struct sdmmc *s)
{
    struct sdbus_timing t = timing(s);
    vtime busy;

    if (!connected(s) ||
        s->card->write(s->card->ctx, s->block, s->block_size, &t, now(s)) != SDBUS_GOOD) {
        stop_data(s, DCRCFAIL);
        return;
    }
    s->dpsm = D_BUSY;
    start_timeout(s);
    busy = s->card->busy_until(s->card->ctx, now(s));
    sched_at(s->d.soc->sched, &s->data, busy > now(s) ? busy : now(s));
}

static void not_busy(struct sdmmc *s)
{
    sched_cancel(s->d.soc->sched, &s->timeout);
    set(s, DBCKEND);
    if (!*reg(s, DCNT)) {
        finish(s);
        return;
    }
    s->dpsm = D_WAIT_S;
    try_send(s);
}

static void data_event(void *ctx, vtime at)
{
    struct sdmmc *s = ctx;

    (void)at;
    switch (s->dpsm) {
    case D_RECEIVE:
        receive(s);
        break;
    case D_RECEIVED:
        received(s);
        break;
    case D_SEND:
        send(s);
        break;
    case D_SENT:
        sent(s);
        break;
    case D_BUSY:
        not_busy(s);
        break;
    default:
        break;
    }
}

static void start_data(struct sdmmc *s)
{
    if (s->dpsm != D_IDLE)
        return;
    *reg(s, DCNT) = *reg(s, DLEN);
    s->count = s->first = 0;
    s->idma_at = 0;
    *reg(s, IDMACTRL) &= ~IDMA_SECOND;
    if (!*reg(s, DCNT)) {
        finish(s);
    } else if (receives(s)) {
        wait_receive(s);
    } else {
        s->dpsm = D_WAIT_S;
        try_send(s);
    }
    update_irq(s);
}

/* ---- command path ---- */

static void command_ends(struct sdmmc *s, uint32_t flags)
{
    uint32_t cmd = *reg(s, CMD);
    vtime busy = connected(s) ? s->card->busy_until(s->card->ctx, now(s)) : 0;

    *reg(s, CMD) &= ~CMD_CPSMEN;
    *reg(s, STA) &= ~CPSMACT;
    if (flags & (CMDREND | CCRCFAIL) && busy > now(s)) {
        *reg(s, STA) |= BUSYD0;
        sched_at(s->d.soc->sched, &s->busy, busy);
    }
    set(s, flags);
    if (cmd & CMD_TRANS && !(flags & CTIMEOUT) && !receives(s))
        start_data(s);
}

static void busy_ends(void *ctx, vtime at)
{
    struct sdmmc *s = ctx;

    (void)at;
    *reg(s, STA) &= ~BUSYD0;
    set(s, BUSYD0END);
}

static void take_reply(struct sdmmc *s)
{
    const struct sdbus_reply *r = &s->reply;
    unsigned wanted = CMD_WAITRESP(*reg(s, CMD));
    bool is_long = r->kind == SDBUS_LONG, good = !r->broken;

    if (is_long != (wanted == RESPONSE_LONG))
        good = false;
    if (r->kind == SDBUS_OCR)
        good = wanted == RESPONSE_NO_CRC;
    *reg(s, RESPCMD) = r->index;
    for (unsigned i = 0; i < 4; i++)
        *reg(s, RESP1 + 4 * i) = is_long || i == 0 ? r->word[i] : 0;
    command_ends(s, good ? CMDREND : CCRCFAIL);
}

static void command_event(void *ctx, vtime at)
{
    struct sdmmc *s = ctx;
    uint32_t cmd = *reg(s, CMD);
    struct sdbus_timing t = timing(s);

    if (s->replying) {
        s->replying = false;
        if (s->reply.kind == SDBUS_NO_REPLY)
            command_ends(s, CTIMEOUT);
        else
            take_reply(s);
        return;
    }
    s->reply = (struct sdbus_reply){.kind = SDBUS_NO_REPLY};
    if (connected(s))
        s->card->command(s->card->ctx, cmd & 63, *reg(s, ARG), &t, at, &s->reply);
    if (cmd & CMD_STOP && s->dpsm != D_IDLE)
        stop_data(s, DABORT);
    if (cmd & CMD_TRANS && receives(s))
        start_data(s);
    else
        try_receive(s);
    if (CMD_WAITRESP(cmd) == RESPONSE_NONE) {
        command_ends(s, CMDSENT);
        return;
    }
    s->replying = true;
    after(s, &s->command,
          s->reply.kind == SDBUS_NO_REPLY
              ? REPLY_LIMIT
              : REPLY_DELAY + (s->reply.kind == SDBUS_LONG ? LONG_BITS : COMMAND_BITS));
}

static void write_cmd(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    struct sdmmc *s = sdmmc_of(d);

    (void)i;
    if (*reg(s, STA) & CPSMACT) {
        complain(d->soc->complaints, GUEST_ERROR, "sdmmc-busy",
                 "%s_CMD written (0x%08x) while a command is under way; ignored", d->name,
                 (unsigned)value);
        *reg(s, CMD) = old;
        return;
    }
    if (!(value & CMD_CPSMEN))
        return;
    if ((*reg(s, POWER) & 3) != POWER_ON) {
        complain(d->soc->complaints, GUEST_ERROR, "sdmmc-power",
                 "%s: command %u while POWER.PWRCTRL is not 3; it is not sent", d->name,
                 (unsigned)(value & 63));
        *reg(s, CMD) &= ~CMD_CPSMEN;
        return;
    }
    *reg(s, STA) |= CPSMACT;
    s->replying = false;
    after(s, &s->command, COMMAND_BITS);
    update_irq(s);
}

/* ---- registers ---- */

static void write_dctrl(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    struct sdmmc *s = sdmmc_of(d);

    (void)i;
    if (s->dpsm != D_IDLE) {
        complain(d->soc->complaints, GUEST_ERROR, "sdmmc-busy",
                 "%s_DCTRL written (0x%08x) while a transfer is under way; ignored", d->name,
                 (unsigned)value);
        *reg(s, DCTRL) = old;
        return;
    }
    if (value & DCTRL_FIFORST) {
        s->count = s->first = 0;
        *reg(s, DCTRL) &= ~DCTRL_FIFORST;
    }
    if (value & DCTRL_DTEN)
        start_data(s);
}

static void write_mask(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    (void)i;
    (void)value;
    (void)old;
    update_irq(sdmmc_of(d));
}

static uint32_t read_sta(struct device *d, unsigned i)
{
    (void)i;
    return status(sdmmc_of(d));
}

static void write_icr(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    struct sdmmc *s = sdmmc_of(d);

    (void)i;
    (void)old;
    *reg(s, STA) &= ~(value & CLEARABLE);
    update_irq(s);
}

static uint32_t read_fifo(struct device *d, unsigned i)
{
    struct sdmmc *s = sdmmc_of(d);
    uint8_t bytes[4] = {0};
    uint32_t value;

    (void)i;
    if (d->peek || !receives(s) || !s->count)
        return 0;
    pop(s, bytes, s->count < 4 ? s->count : 4);
    memcpy(&value, bytes, 4);
    if (s->stalled) {
        s->stalled = false;
        receive(s);
    }
    if (s->dpsm == D_DRAIN && !s->count)
        finish(s);
    update_irq(s);
    return value;
}

static void write_fifo(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    struct sdmmc *s = sdmmc_of(d);
    uint8_t bytes[4];

    (void)i;
    (void)old;
    if (s->dpsm == D_IDLE || receives(s) || FIFO_SIZE - s->count < 4) {
        complain(d->soc->complaints, GUEST_ERROR, "sdmmc-fifo",
                 "%s_FIFO written while it takes nothing; lost", d->name);
        return;
    }
    memcpy(bytes, &value, 4);
    push(s, bytes, 4);
    if (s->stalled) {
        if (s->count >= chunk(s)) {
            s->stalled = false;
            send(s);
        }
    } else {
        try_send(s);
    }
    update_irq(s);
}

/* Who sets it up has buffers in memory. */
static void write_idma(struct device *d, unsigned n, uint32_t value, uint32_t old)
{
    (void)n, (void)value, (void)old;
    memory_has_masters(d->soc);
}

static const struct reg regs[] = {
    {.name = "POWER", .offset = POWER, .writable = 0x1F},
    {.name = "CLKCR", .offset = CLKCR, .writable = 0x003FD3FF},
    {.name = "ARG", .offset = ARG, .writable = 0xFFFFFFFF},
    {.name = "CMD", .offset = CMD, .writable = 0x0001FFFF, .write = write_cmd},
    {.name = "RESPCMD", .offset = RESPCMD},
    {.name = "RESP", .offset = RESP1, .count = 4},
    {.name = "DTIMER", .offset = DTIMER, .writable = 0xFFFFFFFF},
    {.name = "DLEN", .offset = DLEN, .writable = 0x01FFFFFF},
    {.name = "DCTRL", .offset = DCTRL, .writable = 0x00003FFF, .write = write_dctrl},
    {.name = "DCNT", .offset = DCNT},
    {.name = "STA", .offset = STA, .read = read_sta},
    {.name = "ICR", .offset = ICR, .write = write_icr},
    {.name = "MASK", .offset = MASK, .writable = 0x1FFFFFFF, .write = write_mask},
    {.name = "ACKTIME", .offset = ACKTIME, .writable = 0x01FFFFFF},
    {.name = "IDMACTRL", .offset = IDMACTRL, .writable = 0x7, .write = write_idma},
    {.name = "IDMABSIZE", .offset = IDMABSIZE, .writable = 0x1FE0},
    {.name = "IDMABASE0", .offset = IDMABASE0, .writable = 0xFFFFFFFC, .write = write_idma},
    {.name = "IDMABASE1", .offset = IDMABASE1, .writable = 0xFFFFFFFC},
    {.name = "FIFO", .offset = FIFO, .count = 16, .read = read_fifo, .write = write_fifo},
};

static void reset(struct device *d)
{
    struct sdmmc *s = sdmmc_of(d);

    sched_cancel(d->soc->sched, &s->command);
    sched_cancel(d->soc->sched, &s->busy);
    sched_cancel(d->soc->sched, &s->data);
    sched_cancel(d->soc->sched, &s->timeout);
    s->replying = s->stalled = false;
    s->dpsm = D_IDLE;
    s->count = s->first = s->idma_at = 0;
    update_irq(s);
}

void soc_sd_slot(struct soc *soc, const struct sdbus_card *card)
{
    sdmmc_of(soc->sdmmc1)->card = card;
}

static int create(struct soc *soc, unsigned number)
{
    struct sdmmc *s = calloc(1, sizeof *s);

    if (!s)
        return -1;
    s->number = number;
    s->irq = number == 1 ? IRQ_SDMMC1 : IRQ_SDMMC2;
    s->command = (struct sched_event){.fn = command_event, .ctx = s};
    s->busy = (struct sched_event){.fn = busy_ends, .ctx = s};
    s->data = (struct sched_event){.fn = data_event, .ctx = s};
    s->timeout = (struct sched_event){.fn = timed_out, .ctx = s};
    s->d.name = number == 1 ? "SDMMC1" : "SDMMC2";
    s->d.base = number == 1 ? 0x52007000 : 0x48022400;
    s->d.size = number == 1 ? 0x1000 : 0x400;
    s->d.regs = regs;
    s->d.reg_count = sizeof regs / sizeof regs[0];
    s->d.gate = number == 1 ? (struct rcc_gate){RCC_AHB3ENR, RCC_AHB3RSTR, 16}
                            : (struct rcc_gate){RCC_AHB2ENR, RCC_AHB2RSTR, 9};
    s->d.on = ON_AHB;
    s->d.word_only = true;
    s->d.reset = reset;
    if (device_init(&s->d, soc) < 0) {
        free(s);
        return -1;
    }
    if (number == 1)
        soc->sdmmc1 = &s->d;
    return 0;
}

int sdmmc_create(struct soc *soc)
{
    return create(soc, 1) < 0 ? -1 : create(soc, 2);
}
