/* SPDX-License-Identifier: MIT */

#include "usb.h"
#include "gpio.h"
#include "irq.h"
#include "stm32h7a3.h"
#include "ticks.h"

#define USBSEL_HSI48     3u
#define READY_TIMEOUT_US 10000u
#define FLUSH_TIMEOUT_US 100u  /* it takes some clocks */
#define HALT_TIMEOUT_US  1000u /* the packet on the bus, 64 bytes in 50 us, may end before */

/* Those of OTG_HS's registers that are not left to the driver (RM0455, OTG_HS registers). */
#define OTG_REG(offset) (*(volatile uint32_t *)(USB1_OTG_HS_PERIPH_BASE + (offset)))
#define OTG_GRSTCTL     OTG_REG(0x010)
#define OTG_GINTSTS     OTG_REG(0x014)
#define OTG_DCTL        OTG_REG(0x804)
#define OTG_DIEPEMPMSK  OTG_REG(0x834)
#define OTG_DIEPCTL(n)  OTG_REG(0x900 + 0x20 * (n))
#define OTG_DIEPINT(n)  OTG_REG(0x908 + 0x20 * (n))
#define OTG_DOEPCTL(n)  OTG_REG(0xB00 + 0x20 * (n))
#define OTG_DOEPINT(n)  OTG_REG(0xB08 + 0x20 * (n))

#define GRSTCTL_TXFFLSH    (1UL << 5)
#define GRSTCTL_TXFNUM_Pos 6u
#define GINTSTS_BOUTNAKEFF (1UL << 7)
#define DCTL_SDIS          (1UL << 1)
#define DCTL_SGONAK        (1UL << 9)
#define DCTL_CGONAK        (1UL << 10)
#define EPCTL_USBAEP       (1UL << 15)
#define EPCTL_STALL        (1UL << 21)
#define EPCTL_SNAK         (1UL << 27)
#define EPCTL_EPDIS        (1UL << 30)
#define EPCTL_EPENA        (1UL << 31)
#define EPINT_EPDISD       (1UL << 1)
#define DOEPINT_STUP       (1UL << 3)
#define DIEPINT_INEPNE     (1UL << 6)

/* 48 MHz / 1 kHz - 1, and the limit of the error that RM0455 gives for USB's frames. */
#define CRS_RELOAD     47999u
#define CRS_FELIM      34u
#define CRS_SOURCE_USB 2u

static bool start_clock(void)
{
    RCC->CR |= RCC_CR_HSI48ON;
    if (!ticks_wait_register(&RCC->CR, RCC_CR_HSI48RDY, RCC_CR_HSI48RDY, READY_TIMEOUT_US)) {
        return false;
    }
    RCC->APB1HENR |= RCC_APB1HENR_CRSEN;
    (void)RCC->APB1HENR;
    CRS->CR &= ~CRS_CR_CEN; /* CFGR takes nothing while it counts */
    CRS->CFGR = CRS_RELOAD << CRS_CFGR_RELOAD_Pos | CRS_FELIM << CRS_CFGR_FELIM_Pos |
                CRS_SOURCE_USB << CRS_CFGR_SYNCSRC_Pos;
    CRS->CR |= CRS_CR_AUTOTRIMEN | CRS_CR_CEN;
    RCC->CDCCIP2R =
        (RCC->CDCCIP2R & ~RCC_CDCCIP2R_USBSEL_Msk) | (USBSEL_HSI48 << RCC_CDCCIP2R_USBSEL_Pos);
    return true;
}

bool usb_init(void)
{
    PWR->CR3 |= PWR_CR3_USB33DEN;
    if (!ticks_wait_register(&PWR->CR3, PWR_CR3_USB33RDY, PWR_CR3_USB33RDY, READY_TIMEOUT_US) ||
        !start_clock()) {
        return false;
    }
    /* The transceiver's own pins: they have no alternate function. */
    gpio_configure(GPIO_PIN('A', 11), GPIO_ANALOG);
    gpio_configure(GPIO_PIN('A', 12), GPIO_ANALOG);

    RCC->AHB1ENR |= RCC_AHB1ENR_USB1OTGHSEN;
    RCC->AHB1ENR &= ~RCC_AHB1ENR_USB1OTGHSULPIEN;
    /* With the clock of an external transceiver that is not there, the core stands still in WFI. */
    RCC->AHB1LPENR &= ~RCC_AHB1LPENR_USB1OTGHSULPILPEN;
    (void)RCC->AHB1ENR;
    RCC->AHB1RSTR |= RCC_AHB1RSTR_USB1OTGHSRST;
    RCC->AHB1RSTR &= ~RCC_AHB1RSTR_USB1OTGHSRST;
    NVIC_SetPriority(OTG_HS_IRQn, IRQ_PRIORITY_USB);
    return true;
}

