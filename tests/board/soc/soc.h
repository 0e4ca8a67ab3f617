/*
 * What the programs of this folder share. Each is a bare-metal program that does, register by
 * register, what a vendor's driver library does on this chip: same order, same time-outs, same
 * error exits. None knows that it runs on a model.
 *
 * A program has a main(), which calls begin() first and end() last, and check() for what it
 * expects. The results go to the board's USART as lines "ok NAME" and "not ok NAME: ...", and "end
 * N" with their number behind the last one.
 *
 * Registers: RM0455's register maps; names as there. Addresses: the data sheet's memory map
 * (DS13195).
 */
#ifndef TESTS_BOARD_SOC_H
#define TESTS_BOARD_SOC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define R(base, offset)   (*(volatile uint32_t *)((base) + (offset)))
#define R16(base, offset) (*(volatile uint16_t *)((base) + (offset)))
#define R8(base, offset)  (*(volatile uint8_t *)((base) + (offset)))
#define BIT(n)            (UINT32_C(1) << (n))

enum {
    TIM2 = 0x40000000,
    TIM3 = 0x40000400,
    TIM5 = 0x40000C00,
    TIM6 = 0x40001000,
    USART2 = 0x40004400,
    SPI2 = 0x40003800,
    USART3 = 0x40004800,
    I2C1 = 0x40005400,
    CRS = 0x40008400,
    TIM1 = 0x40010000,
    USART1 = 0x40011000,
    SPI1 = 0x40013000,
    USART6 = 0x40011400,
    DMA1 = 0x40020000,
    DMA2 = 0x40020400,
    DMAMUX1 = 0x40020800,
    ADC1 = 0x40022000,
    ADC2 = 0x40022100,
    ADC12_COMMON = 0x40022300,
    CRC = 0x40023000,
    USB = 0x40040000,
    RNG = 0x48021800,
    OSPI1 = 0x52005000,
    FLASH = 0x52002000,
    OSPIM = 0x5200B400,
    EXTI = 0x58000000,
    SYSCFG = 0x58000400,
    RTC = 0x58004000,
    TAMP = 0x58004400,
    IWDG = 0x58004800,
    GPIOA = 0x58020000,
    GPIOB = 0x58020400,
    GPIOC = 0x58020800,
    GPIOD = 0x58020C00,
    GPIOE = 0x58021000,
    RCC = 0x58024400,
    PWR = 0x58024800,
    DBGMCU = 0x5C001000,
};

/* RCC. */
enum {
    RCC_CR = 0x00,
    RCC_HSICFGR = 0x04,
    RCC_CFGR = 0x10,
    RCC_CDCFGR1 = 0x18,
    RCC_CDCFGR2 = 0x1C,
    RCC_SRDCFGR = 0x20,
    RCC_PLLCKSELR = 0x28,
    RCC_PLLCFGR = 0x2C,
    RCC_PLL1DIVR = 0x30,
    RCC_PLL1FRACR = 0x34,
    RCC_CDCCIPR = 0x4C,
    RCC_CDCCIP1R = 0x50,
    RCC_CDCCIP2R = 0x54,
    RCC_SRDCCIPR = 0x58,
    RCC_CIER = 0x60,
    RCC_CIFR = 0x64,
    RCC_CICR = 0x68,
    RCC_BDCR = 0x70,
    RCC_CSR = 0x74,
    RCC_AHB3RSTR = 0x7C,
    RCC_APB1LRSTR = 0x90,
    RCC_RSR = 0x130,
    RCC_AHB3ENR = 0x134,
    RCC_AHB1ENR = 0x138,
    RCC_AHB2ENR = 0x13C,
    RCC_AHB4ENR = 0x140,
    RCC_APB1LENR = 0x148,
    RCC_APB1HENR = 0x14C,
    RCC_APB2ENR = 0x150,
    RCC_APB4ENR = 0x154,
};
enum {
    RCC_CR_HSION = 1 << 0,
    RCC_CR_HSIRDY = 1 << 2,
    RCC_CR_HSIDIVF = 1 << 5,
    RCC_CR_CSION = 1 << 7,
    RCC_CR_CSIRDY = 1 << 8,
    RCC_CR_HSI48ON = 1 << 12,
    RCC_CR_HSI48RDY = 1 << 13,
    RCC_CR_HSEON = 1 << 16,
    RCC_CR_HSERDY = 1 << 17,
    RCC_CR_HSEBYP = 1 << 18,
    RCC_CR_PLL1ON = 1 << 24,
    RCC_CR_PLL1RDY = 1 << 25,
    RCC_CR_PLL2ON = 1 << 26,
    RCC_CR_PLL2RDY = 1 << 27,
    RCC_CR_PLL3ON = 1 << 28,
    RCC_CR_PLL3RDY = 1 << 29,
};

