/*
 * A DS18B20 thermometer on a 1-Wire net: presence, the ROM commands with search, scratchpad,
 * EEPROM and conversion with its time. Several share one net. Powered by its own pin.
 *
 * Numbers: data sheet of Maxim's DS18B20. Not modelled: parasite power, overdrive (it has none).
 * Simulation thread only.
 */
#ifndef VBOARD_PARTS_DS18B20_H
#define VBOARD_PARTS_DS18B20_H

#include <stdbool.h>
#include <stdint.h>

#include "../wire/net.h"
#include "../wire/sched.h"

enum ds18b20_state {
    DS18B20_IDLE, /* until a reset pulse */
    DS18B20_ROM_COMMAND,
    DS18B20_MATCH,
    DS18B20_SEARCH,
    DS18B20_FUNCTION,
    DS18B20_SEND,
    DS18B20_RECEIVE, /* TH, TL, configuration */
    DS18B20_BUSY,    /* read slots tell whether the conversion has ended */
};

struct ds18b20 {
    double celsius;
    uint8_t rom[8]; /* family 0x28, serial number, CRC */
    uint8_t scratchpad[8], eeprom[3];
    bool alarm; /* the last conversion was at or beyond TH or TL */
    bool converting;
    vtime ready; /* the end of a conversion, or of programming */

    enum ds18b20_state state;
    uint8_t shift, sending[9];
    unsigned bits, length; /* moved so far, and to send, in bits */
    unsigned search_turn;  /* bit, complement, choice */

    bool level, present,
        own; /* the last level; the presence pulse is on its way; it pulls itself */
    vtime fell;
    struct sched *sched;
    struct net *net;
    struct net_driver driver;
    struct net_listener listener;
    struct sched_event pull, release, sample;
};

/* CELSIUS -55 to 125; serial: 48 bits. Attached at once; *d must stay where it is. */
void ds18b20_attach(struct ds18b20 *d, double celsius, uint64_t serial, struct sched *sched,
                    struct net *net);
void ds18b20_detach(struct ds18b20 *d); /* one that was never attached is fine */

#endif
