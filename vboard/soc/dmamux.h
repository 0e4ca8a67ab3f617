/*
 * DMAMUX1 and DMAMUX2 as their controllers see them; peripherals make requests by
 * dma.h. Simulation thread only.
 */
#ifndef VBOARD_SOC_DMAMUX_H
#define VBOARD_SOC_DMAMUX_H

#include <stdbool.h>

struct soc;

enum dmamux_number { DMAMUX1, DMAMUX2 };

/* requested: channel may have a request now. Makes no access. 0, or -1 if memory ran out. */
int dmamux_create(struct soc *soc, enum dmamux_number number,
                  void (*requested)(struct soc *soc, unsigned channel));

/* A request reaches the controller's channel (stream) now. */
bool dmamux_requests(const struct soc *soc, enum dmamux_number number, unsigned channel);
/* The controller serves one: acknowledged before its accesses, as they may bring the next. */
void dmamux_served(struct soc *soc, enum dmamux_number number, unsigned channel);
/* The line that a channel is connected to, as in dma.h. */
unsigned dmamux_line(const struct soc *soc, enum dmamux_number number, unsigned channel);

#endif
