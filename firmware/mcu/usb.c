/* SPDX-License-Identifier: MIT */

#include "usb.h"
#include "gpio.h"
#include "irq.h"
#include "stm32h7a3.h"
#include "ticks.h"

#define USBSEL_HSI48     3u
#define READY_TIMEOUT_US 10000u
#define FLUSH_TIMEOUT_US 100u /* it takes some clocks */

/* Those of OTG_HS's registers that are not left to the driver (RM0455, OTG_HS registers). */
#define OTG_REG(offset) (*(volatile uint32_t *)(USB1_OTG_HS_PERIPH_BASE + (offset)))
#define OTG_GRSTCTL     OTG_REG(0x010)
#define OTG_DIEPEMPMSK  OTG_REG(0x834)
#define OTG_DIEPCTL0    OTG_REG(0x900)
#define OTG_DIEPINT0    OTG_REG(0x908)
#define OTG_DOEPINT0    OTG_REG(0xB08)
#define OTG_DIEPCTL(n)  OTG_REG(0x900 + 0x20 * (n))
#define OTG_DOEPCTL(n)  OTG_REG(0xB00 + 0x20 * (n))
#define GRSTCTL_TXFFLSH (1UL << 5) /* TXFNUM = 0: that of endpoint 0 */
#define EPCTL_USBAEP    (1UL << 15)
#define DIEPCTL_SNAK    (1UL << 27)
#define DIEPCTL_EPDIS   (1UL << 30)
#define DIEPCTL_EPENA   (1UL << 31)
#define DIEPINT_EPDISD  (1UL << 1)
#define DOEPINT_STUP    (1UL << 3)

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

void usb_drop_old_answer(void)
{
    if (!(OTG_DOEPINT0 & DOEPINT_STUP) || !(OTG_DIEPCTL0 & DIEPCTL_EPENA)) {
        return;
    }
    OTG_DIEPEMPMSK &= ~1UL; /* or the driver would fill it again from the old one's buffer */
    OTG_DIEPCTL0 |= DIEPCTL_SNAK | DIEPCTL_EPDIS;
    (void)ticks_wait_register(&OTG_DIEPINT0, DIEPINT_EPDISD, DIEPINT_EPDISD, FLUSH_TIMEOUT_US);
    OTG_DIEPINT0 = DIEPINT_EPDISD;
    OTG_GRSTCTL = GRSTCTL_TXFFLSH;
    (void)ticks_wait_register(&OTG_GRSTCTL, GRSTCTL_TXFFLSH, 0, FLUSH_TIMEOUT_US);
}

void usb_stop_filling(unsigned endpoint)
{
    OTG_DIEPEMPMSK &= ~(1UL << endpoint);
}

bool usb_endpoint_is_active(uint8_t address)
{
    unsigned n = address & 0xFu;
    return (address & 0x80u ? OTG_DIEPCTL(n) : OTG_DOEPCTL(n)) & EPCTL_USBAEP;
}
