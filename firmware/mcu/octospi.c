/* SPDX-License-Identifier: MIT */

#include "octospi.h"
#include "clock.h"
#include "dlyb.h"
#include "irq.h"
#include "stm32h7a3.h"
#include "ticks.h"

/* CR.FMODE */
#define FMODE_INDIRECT_WRITE 0u
#define FMODE_INDIRECT_READ  1u
#define FMODE_MEMORY_MAPPED  3u

/* CCR.xMODE */
#define MODE_1_LINE  1u
#define MODE_4_LINES 3u

#define ADSIZE_24_BIT 2u
#define MTYP_STANDARD 2u

#define COMMAND_BITS 8u
#define ADDRESS_BITS 24u
/* Indirect mode: DEVSIZE = 23, 2^24 bytes, all that the address can say. */
#define DEVSIZE_INDIRECT (ADDRESS_BITS - 1u)

#define PRESCALER_MAX 256u

/* What a wait is given beyond the clocks of the frame: bus accesses, FIFO, clock domain crossing.
 */
#define TIMEOUT_SLACK_US 10u

#define DCACHE_LINE_BYTES 32u
#define DCACHE_BYTES      16384u /* DDI0489F: as implemented, CCSIDR says so as well */

static volatile uint8_t *const window = (volatile uint8_t *)OCTOSPI1_MEM_BASE;

/* The other name of DR: accesses of a byte pop or push one byte of the FIFO. */
static volatile uint8_t *dr_byte(void)
{
    return (volatile uint8_t *)&OCTOSPI1->DR;
}

static int wait_status(uint32_t mask, uint32_t value, uint32_t timeout_us)
{
    return ticks_wait_register(&OCTOSPI1->SR, mask, value, timeout_us) ? OCTOSPI_OK
                                                                       : OCTOSPI_ERR_TIMEOUT;
}

static uint32_t us_for_clocks(const struct octospi *o, uint32_t clocks)
{
    uint64_t us = (uint64_t)clocks * 1000000u / o->timing.clock_hz;
    return 2u * (uint32_t)us + TIMEOUT_SLACK_US;
}

/* RM0456, OCTOSPI: while BUSY is set, writes to the configuration registers are dropped silently.
 */
static int wait_idle(const struct octospi *o)
{
    return wait_status(OCTOSPI_SR_BUSY, 0, us_for_clocks(o, OCTOSPI_CSHT_MAX));
}

static int abort_transfer(const struct octospi *o)
{
    OCTOSPI1->CR |= OCTOSPI_CR_ABORT;
    uint32_t us = us_for_clocks(o, OCTOSPI_FIFO_BYTES * COMMAND_BITS);
    if (!ticks_wait_register(&OCTOSPI1->CR, OCTOSPI_CR_ABORT, 0, us)) {
        return OCTOSPI_ERR_TIMEOUT;
    }
    int error = wait_status(OCTOSPI_SR_BUSY, 0, us);
    OCTOSPI1->FCR = OCTOSPI_FCR_CTCF | OCTOSPI_FCR_CTEF | OCTOSPI_FCR_CTOF;
    return error;
}

static void set_mode(uint32_t fmode, uint32_t options)
{
    uint32_t cr = OCTOSPI1->CR & ~(OCTOSPI_CR_FMODE_Msk | OCTOSPI_CR_TCEN);
    OCTOSPI1->CR = cr | fmode << OCTOSPI_CR_FMODE_Pos | options;
}

static bool lines_to_mode(uint8_t lines, uint32_t *mode)
{
    switch (lines) {
    case 0:
        *mode = 0;
        return true;
    case 1:
        *mode = MODE_1_LINE;
        return true;
    case 4:
        *mode = MODE_4_LINES;
        return true;
    default:
        return false;
    }
}