/* PWR. */
enum {
    PWR_CR1 = 0x00,
    PWR_CSR1 = 0x04,
    PWR_CR2 = 0x08,
    PWR_CR3 = 0x0C,
    PWR_CPUCR = 0x10,
    PWR_SRDCR = 0x18,
    PWR_WKUPFR = 0x24,
    PWR_DBP = 1 << 8,
    PWR_ACTVOSRDY = 1 << 13,
    PWR_VOS_POS = 14,
    PWR_VOSRDY = 1 << 13,
};

enum { FLASH_ACR = 0x00 };

/* GPIO. */
enum {
    GPIO_MODER = 0x00,
    GPIO_OTYPER = 0x04,
    GPIO_OSPEEDR = 0x08,
    GPIO_PUPDR = 0x0C,
    GPIO_IDR = 0x10,
    GPIO_ODR = 0x14,
    GPIO_BSRR = 0x18,
    GPIO_LCKR = 0x1C,
    GPIO_AFRL = 0x20,
};
enum pin_mode { PIN_INPUT, PIN_OUTPUT, PIN_ALTERNATE, PIN_ANALOG };
enum pin_pull { PULL_NONE, PULL_UP, PULL_DOWN };

/* USART. */
enum {
    USART_CR1 = 0x00,
    USART_CR2 = 0x04,
    USART_CR3 = 0x08,
    USART_BRR = 0x0C,
    USART_RTOR = 0x14,
    USART_RQR = 0x18,
    USART_ISR = 0x1C,
    USART_ICR = 0x20,
    USART_RDR = 0x24,
    USART_TDR = 0x28,
    USART_PRESC = 0x2C,
    USART_UE = 1 << 0,
    USART_RE = 1 << 2,
    USART_TE = 1 << 3,
    USART_IDLE = 1 << 4,
    USART_RXNE = 1 << 5,
    USART_TC = 1 << 6,
    USART_TXE = 1 << 7,
    USART_TEACK = 1 << 21,
    USART_REACK = 1 << 22,
};

/* Cortex-M7 (Armv7-M architecture, chapter B3). */
enum {
    SYST_CSR = 0x10,
    SYST_RVR = 0x14,
    SYST_CVR = 0x18,
    NVIC_ISER = 0x100,
    NVIC_ICER = 0x180,
    NVIC_ISPR = 0x200,
    NVIC_ICPR = 0x280,
    SCB_ICSR = 0xD04,
    SCB_VTOR = 0xD08,
    SCB_AIRCR = 0xD0C,
    SCB_SCR = 0xD10,
    SCB_CCR = 0xD14,
    SCB_SHCSR = 0xD24,
    SCB_CFSR = 0xD28,
    SCB_CPACR = 0xD88,
};
#define SCS UINT32_C(0xE000E000)
#define DWT UINT32_C(0xE0001000)

