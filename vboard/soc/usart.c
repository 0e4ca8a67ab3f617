/*
 * USART1..3, 6, 10, UART4, 5, 7, 8, 9 and LPUART1: asynchronous characters to the bit in virtual
 * time.
 *
 * RM0455 chapters "Universal synchronous receiver transmitter" and "LPUART"; flag names as in the
 * CMSIS header. A character leaves on every pin that GPIO routes to this transmitter, and arrives
 * from the pin that it routes to this receiver. Not modelled: synchronous mode, smartcard, IrDA,
 * LIN, RS-485 driver enable, auto baud rate; using them is counted as unimplemented.
 */
#include <stdlib.h>
#include <string.h>

#include "devices.h"
#include "dma.h"

enum {
    CR1 = 0x00,
    CR2 = 0x04,
    CR3 = 0x08,
    BRR = 0x0C,
    RTOR = 0x14,
    RQR = 0x18,
    ISR = 0x1C,
    PRESC = 0x2C,
    FIFO = 16,
};

#define CR1_UE     (1u << 0)
#define CR1_RE     (1u << 2)
#define CR1_TE     (1u << 3)
#define CR1_PS     (1u << 9)
#define CR1_PCE    (1u << 10)
#define CR1_M0     (1u << 12)
#define CR1_OVER8  (1u << 15)
#define CR1_M1     (1u << 28)
#define CR1_FIFOEN (1u << 29)
#define CR1_FRAME  (CR1_M0 | CR1_M1 | CR1_PCE | CR1_PS | CR1_OVER8 | CR1_FIFOEN)

#define CR2_UNMODELLED (1u << 0 | 1u << 11 | 1u << 14 | 1u << 20)
#define CR2_RXINV      (1u << 16)
#define CR2_TXINV      (1u << 17)
#define CR2_SWAP       (1u << 15)
#define CR2_DATAINV    (1u << 18)
#define CR2_MSBFIRST   (1u << 19)
#define CR2_RTOEN      (1u << 23)
#define CR3_EIE        (1u << 0)
#define CR3_HDSEL      (1u << 3)
#define CR3_DMAR       (1u << 6)
#define CR3_DMAT       (1u << 7)
#define CR3_RTSE       (1u << 8)
#define CR3_CTSE       (1u << 9)
#define CR3_CTSIE      (1u << 10)
#define CR3_UNMODELLED (1u << 1 | 1u << 5 | 1u << 14)
#define CR3_OVRDIS     (1u << 12)

#define ISR_PE    (1u << 0)
#define ISR_FE    (1u << 1)
#define ISR_NE    (1u << 2)
#define ISR_ORE   (1u << 3)
#define ISR_IDLE  (1u << 4)
#define ISR_RXNE  (1u << 5)
#define ISR_TC    (1u << 6)
#define ISR_TXE   (1u << 7)
#define ISR_CTSIF (1u << 9)
#define ISR_CTS   (1u << 10)
#define ISR_RTOF  (1u << 11)
#define ISR_BUSY  (1u << 16)
#define ISR_CMF   (1u << 17)
#define ISR_SBKF  (1u << 18)
#define ISR_TEACK (1u << 21)
#define ISR_REACK (1u << 22)
#define ISR_TXFE  (1u << 23)
#define ISR_RXFF  (1u << 24)
#define ISR_RXFT  (1u << 26)
#define ISR_TXFT  (1u << 27)
#define ISR_CLEARABLE                                                                              \
    (ISR_PE | ISR_FE | ISR_NE | ISR_ORE | ISR_IDLE | ISR_TC | ISR_RTOF | ISR_CMF | 1u << 8 |       \
     1u << 9 | 1u << 12 | 1u << 13 | 1u << 20)

enum { TX, RX };

struct usart;

/* A pin that an instance's TX or RX can be routed to, by an alternate function number (data sheet
   DS13195, alternate function tables). */
struct route {
    uint8_t instance, direction, pin, af;
};

