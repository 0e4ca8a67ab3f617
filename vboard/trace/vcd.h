/*
 * The wires of a memory bus as a Value Change Dump (IEEE 1364-2005, clause 18), edge by edge: nCS,
 * CLK, IO0 .. IO3. GTKWave and PulseView open it.
 *
 * A line that nobody drives is z. What the chip answers is drawn from the falling edge on that
 * makes it drive; its output delay is not known on the bus. A frame is drawn when it has ended: one
 * that is under way when the file ends is not in it. Beside them any nets, x where two outputs push
 * against each other. Simulation thread only.
 */
#ifndef VBOARD_TRACE_VCD_H
#define VBOARD_TRACE_VCD_H

#include <stdbool.h>
#include <stddef.h>

#include "../wire/membus.h"
#include "../wire/net.h"
#include "../wire/sched.h"

/* Unit of the times in the file. Finer than any half period; PulseView makes a sample of each. */
#define VCD_TICK (100 * VTIME_PS)

#define VCD_MAX_NETS 32

struct vcd;

/* Opens the file and listens to the bus; changes from `from` to `to` >= `from` are recorded. NULL
   with one sentence in error. */
struct vcd *vcd_new(const char *path, struct membus *bus, vtime from, vtime to, char *error,
                    size_t error_size);
/* Records a net too, under its name, by the clock of sched. Before the board runs. False: there are
   VCD_MAX_NETS already. */
bool vcd_add_net(struct vcd *v, struct net *net, const struct sched *sched);
/* Ends the file at `now`. 0, or -1: it could not be written completely. NULL is allowed. */
int vcd_free(struct vcd *v, vtime now);

#endif
