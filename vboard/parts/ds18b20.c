#include "ds18b20.h"

#include <math.h>
#include <string.h>

/* Data sheet: "1-Wire timing". Where it gives a range, its middle. */
static const vtime RESET_LOW = 480 * VTIME_US;    /* tRSTL, at least */
static const vtime PRESENCE_WAIT = 30 * VTIME_US; /* tPDHIGH 15 to 60 */
static const vtime PRESENCE_LOW = 120 * VTIME_US; /* tPDLOW 60 to 240 */
static const vtime SLOT_SAMPLE = 30 * VTIME_US;   /* 15 to 60 after the edge */
static const vtime READ_DELAY = 1 * VTIME_US;     /* valid within tRDV 15 */
static const vtime CONVERSION = 750 * VTIME_MS;   /* 12 bits; half of it for each bit less */
static const vtime COPY = 10 * VTIME_MS;          /* tWR, at most */

enum {
    FAMILY = 0x28,
    SEARCH_ROM = 0xF0,
    READ_ROM = 0x33,
    MATCH_ROM = 0x55,
    SKIP_ROM = 0xCC,
    ALARM_SEARCH = 0xEC,
    CONVERT = 0x44,
    WRITE_SCRATCHPAD = 0x4E,
    READ_SCRATCHPAD = 0xBE,
    COPY_SCRATCHPAD = 0x48,
    RECALL = 0xB8,
    READ_POWER = 0xB4,
};

enum { PAD_TEMPERATURE, PAD_TH = 2, PAD_TL, PAD_CONFIGURATION };

/* x^8 + x^5 + x^4 + 1, reflected. */
static uint8_t crc8(const uint8_t *data, unsigned n)
{
    uint8_t crc = 0;

    while (n-- > 0) {
        crc ^= *data++;
        for (unsigned bit = 0; bit < 8; bit++)
            crc = (uint8_t)(crc >> 1 ^ (crc & 1 ? 0x8C : 0));
    }
    return crc;
}

static bool rom_bit(const struct ds18b20 *d, unsigned bit)
{
    return d->rom[bit / 8] >> bit % 8 & 1;
}

/* 9 to 12 */
static unsigned resolution(const struct ds18b20 *d)
{
    return 9 + (d->scratchpad[PAD_CONFIGURATION] >> 5 & 3);
}

static void finish_conversion(struct ds18b20 *d)
{
    unsigned unused = 12 - resolution(d);
    int16_t sixteenths = (int16_t)lround(d->celsius * 16);
    int8_t whole;

    if (!d->converting || sched_now(d->sched) < d->ready)
        return;
    d->converting = false;
    sixteenths = (int16_t)(sixteenths & ~((1 << unused) - 1));
    whole = (int8_t)(sixteenths >> 4);
    d->scratchpad[PAD_TEMPERATURE] = (uint8_t)sixteenths;
    d->scratchpad[PAD_TEMPERATURE + 1] = (uint8_t)(sixteenths >> 8);
    d->alarm = whole >= (int8_t)d->scratchpad[PAD_TH] || whole <= (int8_t)d->scratchpad[PAD_TL];
}

static void go(struct ds18b20 *d, enum ds18b20_state state)
{
    d->state = state;
    d->bits = 0;
    d->shift = 0;
    d->search_turn = 0;
}

static void send(struct ds18b20 *d, const uint8_t *data, unsigned bytes)
{
    memcpy(d->sending, data, bytes);
    go(d, DS18B20_SEND);
    d->length = 8 * bytes;
}

static void rom_command(struct ds18b20 *d, uint8_t command)
{
    switch (command) {
    case READ_ROM:
        send(d, d->rom, sizeof(d->rom));
        break;
    case MATCH_ROM:
        go(d, DS18B20_MATCH);
        break;
    case SKIP_ROM:
        go(d, DS18B20_FUNCTION);
        break;
    case SEARCH_ROM:
        go(d, DS18B20_SEARCH);
        break;
    case ALARM_SEARCH:
        go(d, d->alarm ? DS18B20_SEARCH : DS18B20_IDLE);
        break;
    default:
        go(d, DS18B20_IDLE);
    }
}

static void function_command(struct ds18b20 *d, uint8_t command)
{
    static const uint8_t powered = 0xFF;
    uint8_t pad[9];

    switch (command) {
    case CONVERT:
        d->converting = true;
        d->ready = sched_now(d->sched) + (CONVERSION >> (12 - resolution(d)));
        go(d, DS18B20_BUSY);
        break;
    case WRITE_SCRATCHPAD:
        go(d, DS18B20_RECEIVE);
        break;
    case READ_SCRATCHPAD:
        memcpy(pad, d->scratchpad, sizeof(d->scratchpad));
        pad[8] = crc8(d->scratchpad, sizeof(d->scratchpad));
        send(d, pad, sizeof(pad));
        break;
    case COPY_SCRATCHPAD:
        memcpy(d->eeprom, d->scratchpad + PAD_TH, sizeof(d->eeprom));
        d->ready = sched_now(d->sched) + COPY;
        go(d, DS18B20_BUSY);
        break;
    case RECALL:
        memcpy(d->scratchpad + PAD_TH, d->eeprom, sizeof(d->eeprom));
        go(d, DS18B20_BUSY);
        break;
    case READ_POWER:
        send(d, &powered, 1);
        break;
    default:
        go(d, DS18B20_IDLE);
    }
}

