/* OCTOSPI1 and a memory on port 1 (PB2 CLK, PB6 nCS, PD11, PD12, PE2, PD13): configuration and
 * transfers by polling. */
#include "soc.h"

enum { FMODE_POS = 28, CR_EN = 1, CR_ABORT = 2, CR_TCEN = 8, CR_TOIE = 1 << 20 };

static void modify(volatile uint32_t *reg, uint32_t clear, uint32_t set)
{
    *reg = (*reg & ~clear) | set;
}

static void functional_mode(uint32_t mode)
{
    modify(&R(OSPI1, OSPI_CR), 3u << FMODE_POS, mode << FMODE_POS);
}

bool ospi_wait(uint32_t flag, bool state)
{
    return wait_for(&R(OSPI1, OSPI_SR), flag, state ? flag : 0, OSPI_LIMIT);
}

/* The manager's registers may change while both controllers are off: a library looks at both,
 * clocked or not. */
static void route(void)
{
    enum { OSPI2 = 0x5200A000 };
    bool on = R(OSPI1, OSPI_CR) & CR_EN, other = R(OSPI2, OSPI_CR) & CR_EN;

    if (on)
        R(OSPI1, OSPI_CR) &= ~(uint32_t)CR_EN;
    if (other)
        R(OSPI2, OSPI_CR) &= ~(uint32_t)CR_EN;
    for (unsigned port = 0; port < 2; port++)
        R(OSPIM, 4 + 4 * port) &= ~(BIT(0) | BIT(8) | BIT(16) | BIT(24));
    modify(&R(OSPIM, 4), 3, 1);
    modify(&R(OSPIM, 4), 3 << 8, BIT(8));
    modify(&R(OSPIM, 4), 7 << 16, BIT(16));
    if (other)
        R(OSPI2, OSPI_CR) |= CR_EN;
    if (on)
        R(OSPI1, OSPI_CR) |= CR_EN;
}

bool ospi_open(unsigned divisor, unsigned high)
{
    R(RCC, RCC_AHB3ENR) |= BIT(21);
    R(RCC, RCC_AHB3ENR) |= BIT(14);
    (void)R(RCC, RCC_AHB3ENR);
    set_pin(GPIOB, 2, PIN_ALTERNATE, 9, 3, PULL_NONE);
    set_pin(GPIOB, 6, PIN_ALTERNATE, 10, 3, PULL_NONE);
    set_pin(GPIOD, 11, PIN_ALTERNATE, 9, 3, PULL_NONE);
    set_pin(GPIOD, 12, PIN_ALTERNATE, 9, 3, PULL_NONE);
    set_pin(GPIOE, 2, PIN_ALTERNATE, 9, 3, PULL_NONE);
    set_pin(GPIOD, 13, PIN_ALTERNATE, 9, 3, PULL_NONE);

    modify(&R(OSPI1, OSPI_DCR1), 7 << 24 | 0x1F << 16 | 7 << 8 | 1,
           0 << 24 | 22 << 16 | (high - 1) << 8);
    R(OSPI1, OSPI_DCR3) = 0;
    R(OSPI1, OSPI_DCR4) = 0;
    modify(&R(OSPI1, OSPI_CR), 0x1F << 8, 0);
    if (!ospi_wait(OSPI_BUSY, false))
        return false;
    modify(&R(OSPI1, OSPI_DCR2), 0xFF, divisor - 1);
    modify(&R(OSPI1, OSPI_CR), BIT(6), 0);
    modify(&R(OSPI1, OSPI_TCR), BIT(30) | BIT(28), 0);
    R(OSPI1, OSPI_CR) |= CR_EN;
    route();
    return true;
}

static uint32_t mode_of(unsigned lines)
{
    return lines == 4 ? 3 : lines;
}

