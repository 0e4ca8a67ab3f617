/*
 * GPIO ports A..K: each pin drives its net as mode, output type, pulls and ODR say, and reads it
 * back. RM0455 chapter 12.
 */
#include <stdio.h>
#include <stdlib.h>

#include "devices.h"

enum {
    MODER = 0x00,
    OTYPER = 0x04,
    OSPEEDR = 0x08,
    PUPDR = 0x0C,
    IDR = 0x10,
    ODR = 0x14,
    LCKR = 0x1C,
    AFRL = 0x20,
};

enum { INPUT, OUTPUT, ALTERNATE, ANALOG };

#define LCKK (1u << 16)

struct port;

struct pin {
    struct port *port;
    unsigned bit;
    struct net_driver driver;
    enum net_drive output; /* of the peripheral that the pin is routed to */
    struct net_listener listener;
    char name[6];
};

struct port {
    struct device d;
    unsigned number;
    struct pin pin[16];
    uint32_t *moder, *otyper, *pupdr, *idr, *odr;
    unsigned lock_step; /* right writes of the LCKR sequence so far */
    uint32_t lock_mask;
};

static struct port *port_of(struct device *d)
{
    return (struct port *)d;
}

static unsigned mode(const struct port *p, unsigned bit)
{
    return *p->moder >> (2 * bit) & 3;
}

/* IDR and EXTI see the pin through a Schmitt trigger that analog mode switches off. */
static void see(struct port *p, unsigned bit)
{
    bool level = mode(p, bit) != ANALOG && net_level(p->d.soc->pin[16 * p->number + bit]);

    if ((*p->idr >> bit & 1) == level)
        return;
    *p->idr ^= 1u << bit;
    exti_pin(p->d.soc, 16 * p->number + bit, level);
}

void gpio_start_bit(struct soc *soc, unsigned pin, bool high)
{
    if (mode(port_of(soc->gpio[pin / 16]), pin % 16) != ANALOG)
        exti_pin(soc, pin, high);
}

static void level_changed(void *ctx, struct net *net, bool level)
{
    struct pin *pin = ctx;

    (void)net;
    (void)level;
    see(pin->port, pin->bit);
}

static enum net_drive pulled(const struct port *p, unsigned bit)
{
    static const enum net_drive pull[4] = {NET_Z, NET_PULL_UP, NET_PULL_DOWN, NET_Z};

    return pull[*p->pupdr >> (2 * bit) & 3];
}

static void drive(struct port *p, unsigned bit)
{
    enum net_drive drive = NET_Z;

    switch (mode(p, bit)) {
    case OUTPUT:
        if (!(*p->odr >> bit & 1))
            drive = NET_LOW;
        else
            drive = *p->otyper >> bit & 1 ? pulled(p, bit) : NET_HIGH;
        break;
    case ALTERNATE: /* bits travel as characters or frames; what holds is a level (nCS) */
        drive = p->pin[bit].output;
        if (drive == NET_Z || (drive == NET_HIGH && *p->otyper >> bit & 1))
            drive = pulled(p, bit);
        break;
    case INPUT:
        drive = pulled(p, bit);
        break;
    default:
        break;
    }
    net_drive(&p->pin[bit].driver, drive);
    see(p, bit);
}

static void drive_changed(struct port *p, uint32_t bits)
{
    while (bits) {
        drive(p, (unsigned)__builtin_ctz(bits));
        bits &= bits - 1;
    }
}

/* One bit for each pin of which either of its two bits is set. */
static uint32_t fold(uint32_t pairs)
{
    uint32_t bits = 0;

    for (unsigned n = 0; n < 16; n++)
        bits |= (uint32_t) !!(pairs >> (2 * n) & 3) << n;
    return bits;
}

/* A locked pin's configuration is frozen until reset. */
static void keep_locked(struct port *p, uint32_t *reg, uint32_t old, unsigned width)
{
    uint32_t frozen = 0, locked = p->lock_step == 3 ? p->lock_mask : 0;

    if (!locked)
        return;
    for (unsigned n = 0; n < 32 / width && n < 16; n++) {
        if (locked >> n & 1)
            frozen |= ((1u << width) - 1) << (n * width);
    }
    if ((*reg ^ old) & frozen)
        complain(p->d.soc->complaints, GUEST_ERROR, "gpio-locked",
                 "%s: configuration of a locked pin written; ignored", p->d.name);
    *reg = (*reg & ~frozen) | (old & frozen);
}

