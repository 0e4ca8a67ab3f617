/* SPDX-License-Identifier: MIT */

/*
 * SCSI commands to the medium that a PC sees (medium.h): SPC-2 and SBC-2 as far as systems use them
 * on removable disks of 512-byte blocks. Knows nothing of how commands come; thread code only.
 */
#ifndef PORT_USB_SCSI_H
#define PORT_USB_SCSI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SCSI_ANSWER_BYTES 64u /* the longest that does not come from the medium */

/* What a command is about to move. */
struct scsi_command {
    uint32_t bytes; /* 0: nothing */
    bool to_host;   /* the direction */
    bool of_medium; /* blocks from `block` on; otherwise it is the answer that was filled in */
    uint32_t block;
};

/*
 * Looks at a command block, and does what it asks for but move blocks. False: CHECK CONDITION, and
 * REQUEST SENSE will say why.
 */
bool scsi_begin(uint8_t lun, const uint8_t *cdb, size_t length, uint8_t answer[SCSI_ANSWER_BYTES],
                struct scsi_command *command);

/* Blocks of the medium; false as above. */
bool scsi_read(uint32_t block, void *to, size_t count);
bool scsi_write(uint32_t block, const void *from, size_t count);

/* The host is gone, or begins anew. */
void scsi_reset(void);

#endif