/* Interrupt numbers of the vectors that programs here define. */
enum {
    RTC_WKUP_IRQ = 3,
    FLASH_IRQ = 4,
    RCC_IRQ = 5,
    EXTI0_IRQ = 6,
    DMA1_STREAM0_IRQ = 11, /* .. 6 */
    ADC_IRQ = 18,
    TIM2_IRQ = 28,
    I2C1_EV_IRQ = 31,
    I2C1_ER_IRQ = 32,
    SPI1_IRQ = 35,
    USART1_IRQ = 37,
    USART2_IRQ = 38,
    USART3_IRQ = 39,
    EXTI15_10_IRQ = 40,
    RTC_ALARM_IRQ = 41,
    TIM5_IRQ = 50,
    TIM6_IRQ = 54,
    DMA2_STREAM0_IRQ = 56, /* .. 4 */
    USB_IRQ = 77,
    RNG_IRQ = 80,
    OSPI1_IRQ = 92,
    IRQS = 155,
};

/* ---- startup.c ---- */

/* Milliseconds since start_tick(), counted by the SysTick interrupt. */
extern volatile uint32_t ticks;
/* A SysTick interrupt each millisecond of a core clock of hz. */
void start_tick(uint32_t hz);
void delay_ms(uint32_t ms);
/* True as soon as the masked bits of *reg are `wanted`; false if they are not after more than `ms`
 * milliseconds. */
bool wait_for(volatile uint32_t *reg, uint32_t mask, uint32_t wanted, uint32_t ms);
bool same_bytes(const uint8_t *a, const uint8_t *b, unsigned n);
void enable_irq(unsigned number);
void disable_irq(unsigned number);
/* Is called by the interrupt of that number in place of the default, which reports it and ends the
   program. A fault does that always. */
void on_irq(unsigned number, void (*handler)(void));

static inline void dsb(void)
{
    __asm volatile("dsb 0xF" ::: "memory");
}
static inline void isb(void)
{
    __asm volatile("isb 0xF" ::: "memory");
}
static inline void wfi(void)
{
    __asm volatile("wfi" ::: "memory");
}
static inline void disable_irqs(void)
{
    __asm volatile("cpsid i" ::: "memory");
}
static inline void enable_irqs(void)
{
    __asm volatile("cpsie i" ::: "memory");
}

/* ---- report.c ---- */

/* The base of the console's USART on this board. */
extern const uint32_t console;
/* A program that resets the chip clears the power-on flag in RCC_RSR first, so that results are
   counted on. A 1 ms tick from the 64 MHz of reset, and the console at 115200 baud from HSI,
   whatever the core's clock becomes. */
void begin(void);
/* The number of results so far. The memory that holds it over resets is lost in Standby, so a
   program that sleeps there carries it over by itself. */
uint32_t results_get(void);
void results_set(uint32_t n);
void check(const char *name, bool good);
void equal(const char *name, uint32_t got, uint32_t wanted);
void between(const char *name, uint32_t got, uint32_t least, uint32_t most);
/* Lines are kept back from now on, until release(): for as long as HSI is not as the console needs
 * it. */
void hold(void);
void release(void);
void say(const char *text);
void say_number(uint32_t n);
__attribute__((noreturn)) void end(void);

/* ---- pins.c ---- */

/* Clocks the port and sets a pin up: alternate function (0 if none), speed 0..3. */
void set_pin(uint32_t port, unsigned bit, enum pin_mode mode, unsigned function, unsigned speed,
             enum pin_pull pull);

/* ---- supply.c ---- */

/* Supply as this board has it, then voltage scale 0..3, with all waits. False: a flag did not come.
 */
bool set_supply(void);
bool set_voltage_scale(unsigned scale);
/* 280 MHz from the board's HSE by PLL1, AHB /1... as a project would: supply, VOS0, flash latency.
 * PLL1Q at 140 MHz. */
bool full_speed(void);

/* ---- ospi.c: the controller and an SPI RAM on port 1, as a driver library handles them ---- */

