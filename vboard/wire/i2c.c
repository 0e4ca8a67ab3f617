#include "i2c.h"

#include <stddef.h>

/* ---- bytes ---- */

static bool begin(struct i2c_slave *s, uint8_t first)
{
    s->addressed = s->start(s->ctx, first);
    s->reads = first & 1;
    return s->addressed;
}

static void end(struct i2c_slave *s)
{
    if (s->addressed)
        s->stop(s->ctx);
    s->addressed = false;
}

/* ---- the follower of edges ---- */

/* SCL fell: the part may change SDA. */
static void next_bit(struct i2c_slave *s)
{
    bool low = false;

    if (s->bit == 8) { /* the acknowledge's clock comes */
        if (s->first)
            s->acknowledged = begin(s, s->shift);
        else
            s->acknowledged = s->addressed && !s->reads && s->write(s->ctx, s->shift);
        low = s->acknowledged;
    } else if (s->addressed && s->reads && !s->first) {
        if (s->bit == 0)
            s->shift = s->read(s->ctx);
        low = !(s->shift >> (7 - s->bit) & 1);
    }
    net_drive(&s->driver, low ? NET_LOW : NET_Z);
}

static void scl_changed(void *ctx, struct net *net, bool level)
{
    struct i2c_slave *s = ctx;

    (void)net;
    if (level == s->scl_level)
        return;
    s->scl_level = level;
    if (!s->following)
        return;
    if (!level) {
        if (s->bit == 9) {
            /* What the master did not acknowledge was the last byte that it reads. */
            if (s->first)
                s->first = false;
            else if (s->reads && !s->acknowledged)
                s->addressed = false;
            s->bit = 0;
        }
        next_bit(s);
        return;
    }
    if (s->bit < 8) {
        if (s->first || !s->reads)
            s->shift = (uint8_t)(s->shift << 1 | net_level(s->sda));
    } else if (!s->first && s->reads) {
        s->acknowledged = !net_level(s->sda);
    }
    s->bit++;
}

static void sda_changed(void *ctx, struct net *net, bool level)
{
    struct i2c_slave *s = ctx;

    (void)net;
    if (level == s->sda_level)
        return;
    s->sda_level = level;
    if (!net_level(s->scl))
        return;
    if (level) {
        s->following = false;
        end(s);
    } else {
        s->following = s->first = true;
        s->addressed = false;
        s->bit = 0;
        s->shift = 0;
    }
}

void i2c_attach(struct i2c_lines *l, struct i2c_slave *s)
{
    s->lines = l;
    s->next = l->slaves;
    l->slaves = s;
    s->addressed = s->following = false;
    s->scl_level = net_level(s->scl);
    s->sda_level = net_level(s->sda);
    net_attach(s->sda, &s->driver);
    s->scl_listener = (struct net_listener){.fn = scl_changed, .ctx = s};
    s->sda_listener = (struct net_listener){.fn = sda_changed, .ctx = s};
    net_listen(s->scl, &s->scl_listener);
    net_listen(s->sda, &s->sda_listener);
}

void i2c_detach(struct i2c_slave *s)
{
    if (s->lines == NULL)
        return;
    for (struct i2c_slave **p = &s->lines->slaves; *p != NULL; p = &(*p)->next) {
        if (*p == s) {
            *p = s->next;
            break;
        }
    }
    net_unlisten(s->scl, &s->scl_listener);
    net_unlisten(s->sda, &s->sda_listener);
    net_detach(&s->driver);
    s->lines = NULL;
}

/* ---- a hardware master ---- */

static bool hangs_on(const struct i2c_slave *s, const struct net *scl, const struct net *sda)
{
    return net_joined(s->scl, scl) && net_joined(s->sda, sda);
}

bool i2c_start(struct i2c_lines *l, const struct net *scl, const struct net *sda, uint8_t first)
{
    bool ack = false;

    for (struct i2c_slave *s = l->slaves; s != NULL; s = s->next) {
        if (!hangs_on(s, scl, sda))
            continue;
        s->following = false;
        ack |= begin(s, first);
    }
    return ack;
}

bool i2c_write(struct i2c_lines *l, const struct net *scl, const struct net *sda, uint8_t byte)
{
    bool ack = false;

    for (struct i2c_slave *s = l->slaves; s != NULL; s = s->next)
        if (hangs_on(s, scl, sda) && s->addressed && !s->reads)
            ack |= s->write(s->ctx, byte);
    return ack;
}

uint8_t i2c_read(struct i2c_lines *l, const struct net *scl, const struct net *sda)
{
    uint8_t byte = 0xFF;

    for (struct i2c_slave *s = l->slaves; s != NULL; s = s->next)
        if (hangs_on(s, scl, sda) && s->addressed && s->reads)
            byte &= s->read(s->ctx);
    return byte;
}

void i2c_acknowledge(struct i2c_lines *l, const struct net *scl, const struct net *sda, bool ack)
{
    for (struct i2c_slave *s = l->slaves; s != NULL; s = s->next)
        if (hangs_on(s, scl, sda) && s->reads && !ack)
            s->addressed = false;
}

void i2c_stop(struct i2c_lines *l, const struct net *scl, const struct net *sda)
{
    for (struct i2c_slave *s = l->slaves; s != NULL; s = s->next)
        if (hangs_on(s, scl, sda))
            end(s);
}
