/*
 * The SPI RAM by indirect transfers as a driver library makes them: identification, the write and
 * read commands of SPI and QPI mode, automatic polling, abort, interrupts, an address beyond the
 * device. The core at 280 MHz, the wires at 35 (28 for the slow read), and frames of 16 bytes, so
 * that the chip's limits on nCS are kept (tCHD, tCPH, tCEM).
 */
#include "soc.h"

enum { BYTES = 16 };

static uint8_t out[BYTES], in[BYTES];

static void fill(uint8_t seed)
{
    for (unsigned i = 0; i < BYTES; i++) {
        out[i] = (uint8_t)(seed + 37 * i);
        in[i] = 0;
    }
}

static bool same(void)
{
    for (unsigned i = 0; i < BYTES; i++) {
        if (in[i] != out[i])
            return false;
    }
    return true;
}

static bool write(uint8_t instruction, unsigned lines, unsigned data_lines, uint32_t address)
{
    struct ospi_command c = {.instruction = instruction,
                             .instruction_lines = lines,
                             .address_lines = data_lines,
                             .data_lines = data_lines,
                             .address = address,
                             .bytes = BYTES};

    return ospi_command(&c) && ospi_transmit(out);
}

static bool read(uint8_t instruction, unsigned lines, unsigned data_lines, unsigned dummy,
                 uint32_t address)
{
    struct ospi_command c = {.instruction = instruction,
                             .instruction_lines = lines,
                             .address_lines = data_lines,
                             .data_lines = data_lines,
                             .dummy = dummy,
                             .address = address,
                             .bytes = BYTES};

    return ospi_command(&c) && ospi_receive(in);
}

static void identify(void)
{
    struct ospi_command id = {.instruction = 0x9F,
                              .instruction_lines = 1,
                              .address_lines = 1,
                              .data_lines = 1,
                              .bytes = 8};

    check("identification: transfer", ospi_command(&id) && ospi_receive(in));
    equal("identification: maker", in[0], 0x0D);
    equal("identification: known good die", in[1], 0x5D);
}

static void in_spi_mode(void)
{
    fill(1);
    check("SPI: write 0x02", write(0x02, 1, 1, 0x1000));
    check("SPI: fast read 0x0B", read(0x0B, 1, 1, 8, 0x1000));
    check("SPI: 0x02, 0x0B: the same", same());
    fill(2);
    check("SPI: quad write 0x38", write(0x38, 1, 4, 0x2000));
    check("SPI: quad read 0xEB", read(0xEB, 1, 4, 6, 0x2000));
    check("SPI: 0x38, 0xEB: the same", same());
    fill(3);
    check("SPI: write at the end", write(0x02, 1, 1, 0x7FFFE0));
    check("SPI: read at the end", read(0x0B, 1, 1, 8, 0x7FFFE0));
    check("SPI: the end: the same", same());
}

static void polling(void)
{
    struct ospi_command id = {.instruction = 0x9F,
                              .instruction_lines = 1,
                              .address_lines = 1,
                              .data_lines = 1,
                              .bytes = 2};

    check("polling: command", ospi_command(&id));
    check("polling: match", ospi_poll(0x5D0D, 0xFFFF, true));
    check("polling: stopped by itself", !(R(OSPI1, OSPI_SR) & OSPI_BUSY));
    id.bytes = 1;
    check("polling: command, never matching", ospi_command(&id));
    /* Started as ospi_poll() does, but for a value that does not come; ended by an abort. */
    R(OSPI1, OSPI_PSMAR) = 0x55;
    R(OSPI1, OSPI_PSMKR) = 0xFF;
    R(OSPI1, OSPI_CR) |= 2u << 28;
    R(OSPI1, OSPI_AR) = 0;
    delay_ms(1);
    check("polling: no match", !(R(OSPI1, OSPI_SR) & OSPI_SMF));
    check("polling: goes on", R(OSPI1, OSPI_SR) & OSPI_BUSY);
    check("polling: abort", ospi_abort());
    identify();
}

static void errors(void)
{
    struct ospi_command c = {.instruction = 0x0B,
                             .instruction_lines = 1,
                             .address_lines = 1,
                             .data_lines = 1,
                             .dummy = 8,
                             .address = 0x800000,
                             .bytes = 4};

    check("beyond the device: command", ospi_command(&c));
    check("beyond the device: TEF", R(OSPI1, OSPI_SR) & OSPI_TEF);
    R(OSPI1, OSPI_FCR) = OSPI_TEF;
    check("beyond the device: TEF cleared", !(R(OSPI1, OSPI_SR) & OSPI_TEF));
    check("beyond the device: not busy", !(R(OSPI1, OSPI_SR) & OSPI_BUSY));
    identify();
}

