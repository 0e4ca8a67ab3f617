/*
 * I2C1..4 as masters: start, repeated start, reload, automatic and software stop, acknowledge
 * failures, a bus that is held, with the time that TIMINGR gives; flags, interrupts, DMA requests.
 *
 * RM0455 chapter "Inter-integrated circuit interface"; names as in the CMSIS header. Bytes are
 * handed to the parts on the pins that GPIO routes to this block (wire/i2c.h), each at its end.
 * Whether a line is held is seen on its net. Not modelled: being addressed as a slave (the own
 * address registers read back), SMBus; using the latter is counted as unimplemented.
 */
#include <stdlib.h>

#include "devices.h"
#include "dma.h"
#include "timing.h"

enum {
    CR1 = 0x00,
    CR2 = 0x04,
    TIMINGR = 0x10,
    TIMEOUTR = 0x14,
    ISR = 0x18,
    RXDR = 0x24,
    TXDR = 0x28,
};

#define CR1_PE          (1u << 0)
#define CR1_TXIE        (1u << 1)
#define CR1_RXIE        (1u << 2)
#define CR1_TCIE        (1u << 6)
#define CR1_ERRIE       (1u << 7)
#define CR1_ANFOFF      (1u << 12)
#define CR1_TXDMAEN     (1u << 14)
#define CR1_RXDMAEN     (1u << 15)
#define CR1_SMBUS       (0xFu << 20) /* SMBHEN, SMBDEN, ALERTEN, PECEN */
#define CR2_RD_WRN      (1u << 10)
#define CR2_ADD10       (1u << 11)
#define CR2_HEAD10R     (1u << 12)
#define CR2_START       (1u << 13)
#define CR2_STOP        (1u << 14)
#define CR2_NACK        (1u << 15)
#define CR2_RELOAD      (1u << 24)
#define CR2_AUTOEND     (1u << 25)
#define TIMEOUTR_ENABLE (1u << 15 | 1u << 31)
#define ISR_TXE         (1u << 0)
#define ISR_TXIS        (1u << 1)
#define ISR_RXNE        (1u << 2)
#define ISR_NACKF       (1u << 4)
#define ISR_STOPF       (1u << 5)
#define ISR_TC          (1u << 6)
#define ISR_TCR         (1u << 7)
#define ISR_ARLO        (1u << 9)
#define ISR_BUSY        (1u << 15)
#define ISR_ERRORS      0x3F00u /* BERR, ARLO, OVR, PECERR, TIMEOUT, ALERT */
#define ISR_CLEARABLE   0x3F38u

enum signal { SCL, SDA };

static const struct kind {
    const char *name;
    uint32_t base;
    uint16_t enr, rstr;
    uint8_t bit, on, irq, clock;
    uint16_t dma; /* RX; TX is the next */
} kinds[] = {
    {"I2C1", 0x40005400, RCC_APB1LENR, RCC_APB1LRSTR, 21, ON_APB1, IRQ_I2C1_EV, CLOCK_I2C123,
     DMA_I2C1_RX},
    {"I2C2", 0x40005800, RCC_APB1LENR, RCC_APB1LRSTR, 22, ON_APB1, IRQ_I2C2_EV, CLOCK_I2C123,
     DMA_I2C2_RX},
    {"I2C3", 0x40005C00, RCC_APB1LENR, RCC_APB1LRSTR, 23, ON_APB1, IRQ_I2C3_EV, CLOCK_I2C123,
     DMA_I2C3_RX},
    {"I2C4", 0x58001C00, RCC_APB4ENR, RCC_APB4RSTR, 7, ON_APB4, IRQ_I2C4_EV, CLOCK_I2C4,
     DMA_I2C4_RX},
};
enum { INSTANCES = sizeof kinds / sizeof kinds[0] };

