/*
 * OTG_HS with nothing plugged in: what RM0455 promises of resets, flushes, modes, endpoint
 * commands, FIFO space, interrupts and suspend, and the start-up sequences of two widespread
 * drivers. With a host: test_otg_device.c.
 */
#include "chip.h"

#include "../../../vboard/soc/devices.h"

enum { RCC = 0x58024400, RCC_CR = RCC, RCC_CDCCIP2R = RCC + 0x54, PWR_CR3 = 0x5802480C };
enum {
    OTG = 0x40040000,
    GOTGCTL = OTG,
    GOTGINT = OTG + 0x04,
    GAHBCFG = OTG + 0x08,
    GUSBCFG = OTG + 0x0C,
    GRSTCTL = OTG + 0x10,
    GINTSTS = OTG + 0x14,
    GINTMSK = OTG + 0x18,
    GRXSTSP = OTG + 0x20,
    GRXFSIZ = OTG + 0x24,
    DIEPTXF0 = OTG + 0x28,
    HNPTXSTS = OTG + 0x2C,
    GCCFG = OTG + 0x38,
    DIEPTXF1 = OTG + 0x104,
    HPRT = OTG + 0x440,
    HCCHAR0 = OTG + 0x500,
    HCINT0 = OTG + 0x508,
    DCFG = OTG + 0x800,
    DCTL = OTG + 0x804,
    DSTS = OTG + 0x808,
    DIEPMSK = OTG + 0x810,
    DOEPMSK = OTG + 0x814,
    DAINT = OTG + 0x818,
    DAINTMSK = OTG + 0x81C,
    DIEPEMPMSK = OTG + 0x834,
    PCGCCTL = OTG + 0xE00,
    FIFO0 = OTG + 0x1000,
};
#define DIEPCTL(n)  (OTG + 0x900 + 0x20 * (n))
#define DIEPINT(n)  (OTG + 0x908 + 0x20 * (n))
#define DIEPTSIZ(n) (OTG + 0x910 + 0x20 * (n))
#define DTXFSTS(n)  (OTG + 0x918 + 0x20 * (n))
#define DOEPCTL(n)  (OTG + 0xB00 + 0x20 * (n))
#define DOEPINT(n)  (OTG + 0xB08 + 0x20 * (n))
#define DOEPTSIZ(n) (OTG + 0xB10 + 0x20 * (n))
#define EPENA       (1u << 31)
#define FHMOD       (1u << 29)
#define FDMOD       (1u << 30)
enum { PHYSEL = 1 << 6, CSRST = 1, RXFFLSH = 1 << 4, TXFFLSH = 1 << 5, ALL_FIFOS = 0x10 << 6 };
enum {
    CMOD = 1,
    RXFLVL = 1 << 4,
    GONAKEFF = 1 << 7,
    ESUSP = 1 << 10,
    USBSUSP = 1 << 11,
    USBRST = 1 << 12,
    ENUMDNE = 1 << 13,
    IEPINT = 1 << 18,
    OEPINT = 1 << 19,
    SRQINT = 1 << 30
};
enum {
    USBAEP = 1 << 15,
    DPID = 1 << 16,
    NAKSTS = 1 << 17,
    CNAK = 1 << 26,
    SNAK = 1 << 27,
    SD0PID = 1 << 28,
    SODDFRM = 1 << 29,
    EPDIS = 1 << 30
};
enum { EPDISD = 1 << 1, INEPNE = 1 << 6, TXFE = 1 << 7 };
enum { PWRDWN = 1 << 16, SDIS = 1 << 1, BVALO = 3 << 6 };

/* Bus clock only. */
static int setup_bare(void **state)
{
    struct soc *soc = chip_new();

    *state = soc;
    chip_write(soc, RCC + RCC_AHB1ENR, 1 << 25);
    return 0;
}

static void start_hsi48(void *soc)
{
    chip_set(soc, RCC_CR, 1 << 12);
    chip_write(soc, RCC_CDCCIP2R, 3 << 20);
    chip_run(soc, 20 * VTIME_US);
}

/* All that a board support gives before it starts a USB driver. */
static int setup(void **state)
{
    setup_bare(state);
    start_hsi48(*state);
    chip_set(*state, PWR_CR3, 1 << 24);
    chip_clear(*state, RCC + RCC_AHB1LPENR, 1 << 26);
    return 0;
}

