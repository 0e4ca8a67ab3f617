/*
 * USB device start as the device driver does it, without a host: supply detector, HSI48, core
 * reset, device mode, FIFOs, connect. No step may hang, and nothing but a suspend may be signalled.
 */
#include "soc.h"

enum {
    GOTGCTL = 0x000,
    GAHBCFG = 0x008,
    GUSBCFG = 0x00C,
    GRSTCTL = 0x010,
    GINTSTS = 0x014,
    GINTMSK = 0x018,
    GRXFSIZ = 0x024,
    DIEPTXF0 = 0x028,
    GCCFG = 0x038,
    GSNPSID = 0x040,
    DIEPTXF1 = 0x104,
    DCFG = 0x800,
    DCTL = 0x804,
    DSTS = 0x808,
    DIEPMSK = 0x810,
    DOEPMSK = 0x814,
    DAINTMSK = 0x81C,
    DIEPCTL0 = 0x900,
    DOEPCTL0 = 0xB00,
    PCGCCTL = 0xE00,
    AHBIDL = (int)0x80000000,
    CSRST = 1,
    SUSPEND = 1 << 11,
    EARLY_SUSPEND = 1 << 10,
};

static volatile uint32_t seen;

static void irq(void)
{
    uint32_t active = R(USB, GINTSTS) & R(USB, GINTMSK);

    seen |= active;
    R(USB, GINTSTS) = active;
}

static void clocks(void)
{
    R(PWR, PWR_CR3) |= BIT(24);
    check("USB33RDY", wait_for(&R(PWR, PWR_CR3), BIT(26), BIT(26), 100));
    R(RCC, RCC_CR) |= RCC_CR_HSI48ON;
    check("HSI48", wait_for(&R(RCC, RCC_CR), RCC_CR_HSI48RDY, RCC_CR_HSI48RDY, 2));
    R(RCC, RCC_CDCCIP2R) = (R(RCC, RCC_CDCCIP2R) & ~(3u << 20)) | 3u << 20;
    R(RCC, RCC_AHB1ENR) |= BIT(25);
    (void)R(RCC, RCC_AHB1ENR);
    on_irq(USB_IRQ, irq);
    enable_irq(USB_IRQ);
}

static bool reset_core(void)
{
    if (!wait_for(&R(USB, GRSTCTL), AHBIDL, AHBIDL, 100))
        return false;
    R(USB, GRSTCTL) |= CSRST;
    return wait_for(&R(USB, GRSTCTL), CSRST, 0, 100);
}

static bool flush(uint32_t which)
{
    if (!wait_for(&R(USB, GRSTCTL), AHBIDL, AHBIDL, 100))
        return false;
    R(USB, GRSTCTL) = which;
    return wait_for(&R(USB, GRSTCTL), which & 0x30, 0, 100);
}

static void init_core(void)
{
    R(USB, GAHBCFG) &= ~1u;
    R(USB, GUSBCFG) |= BIT(6);
    check("core reset", reset_core());
    R(USB, GCCFG) |= BIT(16);
    R(USB, GUSBCFG) &= ~(BIT(29) | BIT(30));
    R(USB, GUSBCFG) |= BIT(30);
    check("device mode", wait_for(&R(USB, GINTSTS), 1, 0, 200));
}

static void init_device(void)
{
    for (unsigned i = 0; i < 8; i++)
        R(USB, DIEPTXF1 + 4 * i) = 0;
    R(USB, DCTL) |= BIT(1);
    R(USB, GCCFG) &= ~BIT(21);
    R(USB, GOTGCTL) |= BIT(6);
    R(USB, GOTGCTL) |= BIT(7);
    R(USB, PCGCCTL) = 0;
    R(USB, DCFG) |= 3;
    check("TX FIFOs flushed", flush(1u << 5 | 0x10 << 6));
    check("RX FIFO flushed", flush(1u << 4));
    R(USB, DIEPMSK) = 0;
    R(USB, DOEPMSK) = 0;
    R(USB, DAINTMSK) = 0;
    for (unsigned i = 0; i < 9; i++) {
        check("no endpoint is enabled",
              !((R(USB, DIEPCTL0 + 0x20 * i) | R(USB, DOEPCTL0 + 0x20 * i)) >> 31));
        R(USB, DIEPCTL0 + 0x20 * i) = 0;
        R(USB, DIEPCTL0 + 0x20 * i + 0x10) = 0;
        R(USB, DIEPCTL0 + 0x20 * i + 0x08) = 0xFB7F;
        R(USB, DOEPCTL0 + 0x20 * i) = 0;
        R(USB, DOEPCTL0 + 0x20 * i + 0x10) = 0;
        R(USB, DOEPCTL0 + 0x20 * i + 0x08) = 0xFB7F;
    }
    R(USB, DIEPMSK) &= ~BIT(8);
    R(USB, GINTMSK) = 0;
    R(USB, GINTSTS) = 0xBFFFFFFF;
    R(USB, GINTMSK) |= BIT(4);
    R(USB, GINTMSK) |=
        BIT(11) | BIT(12) | BIT(13) | BIT(18) | BIT(19) | BIT(20) | BIT(21) | BIT(31);
    R(USB, PCGCCTL) &= ~3u;
    R(USB, DCTL) |= BIT(1);
}

static void start(void)
{
    R(USB, GRXFSIZ) = 0x80;
    R(USB, DIEPTXF0) = 0x40 << 16 | 0x80;
    R(USB, DIEPTXF1) = 0x80 << 16 | 0xC0;
    equal("RX FIFO's size", R(USB, GRXFSIZ), 0x80);
    equal("TX FIFO 1", R(USB, DIEPTXF1), 0x80 << 16 | 0xC0);
    R(USB, GAHBCFG) |= 1;
    R(USB, PCGCCTL) &= ~3u;
    R(USB, DCTL) &= ~BIT(1);
    delay_ms(50);
    equal("nothing but suspend without a host", seen & ~(uint32_t)(SUSPEND | EARLY_SUSPEND), 0);
    equal("address 0", R(USB, DCFG) >> 4 & 0x7F, 0);
}

static void stop(void)
{
    R(USB, GAHBCFG) &= ~1u;
    R(USB, PCGCCTL) &= ~3u;
    R(USB, DCTL) |= BIT(1);
    check("flushed at the end", flush(1u << 5 | 0x10 << 6));
    R(RCC, RCC_AHB1ENR) &= ~BIT(25);
    disable_irq(USB_IRQ);
}

int main(void)
{
    begin();
    clocks();
    init_core();
    init_device();
    start();
    stop();
    end();
}
