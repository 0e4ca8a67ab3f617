/* SPDX-License-Identifier: MIT */

#include "spiram_fault.h"

/* A line of text with a fixed end; printf would be the only thing here that needs a C library. */
struct text {
    char *next;
    char *last;
};

static void put(struct text *text, const char *string)
{
    while (*string != '\0' && text->next < text->last) {
        *text->next++ = *string++;
    }
}

static void put_hex(struct text *text, uintmax_t value, unsigned digits)
{
    while (digits < 2 * sizeof value && value >> 4 * digits != 0) {
        digits++;
    }
    put(text, "0x");
    while (digits-- > 0) {
        put(text, (const char[]){"0123456789abcdef"[value >> 4 * digits & 15], '\0'});
    }
}

static void put_decimal(struct text *text, unsigned value)
{
    if (value >= 10) {
        put_decimal(text, value / 10);
    }
    put(text, (const char[]){(char)('0' + value % 10), '\0'});
}

static void put_number(struct text *text, const char *name, unsigned number)
{
    put(text, name);
    put_decimal(text, number);
}

static void put_cell(struct text *text, const struct spiram_fault *fault)
{
    put(text, "spiram cell ");
    put_hex(text, fault->address, 8);
    put_number(text, " bit ", fault->line);
}

char *spiram_fault_text(const struct spiram_fault *fault, char *text, size_t size)
{
    if (size == 0) {
        return text;
    }
    struct text out = {text, text + size - 1};
    unsigned digits = fault->width / 4U;

    switch (fault->kind) {
    case SPIRAM_FAULT_NONE:
        break;
    case SPIRAM_FAULT_WORD:
        put_number(&out, "spiram memtest", fault->width);
        put(&out, " fail, address ");
        put_hex(&out, fault->address, 8);
        put(&out, " written ");
        put_hex(&out, fault->written, digits);
        put(&out, " read ");
        put_hex(&out, fault->read, digits);
        break;
    case SPIRAM_FAULT_IO_STUCK:
        put_number(&out, "spiram IO", fault->line);
        put_number(&out, " stuck at ", fault->level);
        /* An open line is pulled, or floats, high. */
        put(&out, fault->level ? ", or open" : "");
        break;
    case SPIRAM_FAULT_IO_SHORT:
        put_number(&out, "spiram IO", fault->line);
        put_number(&out, " and IO", fault->other);
        put(&out, " shorted");
        break;
    case SPIRAM_FAULT_IO_SWAP:
        put_number(&out, "spiram IO", fault->line);
        put_number(&out, " and IO", fault->other);
        put(&out, " exchanged");
        break;
    case SPIRAM_FAULT_IO_WRONG:
        put_number(&out, "spiram IO", fault->line);
        put(&out, " wrong");
        break;
    case SPIRAM_FAULT_DATA_STUCK:
        put_number(&out, "spiram data bit D", fault->line);
        put_number(&out, " stuck at ", fault->level);
        break;
    case SPIRAM_FAULT_DATA_WRONG:
        put_number(&out, "spiram data bit D", fault->line);
        put(&out, " wrong, written ");
        put_hex(&out, fault->written, 2);
        put(&out, " read ");
        put_hex(&out, fault->read, 2);
        break;
    case SPIRAM_FAULT_ADDRESS_STUCK:
        put_number(&out, "spiram address bit A", fault->line);
        put(&out, " stuck");
        put(&out, fault->other ? ", or the chip is smaller than its id says" : "");
        break;
    case SPIRAM_FAULT_ADDRESS_SHORT:
        put_number(&out, "spiram address bits A", fault->line);
        put_number(&out, " and A", fault->other);
        put(&out, " shorted");
        break;
    case SPIRAM_FAULT_CELL_STUCK:
        put_cell(&out, fault);
        put_number(&out, " stuck at ", fault->level);
        break;
    case SPIRAM_FAULT_RETENTION:
        put_cell(&out, fault);
        put_number(&out, " loses a ", fault->level);
        put_number(&out, " within ", fault->ms);
        put(&out, " ms");
        break;
    case SPIRAM_FAULT_SILENT:
        put(&out, "spiram chip does not answer");
        break;
    case SPIRAM_FAULT_LEFT_QPI:
        put(&out, "spiram chip left four-line mode");
        break;
    case SPIRAM_FAULT_NO_PATTERN:
        put_number(&out, "spiram errors without pattern, ", fault->reads);
        put_number(&out, " reads and ", fault->writes);
        put_number(&out, " writes wrong of ", fault->tries);
        break;
    }
    *out.next = '\0';
    return text;
}