static int setup_fs_phy(void **state)
{
    setup(state);
    chip_set(*state, GUSBCFG, PHYSEL);
    return 0;
}

static int teardown(void **state)
{
    soc_free(*state);
    return 0;
}

/* Polls as a driver does that gives up soon. */
static void wait_bit(void *soc, uint32_t addr, uint32_t mask, uint32_t value)
{
    chip_wait(soc, addr, mask, value, 100 * VTIME_NS, 100 * VTIME_US);
}

static void identity_and_reset_values(void **state)
{
    assert_int_equal(chip_read(*state, OTG + 0x40), 0x4F54330A);
    assert_int_equal(chip_read(*state, OTG + 0x3C), 0x2300);
    assert_int_equal(chip_read(*state, OTG + 0x48), 0x229FE190);
    assert_int_equal(chip_read(*state, OTG + 0x4C), 0x03B8D2E8);
    assert_int_equal(chip_read(*state, OTG + 0x50), 0xE3F00030);
    assert_int_equal(chip_read(*state, GRSTCTL), 0x80000000);
    assert_int_equal(chip_read(*state, GOTGCTL) & 1 << 16, 1 << 16); /* B-device: ID floats high */
    assert_int_equal(chip_read(*state, GINTSTS), 0x04000020);
    assert_int_equal(chip_read(*state, DIEPCTL(0)), USBAEP);
    assert_int_equal(chip_read(*state, DOEPCTL(0)), USBAEP);
    assert_int_equal(chip_read(*state, DIEPINT(0)), TXFE);
    assert_int_equal(chip_read(*state, DCTL) & SDIS, SDIS);
    assert_int_equal(complaints_count(((struct soc *)*state)->complaints, GUEST_ERROR), 0);
}

static void core_reset_keeps_phy_only(void **state)
{
    chip_set(*state, GCCFG, PWRDWN);
    chip_set(*state, GUSBCFG, FDMOD);
    chip_write(*state, GRXFSIZ, 0x80);
    chip_write(*state, DAINTMSK, 0x00010001);
    chip_write(*state, DCFG, chip_read(*state, DCFG) | 3);
    chip_set(*state, GRSTCTL, CSRST);
    assert_int_equal(chip_read(*state, GRSTCTL), 0x80000001);
    wait_bit(*state, GRSTCTL, CSRST, 0);
    assert_int_equal(chip_read(*state, GRSTCTL), 0x80000000);
    assert_int_equal(chip_read(*state, GUSBCFG) & (FDMOD | PHYSEL), PHYSEL);
    assert_int_equal(chip_read(*state, GCCFG), PWRDWN);
    assert_int_equal(chip_read(*state, GRXFSIZ), 0x200);
    assert_int_equal(chip_read(*state, DAINTMSK), 0);
    assert_int_equal(chip_read(*state, DCFG) & 3, 3);
}

static void core_reset_needs_48_mhz(void **state)
{
    chip_set(*state, GUSBCFG, PHYSEL);
    chip_set(*state, GRSTCTL, CSRST);
    chip_run(*state, VTIME_MS);
    assert_int_equal(chip_read(*state, GRSTCTL) & CSRST, CSRST);
    assert_int_equal(chip_complained(*state, "usb-clock"), 1);
    start_hsi48(*state);
    assert_int_equal(chip_read(*state, GRSTCTL) & CSRST, 0);
}

/* 64 MHz / 2 * 100 / 64: 50 MHz from PLL3Q is no USB clock. */
static void wrong_clock_is_a_hazard(void **state)
{
    chip_write(*state, RCC + 0x28, 32u << 20 | 0x00020200); /* M3 = 32: 2 MHz, source HSI */
    chip_write(*state, RCC + 0x2C, 0x01FF0000 | 1 << 9 | 1 << 10);
    chip_write(*state, RCC + 0x40, 149 | 5 << 16); /* 300 MHz / 6 */
    chip_set(*state, RCC_CR, 1 << 28);
    chip_write(*state, RCC_CDCCIP2R, 2 << 20);
    chip_run(*state, VTIME_MS);
    chip_set(*state, GUSBCFG, PHYSEL);
    assert_int_equal(complaints_count(((struct soc *)*state)->complaints, HAZARD), 0);
    chip_set(*state, GRSTCTL, CSRST);
    chip_run(*state, VTIME_MS);
    assert_int_equal(chip_read(*state, GRSTCTL) & CSRST, 0);
    assert_int_equal(chip_complained(*state, "usb-clock"), 1);
    assert_int_equal(complaints_count(((struct soc *)*state)->complaints, HAZARD), 1);
}