/* Pins and alternate function numbers: data sheet DS13195, alternate function tables. */
#define P(port, bit) (((port) - 'A') * 16 + (bit))
static const struct route {
    uint8_t instance, signal, pin, af;
} routes[] = {
    {0, SCL, P('B', 6), 4},  {0, SCL, P('B', 8), 4},  {0, SDA, P('B', 7), 4},
    {0, SDA, P('B', 9), 4},  {1, SCL, P('B', 10), 4}, {1, SCL, P('F', 1), 4},
    {1, SCL, P('H', 4), 4},  {1, SDA, P('B', 11), 4}, {1, SDA, P('F', 0), 4},
    {1, SDA, P('H', 5), 4},  {2, SCL, P('A', 8), 4},  {2, SCL, P('H', 7), 4},
    {2, SDA, P('C', 9), 4},  {2, SDA, P('H', 8), 4},  {3, SCL, P('B', 6), 6},
    {3, SCL, P('B', 8), 6},  {3, SCL, P('D', 12), 4}, {3, SCL, P('F', 14), 4},
    {3, SCL, P('H', 11), 4}, {3, SDA, P('B', 7), 6},  {3, SDA, P('B', 9), 6},
    {3, SDA, P('D', 13), 4}, {3, SDA, P('F', 15), 4}, {3, SDA, P('H', 12), 4},
};
enum { ROUTES = sizeof routes / sizeof routes[0] };

/* What is on the lines, or is waited for while SCL is held low. */
enum phase {
    IDLE,
    STARTING,  /* waits for a free bus */
    ADDRESS,   /* start condition and address byte */
    ADDRESS_2, /* second byte of a 10-bit address */
    SENDING,
    RECEIVING,
    STOPPING,
    WAITING, /* for software: TXDR, RXDR, NBYTES, START or STOP */
};

struct i2c {
    struct device d;
    unsigned instance;
    uint32_t *cr1, *cr2, *isr;
    enum phase phase;
    unsigned left;   /* bytes of NBYTES that are not through */
    unsigned wanted; /* bytes of NBYTES that TXDR has still to get */
    uint8_t shift;   /* byte on the lines, or received and not yet in RXDR */
    bool shift_full; /* ... the latter */
    bool reading;    /* direction of the transfer under way */
    struct sched_event step;
};

static struct i2c *i2c_of(struct device *d)
{
    return (struct i2c *)d;
}

static const struct kind *kind_of(const struct i2c *b)
{
    return &kinds[b->instance];
}

static void update(struct i2c *b)
{
    struct soc *soc = b->d.soc;
    uint32_t isr = *b->isr, cr1 = *b->cr1;
    /* TXIE .. STOPIE enable the flags of the same place. */
    bool event = isr & cr1 & 0x3E || (cr1 & CR1_TCIE && isr & (ISR_TC | ISR_TCR));

    soc_irq(soc, kind_of(b)->irq, event);
    soc_irq(soc, kind_of(b)->irq + 1u, cr1 & CR1_ERRIE && isr & ISR_ERRORS);
    dma_request(soc, kind_of(b)->dma, cr1 & CR1_RXDMAEN && isr & ISR_RXNE);
    dma_request(soc, kind_of(b)->dma + 1u, cr1 & CR1_TXDMAEN && isr & ISR_TXIS);
}

/* ---- lines ---- */

/* The net of a line, NULL if no pin is in this block's alternate function. */
static struct net *net_of(const struct i2c *b, enum signal signal)
{
    for (unsigned i = 0; i < ROUTES; i++) {
        const struct route *r = &routes[i];

        if (r->instance == b->instance && r->signal == signal &&
            soc_pin_af(b->d.soc, r->pin) == r->af) {
            if (!soc_pin_open_drain(b->d.soc, r->pin))
                complain(b->d.soc->complaints, GUEST_ERROR, "i2c-push-pull",
                         "%s: its pin %s is no open-drain output", b->d.name,
                         net_name(b->d.soc->pin[r->pin]));
            return b->d.soc->pin[r->pin];
        }
    }
    complain(b->d.soc->complaints, GUEST_ERROR, "i2c-unrouted",
             "%s starts, but no pin is in the alternate function of its %s", b->d.name,
             signal == SCL ? "SCL" : "SDA");
    return NULL;
}

static bool high(const struct net *n)
{
    return n && net_level(n);
}

/* Periods of SCL: RM0455, tSCL = tSYNC1 + tSYNC2 + (SCLL + 1 + SCLH + 1) * (PRESC + 1) * tI2CCLK.
   The synchronisation takes the analog filter's delay and two clocks more than the digital
   filter's, each way. */
