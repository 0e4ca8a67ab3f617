/* SPDX-License-Identifier: MIT */

/*
 * Quad SPI PSRAM (8-pin "SPI RAM" chips of AP Memory technology: ESP-PSRAM64H, LY68L6400, IPS6404L,
 * APS6404L): bring-up, identification, timing, mapping, indirect access.
 *
 * The library knows neither microcontroller nor operating system. It sees the world through
 * struct spiram_bus, which the caller fills. It allocates nothing, keeps no state outside struct
 * spiram, and takes no locks: one thread uses a context at a time, never an interrupt handler.
 *
 * Use: fill a spiram_config, spiram_init(), spiram_map(), spiram_test_boot() of spiram_test.h, then
 * use the window as memory. Functions that can fail return 0 or a negative enum spiram_error; after
 * a failed spiram_init() the context may be given to spiram_init() again.
 *
 * "clocks" are periods of the serial clock CLK on the wire. Times are in picoseconds, because the
 * data sheets print tenths of nanoseconds.
 */
#ifndef SPIRAM_H
#define SPIRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "spiram_chip.h"

enum spiram_error {
    SPIRAM_OK = 0,
    SPIRAM_ERR_PARAM = -1,    /* bad argument: null, zero length, misaligned, beyond the chip */
    SPIRAM_ERR_STATE = -2,    /* wrong state: not brought up, not mapped, or still mapped */
    SPIRAM_ERR_BUS = -3,      /* the bus controller reported an error */
    SPIRAM_ERR_TIMEOUT = -4,  /* the bus controller did not finish in time */
    SPIRAM_ERR_NO_CHIP = -5,  /* ID reads all 00 or all FF: nothing answers */
    SPIRAM_ERR_NOISE = -6,    /* two reads of the ID differ */
    SPIRAM_ERR_ID = -7,       /* something answers, but not with AP Memory's maker and KGD bytes */
    SPIRAM_ERR_KGD = -8,      /* the chip calls itself bad: known-good-die byte says fail */
    SPIRAM_ERR_DENSITY = -9,  /* maker is known, size code is not */
    SPIRAM_ERR_QPI = -10,     /* one-line access works, four-line access does not: see bad_lines */
    SPIRAM_ERR_TIMING = -11,  /* no setting of this bus meets the chip's numbers */
    SPIRAM_ERR_SPEED = -12,   /* data right at the slow clock, wrong at the working clock */
    SPIRAM_ERR_MEMORY = -13,  /* a memory test found a fault: see struct spiram_fault */
    SPIRAM_ERR_MODE = -14,    /* all four lines carry data, but the chip does not enter QPI mode */
    SPIRAM_ERR_RANDOM = -15,  /* the same reads differ from time to time: no line is to blame */
    SPIRAM_ERR_STOPPED = -16, /* the caller's progress callback asked for an end */
};

/* A short English phrase, never NULL, without the word "spiram" and without a final dot. */
const char *spiram_strerror(int error);

/* The five bytes-on-lines facts of a command. Lines: 0 = phase absent, 1 or 4. */
struct spiram_command {
    uint8_t code;
    uint8_t command_lines;
    uint8_t address_lines; /* 24 bits, most significant first */
    uint8_t wait_clocks;   /* between the last address and the first data clock */
    uint8_t data_lines;
};

/*
 * One frame: nCS falls, the phases of the command pass, nCS rises. At most one of tx and rx is set;
 * without data phase both are NULL and length is 0.
 */
struct spiram_frame {
    const struct spiram_command *command;
    uint32_t address;
    const uint8_t *tx;
    uint8_t *rx;
    size_t length;
};

/* What the bus controller is to be set to. Computed by spiram_timing(), never by hand. */
struct spiram_timing {
    uint32_t clock_hz;       /* CLK, exactly what nearest_clock() returned */
    uint32_t high_clocks;    /* nCS stays high at least so long between frames (tCPH) */
    uint32_t refresh_clocks; /* mapped mode: count after which nCS is released (tCEM); the
                              * controller's overrun, given in its limits, is already taken off */
    uint32_t idle_clocks;    /* mapped mode: nCS is released when CLK stood still so long */
    uint32_t frame_bytes;    /* indirect four-line frames carry at most so many bytes */
    uint8_t boundary_log2;   /* nCS is released at each 2^n byte boundary; 0 = not needed */
    bool sample_late;        /* read data are sampled half a clock later than the default */
    uint8_t sample_tap;      /* and by so much of a delay line: 1 to limits.sample_taps; 0 = line
                              * bypassed, all that spiram_timing() ever sets (spiram_tune.h) */
};