static const struct kind {
    const char *name;
    uint32_t base;
    uint16_t enr, rstr; /* RCC gate */
    uint8_t bit, on, irq, clock;
} kinds[] = {
    {"USART1", 0x40011000, RCC_APB2ENR, RCC_APB2RSTR, 4, ON_APB2, IRQ_USART1, CLOCK_USART16910},
    {"USART2", 0x40004400, RCC_APB1LENR, RCC_APB1LRSTR, 17, ON_APB1, IRQ_USART2, CLOCK_USART234578},
    {"USART3", 0x40004800, RCC_APB1LENR, RCC_APB1LRSTR, 18, ON_APB1, IRQ_USART3, CLOCK_USART234578},
    {"UART4", 0x40004C00, RCC_APB1LENR, RCC_APB1LRSTR, 19, ON_APB1, IRQ_UART4, CLOCK_USART234578},
    {"UART5", 0x40005000, RCC_APB1LENR, RCC_APB1LRSTR, 20, ON_APB1, IRQ_UART5, CLOCK_USART234578},
    {"USART6", 0x40011400, RCC_APB2ENR, RCC_APB2RSTR, 5, ON_APB2, IRQ_USART6, CLOCK_USART16910},
    {"UART7", 0x40007800, RCC_APB1LENR, RCC_APB1LRSTR, 30, ON_APB1, IRQ_UART7, CLOCK_USART234578},
    {"UART8", 0x40007C00, RCC_APB1LENR, RCC_APB1LRSTR, 31, ON_APB1, IRQ_UART8, CLOCK_USART234578},
    {"UART9", 0x40011800, RCC_APB2ENR, RCC_APB2RSTR, 6, ON_APB2, IRQ_UART9, CLOCK_USART16910},
    {"USART10", 0x40011C00, RCC_APB2ENR, RCC_APB2RSTR, 7, ON_APB2, IRQ_USART10, CLOCK_USART16910},
    {"LPUART1", 0x58000C00, RCC_APB4ENR, RCC_APB4RSTR, 3, ON_APB4, IRQ_LPUART1, CLOCK_LPUART1},
};
enum {
    U1,
    U2,
    U3,
    U4,
    U5,
    U6,
    U7,
    U8,
    U9,
    U10,
    LP1,
    INSTANCES = sizeof kinds / sizeof kinds[0],
};

/* The DMA lines for RX; TX is the next one. */
static const uint8_t dma_lines[INSTANCES] = {
    [U1] = DMA_USART1_RX, [U2] = DMA_USART2_RX,   [U3] = DMA_USART3_RX,   [U4] = DMA_UART4_RX,
    [U5] = DMA_UART5_RX,  [U6] = DMA_USART6_RX,   [U7] = DMA_UART7_RX,    [U8] = DMA_UART8_RX,
    [U9] = DMA_UART9_RX,  [U10] = DMA_USART10_RX, [LP1] = DMA_LPUART1_RX,
};

#define P(port, bit) (((port) - 'A') * 16 + (bit))
static const struct route routes[] = {
    {U1, RX, P('A', 10), 7},  {U1, RX, P('B', 15), 4},   {U1, RX, P('B', 7), 7},
    {U1, TX, P('A', 9), 7},   {U1, TX, P('B', 14), 4},   {U1, TX, P('B', 6), 7},
    {U2, RX, P('A', 3), 7},   {U2, RX, P('D', 6), 7},    {U2, TX, P('A', 2), 7},
    {U2, TX, P('D', 5), 7},   {U3, RX, P('B', 11), 7},   {U3, RX, P('C', 11), 7},
    {U3, RX, P('D', 9), 7},   {U3, TX, P('B', 10), 7},   {U3, TX, P('C', 10), 7},
    {U3, TX, P('D', 8), 7},   {U4, RX, P('A', 1), 8},    {U4, RX, P('A', 11), 6},
    {U4, RX, P('B', 8), 8},   {U4, RX, P('C', 11), 8},   {U4, RX, P('D', 0), 8},
    {U4, RX, P('H', 14), 8},  {U4, RX, P('I', 9), 8},    {U4, TX, P('A', 0), 8},
    {U4, TX, P('A', 12), 6},  {U4, TX, P('B', 9), 8},    {U4, TX, P('C', 10), 8},
    {U4, TX, P('D', 1), 8},   {U4, TX, P('H', 13), 8},   {U5, RX, P('B', 12), 14},
    {U5, RX, P('B', 5), 14},  {U5, RX, P('D', 2), 8},    {U5, TX, P('B', 13), 14},
    {U5, TX, P('B', 6), 14},  {U5, TX, P('C', 12), 8},   {U6, RX, P('C', 7), 7},
    {U6, RX, P('G', 9), 7},   {U6, TX, P('C', 6), 7},    {U6, TX, P('G', 14), 7},
    {U7, RX, P('A', 8), 11},  {U7, RX, P('B', 3), 11},   {U7, RX, P('E', 7), 7},
    {U7, RX, P('F', 6), 7},   {U7, TX, P('A', 15), 11},  {U7, TX, P('B', 4), 11},
    {U7, TX, P('E', 8), 7},   {U7, TX, P('F', 7), 7},    {U8, RX, P('E', 0), 8},
    {U8, RX, P('J', 9), 8},   {U8, TX, P('E', 1), 8},    {U8, TX, P('J', 8), 8},
    {U9, RX, P('D', 14), 11}, {U9, RX, P('G', 0), 11},   {U9, TX, P('D', 15), 11},
    {U9, TX, P('G', 1), 11},  {U10, RX, P('E', 2), 11},  {U10, RX, P('G', 11), 11},
    {U10, TX, P('E', 3), 11}, {U10, TX, P('G', 12), 11}, {LP1, RX, P('A', 10), 3},
    {LP1, RX, P('B', 7), 8},  {LP1, TX, P('A', 9), 3},   {LP1, TX, P('B', 6), 8},
};
enum { ROUTES = sizeof routes / sizeof routes[0] };

