/*
 * The flash by its driver's sequences: keys, sector erase, 16-byte words, mass erase of the other
 * bank, in the bank that the program runs from too, by interrupt, with caches on; lock.
 */
#include "soc.h"

enum {
    KEYR = 0x04,
    CR = 0x0C,
    SR = 0x10,
    CCR = 0x14,
    BANK2 = 0x100,
    LOCK = 1 << 0,
    PG = 1 << 1,
    SER = 1 << 2,
    BER = 1 << 3,
    FW = 1 << 4,
    START = 1 << 5,
    QW = 1 << 2,
    EOP = 1 << 16,
    ERRORS = 0x17EE0000,
    LIMIT = 50000,
};

static bool unlock(uint32_t bank)
{
    if (R(FLASH, CR + bank) & LOCK) {
        R(FLASH, KEYR + bank) = 0x45670123;
        R(FLASH, KEYR + bank) = 0xCDEF89AB;
    }
    return !(R(FLASH, CR + bank) & LOCK);
}

static bool done(uint32_t bank)
{
    uint32_t errors;

    if (!wait_for(&R(FLASH, SR + bank), QW, 0, LIMIT))
        return false;
    errors = R(FLASH, SR + bank) & ERRORS;
    if (errors) {
        R(FLASH, CCR + bank) = errors;
        return false;
    }
    if (R(FLASH, SR + bank) & EOP)
        R(FLASH, CCR + bank) = EOP;
    return true;
}

static bool erase(uint32_t bank, unsigned sector)
{
    bool good;

    if (!done(bank))
        return false;
    R(FLASH, CR + bank) &= ~(127u << 6);
    R(FLASH, CR + bank) |= SER | sector << 6 | START;
    good = done(bank);
    R(FLASH, CR + bank) &= ~(SER | 127u << 6);
    return good;
}

static bool program(uint32_t bank, uint32_t address, const uint32_t *words)
{
    bool good;

    if (!done(bank))
        return false;
    R(FLASH, CR + bank) |= PG;
    isb();
    dsb();
    for (unsigned i = 0; i < 4; i++)
        R(address, 4 * i) = words[i];
    isb();
    dsb();
    good = done(bank);
    R(FLASH, CR + bank) &= ~(uint32_t)PG;
    return good;
}

static bool blank(uint32_t address, uint32_t bytes)
{
    for (uint32_t i = 0; i < bytes; i += 4) {
        if (R(address, i) != 0xFFFFFFFF)
            return false;
    }
    return true;
}

static bool holds(uint32_t address, const uint32_t *words)
{
    for (unsigned i = 0; i < 4; i++) {
        if (R(address, 4 * i) != words[i])
            return false;
    }
    return true;
}

static const uint32_t words[4] = {0x01234567, 0x89ABCDEF, 0x55AA55AA, 0x0FF00FF0};

static void bank(uint32_t registers, uint32_t base, unsigned sector)
{
    uint32_t at = base + sector * 8192;

    check("unlock", unlock(registers));
    check("erase", erase(registers, sector));
    check("blank", blank(at, 8192));
    check("program the first word", program(registers, at, words));
    check("program the last word", program(registers, at + 8192 - 16, words));
    check("both words are there", holds(at, words) && holds(at + 8192 - 16, words));
    check("nothing between", blank(at + 16, 8192 - 32));
    check("erase again", erase(registers, sector));
    check("blank again", blank(at, 8192));
    R(FLASH, CR + registers) |= LOCK;
    check("locked", R(FLASH, CR + registers) & LOCK);
}

static volatile unsigned ends;

static void irq(void)
{
    if (R(FLASH, SR + BANK2) & EOP) {
        R(FLASH, CCR + BANK2) = EOP;
        R(FLASH, CR + BANK2) &= ~(SER | 127u << 6 | BER | PG | 0x10000);
        ends++;
    }
}

static void by_interrupt(void)
{
    uint32_t start = ticks;

    check("unlock", unlock(BANK2));
    on_irq(FLASH_IRQ, irq);
    enable_irq(FLASH_IRQ);
    R(FLASH, CR + BANK2) |= 0x10000 | 0x20000 | 0x40000 | 0x80000 | 0x200000;
    R(FLASH, CR + BANK2) |= SER | 5u << 6 | START;
    while (!ends && ticks - start <= 100)
        ;
    equal("interrupt at the end of an erase", ends, 1);
    disable_irq(FLASH_IRQ);
    R(FLASH, CR + BANK2) &= ~0xFFFF0000u;
}

static void mass_erase(void)
{
    bool good;

    check("program before mass erase", program(BANK2, 0x08180000, words));
    R(FLASH, CR + BANK2) |= BER | START;
    good = done(BANK2);
    R(FLASH, CR + BANK2) &= ~(uint32_t)BER;
    check("mass erase of bank 2", good);
    check("bank 2 is blank", blank(0x08100000, 1 << 20));
}

static void part_of_a_word(void)
{
    /* Fewer than 16 bytes, forced out. */
    R(FLASH, CR + BANK2) |= PG;
    R(0x08100000, 0) = 0x11223344;
    R(FLASH, CR + BANK2) |= FW;
    check("forced write", done(BANK2));
    R(FLASH, CR + BANK2) &= ~(uint32_t)PG;
    equal("its bytes", R(0x08100000, 0), 0x11223344);
    equal("the rest of the word", R(0x08100000, 4), 0xFFFFFFFF);
}

static void enable_caches(void)
{
    R(SCS, 0xF50) = 0;
    dsb();
    R(SCS, SCB_CCR) |= BIT(17);
    R(SCS, 0xD84) = 0;
    dsb();
    for (uint32_t set = 0; set < 128; set++) {
        for (uint32_t way = 0; way < 4; way++)
            R(SCS, 0xF60) = set << 5 | way << 30;
    }
    dsb();
    R(SCS, SCB_CCR) |= BIT(16);
    dsb();
    isb();
}

int main(void)
{
    begin();
    bank(BANK2, 0x08100000, 3);
    bank(0, 0x08000000, 100); /* where the program runs: its fetches wait */
    check("full speed", full_speed());
    by_interrupt();
    mass_erase();
    part_of_a_word();
    enable_caches();
    check("erase, caches on", erase(BANK2, 9));
    check("program, caches on", program(BANK2, 0x08100000 + 9 * 8192, words));
    /* A library leaves the lines to the program: they were never read, so they hold nothing old. */
    check("the word, caches on", holds(0x08100000 + 9 * 8192, words));
    equal("flash size", R16(0x08FFF80C, 0), 2048);
    check("a unique id", R(0x08FFF800, 0) != 0xFFFFFFFF && R(0x08FFF800, 0) != 0);
    end();
}
