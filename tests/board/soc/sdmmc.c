/*
 * An SD card on SDMMC1 by its driver library's sequences: identification, registers by the FIFO,
 * wide bus, blocks by polling and by IDMA with interrupts, erase, and what an empty answer is.
 */
#include "soc.h"

enum {
    SDMMC = 0x52007000,
    POWER = 0x00,
    CLKCR = 0x04,
    ARG = 0x08,
    CMD = 0x0C,
    RESPCMD = 0x10,
    RESP1 = 0x14,
    RESP3 = 0x1C,
    DTIMER = 0x24,
    DLEN = 0x28,
    DCTRL = 0x2C,
    STA = 0x34,
    ICR = 0x38,
    MASK = 0x3C,
    IDMACTRL = 0x50,
    IDMABASE0 = 0x58,
    FIFO = 0x80,
    CCRCFAIL = 1 << 0,
    DCRCFAIL = 1 << 1,
    CTIMEOUT = 1 << 2,
    DTIMEOUT = 1 << 3,
    TXUNDERR = 1 << 4,
    RXOVERR = 1 << 5,
    CMDREND = 1 << 6,
    CMDSENT = 1 << 7,
    DATAEND = 1 << 8,
    DBCKEND = 1 << 10,
    DPSMACT = 1 << 12,
    CMDACT = 1 << 13,
    TXFIFOHE = 1 << 14,
    RXFIFOHF = 1 << 15,
    RXFIFOE = 1 << 19,
    BUSYD0END = 1 << 21,
    COMMAND_FLAGS = CCRCFAIL | CTIMEOUT | CMDREND | CMDSENT | BUSYD0END,
    ALL_FLAGS = 0x1FE00FFF,
    DATA_ERRORS = DCRCFAIL | DTIMEOUT | TXUNDERR | RXOVERR,
    CMDTRANS = 1 << 6,
    CMDSTOP = 1 << 7,
    CPSMEN = 1 << 12,
    DTEN = 1 << 0,
    DTDIR = 1 << 1,
    NONE = 0,
    SHORT = 1 << 8,
    LONG = 3 << 8,
    SDMMC_IRQ = 49,
};

static uint32_t rca;
static uint32_t buffer[512], copy[512];

static bool command(unsigned index, uint32_t argument, uint32_t response)
{
    uint32_t sta, start = ticks;

    R(SDMMC, ARG) = argument;
    R(SDMMC, CMD) = (R(SDMMC, CMD) & ~0x1FF3Fu) | (R(SDMMC, CMD) & (CMDTRANS | CMDSTOP)) | index |
                    response | CPSMEN;
    do {
        sta = R(SDMMC, STA);
        if (ticks - start > 5000)
            return false;
    } while (!(sta & COMMAND_FLAGS) || sta & CMDACT);
    R(SDMMC, ICR) = COMMAND_FLAGS;
    if (response == NONE)
        return sta & CMDSENT;
    return !(sta & CTIMEOUT);
}

/* A reply with the card status, without error bits. */
static bool command_r1(unsigned index, uint32_t argument)
{
    return command(index, argument, SHORT) && R(SDMMC, RESPCMD) == index &&
           !(R(SDMMC, RESP1) & 0xFDFFE008);
}

static bool application(unsigned index, uint32_t argument)
{
    return command_r1(55, rca) && command(index, argument, SHORT);
}

static void identify(void)
{
    uint32_t start = ticks;

    /* PLL1Q: 140 MHz by full_speed(); 140 MHz / 350 = 400 kHz. */
    R(SDMMC, CLKCR) = 175;
    R(SDMMC, POWER) |= 3;
    delay_ms(2);
    check("CMD0", command(0, 0, NONE));
    check("CMD8", command(8, 0x1AA, SHORT));
    equal("CMD8 comes back", R(SDMMC, RESP1) & 0xFFF, 0x1AA);
    do
        check("ACMD41", application(41, 0xC1100000));
    while (!(R(SDMMC, RESP1) >> 31) && ticks - start < 1000 && (delay_ms(5), true));
    check("powered up", R(SDMMC, RESP1) >> 31);
    check("high capacity", R(SDMMC, RESP1) >> 30 & 1);
    check("CMD2", command(2, 0, LONG));
    check("CMD3", command(3, 0, SHORT));
    rca = R(SDMMC, RESP1) & 0xFFFF0000;
    check("an address", rca);
    check("CMD9", command(9, rca, LONG));
    equal("CSD: version 2", R(SDMMC, RESP1) >> 30, 1);
    equal("CSD: 8 MB", R(SDMMC, RESP3) >> 16, 15);
    check("CMD7", command_r1(7, rca));
    check("CMD16", command_r1(16, 512));
    check("an unknown command has no answer", !command(5, 0, SHORT));
    check("illegal command is reported", command(13, rca, SHORT) && R(SDMMC, RESP1) >> 22 & 1);
    check("once", command_r1(13, rca));
    equal("transfer state", R(SDMMC, RESP1) >> 9 & 15, 4);
}