/* nCTS and nRTS: levels on the pins. */
enum { CTS, RTS };
static const struct route flow_routes[] = {
    {U1, CTS, P('A', 11), 7},   {U1, RTS, P('A', 12), 7},   {U2, CTS, P('A', 0), 7},
    {U2, CTS, P('D', 3), 7},    {U2, RTS, P('A', 1), 7},    {U2, RTS, P('D', 4), 7},
    {U3, CTS, P('B', 13), 7},   {U3, CTS, P('D', 11), 7},   {U3, RTS, P('B', 14), 7},
    {U3, RTS, P('D', 12), 7},   {U4, CTS, P('B', 0), 8},    {U4, CTS, P('B', 15), 8},
    {U4, RTS, P('A', 15), 8},   {U4, RTS, P('B', 14), 8},   {U5, CTS, P('C', 9), 8},
    {U5, RTS, P('C', 8), 8},    {U6, CTS, P('G', 13), 7},   {U6, CTS, P('G', 15), 7},
    {U6, RTS, P('G', 8), 7},    {U6, RTS, P('G', 12), 7},   {U7, CTS, P('E', 10), 7},
    {U7, CTS, P('F', 9), 7},    {U7, RTS, P('E', 9), 7},    {U7, RTS, P('F', 8), 7},
    {U8, CTS, P('D', 14), 8},   {U8, RTS, P('D', 15), 8},   {U9, CTS, P('D', 0), 11},
    {U9, CTS, P('J', 4), 11},   {U9, RTS, P('D', 13), 11},  {U9, RTS, P('J', 3), 11},
    {U10, CTS, P('G', 13), 11}, {U10, RTS, P('G', 14), 11}, {LP1, CTS, P('A', 11), 3},
    {LP1, RTS, P('A', 12), 3},
};
enum { FLOW_ROUTES = sizeof flow_routes / sizeof flow_routes[0] };

struct received {
    uint16_t data;
    uint8_t flags; /* ISR_PE, FE, NE */
};

/* One entry of `routes` that receives: the listener on that pin's wire. */
struct receiver {
    struct usart *usart;
    const struct route *route;
    struct serial_listener listener;
};

/* One entry of `flow_routes` that is an nCTS: the listener on that pin's net. */
struct clear_to_send {
    struct usart *usart;
    const struct route *route;
    struct net_listener listener;
};

struct usart {
    struct device d;
    unsigned instance;
    vtime bit; /* length of one bit; 0 = no clock or no BRR */
    uint32_t *cr1, *cr2, *cr3, *isr;

    uint16_t tx[FIFO];
    unsigned tx_count, tx_first;
    bool sending, send_break;
    struct serial_char out;
    struct sched_event sent;

    struct received rx[FIFO];
    unsigned rx_count, rx_first;
    struct sched_event idle, timeout;
    struct receiver receiver[ROUTES];
    struct clear_to_send cts[FLOW_ROUTES];
    enum net_drive rts[FLOW_ROUTES]; /* what nRTS holds */
};

static struct usart *usart_of(struct device *d)
{
    return (struct usart *)d;
}

static bool fifo_mode(const struct usart *u)
{
    return *u->cr1 & CR1_FIFOEN;
}

static unsigned depth(const struct usart *u)
{
    return fifo_mode(u) ? FIFO : 1;
}

/* TXFTCFG, RXFTCFG: entries that make the threshold. */
static unsigned threshold(uint32_t field)
{
    static const uint8_t entries[8] = {2, 4, 8, 12, 14, 16, 16, 16};

    return entries[field & 7];
}

/* Data bits on the line, parity included. */
static unsigned data_bits(const struct usart *u)
{
    return *u->cr1 & CR1_M1 ? 7 : *u->cr1 & CR1_M0 ? 9 : 8;
}

