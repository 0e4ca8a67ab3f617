/*
 * A part that hangs on an I2C bus and holds a line: SDA, as one that lost count in the middle of a
 * byte does (it lets go after nine clocks; UM10204 3.1.16), or SCL for good. Simulation thread
 * only.
 */
#ifndef VBOARD_PARTS_I2C_HANG_H
#define VBOARD_PARTS_I2C_HANG_H

#include <stdbool.h>

#include "../wire/net.h"

struct i2c_hang {
    unsigned clocks; /* that SDA's part has seen */
    bool scl_level;
    struct net *scl; /* listened to; NULL: not */
    struct net_driver driver;
    struct net_listener listener;
};

/* Zero-initialised. It must stay where it is until i2c_hang_detach(). */
void i2c_hang_sda(struct i2c_hang *h, struct net *scl, struct net *sda);
void i2c_hang_scl(struct i2c_hang *h, struct net *scl);
void i2c_hang_detach(struct i2c_hang *h); /* fine if it was never attached */

#endif
