/*
 * The UART driver's flows: set-up with the handshake of TEACK and REACK, polled, by interrupt, by
 * FIFO threshold, until the line is idle; overrun. Received is what the test types: lines "first"
 * to "fifth", one after the other.
 */
#include "soc.h"

#ifdef BOARD_NUCLEO
enum { IRQ = USART3_IRQ };
#else
enum { IRQ = USART1_IRQ };
#endif

enum { FIRST_LINE = 5000, NEXT_LINE = 500 };

static uint8_t buffer[64];
static volatile unsigned count;
static volatile bool idle, overrun;

/* Initialisation of a handle: UE off, CR1..3, rate, PRESC, UE on, acknowledgements. */
static bool init(uint32_t usart, uint32_t kernel_hz, uint32_t prescaler, uint32_t baud, bool over8,
                 uint32_t cr3)
{
    uint32_t div = over8 ? (2 * kernel_hz + baud / 2) / baud : (kernel_hz + baud / 2) / baud;

    R(usart, USART_CR1) &= ~(uint32_t)USART_UE;
    R(usart, USART_CR1) = (R(usart, USART_CR1) & ~(BIT(12) | BIT(28) | BIT(10) | BIT(9) | BIT(2) |
                                                   BIT(3) | BIT(15) | BIT(29))) |
                          USART_TE | USART_RE | (over8 ? BIT(15) : 0);
    R(usart, USART_CR2) &= ~(3u << 12);
    R(usart, USART_CR3) = (R(usart, USART_CR3) & ~(BIT(8) | BIT(9) | BIT(11))) | cr3;
    R(usart, USART_PRESC) = (R(usart, USART_PRESC) & ~15u) | prescaler;
    R(usart, USART_BRR) = over8 ? (div & 0xFFF0) | (div & 15) >> 1 : div;
    R(usart, USART_CR2) &= ~(BIT(14) | BIT(11));
    R(usart, USART_CR3) &= ~(BIT(5) | BIT(3) | BIT(1));
    R(usart, USART_CR1) |= USART_UE;
    return wait_for(&R(usart, USART_ISR), USART_TEACK, USART_TEACK, 33) &&
           wait_for(&R(usart, USART_ISR), USART_REACK, USART_REACK, 33);
}

static void fifo_mode(uint32_t usart, bool on, uint32_t tx_threshold, uint32_t rx_threshold)
{
    uint32_t cr1 = R(usart, USART_CR1);

    /* UE = 0 ends what is under way at once: a character on the line would be cut. */
    wait_for(&R(usart, USART_ISR), USART_TC, USART_TC, 100);
    R(usart, USART_CR1) &= ~(uint32_t)USART_UE;
    R(usart, USART_CR3) =
        (R(usart, USART_CR3) & ~(7u << 29 | 7u << 25)) | tx_threshold << 29 | rx_threshold << 25;
    R(usart, USART_CR1) = on ? cr1 | BIT(29) : cr1 & ~BIT(29);
}

static bool transmit(uint32_t usart, const char *text, uint32_t limit)
{
    for (; *text; text++) {
        if (!wait_for(&R(usart, USART_ISR), USART_TXE, USART_TXE, limit))
            return false;
        R(usart, USART_TDR) = (uint8_t)*text;
    }
    return wait_for(&R(usart, USART_ISR), USART_TC, USART_TC, limit);
}

static bool same(const char *text, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        if (buffer[i] != (uint8_t)text[i])
            return false;
    }
    return true;
}

/* Libraries change enables by exclusive accesses, as an interrupt may change its neighbours in the
 * same register. */
static void atomic_modify(volatile uint32_t *reg, uint32_t clear, uint32_t set)
{
    uint32_t value, failed;

    do {
        __asm volatile("ldrex %0, [%1]" : "=r"(value) : "r"(reg) : "memory");
        value = (value & ~clear) | set;
        __asm volatile("strex %0, %1, [%2]" : "=&r"(failed) : "r"(value), "r"(reg) : "memory");
    } while (failed);
}