static unsigned stop_bits(const struct usart *u)
{
    return *u->cr2 >> 13 & 1 ? 2 : 1; /* 0.5 and 1.5 (smartcard) are taken as 1 and 2 */
}

/* nRTS is low while the receiver has room: RM0455, RTS flow control. */
static void update_rts(struct usart *u)
{
    enum net_drive rts = !(*u->cr3 & CR3_RTSE) || !(*u->cr1 & CR1_UE) ? NET_Z
                         : *u->cr1 & CR1_RE && u->rx_count < depth(u) ? NET_LOW
                                                                      : NET_HIGH;

    for (unsigned i = 0; i < FLOW_ROUTES; i++) {
        const struct route *r = &flow_routes[i];
        bool ours = r->instance == u->instance && r->direction == RTS;
        enum net_drive drive = ours && soc_pin_af(u->d.soc, r->pin) == r->af ? rts : NET_Z;

        if (!ours || drive == u->rts[i])
            continue;
        u->rts[i] = drive;
        soc_pin_output(u->d.soc, r->pin, drive);
    }
}

/* The pin that is nCTS, NULL: none. */
static const struct route *cts_route(const struct usart *u)
{
    for (unsigned i = 0; i < FLOW_ROUTES; i++) {
        const struct route *r = &flow_routes[i];

        if (r->instance == u->instance && r->direction == CTS &&
            soc_pin_af(u->d.soc, r->pin) == r->af)
            return r;
    }
    return NULL;
}

/* nCTS is low, or goes nowhere: an input that is not routed reads 0. */
static bool clear_to_send(const struct usart *u)
{
    const struct route *r = cts_route(u);

    return r == NULL || !net_level(u->d.soc->pin[r->pin]);
}

/* ISR.CTS. Without a pin it follows CTSE: after reset real chips show 0x000000C0, without it. */
static bool shows_cts(const struct usart *u)
{
    return cts_route(u) == NULL ? (*u->cr3 & CR3_CTSE) != 0 : clear_to_send(u);
}

/* Flags that follow from the FIFOs, then the interrupt line from flags and enables. */
static void update(struct usart *u)
{
    uint32_t isr = *u->isr & ~(ISR_TXE | ISR_RXNE | ISR_TXFE | ISR_RXFF | ISR_RXFT | ISR_TXFT);
    uint32_t cr1 = *u->cr1, cr3 = *u->cr3, active;

    if (u->tx_count < depth(u))
        isr |= ISR_TXE;
    if (u->rx_count)
        isr |= ISR_RXNE;
    if (fifo_mode(u)) {
        if (!u->tx_count)
            isr |= ISR_TXFE;
        if (u->rx_count == FIFO)
            isr |= ISR_RXFF;
        if (FIFO - u->tx_count >= threshold(cr3 >> 29))
            isr |= ISR_TXFT;
        if (u->rx_count >= threshold(cr3 >> 25))
            isr |= ISR_RXFT;
    }
    isr = shows_cts(u) ? isr | ISR_CTS : isr & ~ISR_CTS;
    *u->isr = isr;
    update_rts(u);

    /* Bits 4..8 of CR1 enable the flags of the same name; 5 also raises on overrun. */
    active = (isr & cr1 & (ISR_IDLE | ISR_RXNE | ISR_TC | ISR_TXE)) |
             (cr1 >> 5 & 1 ? isr & ISR_ORE : 0) | (cr1 >> 8 & 1 ? isr & ISR_PE : 0) |
             (cr1 >> 14 & 1 ? isr & ISR_CMF : 0) | (cr1 >> 26 & 1 ? isr & ISR_RTOF : 0) |
             (cr1 >> 30 & 1 ? isr & ISR_TXFE : 0) | (cr1 >> 31 & 1 ? isr & ISR_RXFF : 0) |
             (cr3 & CR3_CTSIE ? isr & ISR_CTSIF : 0) |
             (cr3 & CR3_EIE ? isr & (ISR_FE | ISR_NE | ISR_ORE) : 0) |
             (cr3 >> 28 & 1 ? isr & ISR_RXFT : 0) | (cr3 >> 23 & 1 ? isr & ISR_TXFT : 0);
    soc_irq(u->d.soc, kinds[u->instance].irq, active && cr1 & CR1_UE);
    dma_request(u->d.soc, dma_lines[u->instance], cr3 & CR3_DMAR && isr & ISR_RXNE);
    dma_request(u->d.soc, dma_lines[u->instance] + 1u,
                cr3 & CR3_DMAT && isr & ISR_TXE && (cr1 & (CR1_UE | CR1_TE)) == (CR1_UE | CR1_TE));
}

