/*
 * The parts of Arm's AN500 image for the MPS2 board that MicroPython's ports/qemu needs: 4 MB of
 * memory at 0 and one CMSDK UART. They are the same for both processors that run on them: this
 * project's core and Unicorn.
 */
#ifndef AN500_H
#define AN500_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { AN500_RAM_SIZE = 4 << 20 };
/* Application note AN500, memory map. */
#define AN500_UART_BASE 0x40004000u
#define AN500_UART_SIZE 0x1000u

struct an500 {
    uint8_t *ram;
    /* Instructions run so far, for the marks on stderr; NULL where nobody counts. */
    uint64_t (*instructions)(void *ctx);
    void *ctx;
    int held;     /* a byte from standard input that the program has not read yet; -1 if none */
    bool waiting; /* at the end of standard input, and nothing was sent since STATE was read last */
};

/*
 * The UART's registers (Cortex-M System Design Kit TRM, DDI0479, 4.3), its line being standard
 * input and output. An STX or ETX that the program prints is the mark of a measurement: the count
 * of instructions at that point follows on stderr, one a line. End of file on standard input ends
 * the process when the program asks for the next byte.
 */
uint32_t an500_uart_read(struct an500 *board, uint32_t offset);
void an500_uart_write(struct an500 *board, uint32_t offset, uint32_t value);

/*
 * Runs from reset until the process ends. There is one for each processor, and a program for each:
 * Unicorn's library and the core have functions of the same name, and the core's would be called by
 * both.
 */
_Noreturn void an500_run(struct an500 *board);

#endif
