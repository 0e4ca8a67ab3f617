/* SPDX-License-Identifier: MIT */

#include "flash.h"

#include <stdbool.h>
#include <string.h>

#include "irq.h"
#include "stm32h7a3.h"
#include "ticks.h"

/* RM0455, FLASH_KEYR. */
#define KEY1 0x45670123u
#define KEY2 0xCDEF89ABu

/* Several times the longest that the data sheet (DS13195, flash characteristics) allows. */
#define PROGRAM_TIMEOUT_US 10000u
#define ERASE_TIMEOUT_US   100000u

#define CACHE_LINE 32u
/* Read with interrupts off: a few microseconds. */
#define CHUNK_BYTES 256u
#define READ_TRIES  3

#define WRITE_ERRORS                                                                               \
    (FLASH_SR_WRPERR | FLASH_SR_PGSERR | FLASH_SR_STRBERR | FLASH_SR_INCERR | FLASH_SR_RDPERR |    \
     FLASH_SR_RDSERR)
#define READ_ERRORS (FLASH_SR_RDPERR | FLASH_SR_RDSERR | FLASH_SR_DBECCERR)

#define FLASH_WORDS_IN_WORD (FLASH_WORD_BYTES / sizeof(uint32_t))

/* Bank 2 repeats bank 1's registers at +0x100; what is reached through this are those alone. */
static FLASH_TypeDef *bank_of(uint32_t address)
{
    return (FLASH_TypeDef *)((uintptr_t)FLASH + (address >= FLASH_BANK2_BASE ? 0x100u : 0u));
}

static uint32_t offset_in_bank(uint32_t address)
{
    return (address - FLASH_BANK1_BASE) % FLASH_BANK_BYTES;
}

static bool in_flash(uint32_t address, size_t bytes)
{
    return address >= FLASH_BANK1_BASE && bytes <= 2u * FLASH_BANK_BYTES &&
           address - FLASH_BANK1_BASE <= 2u * FLASH_BANK_BYTES - bytes;
}

const char *flash_strerror(enum flash_error error)
{
    switch (error) {
    case FLASH_OK:
        return "no error";
    case FLASH_ERROR_RANGE:
        return "address outside of the flash or not aligned";
    case FLASH_ERROR_TIMEOUT:
        return "flash operation does not end";
    case FLASH_ERROR_LOCKED:
        return "flash bank stays locked";
    case FLASH_ERROR_PROTECTED:
        return "flash sector is write-protected";
    case FLASH_ERROR_SEQUENCE:
        return "flash controller refused the access";
    case FLASH_ERROR_ECC:
        return "flash word beyond correction";
    case FLASH_ERROR_VERIFY:
        return "flash does not hold what was written";
    }
    return "unknown error";
}

/* ---- reading ---- */

/*
 * A word with two wrong bits makes the load fail with a bus fault. At priority -1 (FAULTMASK) with
 * CCR.BFHFNMIGN the core ignores faults of loads and goes on (Arm DDI0403E B3.2.8); the error is
 * then in the bank's SR, and the word's number in FAR. Copies to DTCM only, so that no other fault
 * is lost. Returns the error bits.
 */
static uint32_t copy_past_faults(FLASH_TypeDef *bank, uint32_t address, void *to, size_t bytes)
{
    /* FAR keeps the first error since these were clear, corrected ones too. */
    bank->CCR1 = READ_ERRORS | FLASH_CCR_CLR_SNECCERR;
    uint32_t faultmask = __get_FAULTMASK();
    uint32_t ccr = SCB->CCR;
    __set_FAULTMASK(1);
    SCB->CCR = ccr | SCB_CCR_BFHFNMIGN_Msk;
    __DSB();
    __ISB();
    memcpy(to, (const void *)address, bytes);
    __DSB();
    uint32_t errors = bank->SR1 & READ_ERRORS;
    SCB->CCR = ccr;
    __DSB();
    __ISB();
    __set_FAULTMASK(faultmask);
    return errors;
}