/* CCR, and WCCR without DQSE. */
static bool command_to_ccr(const struct octospi_command *command, uint32_t *ccr)
{
    uint32_t imode, admode, dmode;
    if (!lines_to_mode(command->command_lines, &imode) || imode == 0 ||
        !lines_to_mode(command->address_lines, &admode) ||
        !lines_to_mode(command->data_lines, &dmode) ||
        command->wait_clocks > OCTOSPI_TCR_DCYC_Msk) {
        return false;
    }
    *ccr = imode << OCTOSPI_CCR_IMODE_Pos | admode << OCTOSPI_CCR_ADMODE_Pos |
           dmode << OCTOSPI_CCR_DMODE_Pos;
    if (admode != 0) {
        *ccr |= ADSIZE_24_BIT << OCTOSPI_CCR_ADSIZE_Pos;
    }
    return true;
}

static uint32_t frame_clocks(const struct octospi_frame *frame)
{
    const struct octospi_command *c = frame->command;
    uint32_t clocks = COMMAND_BITS / c->command_lines + c->wait_clocks + OCTOSPI_CSHT_MAX;
    if (c->address_lines != 0) {
        clocks += ADDRESS_BITS / c->address_lines;
    }
    if (c->data_lines != 0) {
        clocks += frame->length * 8u / c->data_lines;
    }
    return clocks;
}

static void put_data(const uint8_t *tx, size_t length)
{
    for (; length >= 4; length -= 4, tx += 4) {
        OCTOSPI1->DR =
            (uint32_t)tx[0] | (uint32_t)tx[1] << 8 | (uint32_t)tx[2] << 16 | (uint32_t)tx[3] << 24;
    }
    for (; length > 0; length--) {
        *dr_byte() = *tx++;
    }
}

static void get_data(uint8_t *rx, size_t length)
{
    for (; length >= 4; length -= 4, rx += 4) {
        uint32_t word = OCTOSPI1->DR;
        rx[0] = (uint8_t)word;
        rx[1] = (uint8_t)(word >> 8);
        rx[2] = (uint8_t)(word >> 16);
        rx[3] = (uint8_t)(word >> 24);
    }
    for (; length > 0; length--) {
        *rx++ = *dr_byte();
    }
}

static bool frame_is_valid(const struct octospi_frame *frame)
{
    if (frame == NULL || frame->command == NULL || frame->address >> ADDRESS_BITS != 0 ||
        (frame->tx != NULL && frame->rx != NULL)) {
        return false;
    }
    bool has_data = frame->tx != NULL || frame->rx != NULL;
    return has_data == (frame->command->data_lines != 0) && has_data == (frame->length != 0) &&
           frame->length <= OCTOSPI_FIFO_BYTES;
}

int octospi_init(struct octospi *o, const struct octospi_pins *pins)
{
    if (o == NULL || pins == NULL) {
        return OCTOSPI_ERR_PARAM;
    }
    const uint32_t enable = RCC_AHB3ENR_OSPI1EN | RCC_AHB3ENR_IOMNGREN;
    const uint32_t reset = RCC_AHB3RSTR_OSPI1RST | RCC_AHB3RSTR_IOMNGRRST;
    RCC->AHB3ENR |= enable;
    /* RM0455, RCC: two bus cycles pass before an enabled peripheral answers; a read back does it.
     */
    (void)RCC->AHB3ENR;
    /* A bootloader may have used it. The I/O manager's reset state routes OCTOSPI1 to port 1. */
    RCC->AHB3RSTR |= reset;
    (void)RCC->AHB3RSTR;
    RCC->AHB3RSTR &= ~reset;
    (void)RCC->AHB3RSTR;

    *o = (struct octospi){.timing = {.high_clocks = OCTOSPI_CSHT_MAX, .idle_clocks = 1}};
    o->timing.clock_hz = clock_get()->octospi_kernel / PRESCALER_MAX;
    int error = octospi_set_timing(o, &o->timing);
    if (error != OCTOSPI_OK) {
        return error;
    }
    OCTOSPI1->CR = OCTOSPI_CR_EN;

    /*
     * nCS first: high, and with a pull-up for the time when nobody drives it. Edges of CLK must be
     * fast: the chips ask for 1.5 ns, and the pad's speed setting is what limits it.
     */
    const uint32_t signal = GPIO_PUSH_PULL | GPIO_SPEED_VERY_HIGH;
    gpio_configure(pins->ncs.pin, GPIO_ALTERNATE(pins->ncs.af) | signal | GPIO_PULL_UP);
    gpio_configure(pins->clk.pin, GPIO_ALTERNATE(pins->clk.af) | signal | GPIO_PULL_NONE);
    for (size_t n = 0; n < sizeof pins->io / sizeof pins->io[0]; n++) {
        gpio_configure(pins->io[n].pin, GPIO_ALTERNATE(pins->io[n].af) | signal | GPIO_PULL_NONE);
    }
    return OCTOSPI_OK;
}

