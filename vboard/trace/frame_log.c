#include "frame_log.h"

#include <inttypes.h>

static void data(void *ctx, const struct membus_frame *f, const uint8_t *bytes, size_t n)
{
    struct frame_log *log = ctx;

    for (size_t i = 0; i < n && f->bytes + i < FRAME_LOG_BYTES; i++)
        log->data[f->bytes + i] = bytes[i];
}

static const struct membus_phase *phase(const struct membus_frame *f, enum membus_phase_kind kind)
{
    for (unsigned i = 0; i < f->phases; i++)
        if (f->phase[i].kind == kind)
            return &f->phase[i];
    return NULL;
}

static unsigned lines(const struct membus_phase *p)
{
    return p != NULL ? p->lines : 0;
}

static void end(void *ctx, const struct membus_frame *f)
{
    struct frame_log *log = ctx;
    const struct membus_phase *command = phase(f, MEMBUS_INSTRUCTION);
    const struct membus_phase *address = phase(f, MEMBUS_ADDRESS);
    const struct membus_phase *dummy = phase(f, MEMBUS_DUMMY);
    FILE *out = log->out;

    fprintf(out, "%.9f %s %s %u-%u-%u", (double)f->fall / (double)VTIME_S, f->host, f->why,
            lines(command), lines(address),
            f->direction == MEMBUS_NO_DATA ? 0 : (unsigned)f->data_lines);
    if (command != NULL) {
        const char *name =
            log->command_name != NULL ? log->command_name((uint8_t)command->value) : NULL;

        fprintf(out, " %0*x%s%s", command->bits / 4, (unsigned)command->value, name ? " " : "",
                name ? name : "");
    }
    if (address != NULL)
        fprintf(out, " @%0*x", address->bits / 4, (unsigned)address->value);
    if (dummy != NULL)
        fprintf(out, " %u wait", (unsigned)dummy->clocks);
    if (f->direction != MEMBUS_NO_DATA) {
        fprintf(out, " %c %" PRIu64 ":", f->direction == MEMBUS_OUT ? '>' : '<', f->bytes);
        for (uint64_t i = 0; i < f->bytes && i < FRAME_LOG_BYTES; i++)
            fprintf(out, " %02x", log->data[i]);
        if (f->bytes > FRAME_LOG_BYTES)
            fputs(" ...", out);
    }
    fprintf(out, " %.3f us%s%s\n", (double)(f->rise - f->fall) / (double)VTIME_US,
            f->truncated ? ", cut short" : "", f->contention ? ", contention" : "");
}

void frame_log_attach(struct frame_log *log, struct membus *bus)
{
    log->listener = (struct membus_listener){.ctx = log, .data = data, .end = end};
    membus_listen(bus, &log->listener);
}