/* Peripherals that drive levels look at the pins that may be theirs now, or no more. */
static void routed(struct port *p, uint32_t bits)
{
    for (; bits; bits &= bits - 1) {
        unsigned pin = 16 * p->number + (unsigned)__builtin_ctz(bits);

        timer_pin_routed(p->d.soc, pin);
        lptim_pin_routed(p->d.soc, pin);
        usart_pin_routed(p->d.soc, pin);
    }
}

static void write_moder(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    struct port *p = port_of(d);

    (void)i;
    (void)value;
    keep_locked(p, p->moder, old, 2);
    routed(p, fold(*p->moder ^ old));
    drive_changed(p, fold(*p->moder ^ old));
}

static void write_otyper(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    struct port *p = port_of(d);

    (void)i;
    (void)value;
    keep_locked(p, p->otyper, old, 1);
    drive_changed(p, (*p->otyper ^ old) & 0xFFFF);
}

static void write_ospeedr(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    (void)i;
    (void)value;
    keep_locked(port_of(d), device_reg(d, OSPEEDR), old, 2);
}

static void write_pupdr(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    struct port *p = port_of(d);

    (void)i;
    (void)value;
    keep_locked(p, p->pupdr, old, 2);
    drive_changed(p, fold(*p->pupdr ^ old));
}

static void write_odr(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    struct port *p = port_of(d);

    (void)i;
    (void)value;
    drive_changed(p, *p->odr ^ old);
}

static void write_bsrr(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    struct port *p = port_of(d);
    uint32_t before = *p->odr;

    (void)i;
    (void)old;
    *p->odr = ((before & ~(value >> 16)) | value) & 0xFFFF; /* BS wins over BR */
    drive_changed(p, *p->odr ^ before);
}

/* RM0455 12.4.8: write 1+mask, 0+mask, 1+mask; only then the lock is on, until reset. */
static void write_lckr(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    struct port *p = port_of(d);
    uint32_t *lckr = device_reg(d, LCKR);
    bool key = value & LCKK;

    (void)i;
    if (p->lock_step == 3) {
        *lckr = old;
        return;
    }
    if (p->lock_step == 0 && key)
        p->lock_mask = value & 0xFFFF;
    if ((value & 0xFFFF) == p->lock_mask && key == (p->lock_step != 1))
        p->lock_step++;
    else
        p->lock_step = 0;
    *lckr = (value & 0xFFFF) | (p->lock_step == 3 ? LCKK : 0);
}

static void write_afr(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    struct port *p = port_of(d);
    uint32_t *afr = device_reg(d, AFRL + 4 * i);
    uint32_t locked = p->lock_step == 3 ? p->lock_mask >> (8 * i) & 0xFF : 0;

    (void)value;
    for (unsigned n = 0; n < 8; n++) {
        if (locked >> n & 1)
            *afr = (*afr & ~(15u << (4 * n))) | (old & 15u << (4 * n));
    }
    for (unsigned n = 0; n < 8; n++) {
        if ((*afr ^ old) >> (4 * n) & 15)
            routed(p, 1u << (8 * i + n));
    }
}

static uint32_t read_zero(struct device *d, unsigned i)
{
    (void)d;
    (void)i;
    return 0;
}

#define PORT_REGS(moder, ospeedr, pupdr)                                                           \
    {                                                                                              \
        {.name = "MODER",                                                                          \
         .offset = MODER,                                                                          \
         .reset = (moder),                                                                         \
         .writable = 0xFFFFFFFF,                                                                   \
         .write = write_moder},                                                                    \
            {.name = "OTYPER", .offset = OTYPER, .writable = 0xFFFF, .write = write_otyper},       \
            {.name = "OSPEEDR",                                                                    \
             .offset = OSPEEDR,                                                                    \
             .reset = (ospeedr),                                                                   \
             .writable = 0xFFFFFFFF,                                                               \
             .write = write_ospeedr},                                                              \
            {.name = "PUPDR",                                                                      \
             .offset = PUPDR,                                                                      \
             .reset = (pupdr),                                                                     \
             .writable = 0xFFFFFFFF,                                                               \
             .write = write_pupdr},                                                                \
            {.name = "IDR", .offset = IDR},                                                        \
            {.name = "ODR", .offset = ODR, .writable = 0xFFFF, .write = write_odr},                \
            {.name = "BSRR", .offset = 0x18, .read = read_zero, .write = write_bsrr},              \
            {.name = "LCKR", .offset = LCKR, .write = write_lckr},                                 \
            {.name = "AFR",                                                                        \
             .offset = AFRL,                                                                       \
             .writable = 0xFFFFFFFF,                                                               \
             .count = 2,                                                                           \
             .write = write_afr},                                                                  \
    }