/* The length of a bit from BRR, PRESC, OVER8 and the kernel clock. */
static void update_rate(struct usart *u)
{
    static const uint16_t prescaler[16] = {1,  2,  4,   6,   8,   10,  12,  16,
                                           32, 64, 128, 256, 256, 256, 256, 256};
    uint64_t hz = soc_clock_hz(u->d.soc, kinds[u->instance].clock);
    uint32_t brr = *device_reg(&u->d, BRR);
    uint64_t clocks = (uint64_t)brr * prescaler[*device_reg(&u->d, PRESC) & 15];

    u->bit = 0;
    if (!hz || !brr)
        return;
    if (u->instance == LP1)
        u->bit = vtime_of_clocks(clocks, hz * 256);
    else if (*u->cr1 & CR1_OVER8)
        u->bit = vtime_of_clocks(((brr & 0xFFF0u) | (brr & 7) << 1) * clocks / brr, hz * 2);
    else
        u->bit = vtime_of_clocks(clocks, hz);
}

static uint32_t reversed(uint32_t v, unsigned n)
{
    uint32_t r = 0;

    for (unsigned i = 0; i < n; i++)
        r |= (v >> i & 1) << (n - 1 - i);
    return r;
}

/* Data as the line carries it, and back: parity in the top bit, bit order, inversion. */
static uint32_t to_line(const struct usart *u, uint32_t data)
{
    unsigned n = data_bits(u);
    uint32_t mask = (1u << n) - 1;

    if (*u->cr1 & CR1_PCE) {
        data &= mask >> 1;
        if ((unsigned)(__builtin_popcount(data) & 1) ^ !!(*u->cr1 & CR1_PS))
            data |= 1u << (n - 1);
    }
    if (*u->cr2 & CR2_DATAINV)
        data = ~data;
    data &= mask;
    return *u->cr2 & CR2_MSBFIRST ? reversed(data, n) : data;
}

static uint32_t from_line(const struct usart *u, uint32_t data, uint8_t *flags)
{
    unsigned n = data_bits(u);
    uint32_t mask = (1u << n) - 1;

    if (*u->cr2 & CR2_MSBFIRST)
        data = reversed(data, n);
    if (*u->cr2 & CR2_DATAINV)
        data = ~data & mask;
    if (*u->cr1 & CR1_PCE &&
        (unsigned)(__builtin_popcount(data & mask) & 1) != (unsigned)!!(*u->cr1 & CR1_PS))
        *flags |= ISR_PE;
    return data;
}

static bool routed(const struct usart *u, const struct route *r, unsigned direction)
{
    /* Half duplex: the receiver hangs on the transmitter's pin. */
    unsigned signal = *u->cr3 & CR3_HDSEL ? TX : direction;
    unsigned wanted = *u->cr2 & CR2_SWAP ? !signal : signal;

    return r->instance == u->instance && r->direction == wanted &&
           soc_pin_af(u->d.soc, r->pin) == r->af;
}

/* Publishes the character under way on every pin that carries this transmitter; pins that are
   wired together are one line. */
static bool publish(struct usart *u, void (*how)(struct serial_wire *, const struct serial_char *))
{
    struct serial_wire *told[ROUTES];
    unsigned count = 0;
    bool any = false;

    for (unsigned i = 0; i < ROUTES; i++) {
        struct serial_wire *wire = u->d.soc->serial[routes[i].pin];
        unsigned n = 0;

        if (routes[i].instance != u->instance || !routed(u, &routes[i], TX))
            continue;
        any = true;
        while (n < count && !serial_joined(told[n], wire))
            n++;
        if (wire && n == count) {
            told[count++] = wire;
            how(wire, &u->out);
        }
    }
    return any;
}

static void send_next(struct usart *u, vtime at)
{
    unsigned bits = data_bits(u);

    if (u->sending || !u->bit || (*u->cr1 & (CR1_UE | CR1_TE)) != (CR1_UE | CR1_TE) ||
        (*u->cr3 & CR3_CTSE && !clear_to_send(u)))
        return;
    if (u->send_break) {
        u->send_break = false;
        *u->isr &= ~ISR_SBKF;
        u->out = (struct serial_char){.bits = 0, .count = bits + 2, .start = at, .bit = u->bit};
    } else if (u->tx_count) {
        u->out = serial_frame(to_line(u, u->tx[u->tx_first]), bits, stop_bits(u), at, u->bit);
        u->tx_first = (u->tx_first + 1) % FIFO;
        u->tx_count--;
    } else {
        return;
    }
    u->out.inverted = *u->cr2 & CR2_TXINV;
    u->sending = true;
    if (!publish(u, serial_begin))
        complain(u->d.soc->complaints, GUEST_ERROR, "usart-tx-unrouted",
                 "%s sends, but no pin is in the alternate function of its TX", u->d.name);
    sched_at(u->d.soc->sched, &u->sent, at + u->out.count * u->out.bit);
}