/* RM0455: after FHMOD or FDMOD wait at least 25 ms for the change. */
static void forced_modes(void **state)
{
    chip_set(*state, GUSBCFG, FHMOD);
    chip_run(*state, VTIME_MS);
    assert_int_equal(chip_read(*state, GINTSTS) & CMOD, 0);
    chip_run(*state, 24 * VTIME_MS);
    assert_int_equal(chip_read(*state, GINTSTS) & CMOD, CMOD);
    chip_write(*state, GUSBCFG, (chip_read(*state, GUSBCFG) & ~FHMOD) | FDMOD);
    chip_run(*state, 25 * VTIME_MS);
    assert_int_equal(chip_read(*state, GINTSTS) & CMOD, 0);
}

static void fifo_space_and_flush(void **state)
{
    chip_write(*state, GAHBCFG, 1 << 7); /* TXFE means completely empty */
    chip_write(*state, DIEPTXF0, 16u << 16 | 0x80);
    chip_write(*state, DIEPTXF1, 3u << 16 | 0x90);
    chip_write(*state, DIEPCTL(1), USBAEP | 2 << 18 | 1 << 22 | 64);
    assert_int_equal(chip_read(*state, DTXFSTS(0)), 16);
    assert_int_equal(chip_read(*state, DTXFSTS(1)), 3);
    assert_int_equal(chip_read(*state, HNPTXSTS) & 0xFFFF, 16);
    chip_write(*state, FIFO0, 1);
    for (int i = 0; i < 3; i++)
        chip_write(*state, FIFO0 + 0x1000, 0x01020304);
    assert_int_equal(chip_read(*state, DTXFSTS(0)), 15);
    assert_int_equal(chip_read(*state, DTXFSTS(1)), 0);
    assert_int_equal(chip_read(*state, DIEPINT(1)) & TXFE, 0);
    assert_int_equal(chip_complained(*state, "usb-fifo-full"), 0);
    chip_write(*state, FIFO0 + 0x1000, 5);
    assert_int_equal(chip_complained(*state, "usb-fifo-full"), 1);

    chip_write(*state, GRSTCTL, TXFFLSH | 1 << 6);
    assert_int_equal(chip_read(*state, GRSTCTL) & TXFFLSH, TXFFLSH);
    wait_bit(*state, GRSTCTL, TXFFLSH, 0);
    assert_int_equal(chip_read(*state, DTXFSTS(1)), 3);
    assert_int_equal(chip_read(*state, DTXFSTS(0)), 15);
    assert_int_equal(chip_read(*state, DIEPINT(1)) & TXFE, TXFE);
    chip_write(*state, GRSTCTL, TXFFLSH | ALL_FIFOS);
    wait_bit(*state, GRSTCTL, TXFFLSH, 0);
    assert_int_equal(chip_read(*state, DTXFSTS(0)), 16);
    chip_write(*state, GRSTCTL, RXFFLSH);
    assert_int_equal(chip_read(*state, GRSTCTL) & RXFFLSH, RXFFLSH);
    wait_bit(*state, GRSTCTL, RXFFLSH, 0);
}

static void empty_receive_fifo(void **state)
{
    assert_int_equal(chip_read(*state, GRXSTSP), 0);
    assert_int_equal(chip_read(*state, FIFO0), 0);
    assert_int_equal(chip_complained(*state, "usb-fifo-empty"), 1);
}

