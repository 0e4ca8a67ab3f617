/*
 * The flash's error correction as a driver library sees it: a bit that is wrong is corrected and
 * reported, by flag and interrupt, with its address; two are a bus fault; an erase ends both. The
 * board has the wrong cells from the start (--fault).
 */
#include "soc.h"

enum {
    KEYR = 0x04,
    CR = 0x0C,
    SR = 0x10,
    CCR = 0x14,
    FAR = 0x60,
    BANK2 = 0x100,
    PG = 1 << 1,
    SER = 1 << 2,
    START = 1 << 5,
    QW = 1 << 2,
    EOP = 1 << 16,
    SNECCERR = 1 << 25,
    DBECCERR = 1 << 26,
    ALL = 0x1FEF0000,
    BFHFNMIGN = 1 << 8,
    LIMIT = 50000,
    /* Sector 2 of bank 2: one wrong bit in its word 4, two in its word 9. */
    AT = 0x08104000,
    ONE = AT + 4 * 16,
    TWO = AT + 9 * 16,
    FIRST_WORD = 0x4000 / 16, /* of the sector, in the bank */
};

static bool done(void)
{
    return wait_for(&R(FLASH, SR + BANK2), QW, 0, LIMIT);
}

/* At priority -1, where bus faults of loads are ignored. */
static uint32_t load_past_faults(uint32_t address)
{
    uint32_t value;

    R(SCS, SCB_CCR) |= BFHFNMIGN;
    __asm volatile("cpsid f\n dsb\n isb" ::: "memory");
    value = R(address, 0);
    __asm volatile("dsb\n cpsie f\n isb" ::: "memory");
    R(SCS, SCB_CCR) &= ~(uint32_t)BFHFNMIGN;
    return value;
}

static volatile uint32_t interrupts, address_then;

static void irq(void)
{
    interrupts++;
    address_then = R(FLASH, FAR + BANK2) & 0xFFFF;
    R(FLASH, CCR + BANK2) = SNECCERR | DBECCERR;
}

static void reads(void)
{
    equal("no error yet", R(FLASH, SR + BANK2) & ALL, 0);
    equal("a word without errors", R(AT, 0), 0xFFFFFFFF);
    equal("still none", R(FLASH, SR + BANK2) & ALL, 0);

    equal("one wrong bit reads right", R(ONE, 0), 0xFFFFFFFF);
    equal("and is reported", R(FLASH, SR + BANK2) & ALL, SNECCERR);
    equal("with its address", R(FLASH, FAR + BANK2) & 0xFFFF, FIRST_WORD + 4);
    (void)load_past_faults(TWO);
    equal("two wrong bits are reported", R(FLASH, SR + BANK2) & ALL, SNECCERR | DBECCERR);
    equal("the address stays the first one's", R(FLASH, FAR + BANK2) & 0xFFFF, FIRST_WORD + 4);
    R(FLASH, CCR + BANK2) = SNECCERR | DBECCERR;
    equal("cleared", R(FLASH, SR + BANK2) & ALL, 0);
    (void)load_past_faults(TWO);
    equal("again", R(FLASH, SR + BANK2) & ALL, DBECCERR);
    equal("its own address", R(FLASH, FAR + BANK2) & 0xFFFF, FIRST_WORD + 9);
    R(FLASH, CCR + BANK2) = DBECCERR;
    equal("the neighbour is good", R(TWO, 16), 0xFFFFFFFF);
    equal("bank 1 knows nothing of it", R(FLASH, SR) & ALL, 0);
}

static void by_interrupt(void)
{
    R(FLASH, KEYR + BANK2) = 0x45670123;
    R(FLASH, KEYR + BANK2) = 0xCDEF89AB;
    on_irq(FLASH_IRQ, irq);
    enable_irq(FLASH_IRQ);
    R(FLASH, CR + BANK2) |= SNECCERR | DBECCERR;
    (void)*(volatile uint8_t *)(ONE + 5);
    dsb();
    isb();
    equal("interrupt of a corrected bit", interrupts, 1);
    equal("its address", address_then, FIRST_WORD + 4);
    (void)load_past_faults(TWO + 12);
    dsb();
    isb();
    equal("interrupt of two", interrupts, 2);
    equal("their address", address_then, FIRST_WORD + 9);
    R(FLASH, CR + BANK2) &= ~(uint32_t)(SNECCERR | DBECCERR);
    disable_irq(FLASH_IRQ);
}

static void erase(void)
{
    R(FLASH, CR + BANK2) |= SER | 2u << 6 | START;
    check("erase", done());
    R(FLASH, CR + BANK2) &= ~(SER | 127u << 6);
    equal("end of operation", R(FLASH, SR + BANK2) & ALL, EOP);
    R(FLASH, CCR + BANK2) = EOP;
    equal("the one is good", R(ONE, 0), 0xFFFFFFFF);
    equal("the two are good", R(TWO, 0), 0xFFFFFFFF);
    R(FLASH, CR + BANK2) |= PG;
    for (unsigned i = 0; i < 4; i++)
        R(TWO, 4 * i) = 0x01010101u * i;
    dsb();
    check("program", done());
    R(FLASH, CR + BANK2) &= ~(uint32_t)PG;
    equal("takes data again", R(TWO, 12), 0x03030303);
    equal("without errors", R(FLASH, SR + BANK2) & ALL, EOP);
}

int main(void)
{
    begin();
    reads();
    by_interrupt();
    erase();
    end();
}
