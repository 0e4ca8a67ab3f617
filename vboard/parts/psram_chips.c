/*
 * The parts' numbers. Sources: Espressif "ESP-PSRAM64 & ESP-PSRAM64H Datasheet" (2020.10), Lyontek
 * "LY68L6400" Rev. 0.7, IPUS "IPS6404L-SQ" DS-SQ64-011 (2018), AP Memory "APS6404L-3SQR" Rev. 2.3.
 * Of the last only clock, page and standby rows could be read; its tCPH, tCSP and tCHD are those of
 * the compatible IPUS part.
 *
 * ID: MF ID 0x0D (AP Memory, whose die all four are), KGD 0x5D = known good die, EID[47:45] = 010
 * for 64 Mbit; the rest of the EID differs from die to die. That of the ESP part was read from a
 * real one by the author of the original micropython-spiram.
 */
#include <string.h>

#include "psram.h"

#define MHZ(n) ((n)*1000000u)

const struct psram_chip psram_chips[] = {
    {
        .name = "esp-psram64h",
        .full_name = "Espressif ESP-PSRAM64H",
        .source = "ESP-PSRAM64 & ESP-PSRAM64H Datasheet, tables AC and DC characteristics",
        .size = 8u << 20,
        .id = {0x0D, 0x5D, 0x52, 0xA2, 0x64, 0x31, 0x91, 0x31},
        .page = 1024,
        .wrap = 32,
        .max_hz = MHZ(133),
        .max_cross_hz = MHZ(84),
        .max_read_hz = MHZ(33),
        .spi_write_may_cross = true,
        .tCEM = 8 * VTIME_US,
        .tCPH = 50 * VTIME_NS,
        .tCSP = 2500 * VTIME_PS,
        .tCHD = 20 * VTIME_NS,
        .tPU = 150 * VTIME_US,
        .tACLK_min = 2 * VTIME_NS,
        .tACLK = 6 * VTIME_NS,
        .tKOH = 1500 * VTIME_PS,
    },
    {
        .name = "ly68l6400",
        .full_name = "Lyontek LY68L6400",
        .source = "LY68L6400 Rev. 0.7, AC characteristics and command table",
        .size = 8u << 20,
        .id = {0x0D, 0x5D, 0x46, 0x1B, 0x70, 0x2C, 0x05, 0xD9},
        .page = 1024,
        .wrap = 32,
        .max_hz = MHZ(144),
        .max_cross_hz = MHZ(84),
        .max_read_hz = MHZ(33),
        .spi_write_may_cross = false,
        .tCEM = 8 * VTIME_US,
        .tCPH = 50 * VTIME_NS,
        .tCSP = 2500 * VTIME_PS,
        .tCHD = 20 * VTIME_NS,
        .tPU = 150 * VTIME_US,
        .tACLK_min = 2 * VTIME_NS,
        .tACLK = 6 * VTIME_NS,
        .tKOH = 1500 * VTIME_PS,
    },
    {
        .name = "aps6404l",
        .full_name = "AP Memory APS6404L-3SQR",
        .source = "APS6404L-3SQR Rev. 2.3; tCPH, tCSP, tCHD as IPS6404L-SQ",
        .size = 8u << 20,
        .id = {0x0D, 0x5D, 0x53, 0x07, 0x9E, 0x44, 0xB0, 0x62},
        .page = 1024,
        .wrap = 32,
        .max_hz = MHZ(109), /* at 3.3 V +-10 %, as on the boards; 133 MHz at 3.0 V +-10 % */
        .max_cross_hz = MHZ(84),
        .max_read_hz = MHZ(33),
        .spi_write_may_cross = true,
        .tCEM = 8 * VTIME_US,
        .tCPH = 18 * VTIME_NS,
        .tCSP = 3 * VTIME_NS,
        .tCHD = 3 * VTIME_NS,
        .tPU = 150 * VTIME_US,
        .tACLK_min = 2 * VTIME_NS,
        .tACLK = 7 * VTIME_NS,
        .tKOH = 1500 * VTIME_PS,
    },
    {
        .name = "ips6404l",
        .full_name = "IPUS IPS6404L-SQ",
        .source = "IPS6404L-SQ DS-SQ64-011, 3.3 V columns",
        .size = 8u << 20,
        .id = {0x0D, 0x5D, 0x4B, 0xE0, 0x13, 0x88, 0x2A, 0x17},
        .page = 1024,
        .wrap = 32,
        .max_hz = MHZ(104),
        .max_cross_hz = MHZ(84),
        .max_read_hz = MHZ(33),
        .spi_write_may_cross = true,
        .tCEM = 8 * VTIME_US,
        .tCPH = 18 * VTIME_NS,
        .tCSP = 3 * VTIME_NS,
        .tCHD = 3 * VTIME_NS,
        .tPU = 150 * VTIME_US,
        .tACLK_min = 2 * VTIME_NS,
        .tACLK = 7 * VTIME_NS,
        .tKOH = 1500 * VTIME_PS,
    },
};

const size_t psram_chip_count = sizeof psram_chips / sizeof psram_chips[0];

const struct psram_chip *psram_find(const char *name)
{
    for (size_t i = 0; i < psram_chip_count; i++) {
        if (strcmp(psram_chips[i].name, name) == 0)
            return &psram_chips[i];
    }
    return NULL;
}
