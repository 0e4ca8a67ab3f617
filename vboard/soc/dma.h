/*
 * The request lines of DMA1 and DMA2 (through DMAMUX1) and of BDMA2 (through DMAMUX2): what
 * peripherals need to know of DMA. Simulation thread only.
 *
 * A line is a level, as the peripherals' request bits are: it is high for as long as the peripheral
 * wants an access to its data register, and that access lowers it. No access is made from within
 * here: controllers serve lines as events of their own, some bus clocks later.
 */
#ifndef VBOARD_SOC_DMA_H
#define VBOARD_SOC_DMA_H

#include <stdbool.h>

struct soc;

/* DMAMUX1's inputs (RM0455 table "DMAMUX1: assignment of multiplexer inputs to resources"). Where a
   block has two, TX is the one after RX. Those of the timers stand in timer_dma.c. */
enum dma_line {
    DMA_ADC1 = 9,
    DMA_ADC2 = 10,
    DMA_I2C1_RX = 33,
    DMA_I2C2_RX = 35,
    DMA_SPI1_RX = 37,
    DMA_SPI2_RX = 39,
    DMA_USART1_RX = 41,
    DMA_USART2_RX = 43,
    DMA_USART3_RX = 45,
    DMA_SPI3_RX = 61,
    DMA_UART4_RX = 63,
    DMA_UART5_RX = 65,
    DMA_DAC1_CH1 = 67,
    DMA_DAC1_CH2 = 68,
    DMA_USART6_RX = 71,
    DMA_I2C3_RX = 73,
    DMA_UART7_RX = 79,
    DMA_UART8_RX = 81,
    DMA_SPI4_RX = 83,
    DMA_SPI5_RX = 85,
    DMA_UART9_RX = 116,
    DMA_USART10_RX = 118,
    DMA_LINES1 = 128,
    /* DMAMUX2's, above those of DMAMUX1. */
    DMA_LPUART1_RX = DMA_LINES1 + 9,
    DMA_SPI6_RX = DMA_LINES1 + 11,
    DMA_I2C4_RX = DMA_LINES1 + 13,
    DMA_DAC2 = DMA_LINES1 + 17,
    DMA_LINES = DMA_LINES1 + 32,
};

/* dmamux.c. A peripheral's request line has this level now. Cheap if it is not a change. */
void dma_request(struct soc *soc, unsigned line, bool level);
/* The line is high until a request is served, or dma_request() lowers it: for requests that are
   events. */
void dma_trigger(struct soc *soc, unsigned line);

/* dma.c. The line whose request the access under way serves; -1: none, the core makes it. */
int dma_serving(const struct soc *soc);

#endif