static vtime periods(const struct i2c *b, unsigned n)
{
    uint32_t t = *device_reg((struct device *)&b->d, TIMINGR);
    uint64_t hz = soc_clock_hz(b->d.soc, kind_of(b)->clock);
    uint64_t clocks =
        ((t & 0xFF) + (t >> 8 & 0xFF) + 2) * ((t >> 28) + 1) + 2 * ((*b->cr1 >> 8 & 15) + 2);

    if (!hz)
        return 0;
    return n *
           (vtime_of_clocks(clocks, hz) + (*b->cr1 & CR1_ANFOFF ? 0 : 2 * TIME_I2C_ANALOG_FILTER));
}

static void later(struct i2c *b, enum phase phase, unsigned n)
{
    vtime time = periods(b, n);

    b->phase = phase;
    if (!time) {
        complain(b->d.soc->complaints, GUEST_ERROR, "i2c-no-clock",
                 "%s is started, but its kernel clock does not run", b->d.name);
        return;
    }
    sched_at(b->d.soc->sched, &b->step, sched_now(b->d.soc->sched) + time);
}

/* ---- the transfer's course ---- */

enum { BYTE = 9 }; /* SCL periods: 8 bits and the acknowledge */

static void start(struct i2c *b)
{
    if (!high(net_of(b, SCL)) || !high(net_of(b, SDA))) {
        later(b, STARTING, 1); /* the bus is not free: look again */
        return;
    }
    *b->isr |= ISR_BUSY;
    *b->isr &= ~(ISR_TC | ISR_TCR);
    later(b, ADDRESS, 1 + BYTE);
}

static void stop(struct i2c *b)
{
    *b->isr &= ~(ISR_TC | ISR_TCR | ISR_TXIS);
    later(b, STOPPING, 1);
}

/* NBYTES are through. */
static void block_done(struct i2c *b)
{
    if (*b->cr2 & CR2_RELOAD)
        *b->isr |= ISR_TCR;
    else if (*b->cr2 & CR2_AUTOEND)
        stop(b);
    else if (*b->cr2 & CR2_START)
        start(b);
    else
        *b->isr |= ISR_TC;
}

/* The next byte moves, if it can. */
static void go_on(struct i2c *b)
{
    if (b->phase != WAITING || *b->isr & (ISR_TC | ISR_TCR))
        return;
    if (*b->cr2 & CR2_STOP) {
        stop(b);
        return;
    }
    if (b->reading) {
        if (b->shift_full && !(*b->isr & ISR_RXNE)) {
            *device_reg(&b->d, RXDR) = b->shift;
            b->shift_full = false;
            *b->isr |= ISR_RXNE;
        }
        if (b->shift_full) {
            /* SCL is held low until software takes the byte before. */
        } else if (b->left) {
            later(b, RECEIVING, BYTE);
        } else {
            block_done(b);
        }
        return;
    }
    if (!b->left) {
        block_done(b);
    } else if (!(*b->isr & ISR_TXE)) {
        b->shift = (uint8_t)*device_reg(&b->d, TXDR);
        *b->isr |= ISR_TXE;
        later(b, SENDING, BYTE);
    }
    if (b->wanted && *b->isr & ISR_TXE)
        *b->isr |= ISR_TXIS;
}

static void begin_block(struct i2c *b)
{
    b->left = b->wanted = *b->cr2 >> 16 & 0xFF;
    if (b->wanted && !(*b->isr & ISR_TXE))
        b->wanted--; /* software may fill TXDR before the start */
    b->phase = WAITING;
    go_on(b);
}

static void not_acknowledged(struct i2c *b)
{
    *b->isr |= ISR_NACKF;
    stop(b); /* by hardware, with and without AUTOEND */
}

/* Another master, or a fault, holds SDA low where this block sends a 1. */
static bool arbitration_lost(struct i2c *b, const struct net *sda, uint8_t byte)
{
    if (byte == 0 || high(sda))
        return false;
    *b->isr = (*b->isr & ~(ISR_BUSY | ISR_TXIS)) | ISR_ARLO;
    *b->cr2 &= ~(CR2_START | CR2_STOP);
    b->phase = IDLE;
    return true;
}