static void in_qpi_mode(void)
{
    struct ospi_command mode = {.instruction = 0x35, .instruction_lines = 1};

    check("QPI: enter", ospi_command(&mode));
    fill(4);
    check("QPI: write 0x38", write(0x38, 4, 4, 0x3000));
    check("QPI: read 0xEB", read(0xEB, 4, 4, 6, 0x3000));
    check("QPI: 0x38, 0xEB: the same", same());
    fill(5);
    check("QPI: write 0x02", write(0x02, 4, 4, 0x3100));
    check("QPI: read 0xEB", read(0xEB, 4, 4, 6, 0x3100));
    check("QPI: 0x02, 0xEB: the same", same());
    mode.instruction = 0xF5;
    mode.instruction_lines = 4;
    check("QPI: leave", ospi_command(&mode));
    identify();
}

/* The interrupt flows: a byte for each FTF, then TC. */
static uint8_t *volatile buffer;
static volatile unsigned left;
static volatile bool writing, complete;

static void irq(void)
{
    uint32_t sr = R(OSPI1, OSPI_SR), cr = R(OSPI1, OSPI_CR);

    if (sr & OSPI_FTF && cr & BIT(18)) {
        if (writing)
            R8(OSPI1, OSPI_DR) = *buffer++;
        else
            *buffer++ = R8(OSPI1, OSPI_DR);
        if (!--left)
            R(OSPI1, OSPI_CR) &= ~BIT(18);
    } else if (sr & OSPI_TCF && cr & BIT(17)) {
        if (!writing && left && sr & 0x3F00) {
            *buffer++ = R8(OSPI1, OSPI_DR);
            left--;
        } else if (writing || !left) {
            R(OSPI1, OSPI_FCR) = OSPI_TCF;
            R(OSPI1, OSPI_CR) &= ~(BIT(16) | BIT(17) | BIT(18));
            complete = true;
        }
    }
}

static bool by_interrupt(bool write, uint8_t *data)
{
    uint32_t start = ticks, address = R(OSPI1, OSPI_AR);

    left = BYTES;
    buffer = data;
    writing = write;
    complete = false;
    R(OSPI1, OSPI_CR) = (R(OSPI1, OSPI_CR) & ~(3u << 28)) | (write ? 0 : 1u << 28);
    R(OSPI1, OSPI_FCR) = OSPI_TEF | OSPI_TCF;
    R(OSPI1, OSPI_CR) |= BIT(16) | BIT(17) | BIT(18);
    if (!write)
        R(OSPI1, OSPI_AR) = address;
    while (!complete && ticks - start <= 10)
        ;
    return complete;
}

static void interrupts(void)
{
    struct ospi_command c = {.instruction = 0x02,
                             .instruction_lines = 1,
                             .address_lines = 1,
                             .data_lines = 1,
                             .address = 0x5000,
                             .bytes = BYTES};

    fill(6);
    on_irq(OSPI1_IRQ, irq);
    enable_irq(OSPI1_IRQ);
    check("interrupt: write", ospi_command(&c) && by_interrupt(true, out));
    c.instruction = 0x0B;
    c.dummy = 8;
    check("interrupt: read", ospi_command(&c) && by_interrupt(false, in));
    check("interrupt: the same", same());
    disable_irq(OSPI1_IRQ);
}

static void with_words(void)
{
    struct ospi_command c = {.instruction = 0x38,
                             .instruction_lines = 1,
                             .address_lines = 4,
                             .data_lines = 4,
                             .address = 0x6000,
                             .bytes = 16};
    uint32_t sum = 0;

    check("words: write command", ospi_command(&c));
    for (unsigned i = 0; i < 4; i++)
        R(OSPI1, OSPI_DR) = 0x01020304 * (i + 1);
    check("words: TCF", ospi_wait(OSPI_TCF, true));
    R(OSPI1, OSPI_FCR) = OSPI_TCF;
    c.instruction = 0xEB;
    c.dummy = 6;
    check("words: read command", ospi_command(&c));
    R(OSPI1, OSPI_CR) |= 1u << 28;
    R(OSPI1, OSPI_AR) = c.address;
    for (unsigned i = 0; i < 4; i++)
        sum += R(OSPI1, OSPI_DR);
    check("words: TCF of the read", ospi_wait(OSPI_TCF, true));
    R(OSPI1, OSPI_FCR) = OSPI_TCF;
    equal("words: sum", sum, 0x01020304 * 10u);
}

int main(void)
{
    begin();
    check("280 MHz", full_speed());
    R(RCC, RCC_CDCCIPR) = (R(RCC, RCC_CDCCIPR) & ~(3u << 4)) | 1u << 4; /* kernel: PLL1Q, 140 MHz */
    check("init", ospi_open(4, 4));
    check("reset of the chip", ospi_reset_chip());
    identify();
    in_spi_mode();
    polling();
    errors();
    in_qpi_mode();
    interrupts();
    with_words();
    check("slower: not busy", ospi_wait(OSPI_BUSY, false));
    R(OSPI1, OSPI_DCR2) = 5 - 1; /* 28 MHz, below the 33 of read 0x03 */
    fill(7);
    check("SPI: write at 28 MHz", write(0x02, 1, 1, 0x4000));
    check("SPI: read 0x03", read(0x03, 1, 1, 0, 0x4000));
    check("SPI: 0x02, 0x03: the same", same());
    end();
}
