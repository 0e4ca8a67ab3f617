/* Parties on a memory bus that write down what they see, and frames to show them. */
#ifndef TESTS_UNIT_WIRE_RECORDER_H
#define TESTS_UNIT_WIRE_RECORDER_H

#include "../../../vboard/wire/membus.h"

enum { SAMPLES = 4096 };

/* A chip: how it follows, what it drives, what it has seen. */
struct chip {
    struct membus_part part;
    enum membus_manner manner; /* asked for in begin() */
    bool bytes_offered;
    unsigned begun, ended;
    uint8_t sample[SAMPLES]; /* by clocks */
    unsigned samples;
    uint8_t data[SAMPLES]; /* by bytes */
    unsigned written, read;
    uint8_t level, mask;     /* what it drives, by clocks */
    bool counts;             /* drives the low bits of the count of samples instead of `level` */
    struct membus_frame end; /* the frame as it ended */
};
void chip_attach(struct chip *c, struct membus *b, enum membus_manner manner);

/* A listener. */
struct witness {
    struct membus_listener listener;
    unsigned begun, stops, ended;
    uint8_t data[SAMPLES];
    unsigned count;     /* of data */
    vtime since, until; /* of the last stop */
    struct membus_frame end;
};
void witness_attach(struct witness *w, struct membus *b);

/* A clock of 100 MHz: 10 ns. */
struct membus_clock clock_100_mhz(void);

/* A frame of a command byte and, if lines are given, 24 address bits, wait cycles and data. */
struct membus_frame frame_of(uint8_t command, unsigned command_lines, unsigned address_lines,
                             uint32_t address, unsigned wait, unsigned data_lines,
                             enum membus_direction direction);

/* Ends a frame as a controller does when its last clock is through: one period after the last
   rising edge, or in clock `clocks`. */
void finish(struct membus *b, struct membus_frame *f);
void cut_after(struct membus *b, struct membus_frame *f, uint64_t clocks, uint8_t tail);

#endif
