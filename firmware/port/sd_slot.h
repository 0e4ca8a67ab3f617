/* SPDX-License-Identifier: MIT */

/*
 * The board's card slot, which machine.SDCard and USB share: started when it is needed, looked for
 * anew after a card did not answer. Thread code only. Functions that return int return 0 or a
 * negative errno: -MP_ENODEV without a card, -MP_EIO for what a card does not read or take,
 * -MP_EINVAL for blocks that are not on it.
 */
#ifndef PORT_SD_SLOT_H
#define PORT_SD_SLOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How many data lines the next start uses: 1 or 4. */
void sd_slot_set_width(uint32_t width);

int sd_slot_start(void);
void sd_slot_stop(void); /* pins back to analog */

/* 0 without a card that is started. */
uint32_t sd_slot_blocks(void);

/* Grows when another card than before is started. */
unsigned sd_slot_card_number(void);

int sd_slot_read(uint32_t block, void *to, size_t count);
int sd_slot_write(uint32_t block, const void *from, size_t count);

/*
 * For who asks again and again, as a PC does: whether there is a card. Leaves pins alone that the
 * program has given to something else, and searches for a fiftieth of the time at most: 3 ms for an
 * empty slot, a second for a card that does not get ready.
 */
bool sd_slot_look(void);

#endif
