/*
 * All 8 MB written by indirect frames of 32 bytes, a byte each write to DR, SR asked before each:
 * some 22 million register accesses, as a library's blocking transfer makes them. Its time on the
 * PC is what is tested.
 */
#include "soc.h"

enum { SIZE = 8 << 20, BYTES = 32 };

int main(void)
{
    uint8_t data[BYTES];
    struct ospi_command c = {.instruction = 0x38,
                             .instruction_lines = 1,
                             .address_lines = 4,
                             .data_lines = 4,
                             .bytes = BYTES};
    bool good = true;

    begin();
    check("280 MHz", full_speed());
    R(RCC, RCC_CDCCIPR) = (R(RCC, RCC_CDCCIPR) & ~(3u << 4)) | 1u << 4;
    check("init", ospi_open(4, 4));
    check("reset of the chip", ospi_reset_chip());
    for (uint32_t at = 0; at < SIZE && good; at += BYTES) {
        for (unsigned i = 0; i < BYTES; i++)
            data[i] = (uint8_t)(at / BYTES + i);
        c.address = at;
        good = ospi_command(&c) && ospi_transmit(data);
    }
    check("filled", good);
    c.instruction = 0xEB;
    c.dummy = 6;
    for (uint32_t at = 0; at < SIZE; at += SIZE / 64) {
        c.address = at;
        good = good && ospi_command(&c) && ospi_receive(data);
        for (unsigned i = 0; i < BYTES; i++)
            good = good && data[i] == (uint8_t)(at / BYTES + i);
    }
    check("the memory holds it", good);
    end();
}
