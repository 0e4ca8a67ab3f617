/*
 * libusb-1.0 for programs that shall find a virtual board's device on USB in place of the PC's: put
 * before the real one by LD_LIBRARY_PATH, with USBIP_PORT in the environment. As much of it as
 * dfu-util and pyusb want: no threads, no asynchronous transfers, no hot plug.
 *
 * A list shows the devices of the server; each is asked for its descriptors when it is listed, as
 * the real library has them from the kernel without opening the device.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <libusb-1.0/libusb.h>

#include "remote.h"

enum { CONFIGURATION_MAX = 4096, TIMEOUT_MS = 1000, RESET_TRIES = 50 };

struct libusb_context {
    int dummy;
};

struct libusb_device {
    int references;
    struct remote_device remote;
    uint8_t device[18];
    uint8_t configuration[CONFIGURATION_MAX];
    int configuration_size;
};

struct libusb_device_handle {
    libusb_device *device;
    int connection;
};

static struct libusb_context context;
/* Its device is in use, so that nobody else can ask it for its descriptors. */
static struct libusb_device_handle *open_handle;

static unsigned port(void)
{
    const char *text = getenv("USBIP_PORT");

    return text ? (unsigned)atoi(text) : 3240;
}

static int error_of(int result)
{
    switch (result) {
    case REMOTE_TIMEOUT:
        return LIBUSB_ERROR_TIMEOUT;
    case REMOTE_GONE:
    case -19:
    case -108:
        return LIBUSB_ERROR_NO_DEVICE;
    case -32:
        return LIBUSB_ERROR_PIPE;
    case -75:
        return LIBUSB_ERROR_OVERFLOW;
    case -2:
        return LIBUSB_ERROR_NOT_FOUND;
    default:
        return result < 0 ? LIBUSB_ERROR_IO : result;
    }
}

/* ---- the library ---- */

int LIBUSB_CALL libusb_init(libusb_context **ctx)
{
    if (ctx)
        *ctx = &context;
    return 0;
}

void LIBUSB_CALL libusb_exit(libusb_context *ctx)
{
    (void)ctx;
}

void LIBUSB_CALL libusb_set_debug(libusb_context *ctx, int level)
{
    (void)ctx;
    (void)level;
}

int LIBUSB_CALL libusb_set_option(libusb_context *ctx, enum libusb_option option, ...)
{
    (void)ctx;
    (void)option;
    return 0;
}

const struct libusb_version *LIBUSB_CALL libusb_get_version(void)
{
    static const struct libusb_version version = {1, 0, 26, 0, "", "usbip"};

    return &version;
}

int LIBUSB_CALL libusb_has_capability(uint32_t capability)
{
    return capability == LIBUSB_CAP_HAS_CAPABILITY;
}

const char *LIBUSB_CALL libusb_error_name(int code)
{
    static const struct {
        int code;
        const char *name;
    } names[] = {
        {LIBUSB_SUCCESS, "LIBUSB_SUCCESS"},
        {LIBUSB_ERROR_IO, "LIBUSB_ERROR_IO"},
        {LIBUSB_ERROR_INVALID_PARAM, "LIBUSB_ERROR_INVALID_PARAM"},
        {LIBUSB_ERROR_NO_DEVICE, "LIBUSB_ERROR_NO_DEVICE"},
        {LIBUSB_ERROR_NOT_FOUND, "LIBUSB_ERROR_NOT_FOUND"},
        {LIBUSB_ERROR_BUSY, "LIBUSB_ERROR_BUSY"},
        {LIBUSB_ERROR_TIMEOUT, "LIBUSB_ERROR_TIMEOUT"},
        {LIBUSB_ERROR_OVERFLOW, "LIBUSB_ERROR_OVERFLOW"},
        {LIBUSB_ERROR_PIPE, "LIBUSB_ERROR_PIPE"},
        {LIBUSB_ERROR_NO_MEM, "LIBUSB_ERROR_NO_MEM"},
        {LIBUSB_ERROR_NOT_SUPPORTED, "LIBUSB_ERROR_NOT_SUPPORTED"},
    };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (names[i].code == code)
            return names[i].name;
    }
    return "LIBUSB_ERROR_OTHER";
}

