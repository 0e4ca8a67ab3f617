/* The console and the results that go there. */
#include "soc.h"

#ifdef BOARD_NUCLEO
const uint32_t console = USART3;
#else
const uint32_t console = USART1;
#endif

static char text[16384];
static unsigned written, sent;
/* Counts on over a reset that a program makes on purpose: the memory keeps it. */
__attribute__((section(".noinit"))) static unsigned results;
static bool held, opened;

/* HSI at 64 MHz is the kernel clock, so that nothing that is done to the core's clock reaches the
 * baud rate. */
static void open_console(void)
{
#ifdef BOARD_NUCLEO
    R(RCC, RCC_APB1LENR) |= BIT(18);
    (void)R(RCC, RCC_APB1LENR);
    R(RCC, RCC_CDCCIP2R) = (R(RCC, RCC_CDCCIP2R) & ~7u) | 3;
    set_pin(GPIOD, 8, PIN_ALTERNATE, 7, 0, PULL_NONE);
    set_pin(GPIOD, 9, PIN_ALTERNATE, 7, 0, PULL_UP);
#else
    R(RCC, RCC_APB2ENR) |= BIT(4);
    (void)R(RCC, RCC_APB2ENR);
    R(RCC, RCC_CDCCIP2R) = (R(RCC, RCC_CDCCIP2R) & ~0x38u) | 3 << 3;
    set_pin(GPIOA, 9, PIN_ALTERNATE, 7, 0, PULL_NONE);
    set_pin(GPIOA, 10, PIN_ALTERNATE, 7, 0, PULL_UP);
#endif
    R(console, USART_CR1) &= ~(uint32_t)USART_UE;
    R(console, USART_BRR) = (64000000 + 57600) / 115200;
    R(console, USART_CR1) = USART_TE;
    R(console, USART_CR1) |= USART_UE;
    while (!(R(console, USART_ISR) & USART_TEACK))
        ;
    opened = true;
}

static void flush(void)
{
    while (!held && opened && sent < written) {
        while (!(R(console, USART_ISR) & USART_TXE))
            ;
        R(console, USART_TDR) = (uint8_t)text[sent++];
    }
}

void say(const char *s)
{
    while (*s && written < sizeof text)
        text[written++] = *s++;
    flush();
}

void say_number(uint32_t n)
{
    static const char digits[] = "0123456789abcdef";
    char hex[11] = "0x00000000";

    for (unsigned i = 0; i < 8; i++)
        hex[2 + i] = digits[n >> (28 - 4 * i) & 15];
    say(hex);
}

void hold(void)
{
    while (!(R(console, USART_ISR) & USART_TC))
        ;
    held = true;
}

void release(void)
{
    held = false;
    flush();
}

uint32_t results_get(void)
{
    return results;
}

void results_set(uint32_t n)
{
    results = n;
}

static bool result(const char *name, bool good)
{
    results++;
    say(good ? "ok " : "not ok ");
    say(name);
    if (good)
        say("\n");
    return good;
}

void check(const char *name, bool good)
{
    if (!result(name, good))
        say("\n");
}

void equal(const char *name, uint32_t got, uint32_t wanted)
{
    if (result(name, got == wanted))
        return;
    say(": got ");
    say_number(got);
    say(", wanted ");
    say_number(wanted);
    say("\n");
}

void between(const char *name, uint32_t got, uint32_t least, uint32_t most)
{
    if (result(name, got >= least && got <= most))
        return;
    say(": got ");
    say_number(got);
    say(", wanted ");
    say_number(least);
    say(" to ");
    say_number(most);
    say("\n");
}

void begin(void)
{
    if (R(RCC, RCC_RSR) & BIT(23))
        results = 0; /* power-on */
    start_tick(64000000);
    open_console();
}

void end(void)
{
    R(SCS, SYST_CSR) = 0;
    disable_irqs();
    for (unsigned i = 0; i * 32 < IRQS; i++)
        R(SCS, NVIC_ICER + 4 * i) = 0xFFFFFFFF; /* a pending one would end each WFI below at once */
    held = false;
    say("end ");
    say_number(results);
    say("\n");
    while (!(R(console, USART_ISR) & USART_TC))
        ;
    for (;;)
        wfi();
}