static void polled(void)
{
    bool good = true;

    R(console, USART_RQR) = BIT(3); /* what came before is thrown away */
    for (unsigned i = 0; i < 6 && good; i++) {
        good = wait_for(&R(console, USART_ISR), USART_RXNE, USART_RXNE, FIRST_LINE);
        buffer[i] = (uint8_t)(R(console, USART_RDR) & 0xFF);
    }
    check("polled: all characters", good);
    check("polled: first", same("first\r", 6));
}

/* Byte-wise receive interrupt, with the error and idle branches that a library's handler has. */
static void receive_irq(void)
{
    uint32_t isr = R(console, USART_ISR), cr1 = R(console, USART_CR1);

    if (isr & USART_RXNE && cr1 & (BIT(5)))
        buffer[count++] = (uint8_t)R(console, USART_RDR);
    if (isr & BIT(3)) {
        R(console, USART_ICR) = BIT(3);
        overrun = true;
    }
    if (isr & USART_IDLE && cr1 & USART_IDLE) {
        R(console, USART_ICR) = USART_IDLE;
        idle = true;
        R(console, USART_CR1) &= ~(uint32_t)(USART_IDLE | USART_RXNE);
    }
}

static void wait_count(unsigned n)
{
    uint32_t start = ticks;

    while (count < n && ticks - start <= NEXT_LINE)
        wfi();
}

static void by_interrupt(void)
{
    count = 0;
    on_irq(IRQ, receive_irq);
    enable_irq(IRQ);
    atomic_modify(&R(console, USART_CR3), 0, 1); /* EIE */
    atomic_modify(&R(console, USART_CR1), 0, BIT(5) | BIT(8));
    wait_count(7);
    atomic_modify(&R(console, USART_CR1), BIT(5) | BIT(8), 0);
    equal("interrupt: characters", count, 7);
    check("interrupt: second", same("second\r", 7));
    check("interrupt: no overrun", !overrun);
}

static void to_idle(void)
{
    uint32_t start = ticks;

    count = 0;
    idle = false;
    R(console, USART_ICR) = USART_IDLE;
    R(console, USART_CR1) |= BIT(5) | BIT(8) | USART_IDLE;
    while (!idle && ticks - start <= NEXT_LINE)
        wfi();
    check("idle: the line's end was noticed", idle);
    equal("idle: characters", count, 6);
    check("idle: third", same("third\r", 6));
}

/* FIFO mode: interrupt at a threshold of 4 of 16, the rest by time-out. */
static void fifo_irq(void)
{
    while (R(console, USART_ISR) & USART_RXNE)
        buffer[count++] = (uint8_t)R(console, USART_RDR);
    if (R(console, USART_ISR) & BIT(11)) {
        R(console, USART_ICR) = BIT(11);
        idle = true;
    }
}

static void by_fifo(void)
{
    uint32_t start = ticks;

    count = 0;
    idle = false;
    fifo_mode(console, true, 0, 1);
    R(console, USART_RTOR) = 30;
    R(console, USART_CR2) |= BIT(23);
    R(console, USART_CR1) |= BIT(26);
    on_irq(IRQ, fifo_irq);
    R(console, USART_CR3) |= BIT(28);
    while (!idle && ticks - start <= NEXT_LINE)
        wfi();
    R(console, USART_CR3) &= ~BIT(28);
    R(console, USART_CR1) &= ~BIT(26);
    check("fifo: receiver time-out", idle);
    equal("fifo: characters", count, 7);
    check("fifo: fourth", same("fourth\r", 7));
}

