/* SPDX-License-Identifier: MIT */

/*
 * OCTOSPI1 with one memory on up to four lines: single frames in indirect mode, and memory-mapped
 * mode for a RAM. Only what a quad PSRAM needs; the 24-bit address is built in.
 *
 * Thread code only. One context (struct octospi), because there is one OCTOSPI1 on the pins of a
 * 100-pin device. The kernel clock is clock.c's; octospi_set_timing() is to be called again when
 * it has changed. No wait is without bound: each fails with OCTOSPI_ERR_TIMEOUT after twice the
 * time that the frame needs.
 *
 * Sources: RM0455, OCTOSPI chapter (registers, modes, BUSY and abort rules); where its wording
 * could not be read, that of RM0456, whose OCTOSPI is the same but for its bus port. ES0478, item
 * "Memory-mapped write error response when DQS output is disabled".
 */
#ifndef MCU_OCTOSPI_H
#define MCU_OCTOSPI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gpio.h"

enum octospi_error {
    OCTOSPI_OK = 0,
    OCTOSPI_ERR_PARAM = -1,
    OCTOSPI_ERR_STATE = -2,    /* an indirect frame or a new timing while mapped, or the reverse */
    OCTOSPI_ERR_TRANSFER = -3, /* SR.TEF: address beyond the device */
    OCTOSPI_ERR_TIMEOUT = -4,  /* BUSY, TCF or ABORT did not do their part in time */
    OCTOSPI_ERR_DELAY = -5,    /* the delay block cannot span a period of that clock */
};

/* What the controller does by construction, in clocks of CLK or bytes. */
#define OCTOSPI_SETUP_CLOCKS    1u      /* nCS falls one CLK before the first rising edge */
#define OCTOSPI_HOLD_CLOCKS     1u      /* and rises one CLK after the last one (mode 0, SDR) */
#define OCTOSPI_CSHT_MAX        8u      /* DCR1.CSHT has 3 bits on this device: 1 to 8 clocks */
#define OCTOSPI_REFRESH_OVERRUN 4u      /* DCR4: released after n+1 (write) or n+4 (read) clocks */
#define OCTOSPI_FIFO_BYTES      32u     /* a longer frame could stall in the middle, nCS low */
#define OCTOSPI_TIMEOUT_MAX     0xFFFFu /* LPTR */
#define OCTOSPI_DELAY_TAPS      13u     /* DLYB: 0 to 12 cells */

/* A pin and the alternate function that is OCTOSPIM port 1 on it (DS13195, table of AFs). */
struct octospi_pin {
    gpio_pin_t pin;
    uint8_t af;
};

struct octospi_pins {
    struct octospi_pin clk, ncs, io[4];
};

/* Lines: 0 = phase absent, 1 or 4. */
struct octospi_command {
    uint8_t code;
    uint8_t command_lines;
    uint8_t address_lines;
    uint8_t wait_clocks; /* 0 to 31 */
    uint8_t data_lines;
};

struct octospi_frame {
    const struct octospi_command *command;
    uint32_t address;
    const uint8_t *tx; /* at most one of tx and rx, of length 1 to OCTOSPI_FIFO_BYTES */
    uint8_t *rx;
    size_t length;
};

struct octospi_timing {
    uint32_t clock_hz;       /* as returned by octospi_nearest_clock() */
    uint32_t high_clocks;    /* nCS high between frames, 1 to OCTOSPI_CSHT_MAX */
    uint32_t refresh_clocks; /* DCR4.REFRESH in mapped mode; 0 = off */
    uint32_t idle_clocks;    /* LPTR in mapped mode, 1 to OCTOSPI_TIMEOUT_MAX */
    uint8_t boundary_log2;   /* DCR3.CSBOUND in mapped mode; 0 = off */
    bool sample_late;        /* TCR.SSHIFT of reads: half a clock later */
    uint8_t delay_tap; /* 1 to OCTOSPI_DELAY_TAPS: reads are sampled later by the delay block's
                        * own delay and delay_tap - 1 of its cells, twelve of which span a
                        * period; 0: block bypassed */
};

/* Members are the driver's own. */
struct octospi {
    struct octospi_timing timing;
    bool mapped;
};

/* Clocks, reset, controller on, pins on. The bus then idles at the slowest clock, nCS high. */
int octospi_init(struct octospi *o, const struct octospi_pins *pins);

/*
 * The highest CLK in Hz, not above max_hz, that the prescaler makes of the present kernel clock
 * with a duty cycle near 50 %; 0 if there is none. PSRAMs ask for 45 to 55 %, and odd prescalers
 * other than 1 keep CLK low one kernel clock longer than high: 33 % when dividing by 3.
 */
uint32_t octospi_nearest_clock(uint32_t max_hz);

int octospi_set_timing(struct octospi *o, const struct octospi_timing *timing);

/* One frame in indirect mode. nCS is low for its clocks only, whatever interrupts come. */
int octospi_transfer(struct octospi *o, const struct octospi_frame *frame);

/*
 * Opens the window at OCTOSPI1_MEM_BASE. DEVSIZE is set to twice `size` (a power of two): the
 * controller reads ahead without being asked and cannot be told not to, and a read past DEVSIZE's
 * end can stall the AXI port. With one size more, reading ahead runs over the end of the chip
 * into addresses that it wraps, which harms nothing; keeping programs inside `size` is the MPU's
 * part. The caller opens the MPU afterwards, not before.
 */
int octospi_map(struct octospi *o, const struct octospi_command *read,
                const struct octospi_command *write, uint32_t size);

/*
 * The two halves of leaving mapped mode; between them the caller closes the MPU region, so that no
 * speculative read hits a controller that is being stopped.
 *   octospi_drain(): caches cleaned and emptied, all writes in the chip. Window still open.
 *   octospi_unmap(): abort, back to indirect mode.
 */
int octospi_drain(struct octospi *o);
int octospi_unmap(struct octospi *o);

/*
 * While mapped: what was written to [offset, offset + length) of the window is in the chip, and
 * the data cache holds nothing of it. Whole lines of 32 bytes are cleaned before they are dropped,
 * so neighbours lose nothing.
 */
int octospi_sync(struct octospi *o, uint32_t offset, uint32_t length);

#endif
