#include "i2c_hang.h"

#include <stddef.h>

enum { CLOCKS_TO_RELEASE = 9 };

static void scl_changed(void *ctx, struct net *net, bool level)
{
    struct i2c_hang *h = ctx;

    (void)net;
    if (level == h->scl_level)
        return;
    h->scl_level = level;
    if (level && ++h->clocks == CLOCKS_TO_RELEASE)
        net_drive(&h->driver, NET_Z);
}

void i2c_hang_sda(struct i2c_hang *h, struct net *scl, struct net *sda)
{
    h->scl_level = net_level(scl);
    h->listener = (struct net_listener){.fn = scl_changed, .ctx = h};
    h->scl = scl;
    net_listen(scl, &h->listener);
    net_attach(sda, &h->driver);
    net_drive(&h->driver, NET_LOW);
}

void i2c_hang_scl(struct i2c_hang *h, struct net *scl)
{
    net_attach(scl, &h->driver);
    net_drive(&h->driver, NET_LOW);
}

void i2c_hang_detach(struct i2c_hang *h)
{
    if (h->scl != NULL)
        net_unlisten(h->scl, &h->listener);
    h->scl = NULL;
    net_detach(&h->driver);
}