/* The smallest prescaler, 1 or even, that does not exceed max_hz; 0 if none does. */
static uint32_t prescaler_for(uint32_t kernel_hz, uint32_t max_hz)
{
    if (kernel_hz <= max_hz) {
        return 1;
    }
    if (max_hz == 0) {
        return 0;
    }
    uint32_t divider = (kernel_hz + max_hz - 1u) / max_hz;
    divider += divider & 1u;
    return divider <= PRESCALER_MAX ? divider : 0;
}

uint32_t octospi_nearest_clock(uint32_t max_hz)
{
    uint32_t kernel_hz = clock_get()->octospi_kernel;
    uint32_t divider = prescaler_for(kernel_hz, max_hz);
    return divider != 0 ? kernel_hz / divider : 0;
}

/* Clock low when idle (mode 0), no free-running clock. */
static uint32_t dcr1(const struct octospi_timing *timing)
{
    return MTYP_STANDARD << OCTOSPI_DCR1_MTYP_Pos | DEVSIZE_INDIRECT << OCTOSPI_DCR1_DEVSIZE_Pos |
           (timing->high_clocks - 1u) << OCTOSPI_DCR1_CSHT_Pos |
           (timing->delay_tap == 0 ? OCTOSPI_DCR1_DLYBYP : 0);
}

/*
 * The line's cells are measured against the clock as it is now, because their delay moves with
 * temperature and supply. The line sees CLK, which stands still between frames: FRCK lets it run,
 * nCS being high, for some ten microseconds.
 */
static int set_delay(const struct octospi *o)
{
    uint32_t unit;
    if (o->timing.delay_tap == 0) {
        dlyb_off();
        return OCTOSPI_OK;
    }
    OCTOSPI1->DCR1 = dcr1(&o->timing) | OCTOSPI_DCR1_FRCK;
    bool measured = dlyb_measure(&unit);
    /* Not said in a text that could be read: whether the running clock counts as BUSY, under which
     * the register would not take the write. An abort ends that. */
    int error = OCTOSPI1->SR & OCTOSPI_SR_BUSY ? abort_transfer(o) : OCTOSPI_OK;
    OCTOSPI1->DCR1 = dcr1(&o->timing);
    if (error == OCTOSPI_OK) {
        error = wait_idle(o);
    }
    if (error != OCTOSPI_OK || !measured) {
        return error != OCTOSPI_OK ? error : OCTOSPI_ERR_DELAY;
    }
    dlyb_set(unit, o->timing.delay_tap - 1u);
    return OCTOSPI_OK;
}

int octospi_set_timing(struct octospi *o, const struct octospi_timing *timing)
{
    if (o == NULL || timing == NULL || timing->high_clocks == 0 ||
        timing->high_clocks > OCTOSPI_CSHT_MAX || timing->idle_clocks == 0 ||
        timing->idle_clocks > OCTOSPI_TIMEOUT_MAX || timing->boundary_log2 >= ADDRESS_BITS ||
        timing->delay_tap > OCTOSPI_DELAY_TAPS) {
        return OCTOSPI_ERR_PARAM;
    }
    uint32_t prescaler = prescaler_for(clock_get()->octospi_kernel, timing->clock_hz);
    if (prescaler == 0) {
        return OCTOSPI_ERR_PARAM;
    }
    if (o->mapped) {
        return OCTOSPI_ERR_STATE;
    }
    int error = wait_idle(o);
    if (error != OCTOSPI_OK) {
        return error;
    }
    o->timing = *timing;
    OCTOSPI1->DCR1 = dcr1(timing);
    /* WRAPSIZE stays 0: wrapped reads of the core are then fetched with linear commands. */
    OCTOSPI1->DCR2 = (prescaler - 1u) << OCTOSPI_DCR2_PRESCALER_Pos;
    /* The new prescaler is taken over under BUSY. */
    error = wait_idle(o);
    return error == OCTOSPI_OK ? set_delay(o) : error;
}