static void sent(void *ctx, vtime at)
{
    struct usart *u = ctx;

    u->sending = false;
    publish(u, serial_send);
    send_next(u, at);
    if (!u->sending && !u->tx_count) /* nCTS may hold what is left */
        *u->isr |= ISR_TC;
    update(u);
}

static void show_top_flags(struct usart *u)
{
    if (u->rx_count)
        *u->isr |= u->rx[u->rx_first].flags;
}

static bool listening(const struct receiver *r)
{
    const struct usart *u = r->usart;

    return (*u->cr1 & (CR1_UE | CR1_RE)) == (CR1_UE | CR1_RE) && u->bit && device_clocked(&u->d) &&
           routed(u, r->route, RX);
}

static void line_busy(void *ctx, const struct serial_char *c)
{
    struct receiver *r = ctx;
    struct usart *u = r->usart;

    gpio_start_bit(u->d.soc, r->route->pin, c->inverted);
    if (!listening(r))
        return;
    *u->isr |= ISR_BUSY;
    sched_cancel(u->d.soc->sched, &u->idle);
    sched_cancel(u->d.soc->sched, &u->timeout);
}

static void line_received(void *ctx, const struct serial_char *c)
{
    struct receiver *r = ctx;
    struct usart *u = r->usart;
    bool inverted = *u->cr2 & CR2_RXINV;
    unsigned n = data_bits(u);
    struct received in = {0};
    uint32_t bits = 0;
    vtime now, frame;

    if (!listening(r))
        return;
    now = sched_now(u->d.soc->sched);
    frame = (1 + n + stop_bits(u)) * u->bit;
    *u->isr &= ~ISR_BUSY;
    sched_at(u->d.soc->sched, &u->idle, now + frame);
    if (*u->cr2 & CR2_RTOEN)
        sched_at(u->d.soc->sched, &u->timeout,
                 now + (*device_reg(&u->d, RTOR) & 0xFFFFFF) * u->bit);
    if (serial_sample(c, 0, u->bit) != inverted)
        return; /* a spike: no start bit in the middle of our bit time */
    for (unsigned i = 0; i < n; i++)
        bits |= (uint32_t)(serial_sample(c, 1 + i, u->bit) != inverted) << i;
    if (serial_sample(c, 1 + n, u->bit) == inverted)
        in.flags |= ISR_FE;
    in.data = (uint16_t)from_line(u, bits, &in.flags);
    if (*u->cr1 >> 14 & 1 && (in.data & 0xFF) == *u->cr2 >> 24)
        *u->isr |= ISR_CMF;

    if (u->rx_count == depth(u)) {
        if (!(*u->cr3 & CR3_OVRDIS)) {
            *u->isr |= ISR_ORE; /* what was received before stays, this one is lost */
            update(u);
            return;
        }
        u->rx_count--;
    }
    u->rx[(u->rx_first + u->rx_count++) % FIFO] = in;
    if (u->rx_count == 1)
        show_top_flags(u);
    update(u);
}

static void cts_changed(void *ctx, struct net *net, bool level)
{
    struct clear_to_send *c = ctx;
    struct usart *u = c->usart;

    (void)net;
    (void)level;
    if (!(*u->cr3 & CR3_CTSE) || !(*u->cr1 & CR1_UE) ||
        soc_pin_af(u->d.soc, c->route->pin) != c->route->af ||
        clear_to_send(u) == !!(*u->isr & ISR_CTS))
        return;
    *u->isr |= ISR_CTSIF;
    send_next(u, sched_now(u->d.soc->sched));
    update(u);
}

static void line_idle(void *ctx, vtime at)
{
    struct usart *u = ctx;

    (void)at;
    *u->isr |= ISR_IDLE;
    update(u);
}

static void receiver_timeout(void *ctx, vtime at)
{
    struct usart *u = ctx;

    (void)at;
    *u->isr |= ISR_RTOF;
    update(u);
}

