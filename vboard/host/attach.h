/* Parts that the command line hangs on pins: --i2c, --spi, --analog, --part. */
#ifndef VBOARD_HOST_ATTACH_H
#define VBOARD_HOST_ATTACH_H

#include <stddef.h>

#include "board.h"

enum attach_kind { ATTACH_I2C, ATTACH_SPI, ATTACH_ANALOG, ATTACH_PART };

/* One option: its text is
     --i2c     SCL,SDA,CHIP[@ADDRESS][=FILE]    CHIP: 24c02 ..., hang-sda, hang-scl
     --spi     SCK,MOSI,MISO,NCS,CHIP[=FILE]    CHIP: w25q64 ...
     --analog  PIN=VOLTS, PIN=sine:LOW:HIGH:HZ, PIN=ramp:LOW:HIGH:HZ
     --part    PIN,ds18b20[=CELSIUS], PIN,dht11[=CELSIUS:PERCENT], PIN,dht22[=CELSIUS:PERCENT],
               PIN,ws2812[=FILE], PIN,sk6812rgbw[=FILE]
   with pins as PB8. */
struct attach_option {
    enum attach_kind kind;
    const char *text;
};

struct attached;

/* Hangs the parts on a board that has not run yet. NULL: error holds one sentence. */
struct attached *attach_new(struct board *b, const struct attach_option *options, unsigned count,
                            char *error, size_t error_size);
/* Writes the memories that have files. 0, or -1 with a sentence. */
int attach_save(const struct attached *a, char *error, size_t error_size);
/* Before the board. NULL is fine. */
void attach_free(struct attached *a);

#endif
