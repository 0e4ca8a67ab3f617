/*
 * The SPI RAM as memory: QPI mode, read and write commands given one after the other as a library
 * wants them, then memory-mapped mode with and without the time-out counter; with the D-cache in
 * write-back; indirect access again after an abort.
 */
#include "soc.h"

#define WINDOW UINT32_C(0x90000000)

enum { WORDS = 4096, MPU_CTRL = 0xD94, MPU_RNR = 0xD98, MPU_RBAR = 0xD9C, MPU_RASR = 0xDA0 };

static void region(unsigned number, uint32_t base, unsigned log2_size, uint32_t attributes)
{
    R(SCS, MPU_RNR) = number;
    R(SCS, MPU_RASR) &= ~1u;
    R(SCS, MPU_RBAR) = base;
    R(SCS, MPU_RASR) = attributes | (log2_size - 1) << 1 | 1;
}

/* As a project generator sets the MPU up: all of the address space closed to speculation, then the
 * memory open. */
static void protect(uint32_t attributes)
{
    __asm volatile("dmb 0xF" ::: "memory");
    R(SCS, 0xD24) &= ~BIT(16);
    R(SCS, MPU_CTRL) = 0;
    region(0, WINDOW, 28, BIT(28)); /* no access, strongly ordered, never executed */
    region(1, WINDOW, 23, BIT(28) | 3u << 24 | attributes); /* 8 MB */
    R(SCS, MPU_CTRL) = 5;
    R(SCS, 0xD24) |= BIT(16);
    dsb();
    isb();
}

static void enable_dcache(void)
{
    uint32_t ccsidr, sets, ways;

    /* ACTLR.DISRAMODE: the core keeps write-allocating in long runs of stores. In its "dynamic read
       allocate" mode they would reach the memory in pieces smaller than a bus beat, which a chip
       without mask line cannot take. */
    R(SCS, 0x008) |= BIT(11);
    R(SCS, 0xD84) = 0;
    dsb();
    ccsidr = R(SCS, 0xD80);
    sets = ccsidr >> 13 & 0x7FFF;
    do {
        ways = ccsidr >> 3 & 0x3FF;
        do
            R(SCS, 0xF60) = sets << 5 | ways << 30;
        while (ways--);
    } while (sets--);
    dsb();
    R(SCS, SCB_CCR) |= BIT(16);
    dsb();
    isb();
}

static void clean_dcache(void)
{
    for (uint32_t set = 0; set < 128; set++) {
        for (uint32_t way = 0; way < 4; way++)
            R(SCS, 0xF74) = set << 5 | way << 30; /* clean and invalidate */
    }
    dsb();
    isb();
}

static bool map(uint32_t timeout)
{
    struct ospi_command read = {.instruction = 0xEB,
                                .instruction_lines = 4,
                                .address_lines = 4,
                                .data_lines = 4,
                                .dummy = 6,
                                .bytes = 1};
    struct ospi_command write = {.set = FOR_WRITES,
                                 .instruction = 0x38,
                                 .instruction_lines = 4,
                                 .address_lines = 4,
                                 .data_lines = 4,
                                 .dqs = true,
                                 .bytes = 1};

    return ospi_command(&read) && ospi_command(&write) && ospi_map(timeout);
}

static uint32_t pattern(uint32_t i)
{
    return i * 2654435761u ^ 0x5A5A0000;
}

static uint32_t wrong(uint32_t offset)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < WORDS; i++)
        n += R(WINDOW, offset + 4 * i) != pattern(i + offset);
    return n;
}

static void write(uint32_t offset)
{
    for (uint32_t i = 0; i < WORDS; i++)
        R(WINDOW, offset + 4 * i) = pattern(i + offset);
}

/* Other masters wait for the wires as the core does: 512 bytes are 1024 clocks of 35 MHz at least,
   of which each is eight of the core. */
enum { COPIED = 512, LEAST = 8 * 1024, MOST = 2 * LEAST };
__attribute__((section(".axi"), aligned(32))) static uint32_t copy[COPIED / 4];

static uint32_t cycles(void)
{
    return R(DWT, 0x04);
}

static bool copied(uint32_t offset)
{
    uint32_t n = 0;

    clean_dcache();
    for (uint32_t i = 0; i < COPIED / 4; i++)
        n += copy[i] != pattern(i + offset);
    return n == 0;
}

