#include "terminal.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { DATA_BITS = 8, STOP_BITS = 1, FRAME_BITS = 1 + DATA_BITS + STOP_BITS };

struct terminal {
    struct terminal_config config;
    vtime bit;
    struct serial_listener listener;
    struct sched_event sent; /* the character on the line has left */
    struct serial_char on_line;
    uint8_t *queue;
    size_t head, count, room; /* count includes the character on the line */
    uint64_t framing_errors;
};

static void start_next(struct terminal *t, vtime now)
{
    if (t->count == 0 || sched_pending(&t->sent))
        return;
    t->on_line = serial_frame(t->queue[t->head], DATA_BITS, STOP_BITS, now, t->bit);
    sched_at(t->config.sched, &t->sent, now + FRAME_BITS * t->bit);
    serial_begin(t->config.to_board, &t->on_line);
}

static void character_left(void *ctx, vtime at)
{
    struct terminal *t = ctx;

    if (t->count != 0) {
        t->head++;
        t->count--;
    }
    serial_send(t->config.to_board, &t->on_line);
    start_next(t, at);
}

static void character_came(void *ctx, const struct serial_char *c)
{
    struct terminal *t = ctx;
    uint8_t byte = 0;

    if (serial_sample(c, 0, t->bit))
        return; /* too short for a start bit at this speed */
    for (unsigned i = 0; i < DATA_BITS; i++)
        byte |= (uint8_t)(serial_sample(c, 1 + i, t->bit) << i);
    if (!serial_sample(c, 1 + DATA_BITS, t->bit)) {
        t->framing_errors++;
        return;
    }
    t->config.received(t->config.ctx, byte, c->start + FRAME_BITS * t->bit);
}

struct terminal *terminal_new(const struct terminal_config *config)
{
    struct terminal *t = calloc(1, sizeof(*t));

    if (t == NULL)
        return NULL;
    t->config = *config;
    t->bit = vtime_of_clocks(1, config->baud);
    t->sent.fn = character_left;
    t->sent.ctx = t;
    t->listener.fn = character_came;
    t->listener.ctx = t;
    serial_listen(config->from_board, &t->listener);
    return t;
}

void terminal_free(struct terminal *t)
{
    if (t == NULL)
        return;
    sched_cancel(t->config.sched, &t->sent);
    serial_unlisten(t->config.from_board, &t->listener);
    free(t->queue);
    free(t);
}

int terminal_send(struct terminal *t, const void *bytes, size_t n)
{
    if (t->head + t->count + n > t->room) {
        if (t->head)
            memmove(t->queue, t->queue + t->head, t->count);
        t->head = 0;
        if (t->count + n > t->room) {
            size_t room = (t->count + n) * 2;
            uint8_t *more = realloc(t->queue, room);

            if (more == NULL)
                return -1;
            t->queue = more;
            t->room = room;
        }
    }
    memcpy(t->queue + t->head + t->count, bytes, n);
    t->count += n;
    start_next(t, sched_now(t->config.sched));
    return 0;
}

size_t terminal_queued(const struct terminal *t)
{
    return t->count;
}

void terminal_flush(struct terminal *t)
{
    t->count = sched_pending(&t->sent) && t->count ? 1 : 0;
}

uint64_t terminal_framing_errors(const struct terminal *t)
{
    return t->framing_errors;
}