static void data(uint32_t bytes, uint32_t control)
{
    R(SDMMC, DCTRL) = 0;
    R(SDMMC, DTIMER) = 0xFFFFFFFF;
    R(SDMMC, DLEN) = bytes;
    R(SDMMC, DCTRL) = control;
}

/* The SD status as the library reads it: 64 bytes, half the FIFO, then the rest while active. */
static void sd_status(void)
{
    uint32_t words[16], n = 0;

    check("CMD55", command_r1(55, rca));
    data(64, 6 << 4 | DTDIR | DTEN);
    check("ACMD13", command_r1(13, 0));
    while (!(R(SDMMC, STA) & (DATA_ERRORS | DBCKEND))) {
        if (R(SDMMC, STA) & RXFIFOHF) {
            for (unsigned i = 0; i < 8; i++)
                words[n++] = R(SDMMC, FIFO);
        }
    }
    while (R(SDMMC, STA) & DPSMACT && n < 16)
        words[n++] = R(SDMMC, FIFO);
    equal("SD status: words", n, 16);
    check("no error", !(R(SDMMC, STA) & DATA_ERRORS));
    equal("bus width in it", words[0] & 0xFF, 0);
    R(SDMMC, ICR) = ALL_FLAGS;
}

static void wide_bus(void)
{
    uint32_t scr[2] = {0}, n = 0;

    check("CMD55", command_r1(55, rca));
    data(8, 3 << 4 | DTDIR | DTEN);
    check("ACMD51", command_r1(51, 0));
    while (!(R(SDMMC, STA) & (DATA_ERRORS | DBCKEND | DATAEND))) {
        if (!(R(SDMMC, STA) & RXFIFOE) && n == 0) {
            scr[0] = R(SDMMC, FIFO);
            scr[1] = R(SDMMC, FIFO);
            n = 2;
        }
    }
    if (n == 0) {
        scr[0] = R(SDMMC, FIFO);
        scr[1] = R(SDMMC, FIFO);
    }
    R(SDMMC, ICR) = ALL_FLAGS;
    check("SCR: four lines", scr[0] >> 8 & 4);
    check("ACMD6", application(6, 2));
    R(SDMMC, CLKCR) = 1 << 14 | 1 << 17 | 3; /* 140 / 6 MHz, flow control */
}

static bool finish(bool many)
{
    uint32_t sta = R(SDMMC, STA);
    bool good = sta & DATAEND && !(sta & DATA_ERRORS);

    R(SDMMC, CMD) &= ~(uint32_t)CMDTRANS;
    if (many) {
        R(SDMMC, CMD) |= CMDSTOP;
        good = command(12, 0, SHORT) && good;
        R(SDMMC, CMD) &= ~(uint32_t)CMDSTOP;
    }
    R(SDMMC, ICR) = ALL_FLAGS;
    return good;
}

static bool ready(void)
{
    uint32_t start = ticks;

    while (command_r1(13, rca) && (R(SDMMC, RESP1) >> 9 & 15) != 4) {
        if (ticks - start > 500)
            return false;
    }
    return true;
}

static bool write_polled(uint32_t block, const uint32_t *words, uint32_t count)
{
    uint32_t left = count * 128;

    data(count * 512, 9 << 4);
    R(SDMMC, CMD) |= CMDTRANS;
    if (!command_r1(count > 1 ? 25 : 24, block))
        return false;
    while (!(R(SDMMC, STA) & (DATA_ERRORS | DATAEND))) {
        if (R(SDMMC, STA) & TXFIFOHE && left >= 8) {
            for (unsigned i = 0; i < 8; i++, left--)
                R(SDMMC, FIFO) = *words++;
        }
    }
    return finish(count > 1) && ready();
}

static bool read_polled(uint32_t block, uint32_t *words, uint32_t count)
{
    uint32_t left = count * 128;

    data(count * 512, 9 << 4 | DTDIR);
    R(SDMMC, CMD) |= CMDTRANS;
    if (!command_r1(count > 1 ? 18 : 17, block))
        return false;
    while (!(R(SDMMC, STA) & (DATA_ERRORS | DATAEND))) {
        if (R(SDMMC, STA) & RXFIFOHF && left >= 8) {
            for (unsigned i = 0; i < 8; i++, left--)
                *words++ = R(SDMMC, FIFO);
        }
    }
    return finish(count > 1) && left == 0;
}

