#include "attach.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../parts/analog.h"
#include "../parts/dht.h"
#include "../parts/ds18b20.h"
#include "../parts/eeprom.h"
#include "../parts/i2c_hang.h"
#include "../parts/nor_flash.h"
#include "../parts/ws2812.h"
#include "flash_file.h"

struct one {
    struct eeprom *eeprom;
    struct nor_flash *nor;
    struct i2c_hang hang;
    struct net_driver pull_up[2]; /* of SCL and SDA */
    struct analog analog;
    struct ds18b20 ds18b20;
    struct dht dht;
    struct ws2812 strip;
    FILE *shown;      /* what the strip shows; NULL: no strip */
    const char *file; /* of a memory; NULL: none */
};

struct attached {
    unsigned count;
    struct one *part;
};

/* What all the readers below share: where the text is being read, and where errors go. */
struct reader {
    struct board *board;
    struct attached *attached;
    const char *text, *at;
    char *error;
    size_t error_size;
};

static int wrong(struct reader *r, const char *format, ...) __attribute__((format(printf, 2, 3)));
static int wrong(struct reader *r, const char *format, ...)
{
    va_list args;
    int n;

    va_start(args, format);
    n = vsnprintf(r->error, r->error_size, format, args);
    va_end(args);
    if (n >= 0 && (size_t)n < r->error_size)
        snprintf(r->error + n, r->error_size - (size_t)n, " in '%s'", r->text);
    return -1;
}

/* A pin's name and the character behind it. */
static struct net *pin(struct reader *r, char behind)
{
    const char *end = strchr(r->at, behind);
    char name[8];
    unsigned number;

    snprintf(name, sizeof(name), "%.*s", end != NULL ? (int)(end - r->at) : 0, r->at);
    if (!board_pin(name, &number)) {
        wrong(r, "a pin like PB8 and '%c' behind it are expected at '%s'", behind, r->at);
        return NULL;
    }
    r->at = end + 1;
    return r->board->soc->pin[number];
}

/* The chip's name up to '@', '=' or the end, in `name`. */
static void chip_name(struct reader *r, char *name, size_t size)
{
    size_t n = strcspn(r->at, "@=");

    snprintf(name, size, "%.*s", (int)n, r->at);
    r->at += n;
}

/* "=FILE" or nothing. */
static int content(struct reader *r, struct one *p, uint8_t *cells, size_t size)
{
    if (*r->at == '\0')
        return 0;
    if (*r->at != '=' || r->at[1] == '\0')
        return wrong(r, "'=FILE' is expected at '%s'", r->at);
    p->file = r->at + 1;
    return flash_file_load_part(p->file, cells, size, r->error, r->error_size);
}

static int attach_i2c(struct reader *r, struct one *p)
{
    struct sched *sched = r->board->soc->sched;
    struct net *scl = pin(r, ','), *sda = scl != NULL ? pin(r, ',') : NULL;
    unsigned long device = 0x50;
    char name[32];
    char *end;

    if (sda == NULL)
        return -1;
    chip_name(r, name, sizeof(name));
    net_attach(scl, &p->pull_up[0]);
    net_drive(&p->pull_up[0], NET_PULL_UP);
    net_attach(sda, &p->pull_up[1]);
    net_drive(&p->pull_up[1], NET_PULL_UP);
    if (strcmp(name, "hang-sda") == 0 || strcmp(name, "hang-scl") == 0) {
        if (*r->at != '\0')
            return wrong(r, "nothing may stand at '%s'", r->at);
        if (name[6] == 'd')
            i2c_hang_sda(&p->hang, scl, sda);
        else
            i2c_hang_scl(&p->hang, scl);
        return 0;
    }
    if (eeprom_find(name) == NULL)
        return wrong(r,
                     "no I2C part '%s' (24c02, 24c16, 24c32, 24c64, 24c256, 24c512, hang-sda, "
                     "hang-scl)",
                     name);
    if (*r->at == '@') {
        device = strtoul(r->at + 1, &end, 0);
        if (device < 0x50 || device > 0x57)
            return wrong(r, "the address is 0x50 to 0x57");
        r->at = end;
    }
    p->eeprom = eeprom_new(eeprom_find(name), (uint8_t)device, sched);
    if (p->eeprom == NULL)
        return wrong(r, "out of memory");
    eeprom_attach(p->eeprom, &r->board->soc->i2c_lines, scl, sda);
    return content(r, p, p->eeprom->cells, p->eeprom->chip->size);
}