static void in_endpoint_commands(void **state)
{
    uint32_t config = USBAEP | 2 << 18 | 1 << 22 | 64;

    chip_write(*state, DIEPCTL(1), config | SODDFRM);
    assert_int_equal(chip_read(*state, DIEPCTL(1)), config | DPID);
    chip_write(*state, DIEPCTL(1), config | SD0PID | SNAK);
    assert_int_equal(chip_read(*state, DIEPCTL(1)), config | NAKSTS);
    assert_int_equal(chip_read(*state, DIEPINT(1)) & INEPNE, INEPNE);
    chip_write(*state, DIEPCTL(1), config | CNAK | EPENA);
    assert_int_equal(chip_read(*state, DIEPCTL(1)), config | EPENA);
    assert_int_equal(chip_read(*state, DIEPINT(1)) & INEPNE, 0);
    chip_write(*state, DIEPCTL(1), config); /* EPENA is only set by software */
    assert_int_equal(chip_read(*state, DIEPCTL(1)), config | EPENA);
    chip_set(*state, DIEPCTL(1), SNAK);
    chip_set(*state, DIEPCTL(1), EPDIS);
    assert_int_equal(chip_read(*state, DIEPCTL(1)), config | NAKSTS);
    assert_int_equal(chip_read(*state, DIEPINT(1)) & EPDISD, EPDISD);
    chip_write(*state, DIEPINT(1), EPDISD);
    assert_int_equal(chip_read(*state, DIEPINT(1)) & EPDISD, 0);
    chip_set(*state, DIEPCTL(1), EPDIS); /* is disabled already */
    assert_int_equal(chip_read(*state, DIEPINT(1)) & EPDISD, 0);
}

static void out_endpoint_commands(void **state)
{
    uint32_t config = USBAEP | 2 << 18 | 64;

    chip_write(*state, DOEPCTL(2), config | SD0PID | CNAK | EPENA);
    assert_int_equal(chip_read(*state, DOEPCTL(2)), config | EPENA);
    chip_set(*state, DCTL, 1 << 9);
    /* "Global OUT NAK" is a word in the receive FIFO; popped, it takes effect. */
    assert_int_equal(chip_read(*state, GINTSTS) & (GONAKEFF | RXFLVL), RXFLVL);
    assert_int_equal(chip_read(*state, GRXSTSP) >> 17 & 15, 1);
    assert_int_equal(chip_read(*state, GINTSTS) & (GONAKEFF | RXFLVL), GONAKEFF);
    chip_set(*state, DOEPCTL(2), EPDIS);
    assert_int_equal(chip_read(*state, DOEPCTL(2)), config);
    assert_int_equal(chip_read(*state, DOEPINT(2)), EPDISD);
    chip_set(*state, DCTL, 1 << 10);
    assert_int_equal(chip_read(*state, GINTSTS) & GONAKEFF, 0);
    assert_int_equal(chip_read(*state, DCTL) & 0x780, 0);
    /* "The application cannot disable control OUT endpoint 0", which is always active. */
    chip_write(*state, DOEPCTL(0), EPENA | CNAK);
    chip_set(*state, DOEPCTL(0), EPDIS);
    assert_int_equal(chip_read(*state, DOEPCTL(0)), USBAEP | EPENA);
}

static void interrupt_tree(void **state)
{
    chip_write(*state, DIEPCTL(3), USBAEP | 3 << 22 | 64 | EPENA);
    chip_write(*state, DIEPCTL(3), EPDIS | SNAK);
    assert_int_equal(chip_read(*state, DAINT), 0);
    chip_write(*state, DIEPMSK, EPDISD);
    assert_int_equal(chip_read(*state, DAINT), 1 << 3);
    assert_int_equal(chip_read(*state, GINTSTS) & IEPINT, 0);
    chip_write(*state, DAINTMSK, 1 << 3);
    assert_int_equal(chip_read(*state, GINTSTS) & (IEPINT | OEPINT), IEPINT);
    chip_write(*state, GINTMSK, IEPINT);
    assert_false(chip_irq_pending(*state, IRQ_OTG_HS));
    chip_write(*state, GAHBCFG, 1);
    assert_true(chip_irq_pending(*state, IRQ_OTG_HS));
    chip_write(*state, DIEPINT(3), EPDISD);
    assert_int_equal(chip_read(*state, GINTSTS) & IEPINT, 0);
    /* The FIFO-empty flag has a mask of its own. */
    chip_write(*state, DIEPEMPMSK, 1 << 3);
    assert_int_equal(chip_read(*state, DAINT), 1 << 3);
    assert_int_equal(chip_read(*state, GINTSTS) & IEPINT, IEPINT);
}

static void connect(void *soc)
{
    chip_set(soc, GCCFG, PWRDWN);
    chip_set(soc, GOTGCTL, BVALO);
    chip_clear(soc, DCTL, SDIS);
}

