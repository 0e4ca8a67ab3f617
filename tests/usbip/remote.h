/*
 * A device that a USB/IP server on this machine has (Linux's usbip_protocol.rst), for one thread:
 * connect, find, one transfer at a time. For libusb.c, which gives it libusb's names.
 */
#ifndef TESTS_USBIP_REMOTE_H
#define TESTS_USBIP_REMOTE_H

#include <stdbool.h>
#include <stdint.h>

enum { REMOTE_DEVICES = 8, REMOTE_BUS_ID = 32 };

struct remote_device {
    char bus_id[REMOTE_BUS_ID];
    uint8_t bus, address, speed;
};

/* The devices that the server at the port has; their count, -1 if nobody answers. */
int remote_list(unsigned port, struct remote_device devices[REMOTE_DEVICES]);

/* A connection through which one device can be used; -1 if it is in use, or gone. */
int remote_import(unsigned port, const char *bus_id);

/* Errors of transfers, apart from Linux's, which come negated from the server. */
enum { REMOTE_TIMEOUT = -1000, REMOTE_GONE = -1001 };

/*
 * One transfer. setup: NULL but for endpoint 0. length bytes of data go out, or come in, of which
 * the count is returned; or an error. timeout_ms 0: none.
 */
int remote_transfer(int connection, bool in, unsigned endpoint, const uint8_t *setup, uint8_t *data,
                    unsigned length, unsigned timeout_ms);

#endif
