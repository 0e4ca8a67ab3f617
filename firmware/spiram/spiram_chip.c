/* SPDX-License-Identifier: MIT */

#include "spiram_chip.h"

#include <string.h>

#define MHZ(x)  ((uint32_t)((x)*1000000UL))
#define NS(x)   ((uint32_t)((x)*1000UL))
#define US(x)   ((uint32_t)((x)*1000000UL))
#define MBIT(x) ((uint32_t)((x)*131072UL))

/* Numbers with tenths of a nanosecond are written in picoseconds. */
static const struct spiram_chip chips[] = {
    {
        .name = "esp-psram64h",
        .source = "Espressif ESP-PSRAM64/ESP-PSRAM64H datasheet, 2020-10 (3.3 V part)",
        .size = MBIT(64),
        .max_hz = MHZ(133),
        .max_crossing_hz = MHZ(84),
        .max_slow_read_hz = MHZ(33),
        .tcem_ps = US(8),
        .tcph_ps = NS(50),
        .tcsp_ps = 2500,
        .tchd_ps = NS(20),
        .taclk_ps = NS(6),
        .tkoh_ps = 1500,
        .power_up_us = 150,
        .page_bytes = 1024,
        .quad_read_wait = 6,
    },
    {
        .name = "ly68l6400",
        .source = "Lyontek LY68L6400 datasheet, Rev 0.7",
        .size = MBIT(64),
        .max_hz = MHZ(144),
        .max_crossing_hz = MHZ(84),
        .max_slow_read_hz = MHZ(33),
        .tcem_ps = US(8),
        .tcph_ps = NS(50),
        .tcsp_ps = 2500,
        .tchd_ps = NS(20),
        .taclk_ps = NS(6),
        .tkoh_ps = 1500,
        .power_up_us = 150,
        .page_bytes = 1024,
        .quad_read_wait = 6,
    },
    {
        .name = "ips6404l",
        .source = "IPUS IPS6404L-SQ datasheet DS-SQ64-011, 2018 (3.3 V part)",
        .size = MBIT(64),
        .max_hz = MHZ(104),
        .max_crossing_hz = MHZ(84),
        .max_slow_read_hz = MHZ(33),
        .tcem_ps = US(8),
        .tcph_ps = NS(18),
        .tcsp_ps = NS(3),
        .tchd_ps = NS(3),
        .taclk_ps = NS(7),
        .tkoh_ps = 1500,
        .power_up_us = 150,
        .page_bytes = 1024,
        .quad_read_wait = 6,
    },
    {
        /*
         * Clock: 133 MHz holds for 3.0 V +-10 % only, at 3.3 V +-10 % it is 109 MHz. tCSP, tCHD,
         * tCPH and tCEM were not read in the sheet itself but as two independent drivers quote it;
         * tACLK is the slower one of its relatives. tCEM holds for the standard temperature range.
         */
        .name = "aps6404l",
        .source = "AP Memory APS6404L-3SQR/-3SQN datasheet, Rev 2.3 (3.3 V, -40..85 C)",
        .size = MBIT(64),
        .max_hz = MHZ(109),
        .max_crossing_hz = MHZ(84),
        .max_slow_read_hz = MHZ(33),
        .tcem_ps = US(8),
        .tcph_ps = NS(18),
        .tcsp_ps = 2500,
        .tchd_ps = NS(3),
        .taclk_ps = NS(7),
        .tkoh_ps = 1500,
        .power_up_us = 150,
        .page_bytes = 1024,
        .quad_read_wait = 6,
    },
    {
        /*
         * Page, commands and crossing clock: the sheet. Clock at 3.3 V, tCSP, tCHD, tCPH, tACLK: as
         * APS6404L-3SQR, its sister of 64 Mbit.
         */
        .name = "aps1604m",
        .source = "AP Memory APS1604M-SQR datasheet, Rev 2.4 and 3.0; -3SQR is its 3.3 V part",
        .size = MBIT(16),
        .max_hz = MHZ(109),
        .max_crossing_hz = MHZ(84),
        .max_slow_read_hz = MHZ(33),
        .tcem_ps = US(8),
        .tcph_ps = NS(18),
        .tcsp_ps = 2500,
        .tchd_ps = NS(3),
        .taclk_ps = NS(7),
        .tkoh_ps = 1500,
        .power_up_us = 150,
        .page_bytes = 512,
        .quad_read_wait = 6,
    },
    {
        /*
         * Its sheet prints the size code of 64 Mbit in the figure of the ID: named here, the chip
         * is taken for 32 Mbit whatever it answers. Unnamed, the address walk finds A22 without
         * effect.
         */
        .name = "aps3204l",
        .source = "AP Memory APS3204L-3SQN, as quoted; numbers as APS6404L-3SQR",
        .size = MBIT(32),
        .max_hz = MHZ(109),
        .max_crossing_hz = MHZ(84),
        .max_slow_read_hz = MHZ(33),
        .tcem_ps = US(8),
        .tcph_ps = NS(18),
        .tcsp_ps = 2500,
        .tchd_ps = NS(3),
        .taclk_ps = NS(7),
        .tkoh_ps = 1500,
        .power_up_us = 150,
        .page_bytes = 1024,
        .quad_read_wait = 6,
    },
    {
        /*
         * The sheet itself could not be had: the same maker's numbers for 64 Mbit, which are among
         * the hardest of the table.
         */
        .name = "ly68l3200",
        .source = "Lyontek LY68L3200, as LY68L6400 Rev 0.7",
        .size = MBIT(32),
        .max_hz = MHZ(144),
        .max_crossing_hz = MHZ(84),
        .max_slow_read_hz = MHZ(33),
        .tcem_ps = US(8),
        .tcph_ps = NS(50),
        .tcsp_ps = 2500,
        .tchd_ps = NS(20),
        .taclk_ps = NS(6),
        .tkoh_ps = 1500,
        .power_up_us = 150,
        .page_bytes = 1024,
        .quad_read_wait = 6,
    },
    {
        /*
         * No sheet is public. 1.8 V: not for boards of 3.3 V. ESP-IDF knows it by 0x20 as the first
         * byte of its EID, whose size code is right.
         */
        .name = "esp-psram32",
        .source = "Espressif ESP-PSRAM32 (1.8 V), as ESP-PSRAM64 2020-10",
        .size = MBIT(32),
        .max_hz = MHZ(133),
        .max_crossing_hz = MHZ(84),
        .max_slow_read_hz = MHZ(33),
        .tcem_ps = US(8),
        .tcph_ps = NS(50),
        .tcsp_ps = 2500,
        .tchd_ps = NS(20),
        .taclk_ps = NS(6),
        .tkoh_ps = 1500,
        .power_up_us = 150,
        .page_bytes = 1024,
        .quad_read_wait = 6,
    },
    {
        /*
         * 1.8 V: not for boards of 3.3 V. That its size code is 3 follows from the series; no sheet
         * that could be read prints it.
         */
        .name = "aps12804o",
        .source = "AP Memory APS12804O-SQRH (1.8 V), as quoted; numbers as APS6404L-3SQR",
        .size = MBIT(128),
        .max_hz = MHZ(109),
        .max_crossing_hz = MHZ(84),
        .max_slow_read_hz = MHZ(33),
        .tcem_ps = US(8),
        .tcph_ps = NS(18),
        .tcsp_ps = 2500,
        .tchd_ps = NS(3),
        .taclk_ps = NS(7),
        .tkoh_ps = 1500,
        .power_up_us = 150,
        .page_bytes = 1024,
        .quad_read_wait = 6,
    },
};