static enum flash_error read_chunk(uint32_t address, uint8_t *to, size_t bytes)
{
    FLASH_TypeDef *bank = bank_of(address);
    uint32_t first = address / CACHE_LINE * CACHE_LINE;
    uint32_t end = (address + bytes + CACHE_LINE - 1) / CACHE_LINE * CACHE_LINE;

    for (int i = 0; i < READ_TRIES; i++) {
        uint32_t errors = copy_past_faults(bank, address, to, bytes);
        if (errors == 0) {
            return FLASH_OK;
        }
        uint32_t bad = (bank->FAR1 & FLASH_FAR_FAIL_ECC_ADDR) * FLASH_WORD_BYTES;
        if (errors & (FLASH_SR_RDPERR | FLASH_SR_RDSERR)) {
            return FLASH_ERROR_PROTECTED;
        }
        if (bad >= offset_in_bank(first) && bad < offset_in_bank(first) + (end - first)) {
            return FLASH_ERROR_ECC;
        }
        /* Somebody else's read, or a speculative one of the core, hid what became of this one. */
    }
    return FLASH_ERROR_ECC;
}

enum flash_error flash_read(uint32_t address, void *to, size_t bytes)
{
    uint8_t chunk[CHUNK_BYTES];
    uint8_t *out = to;

    if (!in_flash(address, bytes)) {
        return FLASH_ERROR_RANGE;
    }
    while (bytes > 0) {
        size_t n = CHUNK_BYTES - address % CHUNK_BYTES;
        n = n < bytes ? n : bytes;
        enum flash_error error = read_chunk(address, chunk, n);
        if (error != FLASH_OK) {
            return error;
        }
        memcpy(out, chunk, n);
        out += n;
        address += n;
        bytes -= n;
    }
    return FLASH_OK;
}

/* ---- writing ---- */

/* Its only purpose is to end the sleep in wait_idle(). */
void FLASH_IRQHandler(void)
{
    FLASH->CR1 &= ~FLASH_CR_EOPIE;
    FLASH->CR2 &= ~FLASH_CR_EOPIE;
}

/*
 * The core sleeps while the bank works. With interrupts masked between the look at QW and the
 * sleep, the one that ends the operation is pending then and not lost; SysTick bounds the sleep.
 */
static enum flash_error wait_idle(FLASH_TypeDef *bank, uint32_t timeout_us)
{
    if (__get_PRIMASK() || __get_IPSR()) {
        return ticks_wait_register(&bank->SR1, FLASH_SR_QW, 0, timeout_us) ? FLASH_OK
                                                                           : FLASH_ERROR_TIMEOUT;
    }
    uint32_t start = ticks_us();
    bool busy;

    do {
        uint32_t irq = irq_disable();
        busy = bank->SR1 & FLASH_SR_QW;
        if (busy) {
            bank->CR1 |= FLASH_CR_EOPIE;
            __DSB();
            __WFI();
        }
        irq_restore(irq);
    } while (busy && ticks_us() - start < timeout_us);
    return busy ? FLASH_ERROR_TIMEOUT : FLASH_OK;
}

/* RM0455: the keys open the bank; a wrong one would close it until the next reset. */
static enum flash_error begin(FLASH_TypeDef *bank)
{
    enum flash_error error = wait_idle(bank, ERASE_TIMEOUT_US);
    if (error != FLASH_OK) {
        return error;
    }
    if (bank->CR1 & FLASH_CR_LOCK) {
        bank->KEYR1 = KEY1;
        bank->KEYR1 = KEY2;
    }
    if (bank->CR1 & FLASH_CR_LOCK) {
        return FLASH_ERROR_LOCKED;
    }
    bank->CCR1 = WRITE_ERRORS | FLASH_CCR_CLR_EOP;
    NVIC_SetPriority(FLASH_IRQn, IRQ_PRIORITY_FLASH);
    NVIC_EnableIRQ(FLASH_IRQn);
    return FLASH_OK;
}

/* Waits for what was started, and says how it ended. */
static enum flash_error finish(FLASH_TypeDef *bank, uint32_t timeout_us)
{
    enum flash_error error = wait_idle(bank, timeout_us);
    uint32_t errors = bank->SR1 & WRITE_ERRORS;

