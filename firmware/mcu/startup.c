/* SPDX-License-Identifier: MIT */

/*
 * Vector table and the way from reset to main(). Source: Arm DDI0403E B1.5 (exception model),
 * RM0455 NVIC (interrupt positions).
 */
#include "fault.h"
#include "stm32h7a3.h"

typedef void (*vector_t)(void);

/* Placed by the linker script. */
extern uint32_t _estack, _sidata, _sdata, _edata, _sbss, _ebss;

int main(void);
_Noreturn void Reset_Handler(void);

/* A driver takes an interrupt by defining the function; all others end in the fault report. */
__attribute__((naked, used)) static void unhandled(void)
{
    __asm volatile("b fault_entry");
}

#define WEAK_HANDLER(name) void name(void) __attribute__((weak, alias("unhandled")))

WEAK_HANDLER(NMI_Handler);
WEAK_HANDLER(SVC_Handler);
WEAK_HANDLER(DebugMon_Handler);
WEAK_HANDLER(PendSV_Handler);
WEAK_HANDLER(SysTick_Handler);

/* clang-format off */
#define INTERRUPTS(X) \
    X(WWDG) \
    X(PVD_PVM) \
    X(RTC_TAMP_STAMP_CSS_LSE) \
    X(RTC_WKUP) \
    X(FLASH) \
    X(RCC) \
    X(EXTI0) \
    X(EXTI1) \
    X(EXTI2) \
    X(EXTI3) \
    X(EXTI4) \
    X(DMA1_Stream0) \
    X(DMA1_Stream1) \
    X(DMA1_Stream2) \
    X(DMA1_Stream3) \
    X(DMA1_Stream4) \
    X(DMA1_Stream5) \
    X(DMA1_Stream6) \
    X(ADC) \
    X(FDCAN1_IT0) \
    X(FDCAN2_IT0) \
    X(FDCAN1_IT1) \
    X(FDCAN2_IT1) \
    X(EXTI9_5) \
    X(TIM1_BRK) \
    X(TIM1_UP) \
    X(TIM1_TRG_COM) \
    X(TIM1_CC) \
    X(TIM2) \
    X(TIM3) \
    X(TIM4) \
    X(I2C1_EV) \
    X(I2C1_ER) \
    X(I2C2_EV) \
    X(I2C2_ER) \
    X(SPI1) \
    X(SPI2) \
    X(USART1) \
    X(USART2) \
    X(USART3) \
    X(EXTI15_10) \
    X(RTC_Alarm) \
    X(TIM8_BRK_TIM12) \
    X(TIM8_UP_TIM13) \
    X(TIM8_TRG_COM_TIM14) \
    X(TIM8_CC) \
    X(DMA1_Stream7) \
    X(SDMMC1) \
    X(TIM5) \
    X(SPI3) \
    X(UART4) \
    X(UART5) \
    X(TIM6_DAC) \
    X(TIM7) \
    X(DMA2_Stream0) \
    X(DMA2_Stream1) \
    X(DMA2_Stream2) \
    X(DMA2_Stream3) \
    X(DMA2_Stream4) \
    X(DMA2_Stream5) \
    X(DMA2_Stream6) \
    X(DMA2_Stream7) \
    X(USART6) \
    X(I2C3_EV) \
    X(I2C3_ER) \
    X(OTG_HS_EP1_OUT) \
    X(OTG_HS_EP1_IN) \
    X(OTG_HS_WKUP) \
    X(OTG_HS) \
    X(DCMI_PSSI) \
    X(RNG) \
    X(FPU) \
    X(UART7) \
    X(UART8) \
    X(SPI4) \
    X(SPI5) \
    X(SPI6) \
    X(OCTOSPI1) \
    X(LPTIM1) \
    X(DMAMUX1_OVR) \
    X(TIM15) \
    X(TIM16) \
    X(TIM17) \
    X(MDMA) \
    X(SDMMC2) \
    X(HSEM1) \
    X(BDMA2_Channel0) \
    X(BDMA2_Channel1) \
    X(BDMA2_Channel2) \
    X(BDMA2_Channel3) \
    X(BDMA2_Channel4) \
    X(BDMA2_Channel5) \
    X(BDMA2_Channel6) \
    X(BDMA2_Channel7) \
    X(UART9) \
    X(USART10) \
    X(LPUART1) \
    X(CRS) \
    X(ECC) \
    X(WAKEUP_PIN) \
    X(OCTOSPI2) \
    X(GFXMMU) \
    X(BDMA1)
/* clang-format on */

#define DECLARE(name) WEAK_HANDLER(name##_IRQHandler);
INTERRUPTS(DECLARE)

#define CORE_VECTORS 16

struct vector_table {
    uint32_t *stack;
    vector_t core[CORE_VECTORS - 1];
    vector_t external[STM32H7A3_IRQ_COUNT];
};
_Static_assert(sizeof(struct vector_table) == 171 * 4, "16 + 155 entries");

#define ENTRY(name) [name##_IRQn] = name##_IRQHandler,

/* Unnamed positions get fault_entry first, the named ones override it: that is the intention here.
 */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Woverride-init"
/* VTOR needs alignment to the next power of two of the table's size, 1 KB (Arm DDI0403E B3.2.5). */
__attribute__((section(".isr_vector"), used, aligned(1024)))
const struct vector_table isr_vector = {
    .stack = &_estack,
    .core =
        {
            [0] = Reset_Handler,
            [1] = NMI_Handler,
            [2] = fault_entry, /* HardFault */
            [3] = fault_entry, /* MemManage */
            [4] = fault_entry, /* BusFault */
            [5] = fault_entry, /* UsageFault */
            [10] = SVC_Handler,
            [11] = DebugMon_Handler,
            [13] = PendSV_Handler,
            [14] = SysTick_Handler,
        },
    .external = {[0 ... STM32H7A3_IRQ_COUNT - 1] = fault_entry, INTERRUPTS(ENTRY)},
};
#pragma GCC diagnostic pop

/* Runs without initialised data. A bootloader may have come first: nothing is taken for granted. */
__attribute__((used)) static _Noreturn void start(void)
{
    SCB->VTOR = (uint32_t)&isr_vector;
    /* Full access to the FPU, before any function that might use it (Arm DDI0403E B3.2.20). */
    SCB->CPACR |= 0xFu << 20;
    __DSB();
    __ISB();

    const uint32_t *from = &_sidata;
    for (uint32_t *to = &_sdata; to < &_edata; to++) {
        *to = *from++;
    }
    for (uint32_t *to = &_sbss; to < &_ebss; to++) {
        *to = 0;
    }
    __enable_irq();
    main();
    for (;;) {
        __WFI();
    }
}

__attribute__((naked)) void Reset_Handler(void)
{
    __asm volatile("cpsid i          \n"
                   "ldr   r0, =_estack \n"
                   "msr   msp, r0    \n"
                   "b     start      \n");
}
