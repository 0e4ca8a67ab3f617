/* SPDX-License-Identifier: MIT */

/*
 * What happens on a fault, or on an interrupt that nobody expected: registers and the reason in
 * words on the console USART, by polling; then a system reset, so that the board comes back. A
 * short record survives the reset in RAM, for the next start to tell. With a debugger attached the
 * core stops at a breakpoint before the reset. Source: Arm DDI0403E B1.5.14 and B3.2.15 to B3.2.18
 * (fault status and address registers), DDI0489F (ABFSR).
 */
#ifndef MCU_FAULT_H
#define MCU_FAULT_H

#include <stdbool.h>
#include <stdint.h>

struct fault_record {
    uint32_t exception; /* exception number: 3 HardFault ... 16 + IRQ */
    uint32_t pc, lr, sp;
    uint32_t cfsr, hfsr, address, abfsr;
};

/* Once at boot, after reset_init() and before anything that may fault: enables the separate faults.
 */
void fault_init(void);

/* The fault that ended the previous run, or NULL. */
const struct fault_record *fault_previous(void);

/* "BusFault", "interrupt", ... */
const char *fault_name(uint32_t exception);

/* The vector of all faults and of interrupts without a handler. Never called. */
void fault_entry(void);

#endif
