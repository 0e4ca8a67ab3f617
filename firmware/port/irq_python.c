/* SPDX-License-Identifier: MIT */

/*
 * Handlers in Python, between shared/runtime/mpirq.c and the PSRAM. The linker leads all calls of
 * mp_irq_handler() here (--wrap, see the Makefile).
 *
 * While the PSRAM is tuned its content is summed up and compared. A handler that runs at once may
 * write to an object there, and the sums would call that a loss; so it runs when the tuning is
 * over, as one that is not hard. What is scheduled lies in internal RAM.
 */
#include "psram_tune.h"
#include "py/runtime.h"
#include "shared/runtime/mpirq.h"

void __real_mp_irq_handler(mp_irq_obj_t *self);
void __wrap_mp_irq_handler(mp_irq_obj_t *self);

void __wrap_mp_irq_handler(mp_irq_obj_t *self)
{
    if (self->ishard && psram_tune_is_on()) {
        if (self->handler != mp_const_none) {
            mp_sched_schedule(self->handler, self->parent);
        }
        return;
    }
    __real_mp_irq_handler(self);
}