/* RM0455: ESUSP after 3 ms of idle, USBSUSP another 3 ms later. No host: no reset. */
static void idle_bus_suspends(void **state)
{
    connect(*state);
    assert_int_equal(chip_read(*state, GOTGCTL) >> 19 & 1, 1); /* BSVLD */
    assert_int_equal(chip_read(*state, GINTSTS) & SRQINT, SRQINT);
    chip_run(*state, 2900 * VTIME_US);
    assert_int_equal(chip_read(*state, GINTSTS) & (ESUSP | USBSUSP), 0);
    chip_run(*state, 200 * VTIME_US);
    assert_int_equal(chip_read(*state, GINTSTS) & (ESUSP | USBSUSP), ESUSP);
    chip_run(*state, 3 * VTIME_MS);
    assert_int_equal(chip_read(*state, GINTSTS) & (ESUSP | USBSUSP), ESUSP | USBSUSP);
    assert_int_equal(chip_read(*state, DSTS) & 1, 1);
    chip_write(*state, GINTSTS, ESUSP | USBSUSP);
    chip_run(*state, VTIME_S);
    assert_int_equal(chip_read(*state, GINTSTS) & (ESUSP | USBSUSP | USBRST | ENUMDNE), 0);
    chip_set(*state, DCTL, SDIS);
    assert_int_equal(chip_read(*state, DSTS) & 1, 0);
}

/* What is missing for a connection, one after the other. */
static void no_connection_without(void **state)
{
    chip_clear(*state, DCTL, SDIS);
    chip_set(*state, GOTGCTL, BVALO);
    chip_run(*state, 10 * VTIME_MS);
    assert_int_equal(chip_read(*state, GINTSTS) & USBSUSP, 0); /* transceiver off */
    chip_set(*state, GCCFG, PWRDWN);
    chip_run(*state, 10 * VTIME_MS);
    assert_int_equal(chip_read(*state, GINTSTS) & USBSUSP, USBSUSP);
    chip_write(*state, GINTSTS, ESUSP | USBSUSP);
    chip_clear(*state, GOTGCTL, BVALO);
    chip_clear(*state, DCTL, SDIS);
    chip_run(*state, 10 * VTIME_MS);
    assert_int_equal(chip_read(*state, GINTSTS) & USBSUSP, 0); /* no session */
}

static void no_connection_without_clock(void **state)
{
    chip_set(*state, GUSBCFG, PHYSEL);
    connect(*state);
    assert_int_equal(chip_complained(*state, "usb-clock"), 1);
    chip_run(*state, 10 * VTIME_MS);
    assert_int_equal(chip_read(*state, GINTSTS) & USBSUSP, 0);
    start_hsi48(*state);
    chip_run(*state, 7 * VTIME_MS);
    assert_int_equal(chip_read(*state, GINTSTS) & USBSUSP, USBSUSP);
    chip_write(*state, RCC_CDCCIP2R, 0);
    assert_int_equal(chip_complained(*state, "usb-clock"), 2);
}

static void board_side_faults(void **state)
{
    start_hsi48(*state);
    chip_set(*state, GUSBCFG, PHYSEL);
    connect(*state);
    assert_int_equal(chip_complained(*state, "usb-supply"), 1);
    assert_int_equal(chip_complained(*state, "usb-ulpi-in-sleep"), 0); /* harmless while awake */
    otg_sleeping(*state);
    assert_int_equal(chip_complained(*state, "usb-ulpi-in-sleep"), 1);
}

static void nothing_to_complain(void *soc)
{
    const struct complaints *c = ((struct soc *)soc)->complaints;

    for (unsigned kind = 0; kind < COMPLAINT_CLASSES; kind++)
        assert_int_equal(complaints_count(c, kind), 0);
}

/* The order of register accesses of ST's HAL_PCD_Init() and HAL_PCD_Start(), internal PHY, no VBUS
   sensing; its loops give up after 200000 reads and 50 ms. */