static void flush(struct usart *u)
{
    u->tx_count = u->tx_first = u->rx_count = u->rx_first = 0;
    u->send_break = false;
    u->sending = false;
    sched_cancel(u->d.soc->sched, &u->sent);
    sched_cancel(u->d.soc->sched, &u->idle);
    sched_cancel(u->d.soc->sched, &u->timeout);
}

static void unmodelled(struct usart *u, uint32_t bits, const char *reg)
{
    if (bits)
        complain(u->d.soc->complaints, UNIMPLEMENTED, "usart-mode",
                 "%s_%s: bits 0x%08x ask for a mode that is not modelled", u->d.name, reg,
                 (unsigned)bits);
}

static void while_enabled(struct usart *u, const char *reg, uint32_t changed)
{
    if (changed && *u->cr1 & CR1_UE)
        complain(u->d.soc->complaints, GUEST_ERROR, "usart-config-while-enabled",
                 "%s_%s: bits 0x%08x may be written only while UE = 0", u->d.name, reg,
                 (unsigned)changed);
}

static void write_cr1(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    struct usart *u = usart_of(d);
    uint32_t cr1 = *u->cr1;

    (void)i;
    (void)value;
    if (old & CR1_UE)
        while_enabled(u, "CR1", (cr1 ^ old) & CR1_FRAME);
    if (!(cr1 & CR1_UE)) {
        flush(u);
        *u->isr = ISR_TC;
    } else {
        *u->isr = (*u->isr & ~(ISR_TEACK | ISR_REACK)) | (cr1 & CR1_TE ? ISR_TEACK : 0) |
                  (cr1 & CR1_RE ? ISR_REACK : 0);
        if (!(cr1 & CR1_RE))
            *u->isr &= ~ISR_BUSY;
    }
    update_rate(u);
    send_next(u, sched_now(d->soc->sched));
    update(u);
}

static void write_cr2(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    struct usart *u = usart_of(d);

    (void)i;
    (void)value;
    unmodelled(u, *u->cr2 & ~old & CR2_UNMODELLED, "CR2");
    update(u);
}

static void write_cr3(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    struct usart *u = usart_of(d);

    (void)i;
    (void)value;
    unmodelled(u, *u->cr3 & ~old & CR3_UNMODELLED, "CR3");
    update(u);
}

static void write_rate(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    struct usart *u = usart_of(d);

    (void)i;
    while_enabled(u, "BRR/PRESC", value ^ old);
    update_rate(u);
}

static void write_rqr(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    struct usart *u = usart_of(d);

    (void)i;
    (void)old;
    if (value & 1u << 1) { /* SBKRQ */
        u->send_break = true;
        *u->isr |= ISR_SBKF;
        *u->isr &= ~ISR_TC;
        send_next(u, sched_now(d->soc->sched));
    }
    if (value & 1u << 3) /* RXFRQ */
        u->rx_count = 0;
    if (value & 1u << 4) /* TXFRQ */
        u->tx_count = 0;
    update(u);
}

static void write_icr(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    struct usart *u = usart_of(d);

    (void)i;
    (void)old;
    *u->isr &= ~(value & ISR_CLEARABLE);
    update(u);
}

static uint32_t read_rdr(struct device *d, unsigned i)
{
    struct usart *u = usart_of(d);
    uint32_t data = u->rx[u->rx_first].data;

    (void)i;
    if (d->peek || !u->rx_count)
        return data;
    u->rx_count--;
    if (u->rx_count)
        u->rx_first = (u->rx_first + 1) % FIFO;
    show_top_flags(u);
    update(u);
    return data;
}

static void write_tdr(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    struct usart *u = usart_of(d);

    (void)i;
    (void)old;
    if ((*u->cr1 & (CR1_UE | CR1_TE)) != (CR1_UE | CR1_TE)) {
        complain(d->soc->complaints, GUEST_ERROR, "usart-tx-off",
                 "%s_TDR written while the transmitter is off (UE, TE)", d->name);
        return;
    }
    if (u->tx_count == depth(u)) {
        complain(d->soc->complaints, GUEST_ERROR, "usart-tx-full",
                 "%s_TDR written while TXE = 0: the character before is lost", d->name);
        u->tx_count--;
    }
    u->tx[(u->tx_first + u->tx_count++) % FIFO] = (uint16_t)(value & 0x1FF);
    *u->isr &= ~ISR_TC;
    if (!u->bit)
        complain(d->soc->complaints, GUEST_ERROR, "usart-no-rate",
                 "%s sends without a bit rate (BRR or its kernel clock is 0)", d->name);
    if (!u->sending)
        send_next(u, sched_now(d->soc->sched));
    update(u);
}