/* What a bus controller can and cannot do; constant, filled by the bus. */
struct spiram_bus_limits {
    uint32_t setup_clocks;      /* nCS low before the first rising edge of CLK */
    uint32_t hold_clocks;       /* nCS low after the last rising edge of CLK */
    uint32_t high_clocks_max;   /* longest nCS high time that can be set */
    uint32_t refresh_overrun;   /* a mapped frame lasts up to refresh_clocks plus this many clocks,
                                 * plus the rest of a byte that was begun */
    uint32_t stall_bytes;       /* mapped frames: CLK stands still at most once in so many bytes */
    uint32_t frame_bytes;       /* an indirect frame up to this length runs without a pause */
    uint32_t sample_delay_ps;   /* clock out of the controller to data back in, without the chip */
    uint32_t end_margin;        /* bytes at the end of the chip that the window must not touch */
    uint32_t idle_clocks_max;   /* longest idle time that can be set */
    uint8_t sample_taps;        /* taps of a delay line that spans one period of CLK, evenly spaced;
                                 * 0 = there is none */
    bool can_release_at_bounds; /* boundary_log2 is supported */
};

/*
 * The bus, in the manner of littlefs' configuration: callbacks and a context pointer. All return 0
 * or SPIRAM_ERR_BUS, SPIRAM_ERR_TIMEOUT, SPIRAM_ERR_PARAM, unless said otherwise; other negative
 * values are passed to the caller as they are. Callbacks return in bounded time.
 */
struct spiram_bus {
    void *context;
    struct spiram_bus_limits limits;

    /* The highest clock in Hz, not above max_hz, that the controller can make with a duty cycle of
     * 45 to 55 % (the chips' tCH and tCL); 0 if there is none. A question only: nothing changes. */
    uint32_t (*nearest_clock)(void *context, uint32_t max_hz);

    /* Sets clock and timing. Only called while not mapped. SPIRAM_ERR_TIMING: the delay line cannot
     * make that sampling point at that clock; anything else may be set then. */
    int (*configure)(void *context, const struct spiram_timing *timing);

    /* Runs one frame. Only called while not mapped. frame->length is at most limits.frame_bytes.
     * nCS must not stay low longer than the frame's clocks need, interrupts or not (tCEM). */
    int (*transfer)(void *context, const struct spiram_frame *frame);

    /* Makes `size` bytes appear at *window, read and written with the two commands. */
    int (*map)(void *context, const struct spiram_command *read, const struct spiram_command *write,
               uint32_t size, volatile void **window);

    /* Ends mapped mode; all that was written through the window is in the chip afterwards, and no
     * cache holds a copy. */
    int (*unmap)(void *context);

    /* While mapped: what was written to [offset, offset+length) of the window is in the chip on
     * return, and the next read of it comes from the chip, not from a cache. */
    int (*sync)(void *context, uint32_t offset, uint32_t length);

    /* Waits at least so many microseconds. Cannot fail. */
    void (*delay_us)(void *context, uint32_t us);
};

/* Numbers of the data sheet that the caller agrees to break. */
enum spiram_waive {
    SPIRAM_WAIVE_NONE = 0,      /* the `datasheet` profile */
    SPIRAM_WAIVE_TCHD = 1 << 0, /* nCS hold: many controllers cannot give it at speed */
    SPIRAM_WAIVE_TCEM = 1 << 1, /* nCS low time: for clocks so slow that no burst fits (logic
                                 * analyser); the chip may then lose data */
};

struct spiram_config {
    const struct spiram_bus *bus; /* must outlive the context */
    const struct spiram_chip
        *chip;       /* the chip on the board; NULL: any of the table, that is the
                      * worst of each number (the ID bytes do not tell makers apart) */
    uint32_t max_hz; /* the board's own limit for CLK; 0 = none */
    unsigned waive;  /* enum spiram_waive, or-ed */
};

/* 0x9F Read ID, as on the wire and decoded. */
struct spiram_id {
    uint8_t eid[8];           /* the eight bytes as read: maker, known-good-die, EID[47:0] */
    uint8_t maker;            /* 0x0D: AP Memory, or a design that is the same to programs */
    uint8_t kgd;              /* known good die: 0x5D pass, 0x55 fail */
    uint8_t density;          /* EID[47:45]: 16 Mbit and a power of two more */
    uint32_t size;            /* bytes; 0 when not decoded */
    bool may_be_trial_sample; /* the size may be twice as large: see spiram_decode_id() */
};

enum spiram_state {
    SPIRAM_STATE_OFF = 0, /* nothing is known about the chip */
    SPIRAM_STATE_READY,   /* chip in QPI mode, indirect access possible */
    SPIRAM_STATE_MAPPED,  /* chip in QPI mode, window open */
};