/*
 * Which write starts the frame: DR with data to send, else AR with an address, else IR (RM0456,
 * OCTOSPI, "triggering the start of a transfer"). ABR is never used.
 */
int octospi_transfer(struct octospi *o, const struct octospi_frame *frame)
{
    uint32_t ccr;
    if (o == NULL || !frame_is_valid(frame) || !command_to_ccr(frame->command, &ccr)) {
        return OCTOSPI_ERR_PARAM;
    }
    if (o->mapped) {
        return OCTOSPI_ERR_STATE;
    }
    int error = wait_idle(o);
    if (error != OCTOSPI_OK) {
        return error;
    }

    bool shift = frame->rx != NULL && o->timing.sample_late;
    OCTOSPI1->FCR = OCTOSPI_FCR_CTEF | OCTOSPI_FCR_CTCF | OCTOSPI_FCR_CSMF | OCTOSPI_FCR_CTOF;
    set_mode(frame->rx != NULL ? FMODE_INDIRECT_READ : FMODE_INDIRECT_WRITE, 0);
    OCTOSPI1->DCR3 = 0;
    OCTOSPI1->DCR4 = 0;
    if (frame->length > 0) {
        OCTOSPI1->DLR = frame->length - 1u;
    }
    OCTOSPI1->TCR = (uint32_t)frame->command->wait_clocks << OCTOSPI_TCR_DCYC_Pos |
                    (shift ? OCTOSPI_TCR_SSHIFT : 0);
    OCTOSPI1->CCR = ccr;
    OCTOSPI1->IR = frame->command->code;
    if (frame->command->address_lines != 0) {
        OCTOSPI1->AR = frame->address;
    }
    if (frame->tx != NULL) {
        /*
         * The frame begins with the first of these writes; the clock stands still, with nCS low,
         * when the FIFO runs empty. An interrupt in between would stretch nCS beyond tCEM. All of
         * the data fits in the FIFO, so no write waits.
         */
        uint32_t irq = irq_disable();
        put_data(frame->tx, frame->length);
        irq_restore(irq);
    }

    error = wait_status(OCTOSPI_SR_TCF, OCTOSPI_SR_TCF, us_for_clocks(o, frame_clocks(frame)));
    if (OCTOSPI1->SR & OCTOSPI_SR_TEF) {
        error = OCTOSPI_ERR_TRANSFER;
    }
    if (error != OCTOSPI_OK) {
        (void)abort_transfer(o);
        return error;
    }
    if (frame->rx != NULL) {
        get_data(frame->rx, frame->length);
    }
    OCTOSPI1->FCR = OCTOSPI_FCR_CTCF;
    return wait_idle(o);
}

