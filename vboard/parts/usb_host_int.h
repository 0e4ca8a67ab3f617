/* What usb_host.c (the bus) and usb_enumerate.c (the port and its device) share. */
#ifndef VBOARD_PARTS_USB_HOST_INT_H
#define VBOARD_PARTS_USB_HOST_INT_H

#include "usb_host.h"

/* bmAttributes of an endpoint. */
enum usb_kind { USB_CONTROL, USB_ISOCHRONOUS, USB_BULK, USB_INTERRUPT };
/* bDescriptorType, bRequest (USB 2.0, tables 9-5, 9-4). */
enum { DESC_DEVICE = 1, DESC_CONFIGURATION = 2, DESC_INTERFACE = 4, DESC_ENDPOINT = 5 };
enum {
    REQ_CLEAR_FEATURE = 1,
    REQ_SET_ADDRESS = 5,
    REQ_GET_DESCRIPTOR = 6,
    REQ_SET_CONFIGURATION = 9,
    REQ_SET_INTERFACE = 11,
};

enum stage { STAGE_SETUP, STAGE_DATA, STAGE_STATUS };

/* One direction of an endpoint; of endpoint 0 both. */
struct pipe {
    bool exists;
    uint8_t number, kind, interface;
    bool in;
    uint8_t toggle;
    uint16_t packet;   /* largest, bytes */
    uint16_t interval; /* interrupt: frames from one poll to the next */
    uint64_t due;      /* first frame in which it may be asked again */
    vtime refusing;    /* answers NAK since; VTIME_NEVER: does not */
    struct usb_request *first, *last;
};

enum port_state {
    PORT_OFF,
    PORT_EMPTY,
    PORT_DEBOUNCE,
    PORT_RESET,
    PORT_RECOVERY,
    PORT_ENUMERATES,
    PORT_READY,
    PORT_FAILED
};

enum { PIPES = 1 + 15 + 15, PIPE_CONTROL = 0 };

struct usb_host {
    struct sched *sched;
    struct usb_cable *cable;
    struct usb_host_user user;
    struct usb_port port;

    /* The bus. */
    struct sched_event frame, bus;
    uint64_t frames;
    vtime frame_end;
    struct pipe pipe[PIPES];
    unsigned turn; /* pipe that was served last */
    struct transaction {
        struct pipe *pipe; /* NULL: the bus is free */
        bool answered, orphaned;
        char kind; /* 'S', 'O', 'I' */
        enum usb_reply reply;
        struct usb_packet packet;
    } now;

    /* The port. */
    enum port_state state;
    struct sched_event step; /* the state's end */
    bool suspended, resuming;
    unsigned tries;
    uint8_t address;
    uint8_t device[18];
    uint8_t configuration[USB_CONFIGURATION_MAX];
    size_t configuration_size;
    struct usb_request request; /* of the enumeration */
    unsigned at;                /* its step */
};

/* ---- usb_host.c ---- */

void host_init_bus(struct usb_host *h);
void host_start_frames(struct usb_host *h);
void host_stop_frames(struct usb_host *h);
/* Ends all requests of a pipe; of all pipes. */
void host_abort_pipe(struct usb_host *h, struct pipe *p, enum usb_status status);
void host_abort(struct usb_host *h, enum usb_status status);

/* ---- usb_enumerate.c ---- */

void host_init_port(struct usb_host *h);
/* A request of anybody's succeeded on endpoint 0: what it changes for the host. */
void host_note_request(struct usb_host *h, const struct usb_request *r);

#endif
