/* What the files of the OTG_HS model share; only they include it. Registers: RM0455, chapter "USB
   on-the-go high-speed (OTG_HS)", "OTG_HS control and status registers". */
#ifndef VBOARD_SOC_OTG_INT_H
#define VBOARD_SOC_OTG_INT_H

#include "../wire/usb.h"
#include "devices.h"

enum {
    GOTGCTL = 0x000,
    GOTGINT = 0x004,
    GAHBCFG = 0x008,
    GUSBCFG = 0x00C,
    GRSTCTL = 0x010,
    GINTSTS = 0x014,
    GINTMSK = 0x018,
    GRXSTSR = 0x01C,
    GRXSTSP = 0x020,
    GRXFSIZ = 0x024,
    DIEPTXF0 = 0x028,
    GCCFG = 0x038,
    HPTXFSIZ = 0x100,
    DIEPTXF1 = 0x104,
    HCFG = 0x400,
    HPRT = 0x440,
    HCCHAR = 0x500,
    HCINT = 0x508,
    HCINTMSK = 0x50C,
    HAINTMSK = 0x418,
    DCFG = 0x800,
    DCTL = 0x804,
    DSTS = 0x808,
    DIEPMSK = 0x810,
    DOEPMSK = 0x814,
    DAINTMSK = 0x81C,
    DIEPEMPMSK = 0x834,
    DIEPCTL = 0x900,
    DIEPINT = 0x908,
    DIEPTSIZ = 0x910,
    DOEPCTL = 0xB00,
    DOEPINT = 0xB08,
    DOEPTSIZ = 0xB10,
    PCGCCTL = 0xE00,
    FIFOS = 0x1000,     /* 4 KB of address space for each FIFO's push and pop */
    FIFO_RAM = 0x20000, /* the RAM itself, for debugging */
    OTG_ENDPOINTS = 9,
    OTG_ENDPOINT_SLOTS = 16, /* places in the register map; the last 7 are empty */
    OTG_CHANNELS = 16,
    OTG_TX_FIFOS = 16,
    OTG_RAM_WORDS = 1024,
};