static uint8_t address_byte(const struct i2c *b)
{
    uint32_t sadd = *b->cr2 & 0x3FF;
    bool read = *b->cr2 & CR2_RD_WRN;

    if (!(*b->cr2 & CR2_ADD10))
        return (uint8_t)((sadd & 0xFE) | read);
    /* A read with a complete 10-bit address sends it as a write first. */
    return (uint8_t)(0xF0 | (sadd >> 7 & 6) | (read && *b->cr2 & CR2_HEAD10R));
}

static void addressed(struct i2c *b, bool ack)
{
    b->reading = *b->cr2 & CR2_RD_WRN;
    *b->cr2 &= ~CR2_START;
    if (ack)
        begin_block(b);
    else
        not_acknowledged(b);
}

static void step(void *ctx, vtime at)
{
    struct i2c *b = ctx;
    struct i2c_lines *lines = &b->d.soc->i2c_lines;
    const struct net *scl = net_of(b, SCL), *sda = net_of(b, SDA);
    enum phase phase = b->phase;
    bool ack;

    (void)at;
    if (phase == STARTING) {
        start(b);
        update(b);
        return;
    }
    if (!high(scl)) { /* somebody holds the clock: nothing moves */
        later(b, phase, 1);
        return;
    }
    switch (phase) {
    case ADDRESS:
        if (arbitration_lost(b, sda, address_byte(b)))
            break;
        ack = i2c_start(lines, scl, sda, address_byte(b));
        if (ack && *b->cr2 & CR2_ADD10 && !(address_byte(b) & 1))
            later(b, ADDRESS_2, BYTE);
        else
            addressed(b, ack);
        break;
    case ADDRESS_2:
        ack = i2c_write(lines, scl, sda, (uint8_t)*b->cr2);
        if (ack && *b->cr2 & CR2_RD_WRN) /* then a repeated start and the first byte as a read */
            ack = i2c_start(lines, scl, sda, (uint8_t)(0xF1 | (*b->cr2 >> 7 & 6)));
        addressed(b, ack);
        break;
    case SENDING:
        if (arbitration_lost(b, sda, b->shift))
            break;
        b->phase = WAITING;
        b->left--;
        if (i2c_write(lines, scl, sda, b->shift))
            go_on(b);
        else
            not_acknowledged(b);
        break;
    case RECEIVING:
        b->shift = high(sda) ? i2c_read(lines, scl, sda) : 0;
        b->shift_full = true;
        b->phase = WAITING;
        b->left--;
        i2c_acknowledge(lines, scl, sda, b->left || *b->cr2 & CR2_RELOAD);
        go_on(b);
        break;
    case STOPPING:
        i2c_stop(lines, scl, sda);
        b->phase = IDLE;
        *b->isr = (*b->isr & ~ISR_BUSY) | ISR_STOPF;
        *b->cr2 &= ~CR2_STOP;
        if (*b->cr2 & CR2_START)
            start(b);
        break;
    default:
        break;
    }
    update(b);
}

/* ---- registers ---- */

/* PE = 0: RM0455, software reset. */
static void switch_off(struct i2c *b)
{
    sched_cancel(b->d.soc->sched, &b->step);
    b->phase = IDLE;
    b->left = b->wanted = 0;
    b->shift_full = false;
    *b->isr = ISR_TXE;
    *b->cr2 &= ~(CR2_START | CR2_STOP | CR2_NACK);
}

static void write_cr1(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    struct i2c *b = i2c_of(d);

    (void)i;
    (void)value;
    if (*b->cr1 & CR1_SMBUS & ~old)
        complain(d->soc->complaints, UNIMPLEMENTED, "i2c-smbus", "%s: SMBus modes", d->name);
    if (!(*b->cr1 & CR1_PE))
        switch_off(b);
    update(b);
}

static void write_cr2(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    struct i2c *b = i2c_of(d);

    (void)i;
    *b->cr2 |= old & (CR2_START | CR2_STOP | CR2_NACK); /* no 0 clears them */
    if (!(*b->cr1 & CR1_PE)) {
        *b->cr2 &= ~(CR2_START | CR2_STOP | CR2_NACK);
        return;
    }
    if (value & CR2_START && !(old & CR2_START) && (b->phase == IDLE || *b->isr & ISR_TC)) {
        start(b);
    } else if (value & CR2_STOP && (b->phase == IDLE || b->phase == WAITING)) {
        stop(b);
    } else if (*b->isr & ISR_TCR && *b->cr2 >> 16 & 0xFF) {
        *b->isr &= ~ISR_TCR;
        begin_block(b);
    }
    update(b);
}

