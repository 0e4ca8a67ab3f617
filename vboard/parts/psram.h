/*
 * A 64 Mbit QSPI PSRAM in its 8-pin package (ESP-PSRAM64H, LY68L6400, APS6404L-3SQR, IPS6404L-SQ).
 *
 * It knows the memory bus (wire/membus.h) and nothing else: no controller, no address of a
 * processor. It has two modes, SPI and QPI, which only its own commands and a loss of power change;
 * a reset of the microcontroller does not reach it.
 *
 * What it does with a frame whose phases do not fit the command in the mode that it is in follows
 * from its sampling the lines at each rising edge of CLK: a command on four lines while it is in
 * SPI mode is one bit a clock on SIO0, too few wait cycles read the bus before it drives, too many
 * lose the first data, and so on. Whole bytes at once are only the quick way through a frame that
 * fits.
 *
 * It complains (HAZARD) about frames outside the numbers of its datasheet: "tCEM" (nCS low too
 * long), "tCPH" (high too short), "tCHD" (hold after the last rising edge), "tCSP" (set-up),
 * "chip-clock" (CLK too fast for the part or the command), "page-cross" (linear burst over a page
 * above the clock for that), "power-up" (frame before the part is ready), "overlong-command" (a
 * command without data that goes on after its last bit: the part ignores it). What such a frame
 * carries is still stored: a good chip forgives. Where a hazard's switch is at "bite"
 * (wire/hazard.h) it has the effect that stands there. Simulation thread only.
 */
#ifndef VBOARD_PARTS_PSRAM_H
#define VBOARD_PARTS_PSRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../wire/complain.h"
#include "../wire/membus.h"
#include "psram_defects.h"

/* One row of the table of parts: the datasheet's numbers. Times in ps, clocks in Hz. */
struct psram_chip {
    const char *name; /* of --psram */
    const char *full_name;
    const char *source; /* the datasheet */
    uint32_t size;      /* bytes, a power of two */
    uint8_t id[8];      /* 0x9F: MF ID, KGD, EID[47:40] .. EID[7:0] */
    uint32_t page;      /* bytes */
    uint32_t wrap;      /* bytes of the short wrap that 0xC0 toggles to */

    uint32_t max_hz;          /* burst within a page */
    uint32_t max_cross_hz;    /* linear burst over a page's end */
    uint32_t max_read_hz;     /* command 0x03 */
    bool spi_write_may_cross; /* linear burst with 0x02 in SPI mode is allowed */

    vtime tCEM;             /* nCS low, at most */
    vtime tCPH;             /* nCS high between frames, at least */
    vtime tCSP;             /* nCS low before the first rising edge, at least */
    vtime tCHD;             /* nCS low after the last rising edge, at least */
    vtime tPU;              /* from power-on to the first frame */
    vtime tACLK_min, tACLK; /* falling edge of CLK to data, least and most */
    vtime tKOH;             /* data stay so long behind the next falling edge, at least */
};

/* All parts; the first is the default. */
extern const struct psram_chip psram_chips[];
extern const size_t psram_chip_count;
/* By name, NULL if there is none. */
const struct psram_chip *psram_find(const char *name);

/* Name of a command byte ("fast read quad"), NULL if the parts have none such. For logs. */
const char *psram_command_name(uint8_t command);

struct psram;

/* A part, powered on at time 0 with random content (from seed). complaints may be NULL. NULL if
   memory ran out. */
struct psram *psram_new(const struct psram_chip *chip, uint64_t seed,
                        struct complaints *complaints);
void psram_free(struct psram *p);

/* Solders it to a bus. */
void psram_attach(struct psram *p, struct membus *bus);
/* Takes it off again. */
void psram_detach(struct psram *p, struct membus *bus);

/*
 * Gives it defects, which must outlive it. Once, before its first frame; its size may change, and
 * with it where psram_bytes() is. False if memory ran out.
 */
bool psram_set_defects(struct psram *p, struct psram_defects *d);

/* Power off and on again at `at`: SPI mode, linear bursts, other random content. */
void psram_power_cycle(struct psram *p, vtime at);

/* For tests and debuggers, not for the board's wiring. */
bool psram_in_qpi(const struct psram *p);
bool psram_in_wrap(const struct psram *p);
uint8_t *psram_bytes(struct psram *p);

struct psram_stats {
    uint64_t frames, ignored; /* ignored: no command of the part in its mode */
    uint64_t by_clock;        /* frames that did not fit and were followed clock by clock */
    uint64_t read, written;   /* bytes */
    uint64_t crossings;       /* frames that crossed a page */
};
void psram_get_stats(const struct psram *p, struct psram_stats *out);

#endif
