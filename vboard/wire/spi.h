/*
 * SPI between a master and the parts on its wires: SCK, MOSI, MISO, and one nCS for each part.
 *
 * A part names the nets that it hangs on and answers edges. It does not know what makes them: a
 * program that moves pins (the net's level changes), or a hardware master, which hands over whole
 * frames by spi_shift(). Such a frame reaches the parts on its nets edge by edge and is seen by
 * nobody else: the nets themselves keep still, so that a frame costs nothing where no part
 * listens. nCS is always a net.
 *
 * Simulation thread only.
 */
#ifndef VBOARD_WIRE_SPI_H
#define VBOARD_WIRE_SPI_H

#include <stdbool.h>
#include <stdint.h>

#include "net.h"

struct spi_lines;

struct spi_slave {
    /* Set before spi_attach(). */
    struct net *sck, *mosi, *miso;
    struct net *ncs; /* NULL: always selected */
    /* nCS fell or rose. */
    void (*select)(void *ctx, bool selected);
    /* SCK has the level now; mosi as it was just before the edge. While selected only. */
    void (*clock)(void *ctx, bool level, bool mosi);
    void *ctx;

    /* What the part drives on MISO: kept by the part, looked at after each call. */
    enum net_drive drive;

    /* Kept by spi.c. */
    struct spi_lines *lines;
    bool selected, sck_level;
    struct net_driver driver;
    struct net_listener sck_listener, ncs_listener;
    struct spi_slave *next;
};

/* All parts of a board; zero-initialised. */
struct spi_lines {
    struct spi_slave *slaves;
};

/* The part must stay where it is until spi_detach(). */
void spi_attach(struct spi_lines *l, struct spi_slave *s);
void spi_detach(struct spi_slave *s);

struct spi_frame {
    struct net *sck, *mosi, *miso; /* NULL: the master has no pin for it */
    bool cpol, cpha;
    unsigned bits; /* 1 .. 32 */
    uint32_t out;  /* the first bit on the line is bit `bits` - 1 */
};

/* A hardware master's frame is through: returns what it sampled, bits as in `out`. A line that no
   part drives gives the level of its net. */
uint32_t spi_shift(struct spi_lines *l, const struct spi_frame *f);

#endif