static int attach_spi(struct reader *r, struct one *p)
{
    struct net *net[4];
    char name[32];

    for (unsigned i = 0; i < 4; i++) {
        net[i] = pin(r, ',');
        if (net[i] == NULL)
            return -1;
    }
    chip_name(r, name, sizeof(name));
    if (nor_find(name) == NULL)
        return wrong(r, "no SPI part '%s' (w25q16, w25q32, w25q64, w25q128)", name);
    p->nor = nor_new(nor_find(name), r->board->soc->sched);
    if (p->nor == NULL)
        return wrong(r, "out of memory");
    nor_attach(p->nor, &r->board->soc->spi_lines, net[0], net[1], net[2], net[3]);
    return content(r, p, p->nor->cells, p->nor->chip->size);
}

static int attach_analog(struct reader *r, struct one *p)
{
    static const char *const shapes[] = {[ANALOG_SINE] = "sine:", [ANALOG_RAMP] = "ramp:"};
    struct net *net = pin(r, '=');
    double value[3] = {0};
    unsigned wanted = 1;
    char *end;

    if (net == NULL)
        return -1;
    for (unsigned shape = ANALOG_SINE; shape <= ANALOG_RAMP; shape++) {
        if (strncmp(r->at, shapes[shape], strlen(shapes[shape])) == 0) {
            p->analog.shape = shape;
            r->at += strlen(shapes[shape]);
            wanted = 3;
        }
    }
    for (unsigned n = 0; n < wanted; n++) {
        if (n > 0 && *r->at++ != ':')
            return wrong(r, "LOW:HIGH:HZ is expected");
        value[n] = strtod(r->at, &end);
        if (end == r->at || !(value[n] > -1e9 && value[n] < 1e9))
            return wrong(r, "a number is expected at '%s'", r->at);
        r->at = end;
    }
    if (*r->at != '\0')
        return wrong(r, "nothing may stand at '%s'", r->at);
    p->analog.low = value[0];
    p->analog.high = value[1];
    p->analog.hz = value[2];
    p->analog.sched = r->board->soc->sched;
    analog_attach(&p->analog, net);
    return 0;
}

/* Numbers behind '=' with ':' between them, or nothing. */
static int numbers(struct reader *r, double *value, unsigned count, const char *what)
{
    char *end;

    if (*r->at == '\0')
        return 0;
    for (unsigned n = 0; n < count; n++) {
        if (*r->at++ != (n == 0 ? '=' : ':'))
            return wrong(r, "%s is expected", what);
        value[n] = strtod(r->at, &end);
        if (end == r->at)
            return wrong(r, "%s is expected at '%s'", what, r->at);
        r->at = end;
    }
    return *r->at == '\0' ? 0 : wrong(r, "nothing may stand at '%s'", r->at);
}

static int attach_ds18b20(struct reader *r, struct one *p, struct net *net)
{
    struct attached *a = r->attached;
    double celsius = 21.5;

    if (numbers(r, &celsius, 1, "=CELSIUS") != 0)
        return -1;
    if (!(celsius >= -55 && celsius <= 125))
        return wrong(r, "a DS18B20 measures -55 to 125 degrees");
    ds18b20_attach(&p->ds18b20, celsius, a->count, r->board->soc->sched, net);
    return 0;
}

static int attach_dht(struct reader *r, struct one *p, struct net *net, bool dht22)
{
    double value[2] = {21.5, 45};
    double low = dht22 ? -40 : 0, high = dht22 ? 80 : 50;

    if (numbers(r, value, 2, "=CELSIUS:PERCENT") != 0)
        return -1;
    if (!(value[0] >= low && value[0] <= high && value[1] >= 0 && value[1] <= 100))
        return wrong(r, "the sensor measures %.0f to %.0f degrees, 0 to 100 %%", low, high);
    p->dht.dht22 = dht22;
    p->dht.celsius = value[0];
    p->dht.humidity = value[1];
    dht_attach(&p->dht, r->board->soc->sched, net);
    return 0;
}