static void st_driver_starts(void **state)
{
    chip_clear(*state, GAHBCFG, 1);
    chip_set(*state, GUSBCFG, PHYSEL);
    wait_bit(*state, GRSTCTL, 1u << 31, 1u << 31);
    chip_set(*state, GRSTCTL, CSRST);
    wait_bit(*state, GRSTCTL, CSRST, 0);
    chip_set(*state, GCCFG, PWRDWN);
    chip_clear(*state, GUSBCFG, FHMOD | FDMOD);
    chip_set(*state, GUSBCFG, FDMOD);
    chip_run(*state, VTIME_MS);
    wait_bit(*state, GINTSTS, CMOD, 0);
    for (unsigned i = 0; i < 15; i++)
        chip_write(*state, DIEPTXF1 + 4 * i, 0);
    chip_set(*state, DCTL, SDIS);
    chip_clear(*state, GCCFG, 1 << 21);
    chip_set(*state, GOTGCTL, 1 << 6);
    chip_set(*state, GOTGCTL, 1 << 7);
    chip_write(*state, PCGCCTL, 0);
    chip_set(*state, DCFG, 3);
    chip_write(*state, GRSTCTL, TXFFLSH | ALL_FIFOS);
    wait_bit(*state, GRSTCTL, TXFFLSH, 0);
    chip_write(*state, GRSTCTL, RXFFLSH);
    wait_bit(*state, GRSTCTL, RXFFLSH, 0);
    chip_write(*state, DIEPMSK, 0);
    chip_write(*state, DOEPMSK, 0);
    chip_write(*state, DAINTMSK, 0);
    for (unsigned n = 0; n < 9; n++) {
        assert_int_equal(chip_read(*state, DIEPCTL(n)) & EPENA, 0);
        chip_write(*state, DIEPCTL(n), 0);
        chip_write(*state, DIEPTSIZ(n), 0);
        chip_write(*state, DIEPINT(n), 0xFB7F);
        assert_int_equal(chip_read(*state, DOEPCTL(n)) & EPENA, 0);
        chip_write(*state, DOEPCTL(n), 0);
        chip_write(*state, DOEPTSIZ(n), 0);
        chip_write(*state, DOEPINT(n), 0xFB7F);
    }
    chip_write(*state, GINTMSK, 0);
    chip_write(*state, GINTSTS, 0xBFFFFFFF);
    chip_write(*state, GINTMSK, 0x803C3810);
    chip_set(*state, DCTL, SDIS);
    chip_write(*state, GRXFSIZ, 0x200);
    chip_write(*state, DIEPTXF0, 0x80u << 16 | 0x200);
    chip_write(*state, DIEPTXF1, 0x174u << 16 | 0x280);
    chip_set(*state, GAHBCFG, 1);
    chip_clear(*state, PCGCCTL, 3);
    chip_clear(*state, DCTL, SDIS);
    assert_false(chip_irq_pending(*state, IRQ_OTG_HS));
    chip_run(*state, 7 * VTIME_MS);
    assert_true(chip_irq_pending(*state, IRQ_OTG_HS));
    assert_int_equal(chip_read(*state, GINTSTS) & chip_read(*state, GINTMSK), USBSUSP);
    assert_int_equal(chip_read(*state, DSTS) & 1, 1);
    /* The suspend handler gates the PHY clock; that is no disconnection. */
    chip_set(*state, PCGCCTL, 1);
    chip_write(*state, GINTSTS, USBSUSP);
    chip_run(*state, VTIME_S);
    assert_int_equal(chip_read(*state, GINTSTS) & chip_read(*state, GINTMSK), 0);
    assert_int_equal(chip_read(*state, DSTS) & 1, 1);
    /* HAL_PCD_Stop() clears the flags of 15 endpoints. */
    for (unsigned n = 0; n < 15; n++) {
        chip_write(*state, DIEPINT(n), 0xFB7F);
        chip_write(*state, DOEPINT(n), 0xFB7F);
    }
    nothing_to_complain(*state);
}