static void write_timingr(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    struct i2c *b = i2c_of(d);

    (void)i;
    (void)value;
    if (*b->cr1 & CR1_PE && *device_reg(d, TIMINGR) != old)
        complain(d->soc->complaints, GUEST_ERROR, "i2c-config-while-enabled",
                 "%s_TIMINGR may be written only while PE = 0", d->name);
}

static void write_timeoutr(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    (void)i;
    (void)old;
    if (value & TIMEOUTR_ENABLE)
        complain(d->soc->complaints, UNIMPLEMENTED, "i2c-smbus", "%s: SMBus time-outs", d->name);
}

/* TXE flushes TXDR. */
static void write_isr(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    struct i2c *b = i2c_of(d);

    (void)i;
    (void)old;
    *b->isr |= value & ISR_TXE;
    update(b);
}

static void write_icr(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    struct i2c *b = i2c_of(d);

    (void)i;
    (void)old;
    *b->isr &= ~(value & ISR_CLEARABLE);
    update(b);
}

static uint32_t read_rxdr(struct device *d, unsigned i)
{
    struct i2c *b = i2c_of(d);
    uint32_t data = *device_reg(d, RXDR);

    (void)i;
    if (d->peek)
        return data;
    *b->isr &= ~ISR_RXNE;
    if (b->reading)
        go_on(b);
    update(b);
    return data;
}

static void write_txdr(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    struct i2c *b = i2c_of(d);

    (void)i;
    (void)value;
    (void)old;
    *b->isr &= ~(ISR_TXE | ISR_TXIS);
    if (b->wanted)
        b->wanted--;
    if (!b->reading)
        go_on(b);
    update(b);
}

static const struct reg regs[] = {
    {.name = "CR1", .offset = CR1, .writable = 0x00FFDFFF, .write = write_cr1},
    {.name = "CR2", .offset = CR2, .writable = 0x07FFFFFF, .write = write_cr2},
    {.name = "OAR1", .offset = 0x08, .writable = 0x000087FF},
    {.name = "OAR2", .offset = 0x0C, .writable = 0x000087FE},
    {.name = "TIMINGR", .offset = TIMINGR, .writable = 0xF0FFFFFF, .write = write_timingr},
    {.name = "TIMEOUTR", .offset = TIMEOUTR, .writable = 0x8FFF9FFF, .write = write_timeoutr},
    {.name = "ISR", .offset = ISR, .reset = ISR_TXE, .write = write_isr},
    {.name = "ICR", .offset = 0x1C, .write = write_icr},
    {.name = "PECR", .offset = 0x20},
    {.name = "RXDR", .offset = RXDR, .read = read_rxdr},
    {.name = "TXDR", .offset = TXDR, .writable = 0xFF, .write = write_txdr},
};

static void reset(struct device *d)
{
    struct i2c *b = i2c_of(d);

    switch_off(b);
    update(b);
}

static int create_one(struct soc *soc, unsigned instance)
{
    const struct kind *k = &kinds[instance];
    struct i2c *b = calloc(1, sizeof *b);

    if (!b)
        return -1;
    b->instance = instance;
    b->d.name = k->name;
    b->d.base = k->base;
    b->d.size = 0x400;
    b->d.regs = regs;
    b->d.reg_count = sizeof regs / sizeof regs[0];
    b->d.gate = (struct rcc_gate){k->enr, k->rstr, k->bit};
    b->d.on = k->on;
    b->d.complete = true;
    b->d.reset = reset;
    b->step = (struct sched_event){.fn = step, .ctx = b};
    if (device_init(&b->d, soc) < 0) {
        free(b);
        return -1;
    }
    b->cr1 = device_reg(&b->d, CR1);
    b->cr2 = device_reg(&b->d, CR2);
    b->isr = device_reg(&b->d, ISR);
    return 0;
}

int i2c_create(struct soc *soc)
{
    for (unsigned i = 0; i < INSTANCES; i++) {
        if (create_one(soc, i) < 0)
            return -1;
    }
    return 0;
}
