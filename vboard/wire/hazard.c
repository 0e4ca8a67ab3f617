#include "hazard.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define LOGIC  false
#define MARGIN true

const struct hazard_kind hazard_kinds[HAZARDS] = {
    [HAZARD_DQSE] = {"dqse-off", LOGIC,
                     "mapped write with WCCR.DQSE = 0: error response, an imprecise bus fault",
                     "ES0478 \"Memory-mapped write error response when DQS output is disabled\""},
    [HAZARD_PARTIAL_BEAT] = {"partial-beat", LOGIC,
                             "mapped write of less than 8 bytes: the memory has no mask line, the "
                             "other lanes are written too (--partial)",
                             "reports on STM32H7B0 with APS6404L and on STM32H723"},
    [HAZARD_PREFETCH_END] = {"prefetch-end", LOGIC,
                             "prefetch runs over the end of the device; there is no switch against "
                             "it on this chip",
                             "RM0456, OCTOSPI memory-mapped mode; reports on STM32H7 and N6"},
    [HAZARD_ABORT_AFTER_WRITE] = {"abort-after-write", LOGIC,
                                  "ABORT while mapped writes are on their way",
                                  "RM0456, OCTOSPI reconfiguration"},
    [HAZARD_OVERLONG_COMMAND] = {"overlong-command", LOGIC,
                                 "clocks after the last bit of a command without data: it is "
                                 "ignored",
                                 "PSRAM datasheets, command termination"},
    [HAZARD_SAMPLING] = {"sampling", LOGIC,
                         "read data are sampled outside of the time in which a typical chip holds "
                         "them: other bits are read",
                         "PSRAM datasheets, tACLK; TCR.SSHIFT and DLYB of RM0455"},
    [HAZARD_SAMPLING_MARGIN] = {"sampling-margin", MARGIN,
                                "read data are sampled outside of the time for which the datasheet "
                                "promises them",
                                "PSRAM datasheets, maximum of tACLK and minimum of tKOH"},
    [HAZARD_TCEM] = {"tCEM", MARGIN, "nCS low for too long: rows that miss their refresh lose bits",
                     "PSRAM datasheets, tCEM: self-refresh runs only while nCS is high"},
    [HAZARD_TCPH] = {"tCPH", MARGIN, "nCS high for too short: the next command is not taken",
                     "PSRAM datasheets, tCPH"},
    [HAZARD_TCHD] = {"tCHD", MARGIN,
                     "nCS rises too early after the last clock: the last byte, or a command "
                     "without data, is lost",
                     "PSRAM datasheets, tCHD"},
    [HAZARD_TCSP] = {"tCSP", MARGIN,
                     "nCS falls too late before the first clock: the command is "
                     "not taken",
                     "PSRAM datasheets, tCSP"},
    [HAZARD_PAGE_CROSS] = {"page-cross", MARGIN,
                           "linear burst over a page's end above the clock for that: what lies "
                           "behind reads wrong",
                           "PSRAM datasheets, 84 MHz note"},
    [HAZARD_CHIP_CLOCK] = {"chip-clock", MARGIN, "CLK above the chip's limit: bits flip",
                           "PSRAM datasheets, maximum clock of part and command"},
    [HAZARD_POWER_UP] = {"power-up", MARGIN, "a command before the chip is ready is not taken",
                         "PSRAM datasheets, power-up: 150 us"},
    [HAZARD_VOLTAGE_SCALE] = {"voltage-scale", MARGIN,
                              "core clock above the limit of the voltage scale: registers lose "
                              "bits",
                              "RM0455, clocks by voltage scale"},
    [HAZARD_APB_CLOCK] = {"apb-clock", MARGIN,
                          "APB clock above the limit of the voltage scale: registers lose bits",
                          "RM0455, clocks by voltage scale"},
    [HAZARD_FLASH_LATENCY] = {"flash-latency", MARGIN,
                              "too few wait states for the AXI clock: what is read has wrong bits",
                              "RM0455, FLASH wait states"},
    [HAZARD_FLASH_WRHIGHFREQ] = {"flash-wrhighfreq", MARGIN,
                                 "flash programmed with too small a programming delay for the AXI "
                                 "clock: a bit is wrong",
                                 "RM0455, FLASH_ACR.WRHIGHFREQ and wait states"},
    [HAZARD_PLL_INPUT_RANGE] = {"pll-input-range", MARGIN,
                                "PLL reference outside of PLLxRGE: it does not lock",
                                "RM0455, PLLxRGE"},
    [HAZARD_PLL_VCO_RANGE] = {"pll-vco-range", MARGIN,
                              "VCO outside of PLLxVCOSEL: it does not lock", "RM0455, PLLxVCOSEL"},
};

int hazard_find(const char *name)
{
    for (int i = 0; i < HAZARDS; i++)
        if (strcmp(hazard_kinds[i].name, name) == 0)
            return i;
    return -1;
}

/* xorshift stays at zero once there. */
static uint64_t first_state(uint64_t seed)
{
    return seed * 2 + 1;
}

void hazard_switches_init(struct hazard_switches *s)
{
    s->random = first_state(1);
    for (int i = 0; i < HAZARDS; i++)
        s->action[i] = hazard_kinds[i].margin ? HAZARD_COUNT : HAZARD_BITE;
}

void hazard_set(struct complaints *c, enum hazard which, enum hazard_action action)
{
    complaints_hazards(c)->action[which] = action;
}

enum hazard_action hazard_action_of(struct complaints *c, enum hazard which)
{
    return complaints_hazards(c)->action[which];
}

void hazards_seed(struct complaints *c, uint64_t seed)
{
    complaints_hazards(c)->random = first_state(seed);
}

void hazards_worst_case(struct complaints *c)
{
    for (int i = 0; i < HAZARDS; i++)
        complaints_hazards(c)->action[i] = HAZARD_BITE;
}

bool hazard(struct complaints *c, enum hazard which, const char *format, ...)
{
    char text[COMPLAINT_TEXT];
    enum hazard_action action;
    va_list args;

    if (c == NULL || (action = complaints_hazards(c)->action[which]) == HAZARD_OFF)
        return false;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    complain(c, HAZARD, hazard_kinds[which].name, "%s", text);
    return action == HAZARD_BITE;
}

/* xorshift64*. */
static uint32_t draw(struct complaints *c)
{
    struct hazard_switches *s = complaints_hazards(c);

    s->random ^= s->random >> 12;
    s->random ^= s->random << 25;
    s->random ^= s->random >> 27;
    return (uint32_t)(s->random * UINT64_C(0x2545F4914F6CDD1D) >> 32);
}

uint32_t hazard_pick(struct complaints *c, uint32_t n)
{
    return (uint32_t)((uint64_t)draw(c) * n >> 32);
}

bool hazard_short(struct complaints *c, uint64_t given, uint64_t limit)
{
    uint64_t half = limit / 2;

    return given < half + (uint64_t)((limit - half) * (draw(c) / (double)UINT32_MAX));
}

bool hazard_beyond(struct complaints *c, uint64_t given, uint64_t limit)
{
    return given > limit + (uint64_t)((double)limit * (draw(c) / (double)UINT32_MAX));
}
