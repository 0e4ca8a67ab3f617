/* From reset to main(): vectors, memory, the millisecond tick. */
#include "soc.h"

extern uint32_t data_start[], data_end[], data_load[], bss_start[], bss_end[], stack_top[];

int main(void);

volatile uint32_t ticks;
static void (*handlers[IRQS])(void);

static unsigned exception_number(void)
{
    uint32_t ipsr;

    __asm volatile("mrs %0, ipsr" : "=r"(ipsr));
    return ipsr & 0x1FF;
}

/* A library's default handlers loop for good; these say what came. */
static void fault(void)
{
    say("not ok fault: exception ");
    say_number(exception_number());
    say(", CFSR ");
    say_number(R(SCS, SCB_CFSR));
    say("\n");
    end();
}

static void tick(void)
{
    ticks++;
}

static void interrupt(void)
{
    unsigned number = exception_number() - 16;

    if (handlers[number]) {
        handlers[number]();
        return;
    }
    say("not ok interrupt: nobody asked for number ");
    say_number(number);
    say("\n");
    end();
}

__attribute__((noreturn)) void reset_handler(void)
{
    R(SCS, SCB_CPACR) |= 15u << 20; /* FPU on before any code that might use it */
    dsb();
    isb();
    for (uint32_t *to = data_start, *from = data_load; to < data_end;)
        *to++ = *from++;
    for (uint32_t *to = bss_start; to < bss_end;)
        *to++ = 0;
    main();
    end();
}

__attribute__((section(".vectors"), used)) static const uintptr_t vectors[16 + IRQS] = {
    [0] = (uintptr_t)stack_top,
    [1] = (uintptr_t)reset_handler,
    [2 ... 14] = (uintptr_t)fault,
    [15] = (uintptr_t)tick,
    [16 ... 16 + IRQS - 1] = (uintptr_t)interrupt,
};

void start_tick(uint32_t hz)
{
    R(SCS, SYST_RVR) = hz / 1000 - 1;
    R(SCS, SYST_CVR) = 0;
    R(SCS, SYST_CSR) = 7;
}

void delay_ms(uint32_t ms)
{
    uint32_t start = ticks;

    /* One more, so that the time is never short: the first tick may be due at once. */
    while (ticks - start < ms + 1)
        ;
}

bool wait_for(volatile uint32_t *reg, uint32_t mask, uint32_t wanted, uint32_t ms)
{
    uint32_t start = ticks;

    while ((*reg & mask) != wanted) {
        if (ticks - start > ms)
            return false;
    }
    return true;
}

bool same_bytes(const uint8_t *a, const uint8_t *b, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        if (a[i] != b[i])
            return false;
    }
    return true;
}

void enable_irq(unsigned number)
{
    R(SCS, NVIC_ISER + number / 32 * 4) = BIT(number % 32);
}

void disable_irq(unsigned number)
{
    R(SCS, NVIC_ICER + number / 32 * 4) = BIT(number % 32);
    dsb();
    isb();
}

void on_irq(unsigned number, void (*handler)(void))
{
    handlers[number] = handler;
}