int octospi_map(struct octospi *o, const struct octospi_command *read,
                const struct octospi_command *write, uint32_t size)
{
    uint32_t ccr, wccr;
    if (o == NULL || read == NULL || write == NULL || size < DCACHE_LINE_BYTES ||
        (size & (size - 1u)) != 0 || !command_to_ccr(read, &ccr) || !command_to_ccr(write, &wccr) ||
        read->address_lines == 0 || read->data_lines == 0 || write->address_lines == 0 ||
        write->data_lines == 0) {
        return OCTOSPI_ERR_PARAM;
    }
    if (o->mapped) {
        return OCTOSPI_ERR_STATE;
    }
    int error = wait_idle(o);
    if (error != OCTOSPI_OK) {
        return error;
    }

    /* Capacity is 2^(DEVSIZE+1): this is the exponent of `size` itself, one more than it needs. */
    uint32_t devsize = 31u - __CLZ(size);
    OCTOSPI1->FCR = OCTOSPI_FCR_CTEF | OCTOSPI_FCR_CTCF | OCTOSPI_FCR_CSMF | OCTOSPI_FCR_CTOF;
    set_mode(FMODE_INDIRECT_WRITE, 0);
    OCTOSPI1->DCR1 = (OCTOSPI1->DCR1 & ~OCTOSPI_DCR1_DEVSIZE_Msk) | devsize
                                                                        << OCTOSPI_DCR1_DEVSIZE_Pos;
    OCTOSPI1->DCR3 = (uint32_t)o->timing.boundary_log2 << OCTOSPI_DCR3_CSBOUND_Pos;
    OCTOSPI1->DCR4 = o->timing.refresh_clocks;
    OCTOSPI1->LPTR = o->timing.idle_clocks;

    /* SIOO stays 0: with it, a frame cut by CSBOUND or REFRESH would go on without a command. */
    OCTOSPI1->CCR = ccr;
    OCTOSPI1->TCR = (uint32_t)read->wait_clocks << OCTOSPI_TCR_DCYC_Pos |
                    (o->timing.sample_late ? OCTOSPI_TCR_SSHIFT : 0);
    OCTOSPI1->IR = read->code;
    /*
     * DQSE: ES0478, "Memory-mapped write error response when DQS output is disabled". The memory
     * has no such pin and no pin is given to the signal; without the bit each write is a bus error.
     * Reads must not have it, or the controller waits for a strobe.
     */
    OCTOSPI1->WCCR = wccr | OCTOSPI_WCCR_DQSE;
    OCTOSPI1->WTCR = (uint32_t)write->wait_clocks << OCTOSPI_WTCR_DCYC_Pos;
    OCTOSPI1->WIR = write->code;

    /* TCEN: without the timeout, nCS stays low after reading ahead until somebody reads elsewhere.
     */
    set_mode(FMODE_MEMORY_MAPPED, OCTOSPI_CR_TCEN);
    /* The window is another bus path: the mode must be in force before an access can overtake it.
     */
    (void)OCTOSPI1->CR;
    __DSB();
    o->mapped = true;
    return OCTOSPI_OK;
}

int octospi_sync(struct octospi *o, uint32_t offset, uint32_t length)
{
    if (o == NULL || !o->mapped) {
        return o == NULL ? OCTOSPI_ERR_PARAM : OCTOSPI_ERR_STATE;
    }
    __DSB();
    if (!(SCB->CCR & SCB_CCR_DC_Msk)) {
        /* Tags are random until the cache was enabled for the first time: nothing may be cleaned.
         */
        return OCTOSPI_OK;
    }
    if (length >= DCACHE_BYTES) {
        /* By set and way there are never more lines to look at than the cache has. */
        SCB_CleanInvalidateDCache();
    } else if (length > 0) {
        SCB_CleanInvalidateDCache_by_Addr(window + offset, (int32_t)length);
    }
    return OCTOSPI_OK;
}

int octospi_drain(struct octospi *o)
{
    int error = octospi_sync(o, 0, DCACHE_BYTES);
    if (error == OCTOSPI_OK) {
        /*
         * RM0481 for the newer part of the family: after mapped writes, a dummy read before the
         * abort. It cannot pass them, so when it returns they are out. The line that it brought
         * into the cache is dropped again.
         */
        (void)window[0];
        error = octospi_sync(o, 0, DCACHE_LINE_BYTES);
    }
    return error;
}

int octospi_unmap(struct octospi *o)
{
    if (o == NULL || !o->mapped) {
        return o == NULL ? OCTOSPI_ERR_PARAM : OCTOSPI_ERR_STATE;
    }
    /* An abort or a change of mode during a burst is a bus error for that burst. */
    __DSB();
    int error = abort_transfer(o);
    if (error == OCTOSPI_OK) {
        set_mode(FMODE_INDIRECT_WRITE, 0);
        o->mapped = false;
        error = wait_idle(o);
    }
    if (error == OCTOSPI_OK) {
        /* DEVSIZE as indirect mode wants it. */
        OCTOSPI1->DCR1 = dcr1(&o->timing);
        error = wait_idle(o);
    }
    return error;
}
