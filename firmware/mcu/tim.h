/* SPDX-License-Identifier: MIT */

/*
 * Timers as PWM generators (RM0455, TIM1/8, TIM2 to 5, TIM12 to 14, TIM15 to 17): one frequency a
 * timer, one duty a channel. The channel's output, and its complementary one where there is one,
 * reach a pin by its alternate function, which is the caller's to set. Thread code only.
 *
 * Changes of frequency and duty take effect with the next period, so that no pulse is cut.
 */
#ifndef MCU_TIM_H
#define MCU_TIM_H

#include <stdbool.h>
#include <stdint.h>

#define TIM_CHANNELS 4u
/* Timers have the numbers 1 to 17; not all of them exist. */
#define TIM_NUMBER_MAX 17u

/* The timer exists and has that channel (1 to 4), with a complementary output if it is asked for.
 */
bool tim_has_channel(unsigned timer, unsigned channel, bool complementary);

/* Clock on, counter stopped, all outputs off. */
void tim_open(unsigned timer);
/* Stops the counter, and switches the clock off. */
void tim_close(unsigned timer);

/* The clock that its counter divides, in Hz: twice PCLK or HCLK (RCC_CFGR.TIMPRE). */
uint32_t tim_clock_hz(unsigned timer);

/*
 * The period nearest to 1/hz. False, and nothing is changed, if it has fewer than 2 ticks or more
 * than prescaler and counter can hold. Duties in ticks keep their value, and their meaning changes.
 */
bool tim_set_frequency(unsigned timer, uint32_t hz);

/* Of the period that was set: its ticks (2 .. 65535, TIM2 and TIM5: 2^32 - 1), and how many
 * prescaled clocks of tim_clock_hz() a tick has. */
uint32_t tim_period(unsigned timer);
uint32_t tim_tick_clocks(unsigned timer);

/* The output is active in the first `ticks` of each period, 0 .. tim_period(). */
void tim_set_duty(unsigned timer, unsigned channel, uint32_t ticks);
uint32_t tim_duty(unsigned timer, unsigned channel);

/* Connects the channel's output (or the complementary one), active low if inverted, and starts the
 * counter if it stands. */
void tim_output_on(unsigned timer, unsigned channel, bool complementary, bool inverted);
void tim_output_off(unsigned timer, unsigned channel);

#endif