#define GAHBCFG_GINT    (1u << 0)
#define GAHBCFG_DMAEN   (1u << 5)
#define GAHBCFG_TXFELVL (1u << 7)
#define GUSBCFG_PHYSEL  (1u << 6)
#define GUSBCFG_FHMOD   (1u << 29)
#define GUSBCFG_FDMOD   (1u << 30)
#define GRSTCTL_CSRST   (1u << 0)
#define GRSTCTL_RXFFLSH (1u << 4)
#define GRSTCTL_TXFFLSH (1u << 5)
#define GRSTCTL_AHBIDL  (1u << 31)
#define GOTGINT_SEDET   (1u << 2)
#define GINTSTS_CMOD    (1u << 0)
#define GINTSTS_OTGINT  (1u << 2)
#define GINTSTS_SOF     (1u << 3)
#define GINTSTS_RXFLVL  (1u << 4)
#define GINTSTS_NPTXFE  (1u << 5)
#define GINTSTS_GINAK   (1u << 6)
#define GINTSTS_GONAK   (1u << 7)
#define GINTSTS_ESUSP   (1u << 10)
#define GINTSTS_USBSUSP (1u << 11)
#define GINTSTS_USBRST  (1u << 12)
#define GINTSTS_ENUMDNE (1u << 13)
#define GINTSTS_IEPINT  (1u << 18)
#define GINTSTS_OEPINT  (1u << 19)
#define GINTSTS_HPRTINT (1u << 24)
#define GINTSTS_HCINT   (1u << 25)
#define GINTSTS_PTXFE   (1u << 26)
#define GINTSTS_SRQINT  (1u << 30)
#define GINTSTS_WKUINT  (1u << 31)
#define GINTSTS_W1C     0xF0F0FC0Au
#define GOTGCTL_CIDSTS  (1u << 16)
#define GCCFG_PWRDWN    (1u << 16)
#define GCCFG_VBDEN     (1u << 21)
#define DCTL_RWUSIG     (1u << 0)
#define DCTL_SDIS       (1u << 1)
#define DCTL_GINSTS     (1u << 2)
#define DCTL_GONSTS     (1u << 3)
#define DSTS_SUSPSTS    (1u << 0)
#define DSTS_ENUMSPD_FS (3u << 1)
#define DSTS_FNSOF      (0x3FFFu << 8)
#define PCGCCTL_STPPCLK (1u << 0)
#define EPCTL_USBAEP    (1u << 15)
#define EPCTL_DPID      (1u << 16)
#define EPCTL_NAKSTS    (1u << 17)
#define EPCTL_TYPE(v)   ((v) >> 18 & 3)
#define EPCTL_STALL     (1u << 21)
#define EPCTL_CNAK      (1u << 26)
#define EPCTL_SNAK      (1u << 27)
#define EPCTL_SD0PID    (1u << 28)
#define EPCTL_SD1PID    (1u << 29)
#define EPCTL_EPDIS     (1u << 30)
#define EPCTL_EPENA     (1u << 31)
#define EPINT_XFRC      (1u << 0)
#define EPINT_EPDISD    (1u << 1)
#define EPINT_AHBERR    (1u << 2)
#define EPINT_TOC       (1u << 3) /* IN */
#define EPINT_STUP      (1u << 3) /* OUT */
#define EPINT_ITTXFE    (1u << 4) /* IN */
#define EPINT_OTEPDIS   (1u << 4) /* OUT */
#define EPINT_OTEPSPR   (1u << 5) /* OUT */
#define EPINT_INEPNE    (1u << 6) /* IN */
#define EPINT_B2BSTUP   (1u << 6) /* OUT */
#define EPINT_TXFE      (1u << 7)
#define EPINT_BERR      (1u << 12) /* OUT: babble */
#define EPINT_NAK       (1u << 13)
#define EPINT_STPKTRX   (1u << 15) /* OUT */
#define TSIZ_XFRSIZ     0x7FFFFu
#define TSIZ_PKTCNT     (0x3FFu << 19)
#define TSIZ_ONE_PACKET (1u << 19)
#define TSIZ_STUPCNT    (3u << 29)
#define TSIZ_ONE_SETUP  (1u << 29)

/* GRXSTSR.PKTSTS in device mode. */
enum rx_kind { RX_GLOBAL_NAK = 1, RX_OUT = 2, RX_OUT_DONE = 3, RX_SETUP_DONE = 4, RX_SETUP = 6 };

/* A queue of words in the FIFO RAM. */
struct otg_fifo {
    uint32_t word[OTG_RAM_WORDS];
    uint16_t head, count;
};

struct otg {
    struct device d;
    bool host;         /* mode in force */
    bool session;      /* level of the B session when last looked at */
    bool connected;    /* D+ is pulled up */
    bool sleep_warned; /* about this connection */
    bool had_clock;    /* of 48 MHz, when the clocks last changed */
    struct sched_event core_reset, flush, mode, suspend, dma;
    vtime dma_stall; /* what DMA's last packet waited for memory */
    vtime activity;  /* on the bus, the last */

    struct usb_cable *cable;
    struct usb_function function;

    struct otg_fifo rx, tx[OTG_TX_FIFOS];
    uint16_t rx_tags[OTG_RAM_WORDS]; /* beside rx.word: 1 = status of a packet, 0 = its data */
    bool layout_seen;                /* the FIFOs' places were looked at since they changed */

    uint8_t address;  /* in force: DCFG.DAD after the status stage */
    bool in_setup;    /* SETUP packets came, "setup stage done" is not in the FIFO yet */
    bool status_in;   /* a request is under way whose status stage the device sends */
    bool wrote_data;  /* a request came whose data stage is the host's */
    bool nak_pending; /* SGONAK, its word is not in the FIFO yet */
    bool woke_itself; /* by RWUSIG, since the bus was suspended */
    struct otg_in {
        uint32_t unsent;    /* bytes of the transfer that no acknowledged packet has carried */
        uint32_t unfetched; /* those that DMA has still to bring */
        uint16_t in_air;    /* bytes of the packet whose handshake is due */
        bool superseded;    /* a SETUP came while a transfer was under way */
    } in[OTG_ENDPOINTS];
};