const char *LIBUSB_CALL libusb_strerror(int code)
{
    return libusb_error_name(code);
}

/* ---- devices ---- */

static int get_descriptor(int connection, unsigned kind, unsigned index, uint8_t *data,
                          unsigned length)
{
    const uint8_t setup[8] = {0x80, 6, (uint8_t)index,  (uint8_t)kind,
                              0,    0, (uint8_t)length, (uint8_t)(length >> 8)};

    return remote_transfer(connection, true, 0, setup, data, length, TIMEOUT_MS);
}

static int read_descriptors(libusb_device *d, int connection)
{
    int size;

    if (get_descriptor(connection, 1, 0, d->device, 18) != 18 ||
        get_descriptor(connection, 2, 0, d->configuration, 9) != 9)
        return -1;
    size = d->configuration[2] | d->configuration[3] << 8;
    if (size > CONFIGURATION_MAX)
        return -1;
    d->configuration_size = get_descriptor(connection, 2, 0, d->configuration, (unsigned)size);
    return d->configuration_size == size ? 0 : -1;
}

static libusb_device *new_device(const struct remote_device *remote)
{
    bool opened = open_handle && !strcmp(open_handle->device->remote.bus_id, remote->bus_id);
    libusb_device *d;
    int connection, status;

    if (opened)
        return libusb_ref_device(open_handle->device);
    d = calloc(1, sizeof(*d));
    if (!d)
        return NULL;
    d->references = 1;
    d->remote = *remote;
    connection = remote_import(port(), remote->bus_id);
    status = connection < 0 ? -1 : read_descriptors(d, connection);
    if (connection >= 0)
        libusb_close(&(libusb_device_handle){.connection = connection});
    if (status == 0)
        return d;
    free(d);
    return NULL;
}

ssize_t LIBUSB_CALL libusb_get_device_list(libusb_context *ctx, libusb_device ***list)
{
    struct remote_device found[REMOTE_DEVICES];
    int count = remote_list(port(), found);
    ssize_t n = 0;

    (void)ctx;
    *list = calloc(REMOTE_DEVICES + 1, sizeof(**list));
    if (!*list)
        return LIBUSB_ERROR_NO_MEM;
    for (int i = 0; i < count; i++) {
        (*list)[n] = new_device(&found[i]);
        n += (*list)[n] != NULL;
    }
    return n;
}

void LIBUSB_CALL libusb_free_device_list(libusb_device **list, int unreference)
{
    for (libusb_device **d = list; unreference && *d; d++)
        libusb_unref_device(*d);
    free(list);
}

libusb_device *LIBUSB_CALL libusb_ref_device(libusb_device *d)
{
    d->references++;
    return d;
}

void LIBUSB_CALL libusb_unref_device(libusb_device *d)
{
    if (--d->references == 0)
        free(d);
}

uint8_t LIBUSB_CALL libusb_get_bus_number(libusb_device *d)
{
    return d->remote.bus;
}

uint8_t LIBUSB_CALL libusb_get_device_address(libusb_device *d)
{
    return d->remote.address;
}

uint8_t LIBUSB_CALL libusb_get_port_number(libusb_device *d)
{
    (void)d;
    return 1;
}

int LIBUSB_CALL libusb_get_port_numbers(libusb_device *d, uint8_t *ports, int n)
{
    (void)d;
    if (n < 1)
        return LIBUSB_ERROR_OVERFLOW;
    ports[0] = 1;
    return 1;
}

libusb_device *LIBUSB_CALL libusb_get_parent(libusb_device *d)
{
    (void)d;
    return NULL;
}

int LIBUSB_CALL libusb_get_device_speed(libusb_device *d)
{
    return d->remote.speed == 2 ? LIBUSB_SPEED_FULL : LIBUSB_SPEED_UNKNOWN;
}

/* ---- descriptors ---- */