enum {
    OSPI_CR = 0x000,
    OSPI_DCR1 = 0x008,
    OSPI_DCR2 = 0x00C,
    OSPI_DCR3 = 0x010,
    OSPI_DCR4 = 0x014,
    OSPI_SR = 0x020,
    OSPI_FCR = 0x024,
    OSPI_DLR = 0x040,
    OSPI_AR = 0x048,
    OSPI_DR = 0x050,
    OSPI_PSMKR = 0x080,
    OSPI_PSMAR = 0x088,
    OSPI_PIR = 0x090,
    OSPI_CCR = 0x100,
    OSPI_TCR = 0x108,
    OSPI_IR = 0x110,
    OSPI_LPTR = 0x130,
    OSPI_WCCR = 0x180,
    OSPI_WTCR = 0x188,
    OSPI_WIR = 0x190,
    OSPI_TEF = 1 << 0,
    OSPI_TCF = 1 << 1,
    OSPI_FTF = 1 << 2,
    OSPI_SMF = 1 << 3,
    OSPI_TOF = 1 << 4,
    OSPI_BUSY = 1 << 5,
    OSPI_LIMIT = 5000, /* ms, the library's default */
};

/* Which registers take a command: CCR and its like, or those for writes in memory-mapped mode. */
enum ospi_set { FOR_ALL, FOR_WRITES };

/* A command: lines 0 (none), 1, 4 of its phases; address of 24 bits. */
struct ospi_command {
    enum ospi_set set;
    uint8_t instruction, instruction_lines, address_lines, data_lines, dummy;
    bool dqs;
    uint32_t address;
    uint32_t bytes;
};

/* Kernel clock / divisor; chip select high for `high` clocks; device of 8 MB. Pins, clocks, routing
 * and controller. */
bool ospi_open(unsigned divisor, unsigned high);
bool ospi_wait(uint32_t flag, bool state);
bool ospi_command(const struct ospi_command *c);
bool ospi_transmit(const uint8_t *data);
bool ospi_receive(uint8_t *data);
bool ospi_poll(uint32_t match, uint32_t mask, bool stop);
bool ospi_map(uint32_t timeout);
bool ospi_abort(void);
/* Reset (0x66, 0x99) as a chip in SPI mode takes it. */
bool ospi_reset_chip(void);

/* ---- dma.c: streams of DMA1 and DMA2, as a driver library handles them ---- */

enum {
    DMA_CR = 0x00, /* of a stream's registers */
    DMA_NDTR = 0x04,
    DMA_PAR = 0x08,
    DMA_M0AR = 0x0C,
    DMA_M1AR = 0x10,
    DMA_FCR = 0x14,
    DMA_EN = 1 << 0,
    DMA_TEIE = 1 << 2,
    DMA_HTIE = 1 << 3,
    DMA_TCIE = 1 << 4,
    DMA_TO_PERIPHERAL = 1 << 6,
    DMA_MEMORY_TO_MEMORY = 2 << 6,
    DMA_CIRC = 1 << 8,
    DMA_PINC = 1 << 9,
    DMA_MINC = 1 << 10,
    DMA_DBM = 1 << 18,
    DMA_CT = 1 << 19,
    DMA_FLAG_FE = 1 << 0,
    DMA_FLAG_TE = 1 << 3,
    DMA_FLAG_HT = 1 << 4,
    DMA_FLAG_TC = 1 << 5,
};
#define DMA_PSIZE(log2) ((uint32_t)(log2) << 11)
#define DMA_MSIZE(log2) ((uint32_t)(log2) << 13)

struct dma_stream {
    uint32_t controller; /* DMA1 or DMA2 */
    unsigned number;
};

uint32_t dma_registers(struct dma_stream s);
/* Clocks the controller, sets the stream up (DMA_CR bits, FCR) and routes a request of DMAMUX1. */
bool dma_init(struct dma_stream s, unsigned request, uint32_t cr, uint32_t fcr);
/* Addresses, number of the peripheral's items, interrupt enables of DMA_CR; then enabled. */
void dma_start(struct dma_stream s, uint32_t peripheral, uint32_t memory, uint32_t items,
               uint32_t interrupts);
uint32_t dma_flags(struct dma_stream s);
void dma_clear_flags(struct dma_stream s, uint32_t flags);
void dma_clear(struct dma_stream s); /* all of them */
/* Waits for the flag that ends a transfer; clears all. */
bool dma_wait(struct dma_stream s, uint32_t limit);
bool dma_abort(struct dma_stream s);

#endif