static void received_byte(struct ds18b20 *d, uint8_t byte)
{
    unsigned n = d->bits / 8 - 1;

    if (d->state == DS18B20_ROM_COMMAND) {
        rom_command(d, byte);
    } else if (d->state == DS18B20_FUNCTION) {
        function_command(d, byte);
    } else if (d->state == DS18B20_RECEIVE) {
        /* Bits 7 and 4 to 0 of the configuration cannot be written. */
        d->scratchpad[PAD_TH + n] = n == 2 ? (uint8_t)((byte & 0x60) | 0x1F) : byte;
        if (n == 2)
            go(d, DS18B20_IDLE);
    }
}

static void received(struct ds18b20 *d, bool bit)
{
    switch (d->state) {
    case DS18B20_ROM_COMMAND:
    case DS18B20_FUNCTION:
    case DS18B20_RECEIVE:
        d->shift = (uint8_t)(d->shift >> 1 | bit << 7);
        if (++d->bits % 8 == 0)
            received_byte(d, d->shift);
        break;
    case DS18B20_MATCH:
    case DS18B20_SEARCH:
        if (bit != rom_bit(d, d->bits))
            go(d, DS18B20_IDLE);
        else if (++d->bits == 64)
            go(d, DS18B20_FUNCTION);
        break;
    default:
        break;
    }
}

/* A time slot begins: is it one in which this chip sends, and what? */
static bool sends(struct ds18b20 *d, bool *bit)
{
    switch (d->state) {
    case DS18B20_SEND:
        *bit = d->sending[d->bits / 8] >> d->bits % 8 & 1;
        if (++d->bits == d->length)
            go(d, d->length == 64 ? DS18B20_FUNCTION : DS18B20_IDLE);
        return true;
    case DS18B20_SEARCH:
        if (d->search_turn == 2) {
            d->search_turn = 0;
            return false;
        }
        *bit = rom_bit(d, d->bits) != (d->search_turn == 1);
        d->search_turn++;
        return true;
    case DS18B20_BUSY:
        finish_conversion(d);
        *bit = sched_now(d->sched) >= d->ready;
        return true;
    default:
        return false;
    }
}

static void slot_begins(struct ds18b20 *d)
{
    vtime now = sched_now(d->sched);
    bool bit;

    if (d->present || d->state == DS18B20_IDLE)
        return;
    if (!sends(d, &bit)) {
        sched_at(d->sched, &d->sample, now + SLOT_SAMPLE);
    } else if (!bit) {
        sched_at(d->sched, &d->pull, now + READ_DELAY);
        sched_at(d->sched, &d->release, now + SLOT_SAMPLE);
    }
}

static void slot_ends(struct ds18b20 *d)
{
    vtime now = sched_now(d->sched);

    if (now - d->fell < RESET_LOW)
        return;
    sched_cancel(d->sched, &d->sample);
    finish_conversion(d);
    d->present = true;
    sched_at(d->sched, &d->pull, now + PRESENCE_WAIT);
    sched_at(d->sched, &d->release, now + PRESENCE_WAIT + PRESENCE_LOW);
}

static void changed(void *ctx, struct net *net, bool level)
{
    struct ds18b20 *d = ctx;

    (void)net;
    if (level == d->level)
        return;
    d->level = level;
    if (!level)
        d->fell = sched_now(d->sched);
    if (d->own)
        return;
    if (level)
        slot_ends(d);
    else
        slot_begins(d);
}

static void pull(void *ctx, vtime at)
{
    struct ds18b20 *d = ctx;

    (void)at;
    d->own = true;
    net_drive(&d->driver, NET_LOW);
}

static void release(void *ctx, vtime at)
{
    struct ds18b20 *d = ctx;

    (void)at;
    net_drive(&d->driver, NET_Z);
    d->own = false;
    if (d->present) {
        d->present = false;
        go(d, DS18B20_ROM_COMMAND);
    }
}

static void sample(void *ctx, vtime at)
{
    struct ds18b20 *d = ctx;

    (void)at;
    received(d, net_level(d->net));
}

void ds18b20_attach(struct ds18b20 *d, double celsius, uint64_t serial, struct sched *sched,
                    struct net *net)
{
    /* At power-on: 85 degrees, 12 bits; TH and TL as the factory leaves them. */
    static const uint8_t pad[8] = {0x50, 0x05, 75, 70, 0x7F, 0xFF, 0x0C, 0x10};

    *d = (struct ds18b20){.celsius = celsius,
                          .sched = sched,
                          .net = net,
                          .level = net_level(net),
                          .listener = {.fn = changed, .ctx = d},
                          .pull = {.fn = pull, .ctx = d},
                          .release = {.fn = release, .ctx = d},
                          .sample = {.fn = sample, .ctx = d}};
    d->rom[0] = FAMILY;
    for (unsigned i = 1; i < 7; i++, serial >>= 8)
        d->rom[i] = (uint8_t)serial;
    d->rom[7] = crc8(d->rom, 7);
    memcpy(d->scratchpad, pad, sizeof(pad));
    memcpy(d->eeprom, pad + PAD_TH, sizeof(d->eeprom));
    net_attach(net, &d->driver);
    net_listen(net, &d->listener);
}

void ds18b20_detach(struct ds18b20 *d)
{
    if (d->net == NULL)
        return;
    sched_cancel(d->sched, &d->pull);
    sched_cancel(d->sched, &d->release);
    sched_cancel(d->sched, &d->sample);
    net_unlisten(d->net, &d->listener);
    net_detach(&d->driver);
    d->net = NULL;
}