    bank->CCR1 = WRITE_ERRORS | FLASH_CCR_CLR_EOP;
    if (error == FLASH_OK && errors & FLASH_SR_WRPERR) {
        error = FLASH_ERROR_PROTECTED;
    } else if (error == FLASH_OK && errors) {
        error = FLASH_ERROR_SEQUENCE;
    }
    return error;
}

static void end(FLASH_TypeDef *bank)
{
    bank->CR1 = FLASH_CR_LOCK;
}

/* The data cache may hold what the cells held before. */
static void forget(uint32_t address, size_t bytes)
{
    SCB_InvalidateDCache_by_Addr((void *)address, (int32_t)bytes);
}

enum flash_error flash_erase_sector(uint32_t address)
{
    if (!in_flash(address, FLASH_SECTOR_BYTES) || address % FLASH_SECTOR_BYTES != 0) {
        return FLASH_ERROR_RANGE;
    }
    FLASH_TypeDef *bank = bank_of(address);
    enum flash_error error = begin(bank);
    if (error == FLASH_OK) {
        uint32_t sector = offset_in_bank(address) / FLASH_SECTOR_BYTES;
        bank->CR1 = FLASH_CR_SER | sector << FLASH_CR_SNB_Pos;
        bank->CR1 = FLASH_CR_SER | sector << FLASH_CR_SNB_Pos | FLASH_CR_START;
        __DSB();
        error = finish(bank, ERASE_TIMEOUT_US);
    }
    end(bank);
    forget(address, FLASH_SECTOR_BYTES);
    return error;
}

/* The stores of a word fill the bank's write buffer, whichever way the core joins them; the last
   starts the programming. An interrupt may come in between: no handler writes to the flash. */
static enum flash_error program_word(FLASH_TypeDef *bank, uint32_t address, const uint8_t *from)
{
    uint32_t word[FLASH_WORDS_IN_WORD];
    volatile uint32_t *cells = (volatile uint32_t *)address;

    memcpy(word, from, sizeof word);
    for (size_t i = 0; i < FLASH_WORDS_IN_WORD; i++) {
        cells[i] = word[i];
    }
    __DSB();
    return finish(bank, PROGRAM_TIMEOUT_US);
}

static bool holds(uint32_t address, const uint8_t *wanted, size_t bytes)
{
    uint8_t found[FLASH_WORD_BYTES];

    for (size_t i = 0; i < bytes; i += sizeof found) {
        if (flash_read(address + i, found, sizeof found) != FLASH_OK ||
            memcmp(found, wanted + i, sizeof found) != 0) {
            return false;
        }
    }
    return true;
}

enum flash_error flash_program(uint32_t address, const void *from, size_t bytes)
{
    if (!in_flash(address, bytes) || address % FLASH_WORD_BYTES != 0 ||
        bytes % FLASH_WORD_BYTES != 0) {
        return FLASH_ERROR_RANGE;
    }
    for (size_t i = 0; i < bytes; i += FLASH_WORD_BYTES) {
        static const uint8_t erased[FLASH_WORD_BYTES] = {
            0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
            0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
        };
        if (!holds(address + i, erased, sizeof erased)) {
            return FLASH_ERROR_VERIFY;
        }
    }
    FLASH_TypeDef *bank = bank_of(address);
    enum flash_error error = begin(bank);
    if (error == FLASH_OK) {
        bank->CR1 = FLASH_CR_PG;
        __DSB();
        __ISB();
    }
    for (size_t i = 0; error == FLASH_OK && i < bytes; i += FLASH_WORD_BYTES) {
        error = program_word(bank, address + i, (const uint8_t *)from + i);
    }
    end(bank);
    uint32_t first = address / CACHE_LINE * CACHE_LINE;
    forget(first, address + bytes - first);
    if (error == FLASH_OK && !holds(address, from, bytes)) {
        error = FLASH_ERROR_VERIFY;
    }
    return error;
}
