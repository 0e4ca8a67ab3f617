/* TCP servers of vboard: on the loopback address only, one client at a time. */
#ifndef VBOARD_HOST_LISTEN_H
#define VBOARD_HOST_LISTEN_H

#include <stddef.h>
#include <stdint.h>

/* Listens on a port given as text, 0 = any that is free; *port = which. A descriptor that does not
   block; or -1 with one sentence in error. */
int listen_on_loopback(const char *text, uint16_t *port, char *error, size_t error_size);

/* The next client, not blocking; -1 if none waits. */
int listen_accept(int listener);

#endif