static void overruns(void)
{
    disable_irq(IRQ);
    R(console, USART_CR3) &= ~1u;
    fifo_mode(console, false, 0, 0);
    R(console, USART_CR2) &= ~BIT(23);
    wait_for(&R(console, USART_ISR), BIT(3), BIT(3), NEXT_LINE);
    check("overrun: ORE", R(console, USART_ISR) & BIT(3));
    equal("overrun: the first character is kept", R(console, USART_RDR) & 0xFF, 'f');
    R(console, USART_ICR) = BIT(3);
    check("overrun: ORE cleared", !(R(console, USART_ISR) & BIT(3)));
}

/* TXE interrupt, then TC: the transmit side by interrupt. */
static const char *volatile outgoing;
static volatile bool sent;

static void transmit_irq(void)
{
    uint32_t isr = R(console, USART_ISR), cr1 = R(console, USART_CR1);

    if (isr & USART_TXE && cr1 & BIT(7)) {
        if (*outgoing) {
            R(console, USART_TDR) = (uint8_t)*outgoing++;
        } else {
            R(console, USART_CR1) &= ~BIT(7);
            R(console, USART_CR1) |= BIT(6);
        }
        return;
    }
    if (isr & USART_TC && cr1 & BIT(6)) {
        R(console, USART_CR1) &= ~BIT(6);
        sent = true;
    }
}

static void transmit_by_interrupt(void)
{
    uint32_t start = ticks;

    outgoing = "# sent by interrupt\n";
    on_irq(IRQ, transmit_irq);
    enable_irq(IRQ);
    R(console, USART_CR1) |= BIT(7);
    while (!sent && ticks - start <= 100)
        wfi();
    disable_irq(IRQ);
    check("transmit by interrupt: TC", sent);
}

/* The other instances: only that they send, at the time that their rate says. */
static void other_instances(void)
{
    uint32_t start;

    R(RCC, RCC_APB1LENR) |= BIT(17) | BIT(18);
    R(RCC, RCC_APB2ENR) |= BIT(4);
    (void)R(RCC, RCC_APB2ENR);
    set_pin(GPIOA, 2, PIN_ALTERNATE, 7, 0, PULL_NONE);
    set_pin(GPIOA, 3, PIN_ALTERNATE, 7, 0, PULL_UP);
    check("USART2 init", init(USART2, 64000000, 0, 9600, false, 0));
    start = ticks;
    check("USART2 transmit", transmit(USART2, "0123456789012345678901234567890123456789", 1000));
    between("USART2: 40 characters at 9600 baud", ticks - start, 41, 44);
    fifo_mode(USART2, true, 0, 0);
    start = ticks;
    check("USART2 transmit, FIFO",
          transmit(USART2, "0123456789012345678901234567890123456789", 1000));
    between("USART2: the same with FIFO", ticks - start, 41, 44);
    R(USART2, USART_CR1) &= ~(uint32_t)USART_UE;
    check("USART2 init, over 8, prescaler 2, one bit",
          init(USART2, 32000000, 1, 921600, true, BIT(11)));
    check("USART2 transmit at 921600", transmit(USART2, "U", 2));
    check("no break is asked for", !(R(USART2, USART_ISR) & BIT(18)));
    R(USART2, USART_RQR) = BIT(1);
    check("break sent", wait_for(&R(USART2, USART_ISR), BIT(18), 0, 2));
}

static void console_again(void)
{
    uint32_t usart = console;

    uint32_t after;

    while (!(R(usart, USART_ISR) & USART_TC))
        ;
    hold();
    check("console init", init(usart, 64000000, 0, 115200, false, 0));
    after = R(usart, USART_ISR) & (USART_RXNE | USART_TC | USART_TXE);
    equal("ISR after init", after, USART_TC | USART_TXE);
    R(usart, USART_ICR) = 0xFFFFFFFF;
    check("TC cleared by TCCF", !(R(usart, USART_ISR) & USART_TC));
    release();
    check("polled transmit", transmit(usart, "# polled\n", 100));
}

int main(void)
{
    begin();
    other_instances();
    console_again();
    polled();
    by_interrupt();
    to_idle();
    by_fifo();
    overruns();
    transmit_by_interrupt();
    end();
}