/* The order of register accesses of TinyUSB's dcd_init() for DWC2, whose loops have no end. */
static void tinyusb_driver_starts(void **state)
{
    uint32_t config = USBAEP | 2 << 18 | 1 << 22 | 64;

    chip_clear(*state, GAHBCFG, 1);
    chip_set(*state, GUSBCFG, PHYSEL);
    chip_set(*state, GCCFG, PWRDWN);
    chip_set(*state, GRSTCTL, CSRST);
    wait_bit(*state, GRSTCTL, CSRST, 0);
    wait_bit(*state, GRSTCTL, 1u << 31, 1u << 31);
    chip_write(*state, GUSBCFG, (chip_read(*state, GUSBCFG) & ~0x3C00u) | 6 << 10 | 7);
    chip_clear(*state, PCGCCTL, 0xF);
    chip_write(*state, GRSTCTL, TXFFLSH | ALL_FIFOS);
    wait_bit(*state, GRSTCTL, TXFFLSH, 0);
    chip_write(*state, GRSTCTL, RXFFLSH);
    wait_bit(*state, GRSTCTL, RXFFLSH, 0);
    chip_write(*state, GINTSTS, 0xFFFFFFFF);
    chip_write(*state, GOTGINT, 0xFFFFFFFF);
    chip_write(*state, GINTMSK, 1 << 4);
    chip_write(*state, DCFG, (chip_read(*state, DCFG) & ~3u) | 3 | 1 << 2);
    chip_set(*state, DCTL, SDIS);
    chip_set(*state, GUSBCFG, FDMOD);
    chip_set(*state, GOTGCTL, BVALO);
    chip_set(*state, GINTMSK, 0x80003804);
    chip_set(*state, GAHBCFG, 1 << 7 | 1);
    chip_clear(*state, DCTL, SDIS);
    chip_run(*state, 10 * VTIME_MS);
    assert_int_equal(chip_read(*state, GINTSTS) & chip_read(*state, GINTMSK), USBSUSP);
    /* edpt_disable() of a running IN endpoint. */
    chip_write(*state, GRXFSIZ, 62);
    chip_write(*state, DIEPTXF0, 16u << 16 | 1008);
    chip_write(*state, DIEPTXF1, 16u << 16 | 992);
    chip_write(*state, DIEPCTL(1), config | EPENA | CNAK);
    chip_set(*state, DIEPCTL(1), SNAK);
    wait_bit(*state, DIEPINT(1), INEPNE, INEPNE);
    chip_set(*state, DIEPCTL(1), EPDIS);
    wait_bit(*state, DIEPINT(1), EPDISD, EPDISD);
    nothing_to_complain(*state);
}

/* A system reset stops the clock and the core alike: no fault of the program. */
static void system_reset_is_no_fault(void **state)
{
    connect(*state);
    chip_run(*state, VTIME_MS);
    soc_reset(*state, SOC_RESET_SOFTWARE);
    chip_run(*state, VTIME_MS);
    nothing_to_complain(*state);
    chip_write(*state, RCC + RCC_AHB1ENR, 1 << 25);
    assert_int_equal(chip_read(*state, GCCFG), 0);
    assert_int_equal(chip_read(*state, GUSBCFG), 0x1400);
}

static void host_without_device(void **state)
{
    chip_set(*state, GUSBCFG, FHMOD);
    chip_run(*state, 25 * VTIME_MS);
    chip_write(*state, HPRT, 1 << 12);
    chip_run(*state, VTIME_S);
    assert_int_equal(chip_read(*state, HPRT), 1 << 12); /* powered, nothing connected */
    chip_write(*state, HCCHAR0, EPENA);
    assert_int_equal(chip_read(*state, HCCHAR0), EPENA);
    chip_write(*state, HCCHAR0, EPENA | EPDIS); /* CHENA | CHDIS halts */
    assert_int_equal(chip_read(*state, HCCHAR0), 0);
    assert_int_equal(chip_read(*state, HCINT0), 1 << 1);
}

static void words_only(void **state)
{
    chip_read_n(*state, GINTSTS, 1);
    assert_int_equal(chip_complained(*state, "word-access-only"), 1);
}

#define IN(s, f) cmocka_unit_test_setup_teardown(f, s, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN(setup, identity_and_reset_values),
        IN(setup_fs_phy, core_reset_keeps_phy_only),
        IN(setup_bare, core_reset_needs_48_mhz),
        IN(setup_bare, wrong_clock_is_a_hazard),
        IN(setup_fs_phy, forced_modes),
        IN(setup_fs_phy, fifo_space_and_flush),
        IN(setup_fs_phy, empty_receive_fifo),
        IN(setup_fs_phy, in_endpoint_commands),
        IN(setup_fs_phy, out_endpoint_commands),
        IN(setup_fs_phy, interrupt_tree),
        IN(setup_fs_phy, idle_bus_suspends),
        IN(setup_fs_phy, no_connection_without),
        IN(setup_bare, no_connection_without_clock),
        IN(setup_bare, board_side_faults),
        IN(setup, st_driver_starts),
        IN(setup, tinyusb_driver_starts),
        IN(setup_fs_phy, system_reset_is_no_fault),
        IN(setup_fs_phy, host_without_device),
        IN(setup_fs_phy, words_only),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
