/* A host for one chip on a memory bus: frames in words, at any clock, with any time between. */
#ifndef TESTS_UNIT_PARTS_HOST_H
#define TESTS_UNIT_PARTS_HOST_H

#include "../../../vboard/parts/psram.h"
#include "../../../vboard/wire/complain.h"
#include "../../../vboard/wire/membus.h"
#include "../../../vboard/wire/sched.h"

enum { MHZ = 1000000 };

struct host {
    struct sched *sched;
    struct complaints *complaints;
    struct membus *bus;
    struct psram *chip;
    vtime now;      /* the next frame may fall */
    uint64_t hz;    /* of the frames to come */
    vtime gap;      /* nCS stays high between frames for so long */
    uint16_t wires; /* of the frames to come */
    vtime stall;    /* CLK stands for so long before the data */
    vtime hold;     /* from the last rising edge to nCS high; 0 = one period of CLK */
    struct membus_frame last;
};

/* A chip of that name alone on a bus, powered on at time 0 and ready. Clock 20 MHz, gaps of 1 us.
 */
void host_open(struct host *h, const char *chip, uint64_t seed);
void host_close(struct host *h);

/* How many complaints have this name. */
uint64_t complained(const struct host *h, const char *name);
/* All of them. */
uint64_t hazards(const struct host *h);

/* A command alone on so many lines. */
void command(struct host *h, unsigned lines, uint8_t code);
/* Command, 24-bit address, wait cycles, data on so many lines each. */
void read_frame(struct host *h, uint8_t code, unsigned command_lines, unsigned address_lines,
                uint32_t address, unsigned wait, unsigned data_lines, uint8_t *data, size_t n);
void write_frame(struct host *h, uint8_t code, unsigned command_lines, unsigned address_lines,
                 uint32_t address, unsigned wait, unsigned data_lines, const uint8_t *data,
                 size_t n);
/* The same without data, cut after so many clocks. */
void cut_frame(struct host *h, uint8_t code, unsigned command_lines, unsigned address_lines,
               uint32_t address, uint64_t clocks);
/* write_frame() by 0x38 in QPI mode, of n whole bytes and `clocks` clocks of one more. */
void cut_write(struct host *h, uint32_t address, const uint8_t *data, size_t n, unsigned clocks,
               uint8_t tail);

/* By the rules, in the mode that the chip is in. */
void enter_qpi(struct host *h);
void qpi_read(struct host *h, uint32_t address, uint8_t *data, size_t n);
void qpi_write(struct host *h, uint32_t address, const uint8_t *data, size_t n);
void spi_read(struct host *h, uint32_t address, uint8_t *data, size_t n);
void spi_write(struct host *h, uint32_t address, const uint8_t *data, size_t n);

#endif
