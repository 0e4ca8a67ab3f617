/* SPDX-License-Identifier: MIT */

#include "usb.h"

#include <string.h>

#include "device/usbd_pvt.h"
#include "mcu/uid.h"
#include "mcu/usb.h"
#include "tusb.h"

/* ST's numbers of its own boot loaders, as dfu-util, pydfu.py and STM32CubeProgrammer expect. */
#define VENDOR  0x0483
#define PRODUCT 0xDF11
#define RELEASE 0x0200

enum { STRING_LANGUAGE, STRING_MAKER, STRING_PRODUCT, STRING_SERIAL, STRING_MEMORY };
enum { STRING_MAX = 63 };

/* As the ROM boot loader shows this flash (UM0424, 10.3.2); the first four sectors, which are the
   boot loader's own, are refused when they are written (dfuse.h). */
static const char *const strings[] = {
    [STRING_MAKER] = "MicroPython",
    [STRING_PRODUCT] = "mboot",
    [STRING_MEMORY] = "@Internal Flash  /0x08000000/256*08Kg",
};

static const tusb_desc_device_t device_descriptor = {
    .bLength = sizeof(tusb_desc_device_t),
    .bDescriptorType = TUSB_DESC_DEVICE,
    .bcdUSB = 0x0200,
    .bMaxPacketSize0 = CFG_TUD_ENDPOINT0_SIZE,
    .idVendor = VENDOR,
    .idProduct = PRODUCT,
    .bcdDevice = RELEASE,
    .iManufacturer = STRING_MAKER,
    .iProduct = STRING_PRODUCT,
    .iSerialNumber = STRING_SERIAL,
    .bNumConfigurations = 1,
};

/* DFU 1.1, 4.1.2 and 4.1.3. */
enum {
    SUBCLASS_DFU = 1,
    PROTOCOL_DFU_MODE = 2,
    DESCRIPTOR_DFU = 0x21,
    CAN_DOWNLOAD = 1 << 0,
    CAN_UPLOAD = 1 << 1,
    WILL_DETACH = 1 << 3,
    DETACH_MS = 255,
    DFUSE_VERSION = 0x011A,
};
enum { INTERFACE_BYTES = 9 + 9, CONFIGURATION_BYTES = TUD_CONFIG_DESC_LEN + INTERFACE_BYTES };

/* clang-format off */
static const uint8_t configuration_descriptor[CONFIGURATION_BYTES] = {
    TUD_CONFIG_DESCRIPTOR(1, 1, 0, CONFIGURATION_BYTES, 0, 100),
    9, TUSB_DESC_INTERFACE, 0, 0, 0,
    TUSB_CLASS_APPLICATION_SPECIFIC, SUBCLASS_DFU, PROTOCOL_DFU_MODE, STRING_MEMORY,
    9, DESCRIPTOR_DFU, CAN_DOWNLOAD | CAN_UPLOAD | WILL_DETACH,
    U16_TO_U8S_LE(DETACH_MS), U16_TO_U8S_LE(DFUSE_TRANSFER), U16_TO_U8S_LE(DFUSE_VERSION),
};
/* clang-format on */

static struct dfuse *served;
static uint8_t buffer[DFUSE_TRANSFER];

const uint8_t *tud_descriptor_device_cb(void)
{
    return (const uint8_t *)&device_descriptor;
}

const uint8_t *tud_descriptor_configuration_cb(uint8_t index)
{
    (void)index;
    return configuration_descriptor;
}

const uint16_t *tud_descriptor_string_cb(uint8_t index, uint16_t language)
{
    static uint16_t descriptor[1 + STRING_MAX];
    char serial[UID_SERIAL_DIGITS + 1];
    const char *text = serial;
    size_t length = 0;

    (void)language;
    if (index == STRING_LANGUAGE) {
        descriptor[1 + length++] = 0x0409; /* English (United States) */
    } else {
        if (index == STRING_SERIAL) {
            uid_usb_serial(serial);
        } else if (index < TU_ARRAY_SIZE(strings)) {
            text = strings[index];
        } else {
            return NULL;
        }
        for (; text[length] != '\0' && length < STRING_MAX; length++) {
            descriptor[1 + length] = (uint8_t)text[length];
        }
    }
    descriptor[0] = (uint16_t)(TUSB_DESC_STRING << 8 | (2 + 2 * length));
    return descriptor;
}

/* ---- the class driver (device/usbd_pvt.h) ---- */

static void class_init(void) {}

static bool class_deinit(void)
{
    return true;
}

static void class_reset(uint8_t port)
{
    (void)port;
    dfuse_bus_reset(served);
}

static uint16_t class_open(uint8_t port, const tusb_desc_interface_t *interface, uint16_t room)
{
    (void)port;
    return interface->bInterfaceClass == TUSB_CLASS_APPLICATION_SPECIFIC && room >= INTERFACE_BYTES
               ? INTERFACE_BYTES
               : 0;
}

static bool begin(uint8_t port, const tusb_control_request_t *request)
{
    if (request->bmRequestType_bit.direction == TUSB_DIR_IN) {
        uint16_t room = TU_MIN(request->wLength, sizeof buffer);
        int bytes = dfuse_in(served, request->bRequest, request->wValue, buffer, room);
        return bytes >= 0 && tud_control_xfer(port, request, buffer, (uint16_t)bytes);
    }
    if (request->wLength > sizeof buffer) {
        return dfuse_out(served, request->bRequest, request->wValue, NULL, request->wLength);
    }
    if (request->wLength > 0) {
        return tud_control_xfer(port, request, buffer, request->wLength);
    }
    return dfuse_out(served, request->bRequest, request->wValue, NULL, 0) &&
           tud_control_status(port, request);
}

static bool class_control(uint8_t port, uint8_t stage, const tusb_control_request_t *request)
{
    if (request->bmRequestType_bit.type != TUSB_REQ_TYPE_CLASS) {
        return false; /* TinyUSB itself answers GET_INTERFACE and SET_INTERFACE */
    }
    switch (stage) {
    case CONTROL_STAGE_SETUP:
        return begin(port, request);
    case CONTROL_STAGE_DATA:
        return request->bmRequestType_bit.direction == TUSB_DIR_IN ||
               dfuse_out(served, request->bRequest, request->wValue, buffer, request->wLength);
    case CONTROL_STAGE_ACK:
        dfuse_work(served);
        return true;
    default:
        return true;
    }
}

static bool class_transfer(uint8_t port, uint8_t endpoint, xfer_result_t result, uint32_t bytes)
{
    (void)port;
    (void)endpoint;
    (void)result;
    (void)bytes;
    return true; /* there are no endpoints but 0 */
}

const usbd_class_driver_t *usbd_app_driver_get_cb(uint8_t *count)
{
    static const usbd_class_driver_t driver = {
        .name = "DfuSe",
        .init = class_init,
        .deinit = class_deinit,
        .reset = class_reset,
        .open = class_open,
        .control_xfer_cb = class_control,
        .xfer_cb = class_transfer,
    };

    *count = 1;
    return &driver;
}

void OTG_HS_IRQHandler(void);

void OTG_HS_IRQHandler(void)
{
    usb_drop_old_answer();
    tusb_int_handler(0, true);
}

bool mboot_usb_start(struct dfuse *d)
{
    const tusb_rhport_init_t init = {.role = TUSB_ROLE_DEVICE, .speed = TUSB_SPEED_FULL};

    served = d;
    return usb_init() && tusb_init(0, &init);
}

void mboot_usb_task(void)
{
    tud_task();
}

void mboot_usb_stop(void)
{
    (void)tud_disconnect();
}
