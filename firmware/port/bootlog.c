/* SPDX-License-Identifier: MIT */

#include <stdarg.h>
#include <string.h>

#include "bootlog.h"
#include "py/mphal.h"
#include "py/mpprint.h"

#define BOOTLOG_BYTES 2048

static char text[BOOTLOG_BYTES];
static size_t used, printed;

static void append(void *context, const char *str, size_t len)
{
    (void)context;
    size_t room = sizeof text - used;
    size_t n = len < room ? len : room;
    memcpy(&text[used], str, n);
    used += n;
}

void bootlog_printf(const char *format, ...)
{
    static const mp_print_t printer = {.data = NULL, .print_strn = append};
    va_list args;
    va_start(args, format);
    mp_vprintf(&printer, format, args);
    va_end(args);
}

const char *bootlog_text(size_t *length)
{
    *length = used;
    return text;
}

void bootlog_print(void)
{
    mp_hal_stdout_tx_strn_cooked(&text[printed], used - printed);
    printed = used;
}