static inline struct otg *otg_of(struct device *d)
{
    return (struct otg *)d;
}

/* device_reg() where it is hot: each packet asks for some hundred registers. */
static inline uint32_t *otg_reg(struct otg *u, uint32_t offset)
{
    return &u->d.value[u->d.slot[offset / 4] - 1];
}

/* Of endpoint n, or of a host's channel. */
static inline uint32_t *otg_ep(struct otg *u, uint32_t offset, unsigned n)
{
    return otg_reg(u, offset + 0x20 * n);
}

/* ---- otg.c ---- */

/* Looks again at session, mode and registers: whether D+ is pulled up. */
void otg_evaluate_connection(struct otg *u);
/* The PHY clock runs; `what` needs it now. */
bool otg_phy_clocked(struct otg *u, const char *what);
/* Something is on the bus. */
void otg_active(struct otg *u);
void otg_update_irq(struct otg *u);

/* ---- otg_fifo.c ---- */

/* Transmit FIFO that IN endpoint n uses. */
unsigned otg_fifo_of(struct otg *u, unsigned endpoint);
unsigned otg_tx_space(struct otg *u, unsigned fifo);
/* TXFELVL: the interrupt means completely empty, or half empty. */
bool otg_tx_empty(struct otg *u, unsigned fifo);
void otg_tx_flush(struct otg *u, unsigned fifo);
void otg_rx_flush(struct otg *u);
/* Space for so many bytes with their status word. */
bool otg_rx_fits(struct otg *u, unsigned bytes);
void otg_rx_put(struct otg *u, enum rx_kind kind, unsigned endpoint, unsigned toggle,
                const uint8_t *data, unsigned bytes);
uint32_t otg_rx_status(struct device *d, unsigned i); /* GRXSTSR */
uint32_t otg_rx_pop(struct device *d, unsigned i);    /* GRXSTSP */
enum bus_status otg_access_fifo(struct otg *u, struct bus_access *a);
/* Complains about FIFOs of active endpoints that overlap, once until they change. */
void otg_check_layout(struct otg *u);
/* Copies a packet from the FIFO's head, which stays there until otg_tx_drop(). */
void otg_tx_peek(struct otg *u, unsigned fifo, uint8_t *data, unsigned bytes);
void otg_tx_drop(struct otg *u, unsigned fifo, unsigned bytes);
/* A packet for endpoint n, which has space. */
void otg_tx_put(struct otg *u, unsigned n, const uint8_t *data, unsigned bytes);
/* The status word at the receive FIFO's head, if there is any; and out with it, and its data. */
bool otg_rx_head(struct otg *u, uint32_t *status);
void otg_rx_take(struct otg *u, uint8_t *data, unsigned bytes);

/* ---- otg_device.c ---- */

extern const struct usb_function otg_function; /* to be copied, and given its ctx */
/* The effects of DIEPCTLx, DOEPCTLx, DCFG and DCTL's NAK bits. */
void otg_write_diepctl(struct device *d, unsigned n, uint32_t value, uint32_t old);
void otg_write_doepctl(struct device *d, unsigned n, uint32_t value, uint32_t old);
void otg_write_dcfg(struct device *d, unsigned i, uint32_t value, uint32_t old);
void otg_global_nak(struct otg *u, uint32_t dctl);
/* A word with this status was taken out of the receive FIFO. */
void otg_popped(struct otg *u, uint32_t status);
/* The largest packet of IN endpoint n. */
unsigned otg_packet_size(struct otg *u, unsigned n);
/* What waits for space in the receive FIFO. */
void otg_rx_retry(struct otg *u);
/* Its state after a core reset or a system reset. */
void otg_device_reset(struct otg *u);

/* ---- otg_dma.c ---- */

/* There may be something to move. */
void otg_dma_look(struct otg *u);
void otg_dma_event(void *ctx, vtime at);
/* An IN token for endpoint 0 has come. */
void otg_dma_status_stage(struct otg *u);

#endif