int LIBUSB_CALL libusb_get_device_descriptor(libusb_device *d, struct libusb_device_descriptor *out)
{
    const uint8_t *p = d->device;

    *out = (struct libusb_device_descriptor){
        .bLength = p[0],
        .bDescriptorType = p[1],
        .bcdUSB = (uint16_t)(p[2] | p[3] << 8),
        .bDeviceClass = p[4],
        .bDeviceSubClass = p[5],
        .bDeviceProtocol = p[6],
        .bMaxPacketSize0 = p[7],
        .idVendor = (uint16_t)(p[8] | p[9] << 8),
        .idProduct = (uint16_t)(p[10] | p[11] << 8),
        .bcdDevice = (uint16_t)(p[12] | p[13] << 8),
        .iManufacturer = p[14],
        .iProduct = p[15],
        .iSerialNumber = p[16],
        .bNumConfigurations = p[17],
    };
    return 0;
}

struct parser {
    const uint8_t *p, *end;
};

static bool next_is(const struct parser *s, uint8_t kind)
{
    return s->end - s->p >= 2 && s->p[0] >= 2 && s->p[0] <= s->end - s->p &&
           (kind == 0 || s->p[1] == kind);
}

/* Class-specific descriptors: all up to the next of the standard's own. */
static void take_extra(struct parser *s, const unsigned char **extra, int *length)
{
    const uint8_t *start = s->p;
    unsigned char *copy;

    while (next_is(s, 0) && s->p[1] != LIBUSB_DT_INTERFACE && s->p[1] != LIBUSB_DT_ENDPOINT)
        s->p += s->p[0];
    *length = (int)(s->p - start);
    copy = malloc((size_t)*length + 1);
    if (copy)
        memcpy(copy, start, (size_t)*length);
    *extra = copy;
}

static void take_endpoint(struct parser *s, struct libusb_endpoint_descriptor *e)
{
    const uint8_t *p = s->p;

    *e = (struct libusb_endpoint_descriptor){.bLength = p[0],
                                             .bDescriptorType = p[1],
                                             .bEndpointAddress = p[2],
                                             .bmAttributes = p[3],
                                             .wMaxPacketSize = (uint16_t)(p[4] | p[5] << 8),
                                             .bInterval = p[6]};
    s->p += p[0];
    take_extra(s, &e->extra, &e->extra_length);
}

static void take_setting(struct parser *s, struct libusb_interface_descriptor *i)
{
    const uint8_t *p = s->p;
    struct libusb_endpoint_descriptor *endpoints = calloc(p[4] + 1u, sizeof(*endpoints));
    unsigned n = 0;

    *i = (struct libusb_interface_descriptor){.bLength = p[0],
                                              .bDescriptorType = p[1],
                                              .bInterfaceNumber = p[2],
                                              .bAlternateSetting = p[3],
                                              .bNumEndpoints = p[4],
                                              .bInterfaceClass = p[5],
                                              .bInterfaceSubClass = p[6],
                                              .bInterfaceProtocol = p[7],
                                              .iInterface = p[8],
                                              .endpoint = endpoints};
    s->p += p[0];
    take_extra(s, &i->extra, &i->extra_length);
    while (endpoints && n < i->bNumEndpoints && next_is(s, LIBUSB_DT_ENDPOINT) && s->p[0] >= 7)
        take_endpoint(s, &endpoints[n++]);
    i->bNumEndpoints = (uint8_t)n;
}

int LIBUSB_CALL libusb_get_config_descriptor(libusb_device *d, uint8_t index,
                                             struct libusb_config_descriptor **out)
{
    struct parser s = {d->configuration, d->configuration + d->configuration_size};
    const uint8_t *p = d->configuration;
    struct libusb_config_descriptor *c;
    struct libusb_interface *interfaces;

    if (index != 0)
        return LIBUSB_ERROR_NOT_FOUND;
    c = calloc(1, sizeof(*c));
    interfaces = calloc(p[4] + 1u, sizeof(*interfaces));
    if (!c || !interfaces) {
        free(c);
        free(interfaces);
        return LIBUSB_ERROR_NO_MEM;
    }
    *c = (struct libusb_config_descriptor){.bLength = p[0],
                                           .bDescriptorType = p[1],
                                           .wTotalLength = (uint16_t)(p[2] | p[3] << 8),
                                           .bNumInterfaces = p[4],
                                           .bConfigurationValue = p[5],
                                           .iConfiguration = p[6],
                                           .bmAttributes = p[7],
                                           .MaxPower = p[8],
                                           .interface = interfaces};
    s.p += p[0];
    take_extra(&s, &c->extra, &c->extra_length);
    while (next_is(&s, LIBUSB_DT_INTERFACE) && s.p[0] >= 9 && s.p[2] < c->bNumInterfaces) {
        struct libusb_interface *i = &interfaces[s.p[2]];
        size_t n = (size_t)i->num_altsetting + 1;
        struct libusb_interface_descriptor *settings =
            realloc((void *)i->altsetting, n * sizeof(*settings));

        if (!settings)
            break;
        take_setting(&s, &settings[i->num_altsetting]);
        i->altsetting = settings;
        i->num_altsetting = (int)n;
    }
    *out = c;
    return 0;
}