/* Ports A and B hold the debug port's pins, which are in use from reset on. */
static const struct reg regs_a[] = PORT_REGS(0xABFFFFFF, 0x0C000000, 0x64000000);
static const struct reg regs_b[] = PORT_REGS(0xFFFFFEBF, 0x000000C0, 0x00000100);
static const struct reg regs_c[] = PORT_REGS(0xFFFFFFFF, 0, 0);
enum { PORT_REG_COUNT = sizeof regs_a / sizeof regs_a[0] };

static void reset(struct device *d)
{
    struct port *p = port_of(d);

    p->lock_step = 0;
    p->lock_mask = 0;
    drive_changed(p, 0xFFFF);
}

static void destroy(struct device *d)
{
    struct port *p = port_of(d);

    for (unsigned bit = 0; bit < 16; bit++) {
        net_free(d->soc->pin[16 * p->number + bit]);
        d->soc->pin[16 * p->number + bit] = NULL;
        serial_wire_free(d->soc->serial[16 * p->number + bit]);
        d->soc->serial[16 * p->number + bit] = NULL;
    }
}

int soc_pin_af(const struct soc *soc, unsigned pin)
{
    struct device *d = soc->gpio[pin / 16];
    unsigned bit = pin % 16;

    if (mode(port_of(d), bit) != ALTERNATE)
        return -1;
    return (int)(*device_reg(d, AFRL + bit / 8 * 4) >> (4 * (bit % 8)) & 15);
}

void soc_pin_output(struct soc *soc, unsigned pin, enum net_drive output)
{
    struct port *p = port_of(soc->gpio[pin / 16]);

    p->pin[pin % 16].output = output;
    drive(p, pin % 16);
}

bool soc_pin_open_drain(const struct soc *soc, unsigned pin)
{
    return *device_reg(soc->gpio[pin / 16], OTYPER) >> (pin % 16) & 1;
}

unsigned soc_pin_speed(const struct soc *soc, unsigned pin)
{
    return *device_reg(soc->gpio[pin / 16], OSPEEDR) >> (2 * (pin % 16)) & 3;
}

struct serial_wire *soc_serial(struct soc *soc, unsigned pin)
{
    if (!soc->serial[pin])
        soc->serial[pin] = serial_wire_new();
    return soc->serial[pin];
}

static int create_port(struct soc *soc, unsigned number)
{
    static const char names[SOC_PORTS][6] = {"GPIOA", "GPIOB", "GPIOC", "GPIOD", "GPIOE", "GPIOF",
                                             "GPIOG", "GPIOH", "GPIOI", "GPIOJ", "GPIOK"};
    struct port *p = calloc(1, sizeof *p);

    if (!p)
        return -1;
    p->number = number;
    p->d.name = names[number];
    p->d.base = 0x58020000 + 0x400 * number;
    p->d.size = 0x400;
    p->d.regs = number == 0 ? regs_a : number == 1 ? regs_b : regs_c;
    p->d.reg_count = PORT_REG_COUNT;
    p->d.gate = (struct rcc_gate){RCC_AHB4ENR, RCC_AHB4RSTR, (uint8_t)number};
    p->d.reset = reset;
    if (device_init(&p->d, soc) < 0) {
        free(p);
        return -1;
    }
    p->d.destroy = destroy;
    soc->gpio[number] = &p->d;
    p->moder = device_reg(&p->d, MODER);
    p->otyper = device_reg(&p->d, OTYPER);
    p->pupdr = device_reg(&p->d, PUPDR);
    p->idr = device_reg(&p->d, IDR);
    p->odr = device_reg(&p->d, ODR);
    for (unsigned bit = 0; bit < 16; bit++) {
        struct pin *pin = &p->pin[bit];
        struct net *net;

        pin->port = p;
        pin->bit = bit;
        snprintf(pin->name, sizeof pin->name, "P%c%u", 'A' + number, bit);
        net = net_new(pin->name);
        if (!net)
            return -1;
        soc->pin[16 * number + bit] = net;
        pin->listener = (struct net_listener){.fn = level_changed, .ctx = pin};
        net_attach(net, &pin->driver);
        net_listen(net, &pin->listener);
    }
    return 0;
}

int gpio_create(struct soc *soc)
{
    for (unsigned n = 0; n < SOC_PORTS; n++) {
        if (create_port(soc, n) < 0)
            return -1;
    }
    return 0;
}
