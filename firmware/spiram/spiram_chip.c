/* SPDX-License-Identifier: MIT */

#include "spiram_chip.h"

#include <string.h>

#define MHZ(x) ((uint32_t)((x)*1000000UL))
#define NS(x)  ((uint32_t)((x)*1000UL))
#define US(x)  ((uint32_t)((x)*1000000UL))

/* Numbers with tenths of a nanosecond are written in picoseconds. */
static const struct spiram_chip chips[] = {
    {
        .name = "esp-psram64h",
        .source = "Espressif ESP-PSRAM64/ESP-PSRAM64H datasheet, 2020-10 (3.3 V part)",
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