/* A line each time: when, and the LEDs as red, green, blue (and white). */
static void strip_shown(void *ctx, const struct ws2812 *strip, vtime at)
{
    const struct one *p = ctx;
    size_t each = strip->bytes_per_led;

    fprintf(p->shown, "%.6f %s", (double)at / VTIME_S, net_name(strip->net));
    for (size_t led = 0; led < strip->bits / (8 * each); led++) {
        const uint8_t *grbw = strip->data + led * each;

        fprintf(p->shown, " %02x%02x%02x", grbw[1], grbw[0], grbw[2]);
        if (each == 4)
            fprintf(p->shown, "%02x", grbw[3]);
    }
    if (strip->bits % (8 * each) != 0)
        fprintf(p->shown, " and %u bits", (unsigned)(strip->bits % (8 * each)));
    if (strip->odd_pulses != 0)
        fprintf(p->shown, " (%u pulses out of range)", strip->odd_pulses);
    fputc('\n', p->shown);
    fflush(p->shown);
}

static int attach_strip(struct reader *r, struct one *p, struct net *net, unsigned bytes_per_led)
{
    if (*r->at != '\0' && (*r->at != '=' || r->at[1] == '\0'))
        return wrong(r, "'=FILE' is expected at '%s'", r->at);
    p->shown = *r->at == '\0' ? stderr : fopen(r->at + 1, "w");
    if (p->shown == NULL)
        return wrong(r, "cannot write '%s'", r->at + 1);
    p->strip.bytes_per_led = bytes_per_led;
    p->strip.shown = strip_shown;
    p->strip.ctx = p;
    ws2812_attach(&p->strip, r->board->soc->sched, net);
    return 0;
}

static int attach_part(struct reader *r, struct one *p)
{
    struct net *net = pin(r, ',');
    char name[32];

    if (net == NULL)
        return -1;
    chip_name(r, name, sizeof(name));
    if (strcmp(name, "ws2812") == 0)
        return attach_strip(r, p, net, 3);
    if (strcmp(name, "sk6812rgbw") == 0)
        return attach_strip(r, p, net, 4);
    /* The others share their wire. */
    net_attach(net, &p->pull_up[0]);
    net_drive(&p->pull_up[0], NET_PULL_UP);
    if (strcmp(name, "ds18b20") == 0)
        return attach_ds18b20(r, p, net);
    if (strcmp(name, "dht11") == 0 || strcmp(name, "dht22") == 0)
        return attach_dht(r, p, net, name[3] == '2');
    return wrong(r, "no part '%s' (ds18b20, dht11, dht22, ws2812, sk6812rgbw)", name);
}

struct attached *attach_new(struct board *b, const struct attach_option *options, unsigned count,
                            char *error, size_t error_size)
{
    static int (*const attach[])(struct reader *, struct one *) = {
        [ATTACH_I2C] = attach_i2c,
        [ATTACH_SPI] = attach_spi,
        [ATTACH_ANALOG] = attach_analog,
        [ATTACH_PART] = attach_part,
    };
    struct attached *a = calloc(1, sizeof(*a));

    if (a != NULL)
        a->part = calloc(count + 1, sizeof(*a->part));
    if (a == NULL || a->part == NULL) {
        free(a);
        snprintf(error, error_size, "out of memory");
        return NULL;
    }
    for (unsigned i = 0; i < count; i++) {
        struct reader r = {b, a, options[i].text, options[i].text, error, error_size};

        a->count++;
        if (attach[options[i].kind](&r, &a->part[i]) != 0) {
            attach_free(a);
            return NULL;
        }
    }
    return a;
}

int attach_save(const struct attached *a, char *error, size_t error_size)
{
    int status = 0;

    for (unsigned i = 0; i < a->count; i++) {
        const struct one *p = &a->part[i];

        if (p->file == NULL)
            continue;
        if (p->eeprom != NULL)
            status |= flash_file_save_part(p->file, p->eeprom->cells, p->eeprom->chip->size, error,
                                           error_size);
        else
            status |=
                flash_file_save_part(p->file, p->nor->cells, p->nor->chip->size, error, error_size);
    }
    return status;
}

void attach_free(struct attached *a)
{
    if (a == NULL)
        return;
    for (unsigned i = 0; i < a->count; i++) {
        struct one *p = &a->part[i];

        eeprom_free(p->eeprom);
        nor_free(p->nor);
        net_detach(&p->pull_up[0]);
        net_detach(&p->pull_up[1]);
        i2c_hang_detach(&p->hang);
        ds18b20_detach(&p->ds18b20);
        dht_detach(&p->dht);
        ws2812_detach(&p->strip);
        if (p->shown != NULL && p->shown != stderr)
            fclose(p->shown);
    }
    free(a->part);
    free(a);
}