static bool same(const uint32_t *one, const uint32_t *other, unsigned words)
{
    while (words-- > 0) {
        if (*one++ != *other++)
            return false;
    }
    return true;
}

static void polled(void)
{
    for (unsigned i = 0; i < 512; i++)
        buffer[i] = i * 0x01010101u ^ 0x5A5A1234u;
    check("write a block", write_polled(1000, buffer, 1));
    check("read it", read_polled(1000, copy, 1));
    check("the same", same(buffer, copy, 128));
    check("write four", write_polled(2000, buffer, 4));
    check("read them", read_polled(2000, copy, 4));
    check("the same four", same(buffer, copy, 512));
    check("read one of them", read_polled(2002, copy, 1) && same(buffer + 256, copy, 128));
    check("a block behind the end is an error", command(17, 16384, SHORT) && R(SDMMC, RESP1) >> 31);
    check("erase", command_r1(32, 2001) && command_r1(33, 2002) && command_r1(38, 0) && ready());
    check("erased blocks read as zeros, the next does not",
          read_polled(2001, copy, 3) && copy[0] == 0 && copy[255] == 0 && copy[256] == buffer[384]);
}

static volatile uint32_t ended;

static void irq(void)
{
    ended = R(SDMMC, STA);
    R(SDMMC, MASK) = 0;
}

static bool by_dma(uint32_t block, uint32_t *words, uint32_t count, bool write)
{
    uint32_t start = ticks;

    ended = 0;
    data(count * 512, 9 << 4 | (write ? 0 : DTDIR));
    R(SDMMC, CMD) |= CMDTRANS;
    R(SDMMC, IDMABASE0) = (uint32_t)words;
    R(SDMMC, IDMACTRL) = 1;
    R(SDMMC, MASK) = DATA_ERRORS | DATAEND;
    if (!command_r1(write ? 25 : 18, block))
        return false;
    while (!ended && ticks - start < 1000)
        wfi();
    R(SDMMC, IDMACTRL) = 0;
    return finish(true) && ended & DATAEND && (!write || ready());
}

/* The data's end starts MDMA, which takes them on to where IDMA does not reach. */
static bool mdma_follows(uint32_t *axi)
{
    enum { CHANNEL3 = 0x52000100, SDMMC1_END_DATA = 29, TRGM_ALL = 3 << 28, DBUS = 1 << 17 };
    bool good;

    R(RCC, RCC_AHB3ENR) |= BIT(0);
    (void)R(RCC, RCC_AHB3ENR);
    for (unsigned i = 0; i < 512; i++)
        copy[i] = axi[i] = 0;
    R(CHANNEL3, 0x10) = TRGM_ALL | 127u << 18 | 0xAAA; /* words, 128 bytes at once */
    R(CHANNEL3, 0x14) = 2048;
    R(CHANNEL3, 0x18) = (uint32_t)axi;
    R(CHANNEL3, 0x1C) = (uint32_t)copy;
    R(CHANNEL3, 0x28) = DBUS | SDMMC1_END_DATA;
    R(CHANNEL3, 0x0C) = 1;
    good = R(CHANNEL3, 0x00) == 0 && by_dma(3000, axi, 4, false);
    return good && wait_for(&R(CHANNEL3, 0x00), 2, 2, 10) && same(copy, axi, 512) && copy[2] == 4;
}

static void dma(void)
{
    uint32_t *axi = (uint32_t *)0x24000000;

    on_irq(SDMMC_IRQ, irq);
    enable_irq(SDMMC_IRQ);
    for (unsigned i = 0; i < 512; i++)
        axi[i] = i * i;
    check("IDMA: write", by_dma(3000, axi, 4, true));
    check("IDMA: read", by_dma(3000, axi + 1024, 4, false));
    check("IDMA: the same", same(axi, axi + 1024, 512));
    check("IDMA: and MDMA behind it", mdma_follows(axi + 1024));
    check("IDMA: not from DTCM", !by_dma(3000, buffer, 1, true));
    R(SDMMC, IDMACTRL) = 0;
    R(SDMMC, MASK) = 0;
    R(SDMMC, ICR) = ALL_FLAGS;
    disable_irq(SDMMC_IRQ);
}

int main(void)
{
    begin();
    check("full speed", full_speed());
    R(RCC, RCC_AHB3ENR) |= BIT(16);
    for (unsigned bit = 8; bit <= 12; bit++)
        set_pin(GPIOC, bit, PIN_ALTERNATE, 12, 3, PULL_UP);
    set_pin(GPIOD, 2, PIN_ALTERNATE, 12, 3, PULL_UP);
    identify();
    sd_status();
    wide_bus();
    polled();
    dma();
    end();
}