int LIBUSB_CALL libusb_get_active_config_descriptor(libusb_device *d,
                                                    struct libusb_config_descriptor **out)
{
    return libusb_get_config_descriptor(d, 0, out);
}

void LIBUSB_CALL libusb_free_config_descriptor(struct libusb_config_descriptor *c)
{
    for (unsigned i = 0; c && i < c->bNumInterfaces; i++) {
        for (int a = 0; a < c->interface[i].num_altsetting; a++) {
            const struct libusb_interface_descriptor *s = &c->interface[i].altsetting[a];

            for (unsigned e = 0; e < s->bNumEndpoints; e++)
                free((void *)s->endpoint[e].extra);
            free((void *)s->endpoint);
            free((void *)s->extra);
        }
        free((void *)c->interface[i].altsetting);
    }
    if (c) {
        free((void *)c->interface);
        free((void *)c->extra);
    }
    free(c);
}

/* ---- handles ---- */

int LIBUSB_CALL libusb_open(libusb_device *d, libusb_device_handle **out)
{
    libusb_device_handle *h = calloc(1, sizeof(*h));

    if (!h)
        return LIBUSB_ERROR_NO_MEM;
    h->connection = remote_import(port(), d->remote.bus_id);
    if (h->connection < 0) {
        free(h);
        return LIBUSB_ERROR_NO_DEVICE;
    }
    h->device = libusb_ref_device(d);
    open_handle = h;
    *out = h;
    return 0;
}

void LIBUSB_CALL libusb_close(libusb_device_handle *h)
{
    close(h->connection);
    if (!h->device)
        return; /* a connection of the library's own */
    if (open_handle == h)
        open_handle = NULL;
    libusb_unref_device(h->device);
    free(h);
}

libusb_device *LIBUSB_CALL libusb_get_device(libusb_device_handle *h)
{
    return h->device;
}

int LIBUSB_CALL libusb_control_transfer(libusb_device_handle *h, uint8_t kind, uint8_t request,
                                        uint16_t value, uint16_t index, unsigned char *data,
                                        uint16_t length, unsigned timeout)
{
    const uint8_t setup[8] = {kind,
                              request,
                              (uint8_t)value,
                              (uint8_t)(value >> 8),
                              (uint8_t)index,
                              (uint8_t)(index >> 8),
                              (uint8_t)length,
                              (uint8_t)(length >> 8)};

    return error_of(remote_transfer(h->connection, kind & 0x80, 0, setup, data, length, timeout));
}

int LIBUSB_CALL libusb_bulk_transfer(libusb_device_handle *h, unsigned char endpoint,
                                     unsigned char *data, int length, int *actual, unsigned timeout)
{
    int result = error_of(remote_transfer(h->connection, endpoint & 0x80, endpoint & 15, NULL, data,
                                          (unsigned)length, timeout));

    if (actual)
        *actual = result > 0 ? result : 0;
    return result < 0 ? result : 0;
}

int LIBUSB_CALL libusb_interrupt_transfer(libusb_device_handle *h, unsigned char endpoint,
                                          unsigned char *data, int length, int *actual,
                                          unsigned timeout)
{
    return libusb_bulk_transfer(h, endpoint, data, length, actual, timeout);
}

static int plain_request(libusb_device_handle *h, uint8_t kind, uint8_t request, int value,
                         int index)
{
    int result = libusb_control_transfer(h, kind, request, (uint16_t)value, (uint16_t)index, NULL,
                                         0, TIMEOUT_MS);

    return result < 0 ? result : 0;
}