static void flush_tx(unsigned endpoint)
{
    OTG_GRSTCTL = endpoint << GRSTCTL_TXFNUM_Pos | GRSTCTL_TXFFLSH;
    (void)ticks_wait_register(&OTG_GRSTCTL, GRSTCTL_TXFFLSH, 0, FLUSH_TIMEOUT_US);
}

void usb_drop_old_answer(void)
{
    if (!(OTG_DOEPINT(0) & DOEPINT_STUP) || !(OTG_DIEPCTL(0) & EPCTL_EPENA)) {
        return;
    }
    OTG_DIEPEMPMSK &= ~1UL; /* or the driver would fill it again from the old one's buffer */
    OTG_DIEPCTL(0) |= EPCTL_SNAK | EPCTL_EPDIS;
    (void)ticks_wait_register(&OTG_DIEPINT(0), EPINT_EPDISD, EPINT_EPDISD, FLUSH_TIMEOUT_US);
    OTG_DIEPINT(0) = EPINT_EPDISD;
    flush_tx(0);
}

/* False when a reset of the bus came first, or for lack of time. That the transfer has ended
   meanwhile (EPENA) is no reason: the flags come all the same, and would be taken for later ones.
 */
static bool wait_active(const volatile uint32_t *flags, uint32_t flag,
                        const volatile uint32_t *control)
{
    for (unsigned us = 0; us < HALT_TIMEOUT_US && *control & EPCTL_USBAEP; us++) {
        if (ticks_wait_register(flags, flag, flag, 1)) {
            return true;
        }
    }
    return false;
}

/* RM0455, OTG_HS, "IN endpoint disable" */
static void halt_in(unsigned n)
{
    /* The interrupt would go on to fill the FIFO, and has DIEPEMPMSK as well. */
    uint32_t state = irq_raise(IRQ_PRIORITY_USB);

    OTG_DIEPEMPMSK &= ~(1UL << n);
    if (OTG_DIEPCTL(n) & EPCTL_EPENA) {
        OTG_DIEPCTL(n) |= EPCTL_SNAK;
        (void)wait_active(&OTG_DIEPINT(n), DIEPINT_INEPNE, &OTG_DIEPCTL(n));
    }
    if (OTG_DIEPCTL(n) & EPCTL_EPENA) {
        OTG_DIEPCTL(n) |= EPCTL_EPDIS | EPCTL_STALL;
        (void)wait_active(&OTG_DIEPINT(n), EPINT_EPDISD, &OTG_DIEPCTL(n));
        OTG_DIEPINT(n) = EPINT_EPDISD;
    } else {
        OTG_DIEPCTL(n) |= EPCTL_SNAK | EPCTL_STALL;
    }
    flush_tx(n);
    irq_lower(state);
}

/*
 * RM0455, OTG_HS, "OUT endpoint disable": only under the global NAK, which is in effect when its
 * word has been taken out of the receive FIFO. That is the interrupt's work: where it is masked the
 * endpoint halts all the same, since STALL goes before NAK, but what it had begun is not taken
 * back.
 */
static void halt_out(unsigned n)
{
    bool stopped = false;

    if (OTG_DOEPCTL(n) & EPCTL_EPENA && !__get_PRIMASK()) {
        OTG_DCTL |= DCTL_SGONAK;
        stopped = wait_active(&OTG_GINTSTS, GINTSTS_BOUTNAKEFF, &OTG_DOEPCTL(n));
    }
    uint32_t state = irq_raise(IRQ_PRIORITY_USB);
    if (stopped && OTG_DOEPCTL(n) & EPCTL_EPENA) {
        OTG_DOEPCTL(n) |= EPCTL_EPDIS | EPCTL_STALL;
        (void)wait_active(&OTG_DOEPINT(n), EPINT_EPDISD, &OTG_DOEPCTL(n));
        OTG_DOEPINT(n) = EPINT_EPDISD;
    } else {
        OTG_DOEPCTL(n) |= EPCTL_STALL;
    }
    OTG_DCTL |= DCTL_CGONAK;
    irq_lower(state);
}

void usb_halt_endpoint(uint8_t address)
{
    void (*const halt)(unsigned) = address & 0x80u ? halt_in : halt_out;
    halt(address & 0xFu);
}

bool usb_is_attached(void)
{
    return !(OTG_DCTL & DCTL_SDIS);
}

bool usb_endpoint_is_active(uint8_t address)
{
    unsigned n = address & 0xFu;
    return (address & 0x80u ? OTG_DIEPCTL(n) : OTG_DOEPCTL(n)) & EPCTL_USBAEP;
}
