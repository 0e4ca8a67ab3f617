/*
 * The request lines of MDMA: what peripherals need to know of it. Simulation thread only.
 *
 * A line is a level, a status flag of its peripheral, whatever that one's interrupt enables say. No
 * access is made from within mdma_request().
 */
#ifndef VBOARD_SOC_MDMA_H
#define VBOARD_SOC_MDMA_H

#include <stdbool.h>

struct soc;

/* CxTBR.TSEL: RM0399 table "MDMA" (mdma_strx), stm32h7xx_hal_mdma.h for those of OCTOSPI. */
enum mdma_line {
    MDMA_DMA1_STREAM0 = 0, /* TCIF, up to stream 7 of DMA2 */
    MDMA_OCTOSPI1_FT = 22, /* TC is the one after FT */
    MDMA_SDMMC1_DATAEND = 29,
    MDMA_SDMMC1_IDMABTC = 30,
    MDMA_SDMMC1_CMDREND = 31,
    MDMA_OCTOSPI2_FT = 32,
    MDMA_LINES = 34,
};

/* A peripheral's flag has this level now. Cheap if it is not a change. */
void mdma_request(struct soc *soc, unsigned line, bool level);

#endif
