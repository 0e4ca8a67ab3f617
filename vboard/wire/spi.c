#include "spi.h"

#include <stddef.h>

static void selected(void *ctx, struct net *net, bool level)
{
    struct spi_slave *s = ctx;

    (void)net;
    if (s->selected == !level)
        return;
    s->selected = !level;
    s->select(s->ctx, s->selected);
    net_drive(&s->driver, s->drive);
}

static void clocked(void *ctx, struct net *net, bool level)
{
    struct spi_slave *s = ctx;

    (void)net;
    if (level == s->sck_level)
        return;
    s->sck_level = level;
    if (!s->selected)
        return;
    s->clock(s->ctx, level, net_level(s->mosi));
    net_drive(&s->driver, s->drive);
}

void spi_attach(struct spi_lines *l, struct spi_slave *s)
{
    s->lines = l;
    s->next = l->slaves;
    l->slaves = s;
    s->drive = NET_Z;
    s->selected = false;
    s->sck_level = net_level(s->sck);
    net_attach(s->miso, &s->driver);
    s->sck_listener = (struct net_listener){.fn = clocked, .ctx = s};
    net_listen(s->sck, &s->sck_listener);
    if (s->ncs == NULL) {
        s->selected = true;
        return;
    }
    s->ncs_listener = (struct net_listener){.fn = selected, .ctx = s};
    net_listen(s->ncs, &s->ncs_listener);
    /* A net that nobody holds is no chip select: parts have a pull-up there. */
    if (net_driven(s->ncs))
        selected(s, s->ncs, net_level(s->ncs));
}

void spi_detach(struct spi_slave *s)
{
    if (s->lines == NULL)
        return;
    for (struct spi_slave **p = &s->lines->slaves; *p != NULL; p = &(*p)->next) {
        if (*p == s) {
            *p = s->next;
            break;
        }
    }
    net_unlisten(s->sck, &s->sck_listener);
    if (s->ncs != NULL)
        net_unlisten(s->ncs, &s->ncs_listener);
    net_detach(&s->driver);
    s->lines = NULL;
}

static bool follows(const struct spi_slave *s, const struct spi_frame *f)
{
    return s->selected && net_joined(s->sck, f->sck);
}

/* An edge of SCK while MOSI has the level `out`. */
static void edge(struct spi_lines *l, const struct spi_frame *f, bool level, bool out)
{
    for (struct spi_slave *s = l->slaves; s != NULL; s = s->next)
        if (follows(s, f))
            s->clock(s->ctx, level, net_joined(s->mosi, f->mosi) ? out : net_level(s->mosi));
}

/* What the master's MISO pin sees while it drives MOSI with `out`. */
static bool sample(const struct spi_lines *l, const struct spi_frame *f, bool out)
{
    if (f->miso == NULL)
        return false;
    if (net_joined(f->miso, f->mosi))
        return out;
    for (const struct spi_slave *s = l->slaves; s != NULL; s = s->next)
        if (follows(s, f) && net_joined(s->miso, f->miso) && s->drive != NET_Z)
            return s->drive == NET_HIGH;
    return net_level(f->miso);
}

uint32_t spi_shift(struct spi_lines *l, const struct spi_frame *f)
{
    uint32_t in = 0;
    bool out = false;

    for (unsigned i = f->bits; i-- > 0;) {
        /* CPHA = 0: the bit stands before the first edge, which samples it; CPHA = 1: the first
           edge changes the line, just too late for who samples with it. */
        if (f->cpha)
            edge(l, f, !f->cpol, out);
        out = f->out >> i & 1;
        in = in << 1 | sample(l, f, out);
        edge(l, f, f->cpha ? f->cpol : !f->cpol, out);
        if (!f->cpha)
            edge(l, f, f->cpol, out);
    }
    for (struct spi_slave *s = l->slaves; s != NULL; s = s->next)
        if (follows(s, f))
            net_drive(&s->driver, s->drive);
    return in;
}
