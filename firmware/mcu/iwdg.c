/* SPDX-License-Identifier: MIT */

#include "iwdg.h"
#include "stm32h7a3.h"
#include "ticks.h"

#define LSI_PER_MS    32u
#define TICKS_MAX     4096u
#define KEY_START     0xCCCCu
#define KEY_UNLOCK    0x5555u
#define KEY_FEED      0xAAAAu
#define DIVIDER_MIN   4u /* PR = 0; each step doubles it */
#define PRESCALER_MAX 6u

/* Five clocks of LSI (RM0455), or what of them is not over of a write before, and LSI's start. */
#define UPDATE_TIMEOUT_US 2000u

static bool updated(void)
{
    return ticks_wait_register(&IWDG1->SR, IWDG_SR_PVU | IWDG_SR_RVU, 0, UPDATE_TIMEOUT_US);
}

bool iwdg_start(uint32_t timeout_ms)
{
    uint32_t clocks = timeout_ms * LSI_PER_MS;
    uint32_t prescaler = 0;
    while (prescaler < PRESCALER_MAX && clocks > TICKS_MAX * (DIVIDER_MIN << prescaler)) {
        prescaler++;
    }
    uint32_t divider = DIVIDER_MIN << prescaler;

    /* LSI comes with the start, and without it the registers would not take their values. */
    IWDG1->KR = KEY_START;
    if (!updated()) {
        return false;
    }
    IWDG1->KR = KEY_UNLOCK;
    IWDG1->PR = prescaler;
    IWDG1->RLR = (clocks + divider - 1u) / divider - 1u;
    bool done = updated();
    IWDG1->KR = KEY_FEED;
    return done;
}

void iwdg_feed(void)
{
    IWDG1->KR = KEY_FEED;
}
