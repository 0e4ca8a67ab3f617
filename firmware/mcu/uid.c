/* SPDX-License-Identifier: MIT */

#include "uid.h"

void uid_usb_serial(char *serial)
{
    static const char digits[] = "0123456789ABCDEF";
    const uint8_t *id = uid_get();
    const uint8_t bytes[UID_SERIAL_DIGITS / 2] = {
        id[11], (uint8_t)(id[10] + id[2]), id[9], (uint8_t)(id[8] + id[0]), id[7], id[6]};

    for (unsigned i = 0; i < sizeof bytes; i++) {
        *serial++ = digits[bytes[i] >> 4];
        *serial++ = digits[bytes[i] & 15];
    }
    *serial = '\0';
}