#define USART_REGS(brr)                                                                            \
    {                                                                                              \
        {.name = "CR1", .offset = CR1, .writable = 0xFFFFFFFF, .write = write_cr1},                \
            {.name = "CR2", .offset = CR2, .writable = 0xFFFFFF79, .write = write_cr2},            \
            {.name = "CR3", .offset = CR3, .writable = 0xFFFEFFFF, .write = write_cr3},            \
            {.name = "BRR", .offset = BRR, .writable = (brr), .write = write_rate},                \
            {.name = "GTPR", .offset = 0x10, .writable = 0xFFFF},                                  \
            {.name = "RTOR", .offset = RTOR, .writable = 0xFFFFFFFF},                              \
            {.name = "RQR", .offset = RQR, .write = write_rqr},                                    \
            {.name = "ISR", .offset = ISR, .reset = ISR_TC | ISR_TXE},                             \
            {.name = "ICR", .offset = 0x20, .write = write_icr},                                   \
            {.name = "RDR", .offset = 0x24, .read = read_rdr},                                     \
            {.name = "TDR", .offset = 0x28, .writable = 0x1FF, .write = write_tdr},                \
            {.name = "PRESC", .offset = PRESC, .writable = 0xF, .write = write_rate},              \
    }

static const struct reg usart_regs[] = USART_REGS(0xFFFF);
static const struct reg lpuart_regs[] = USART_REGS(0xFFFFF);
enum { REG_COUNT = sizeof usart_regs / sizeof usart_regs[0] };

static void reset(struct device *d)
{
    struct usart *u = usart_of(d);

    flush(u);
    update_rate(u);
    update(u);
}

static void clocks_changed(struct device *d)
{
    update_rate(usart_of(d));
}

static int create_one(struct soc *soc, unsigned instance)
{
    const struct kind *k = &kinds[instance];
    struct usart *u = calloc(1, sizeof *u);

    if (!u)
        return -1;
    u->instance = instance;
    u->d.name = k->name;
    u->d.base = k->base;
    u->d.size = 0x400;
    u->d.regs = instance == LP1 ? lpuart_regs : usart_regs;
    u->d.reg_count = REG_COUNT;
    u->d.gate = (struct rcc_gate){k->enr, k->rstr, k->bit};
    u->d.on = k->on;
    u->d.reset = reset;
    u->d.clocks_changed = clocks_changed;
    u->sent = (struct sched_event){.fn = sent, .ctx = u};
    u->idle = (struct sched_event){.fn = line_idle, .ctx = u};
    u->timeout = (struct sched_event){.fn = receiver_timeout, .ctx = u};
    if (device_init(&u->d, soc) < 0) {
        free(u);
        return -1;
    }
    soc->usarts[instance] = &u->d;
    u->cr1 = device_reg(&u->d, CR1);
    u->cr2 = device_reg(&u->d, CR2);
    u->cr3 = device_reg(&u->d, CR3);
    u->isr = device_reg(&u->d, ISR);
    /* TX pins are listened to as well: SWAP exchanges the two. */
    for (unsigned i = 0; i < ROUTES; i++) {
        struct receiver *r = &u->receiver[i];
        struct serial_wire *wire;

        if (routes[i].instance != instance)
            continue;
        wire = soc_serial(soc, routes[i].pin);
        if (!wire)
            return -1;
        r->usart = u;
        r->route = &routes[i];
        r->listener = (struct serial_listener){.fn = line_received, .begin = line_busy, .ctx = r};
        serial_listen(wire, &r->listener);
    }
    for (unsigned i = 0; i < FLOW_ROUTES; i++) {
        struct clear_to_send *c = &u->cts[i];

        if (flow_routes[i].instance != instance || flow_routes[i].direction != CTS)
            continue;
        c->usart = u;
        c->route = &flow_routes[i];
        c->listener = (struct net_listener){.fn = cts_changed, .ctx = c};
        net_listen(soc->pin[c->route->pin], &c->listener);
    }
    return 0;
}

void usart_pin_routed(struct soc *soc, unsigned pin)
{
    for (unsigned i = 0; i < FLOW_ROUTES; i++) {
        if (flow_routes[i].pin == pin && soc->usarts[flow_routes[i].instance]) {
            struct usart *u = usart_of(soc->usarts[flow_routes[i].instance]);

            send_next(u, sched_now(soc->sched));
            update(u);
        }
    }
}

int usart_create(struct soc *soc)
{
    for (unsigned i = 0; i < INSTANCES; i++) {
        if (create_one(soc, i) < 0)
            return -1;
    }
    return 0;
}