bool ospi_command(const struct ospi_command *c)
{
    uint32_t shift = c->set == FOR_WRITES ? OSPI_WCCR - OSPI_CCR : 0;

    if (!ospi_wait(OSPI_BUSY, false))
        return false;
    functional_mode(0);
    modify(&R(OSPI1, OSPI_CR), BIT(7), 0);
    R(OSPI1, OSPI_CCR + shift) = c->dqs ? BIT(29) : 0;
    modify(&R(OSPI1, OSPI_TCR + shift), 0x1F, c->dummy);
    if (c->data_lines && c->set == FOR_ALL)
        R(OSPI1, OSPI_DLR) = c->bytes - 1;
    modify(&R(OSPI1, OSPI_CCR + shift), 0x0F003F3F | 7u << 24,
           mode_of(c->instruction_lines) | mode_of(c->address_lines) << 8 |
               (c->address_lines ? 2u << 12 : 0) | mode_of(c->data_lines) << 24);
    R(OSPI1, OSPI_IR + shift) = c->instruction;
    if (c->address_lines)
        R(OSPI1, OSPI_AR) = c->address;
    if (c->data_lines)
        return true;
    if (!ospi_wait(OSPI_TCF, true))
        return false;
    R(OSPI1, OSPI_FCR) = OSPI_TCF;
    return true;
}

bool ospi_transmit(const uint8_t *data)
{
    uint32_t left = R(OSPI1, OSPI_DLR) + 1;

    functional_mode(0);
    do {
        if (!ospi_wait(OSPI_FTF, true))
            return false;
        R8(OSPI1, OSPI_DR) = *data++;
    } while (--left);
    if (!ospi_wait(OSPI_TCF, true))
        return false;
    R(OSPI1, OSPI_FCR) = OSPI_TCF;
    return true;
}

/* The transfer begins as the address is written once more, or the instruction if there is none. */
static void trigger(uint32_t address, uint32_t instruction)
{
    if (R(OSPI1, OSPI_CCR) >> 8 & 7)
        R(OSPI1, OSPI_AR) = address;
    else
        R(OSPI1, OSPI_IR) = instruction;
}

bool ospi_receive(uint8_t *data)
{
    uint32_t left = R(OSPI1, OSPI_DLR) + 1, address = R(OSPI1, OSPI_AR),
             instruction = R(OSPI1, OSPI_IR);

    functional_mode(1);
    trigger(address, instruction);
    do {
        uint32_t start = ticks;

        while (!(R(OSPI1, OSPI_SR) & (OSPI_FTF | OSPI_TCF))) {
            if (ticks - start > OSPI_LIMIT)
                return false;
        }
        *data++ = R8(OSPI1, OSPI_DR);
    } while (--left);
    if (!ospi_wait(OSPI_TCF, true))
        return false;
    R(OSPI1, OSPI_FCR) = OSPI_TCF;
    return true;
}

bool ospi_poll(uint32_t match, uint32_t mask, bool stop)
{
    uint32_t address = R(OSPI1, OSPI_AR), instruction = R(OSPI1, OSPI_IR);

    if (!ospi_wait(OSPI_BUSY, false))
        return false;
    R(OSPI1, OSPI_PSMAR) = match;
    R(OSPI1, OSPI_PSMKR) = mask;
    R(OSPI1, OSPI_PIR) = 0x10;
    modify(&R(OSPI1, OSPI_CR), BIT(23) | BIT(22) | 3u << FMODE_POS,
           (stop ? BIT(22) : 0) | 2u << FMODE_POS);
    trigger(address, instruction);
    if (!ospi_wait(OSPI_SMF, true))
        return false;
    R(OSPI1, OSPI_FCR) = OSPI_SMF;
    return true;
}

bool ospi_map(uint32_t timeout)
{
    if (!ospi_wait(OSPI_BUSY, false))
        return false;
    if (timeout) {
        R(OSPI1, OSPI_LPTR) = timeout;
        R(OSPI1, OSPI_FCR) = OSPI_TOF;
        R(OSPI1, OSPI_CR) |= CR_TOIE;
    }
    modify(&R(OSPI1, OSPI_CR), CR_TCEN | 3u << FMODE_POS,
           (timeout ? CR_TCEN : 0) | 3u << FMODE_POS);
    dsb();
    return true;
}

bool ospi_abort(void)
{
    if (!(R(OSPI1, OSPI_SR) & OSPI_BUSY))
        return true;
    R(OSPI1, OSPI_CR) |= CR_ABORT;
    if (!ospi_wait(OSPI_TCF, true))
        return false;
    R(OSPI1, OSPI_FCR) = OSPI_TCF;
    return ospi_wait(OSPI_BUSY, false);
}

bool ospi_reset_chip(void)
{
    struct ospi_command c = {.instruction_lines = 1};
    bool good;

    c.instruction = 0x66;
    good = ospi_command(&c);
    c.instruction = 0x99;
    good = good && ospi_command(&c);
    delay_ms(1);
    return good;
}