size_t spiram_chip_count(void)
{
    return sizeof chips / sizeof chips[0];
}

const struct spiram_chip *spiram_chip_at(size_t n)
{
    return n < spiram_chip_count() ? &chips[n] : NULL;
}

const struct spiram_chip *spiram_chip_find(const char *name)
{
    if (name == NULL) {
        return NULL;
    }
    for (size_t n = 0; n < spiram_chip_count(); n++) {
        if (strcmp(chips[n].name, name) == 0) {
            return &chips[n];
        }
    }
    return NULL;
}

static uint32_t lower(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

static uint32_t higher(uint32_t a, uint32_t b)
{
    return a > b ? a : b;
}

void spiram_chip_worst(struct spiram_chip *worst)
{
    *worst = chips[0];
    worst->name = "any";
    worst->source = "worst of each number in the table";
    worst->size = 0;
    for (size_t n = 1; n < spiram_chip_count(); n++) {
        const struct spiram_chip *chip = &chips[n];
        worst->max_hz = lower(worst->max_hz, chip->max_hz);
        worst->max_crossing_hz = lower(worst->max_crossing_hz, chip->max_crossing_hz);
        worst->max_slow_read_hz = lower(worst->max_slow_read_hz, chip->max_slow_read_hz);
        worst->tcem_ps = lower(worst->tcem_ps, chip->tcem_ps);
        worst->tcph_ps = higher(worst->tcph_ps, chip->tcph_ps);
        worst->tcsp_ps = higher(worst->tcsp_ps, chip->tcsp_ps);
        worst->tchd_ps = higher(worst->tchd_ps, chip->tchd_ps);
        worst->taclk_ps = higher(worst->taclk_ps, chip->taclk_ps);
        worst->tkoh_ps = lower(worst->tkoh_ps, chip->tkoh_ps);
        worst->power_up_us = higher(worst->power_up_us, chip->power_up_us);
        worst->page_bytes = (uint16_t)lower(worst->page_bytes, chip->page_bytes);
    }
}