/* Filled by spiram_init(). Callers read it, and write nothing. */
struct spiram {
    const struct spiram_bus *bus;
    struct spiram_chip chip;     /* the row in use, or the fold of all rows */
    struct spiram_timing timing; /* what the bus is set to */
    struct spiram_id id;         /* valid as soon as the ID was read, also after an error */
    unsigned waive;
    uint8_t bad_lines;    /* after SPIRAM_ERR_QPI: bit n set = IOn does not carry data */
    uint8_t line_sent[8]; /* what the chip holds, and what it was read as on four lines: for */
    uint8_t line_got[8];  /* spiram_line_fault() of spiram_test.h */
    enum spiram_state state;
    volatile void *window; /* NULL while not mapped */
};

/*
 * From power-up or from any state that an earlier program left the chip in, to SPIRAM_STATE_READY:
 * waits the power-up time, resets the chip in QPI and in SPI mode, reads and decodes the ID, enters
 * QPI, checks that it took, sets the final timing and checks again. Content of the chip is
 * undefined afterwards (the reset says so). Takes about 0.5 ms.
 */
int spiram_init(struct spiram *ram, const struct spiram_config *config);

/* READY -> MAPPED, and back. Unmapping a chip that is not mapped is SPIRAM_ERR_STATE. */
int spiram_map(struct spiram *ram);
int spiram_unmap(struct spiram *ram);

/*
 * Indirect access, any byte range of the chip, state READY only. The range is cut into frames that
 * meet tCEM and the page rule. On a parameter or state error nothing is written.
 */
int spiram_read(struct spiram *ram, uint32_t address, void *buffer, size_t length);
int spiram_write(struct spiram *ram, uint32_t address, const void *buffer, size_t length);

/*
 * Does the chip answer Read ID on one line, as it does not in QPI mode? It then has lost its mode
 * since spiram_init(): by a loss of power, or by a frame that it took for something else. State
 * READY. The question does no harm to a chip in QPI mode: 0x9F on IO0, with IO2 low and IO3 high as
 * controllers hold them for other chips' write protect and hold pins, is 0x98, 0x9A, 0xB8 or 0xBA
 * there, none of which is a command.
 */
bool spiram_answers_on_one_line(const struct spiram *ram);

/* While mapped: see sync() of struct spiram_bus. */
int spiram_sync(struct spiram *ram, uint32_t offset, uint32_t length);

/* Bytes in the chip; 0 before a successful spiram_init(). */
uint32_t spiram_size(const struct spiram *ram);

/* Bytes of the window that programs may use: the chip without the bus' end_margin. */
uint32_t spiram_usable_size(const struct spiram *ram);

/*
 * Decodes eight bytes of 0x9F. Fills id->eid, maker, kgd and density always, id->size on success.
 *
 * Two kinds of chips have 0x26 as the first byte of their EID: ordinary ones of 32 Mbit, whose five
 * low bits differ from die to die and may be anything, and trial samples of 64 Mbit whose size code
 * lies (ESP-IDF, esp_psram). The size is then the smaller one, which is right for both, and
 * may_be_trial_sample is set; spiram_init() counts the chip's cells and decides.
 */
int spiram_decode_id(struct spiram_id *id, const uint8_t bytes[8]);

/*
 * How many bytes the chip really has, whatever its ID says: an address beyond the last one leads
 * to the first ones again. Overwrites single bytes at 0, 1 MB, 2 MB, 4 MB and 8 MB. State READY.
 * SPIRAM_ERR_RANDOM if what is read fits no size. An address line without effect looks the same as
 * a smaller chip.
 */
int spiram_probe_size(struct spiram *ram, uint32_t *bytes);

/*
 * The highest CLK in Hz at which this chip on this bus meets every number that is not waived;
 * the bus' own clock steps are not looked at.
 */
uint32_t spiram_max_clock(const struct spiram_chip *chip, const struct spiram_bus_limits *limits,
                          unsigned waive);

/*
 * Computes all settings for one clock. SPIRAM_ERR_TIMING if a number that is not waived cannot be
 * met; *timing is then not changed. docs/spiram.md has the arithmetic.
 */
int spiram_timing(struct spiram_timing *timing, const struct spiram_chip *chip,
                  const struct spiram_bus_limits *limits, uint32_t clock_hz, unsigned waive);

/* The four-line commands that mapped mode and indirect access use in QPI mode. */
extern const struct spiram_command spiram_qpi_write;
struct spiram_command spiram_qpi_read(const struct spiram_chip *chip);

#endif
