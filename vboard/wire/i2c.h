/*
 * I2C between masters and the parts on one pair of wires, SCL and SDA.
 *
 * A part names its two nets and answers bytes. It does not know what makes them: a program that
 * moves pins (i2c.c follows the edges of the nets and drives SDA for the part), or a hardware
 * master, which hands over whole bytes by the calls below. Those are seen by the parts on its nets
 * and by nobody else: the nets keep still, so that a transfer costs nothing where no part listens.
 *
 * UM10204 (I2C-bus specification). Parts do not stretch the clock. Simulation thread only.
 */
#ifndef VBOARD_WIRE_I2C_H
#define VBOARD_WIRE_I2C_H

#include <stdbool.h>
#include <stdint.h>

#include "net.h"

struct i2c_lines;

struct i2c_slave {
    /* Set before i2c_attach(). */
    struct net *scl, *sda;
    /* The first byte after a start condition: address and direction (bit 0 set = read). True: it
       acknowledges, and takes part until the next start or stop. */
    bool (*start)(void *ctx, uint8_t first);
    /* A byte from the master. True: it acknowledges. */
    bool (*write)(void *ctx, uint8_t byte);
    /* The next byte for the master. */
    uint8_t (*read)(void *ctx);
    /* Stop condition, if it took part until then. */
    void (*stop)(void *ctx);
    void *ctx;

    /* Kept by i2c.c. */
    struct i2c_lines *lines;
    bool addressed; /* its start() was true */
    bool reads;     /* the direction of then */
    /* The follower of edges. */
    bool following; /* a start condition was seen, no stop */
    unsigned bit;   /* 0..7 data, 8 acknowledge */
    uint8_t shift;
    bool first, acknowledged;
    struct net_driver driver;
    struct net_listener scl_listener, sda_listener;
    bool scl_level, sda_level;
    struct i2c_slave *next;
};

/* All parts of a board; zero-initialised. */
struct i2c_lines {
    struct i2c_slave *slaves;
};

/* The part must stay where it is until i2c_detach(). */
void i2c_attach(struct i2c_lines *l, struct i2c_slave *s);
void i2c_detach(struct i2c_slave *s);

/* ---- a hardware master's bytes, each at its end; true = somebody acknowledged ---- */

/* (Repeated) start condition and its first byte. */
bool i2c_start(struct i2c_lines *l, const struct net *scl, const struct net *sda, uint8_t first);
bool i2c_write(struct i2c_lines *l, const struct net *scl, const struct net *sda, uint8_t byte);
/* Ones where nobody drives. */
uint8_t i2c_read(struct i2c_lines *l, const struct net *scl, const struct net *sda);
/* The master's acknowledge of what it read: without it the part lets go of SDA. */
void i2c_acknowledge(struct i2c_lines *l, const struct net *scl, const struct net *sda, bool ack);
void i2c_stop(struct i2c_lines *l, const struct net *scl, const struct net *sda);

#endif