int LIBUSB_CALL libusb_get_configuration(libusb_device_handle *h, int *value)
{
    uint8_t data = 0;
    int result = libusb_control_transfer(h, 0x80, 8, 0, 0, &data, 1, TIMEOUT_MS);

    *value = data;
    return result < 0 ? result : 0;
}

int LIBUSB_CALL libusb_set_configuration(libusb_device_handle *h, int value)
{
    return plain_request(h, 0x00, 9, value, 0);
}

int LIBUSB_CALL libusb_set_interface_alt_setting(libusb_device_handle *h, int interface,
                                                 int setting)
{
    return plain_request(h, 0x01, 11, setting, interface);
}

int LIBUSB_CALL libusb_clear_halt(libusb_device_handle *h, unsigned char endpoint)
{
    return plain_request(h, 0x02, 1, 0, endpoint);
}

/* The server resets the port; the device answers again once it has been enumerated. */
int LIBUSB_CALL libusb_reset_device(libusb_device_handle *h)
{
    uint8_t data[18];

    if (plain_request(h, 0x23, 3, 4, 0) != 0)
        return LIBUSB_ERROR_NOT_FOUND;
    for (int i = 0; i < RESET_TRIES; i++) {
        int result = get_descriptor(h->connection, 1, 0, data, sizeof(data));

        if (result == (int)sizeof(data))
            return memcmp(data, h->device->device, sizeof(data)) ? LIBUSB_ERROR_NOT_FOUND : 0;
        if (result == REMOTE_GONE)
            break;
        nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
    }
    return LIBUSB_ERROR_NOT_FOUND;
}

int LIBUSB_CALL libusb_get_string_descriptor_ascii(libusb_device_handle *h, uint8_t index,
                                                   unsigned char *out, int room)
{
    uint8_t data[255];
    int result, n = 0;

    if (index == 0)
        return LIBUSB_ERROR_INVALID_PARAM;
    result = libusb_control_transfer(h, 0x80, 6, (uint16_t)(3 << 8 | index), 0x0409, data,
                                     sizeof(data), TIMEOUT_MS);
    if (result < 0)
        return result;
    for (int i = 2; i + 1 < result && i + 1 < data[0] && n < room - 1; i += 2)
        out[n++] = data[i + 1] || data[i] > 127 ? '?' : data[i];
    out[n] = '\0';
    return n;
}

/* Nobody else has a driver for it. */
int LIBUSB_CALL libusb_claim_interface(libusb_device_handle *h, int interface)
{
    (void)h;
    (void)interface;
    return 0;
}

int LIBUSB_CALL libusb_release_interface(libusb_device_handle *h, int interface)
{
    (void)h;
    (void)interface;
    return 0;
}

int LIBUSB_CALL libusb_kernel_driver_active(libusb_device_handle *h, int interface)
{
    (void)h;
    (void)interface;
    return 0;
}

int LIBUSB_CALL libusb_detach_kernel_driver(libusb_device_handle *h, int interface)
{
    (void)h;
    (void)interface;
    return LIBUSB_ERROR_NOT_FOUND;
}

int LIBUSB_CALL libusb_attach_kernel_driver(libusb_device_handle *h, int interface)
{
    return libusb_detach_kernel_driver(h, interface);
}

int LIBUSB_CALL libusb_set_auto_detach_kernel_driver(libusb_device_handle *h, int enable)
{
    (void)h;
    (void)enable;
    return 0;
}

/* ---- what pyusb looks for, for isochronous transfers ---- */

int LIBUSB_CALL libusb_get_max_iso_packet_size(libusb_device *d, unsigned char endpoint)
{
    (void)d;
    (void)endpoint;
    return LIBUSB_ERROR_NOT_SUPPORTED;
}

struct libusb_transfer *LIBUSB_CALL libusb_alloc_transfer(int packets)
{
    (void)packets;
    return NULL;
}

void LIBUSB_CALL libusb_free_transfer(struct libusb_transfer *t)
{
    (void)t;
}

int LIBUSB_CALL libusb_submit_transfer(struct libusb_transfer *t)
{
    (void)t;
    return LIBUSB_ERROR_NOT_SUPPORTED;
}

int LIBUSB_CALL libusb_handle_events(libusb_context *ctx)
{
    (void)ctx;
    return LIBUSB_ERROR_NOT_SUPPORTED;
}