static void by_dma(void)
{
    static const struct dma_stream stream = {DMA2, 0};
    uint32_t begun, took;
    bool through;

    R(SCS, 0xDFC) |= BIT(24);
    R(DWT, 0xFB0) = 0xC5ACCE55; /* lock access */
    R(DWT, 0x00) |= 1;
    dma_init(stream, 0, DMA_MEMORY_TO_MEMORY | DMA_PINC | DMA_MINC | DMA_PSIZE(2) | DMA_MSIZE(2),
             4 | 3);
    begun = cycles();
    dma_start(stream, WINDOW, (uintptr_t)copy, COPIED / 4, 0);
    through = dma_wait(stream, 10);
    took = cycles() - begun;
    check("DMA2 reads it", through && copied(0));
    between("DMA2 waits for it", took, LEAST, MOST);
}

static void by_mdma(void)
{
    enum {
        CHANNEL0 = 0x52000040,
        CTCIF = 2,
        DOUBLE_WORDS = 0xFFA,
        BURSTS_OF_16 = 4 << 12 | 4 << 15
    };
    uint32_t begun, took;
    bool through;

    for (uint32_t i = 0; i < COPIED / 4; i++)
        copy[i] = 0;
    clean_dcache();
    R(RCC, RCC_AHB3ENR) |= 1;
    (void)R(RCC, RCC_AHB3ENR);
    R(CHANNEL0, 0x10) = 0xF0000000u | 127 << 18 | BURSTS_OF_16 | DOUBLE_WORDS;
    R(CHANNEL0, 0x14) = COPIED;
    R(CHANNEL0, 0x18) = WINDOW;
    R(CHANNEL0, 0x1C) = (uintptr_t)copy;
    begun = cycles();
    R(CHANNEL0, 0x0C) = 1 | 1 << 16;
    through = wait_for(&R(CHANNEL0, 0x00), CTCIF, CTCIF, 10);
    took = cycles() - begun;
    check("MDMA reads it", through && copied(0));
    between("MDMA waits for it", took, LEAST, MOST);
}

int main(void)
{
    struct ospi_command enter = {.instruction = 0x35, .instruction_lines = 1};
    struct ospi_command direct = {.instruction = 0xEB,
                                  .instruction_lines = 4,
                                  .address_lines = 4,
                                  .data_lines = 4,
                                  .dummy = 6,
                                  .address = 0x100000,
                                  .bytes = 4};
    uint8_t bytes[4];

    begin();
    check("280 MHz", full_speed());
    R(RCC, RCC_CDCCIPR) = (R(RCC, RCC_CDCCIPR) & ~(3u << 4)) | 1u << 4;
    check("init", ospi_open(4, 4));
    R(OSPI1, OSPI_DCR4) = 200; /* refresh: nCS high after 200 clocks of 35 MHz, within tCEM */
    check("reset of the chip", ospi_reset_chip());
    check("QPI", ospi_command(&enter));
    protect(1u << 19 | 3u << 16); /* normal, write-back, read and write allocate */
    enable_dcache();

    check("mapped", map(0));
    write(0);
    clean_dcache();
    equal("cached: words that differ", wrong(0), 0);
    by_dma();
    by_mdma();
    check("mapped: busy", R(OSPI1, OSPI_SR) & OSPI_BUSY);
    check("abort", ospi_abort());

    check("mapped with a time-out", map(16));
    write(0x100000);
    clean_dcache();
    equal("cached, time-out: words that differ", wrong(0x100000), 0);
    R8(WINDOW, 0x100001) = 0xAB;
    R16(WINDOW, 0x100002) = 0xCDEF;
    clean_dcache();
    equal("byte and half-word through the cache", R(WINDOW, 0x100000),
          (pattern(0x100000) & 0xFF) | 0xAB << 8 | 0xCDEFu << 16);
    delay_ms(1);
    check("TOF", R(OSPI1, OSPI_SR) & OSPI_TOF);
    R(OSPI1, OSPI_FCR) = OSPI_TOF;
    R(OSPI1, OSPI_CR) &= ~BIT(20);
    check("abort again", ospi_abort());

    check("indirect after mapped", ospi_command(&direct) && ospi_receive(bytes));
    equal("indirect sees what was written",
          bytes[1] | (uint32_t)bytes[2] << 8 | (uint32_t)bytes[3] << 16, 0xCDEFAB);
    end();
}
