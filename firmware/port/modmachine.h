/* SPDX-License-Identifier: MIT */

#ifndef PORT_MODMACHINE_H
#define PORT_MODMACHINE_H

/* From now on machine.reset_cause() tells of a soft reset. Called by main() at each of them. */
void machine_note_soft_reset(void);

/* At a soft reset: all units of machine.UART closed. */
void machine_uart_deinit_all(void);

#endif
