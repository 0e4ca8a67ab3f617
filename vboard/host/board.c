#include "board.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "../soc/octospi.h"

struct led_place {
    const char *name;
    unsigned pin;
    bool active_low;
};

struct button_place {
    const char *name;
    unsigned pin;
    bool to_supply;
    enum net_drive idle;
};

/* Sources: the makers' schematics (MCUDEV DEVEBOX STM32H7XX_M, WeActStudio MiniSTM32H7xx V1.2) and
   ST UM2408 for the Nucleo. The memory's pins are the same on all three. */
struct board_kind {
    const char *name;
    uint32_t hse_hz;
    bool smps;
    unsigned uart_tx, uart_rx; /* pins of the REPL's USART */
    struct led_place leds[BOARD_LEDS];
    struct button_place buttons[BOARD_BUTTONS];
};

#define PIN(port, bit) SOC_PIN(port, bit)

static const struct board_kind kinds[] = {
    {
        .name = "devebox",
        .hse_hz = 25000000,
        .uart_tx = PIN('A', 9),
        .uart_rx = PIN('A', 10),
        .leds = {{"LED", PIN('A', 1), true}},
        .buttons = {{"K1", PIN('E', 3), false, NET_Z}, {"K2", PIN('C', 5), false, NET_Z}},
    },
    {
        .name = "weact",
        .hse_hz = 25000000,
        .uart_tx = PIN('A', 9),
        .uart_rx = PIN('A', 10),
        .leds = {{"LED", PIN('E', 3), false}},
        .buttons = {{"K1", PIN('C', 13), true, NET_Z}},
    },
    {
        .name = "nucleo",
        .hse_hz = 8000000,
        .smps = true,
        .uart_tx = PIN('D', 8),
        .uart_rx = PIN('D', 9),
        .leds = {{"LD1", PIN('B', 0), false},
                 {"LD2", PIN('E', 1), false},
                 {"LD3", PIN('B', 14), false}},
        .buttons = {{"B1", PIN('C', 13), true, NET_PULL_DOWN}},
    },
};
enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

static const struct board_kind *find_kind(const char *name)
{
    for (unsigned i = 0; i < KINDS; i++)
        if (strcmp(kinds[i].name, name) == 0)
            return &kinds[i];
    return NULL;
}

/* Appends ", name" to a list in a fixed buffer. */
static void append(char *list, size_t size, const char *name)
{
    size_t n = strlen(list);

    snprintf(list + n, size - n, "%s%s", n ? ", " : "", name);
}

bool board_exists(const char *name)
{
    return find_kind(name) != NULL;
}

const char *board_names(void)
{
    static char list[128];

    list[0] = '\0';
    for (unsigned i = 0; i < KINDS; i++)
        append(list, sizeof(list), kinds[i].name);
    return list;
}

bool board_psram_exists(const char *name)
{
    return strcmp(name, "none") == 0 || psram_find(name) != NULL;
}

const char *board_psram_names(void)
{
    static char list[256];

    list[0] = '\0';
    for (size_t i = 0; i < psram_chip_count; i++)
        append(list, sizeof(list), psram_chips[i].name);
    append(list, sizeof(list), "none");
    return list;
}

static void place_leds(struct board *b)
{
    for (unsigned i = 0; i < BOARD_LEDS && b->kind->leds[i].name != NULL; i++) {
        const struct led_place *place = &b->kind->leds[i];

        b->leds[i] = (struct led){
            .name = place->name, .active_low = place->active_low, .sched = b->soc->sched};
        led_attach(&b->leds[i], b->soc->pin[place->pin]);
        b->led_count++;
    }
}

static void place_buttons(struct board *b)
{
    for (unsigned i = 0; i < BOARD_BUTTONS && b->kind->buttons[i].name != NULL; i++) {
        const struct button_place *place = &b->kind->buttons[i];

        b->buttons[i] = (struct button){
            .name = place->name, .to_supply = place->to_supply, .idle = place->idle};
        button_attach(&b->buttons[i], b->soc->pin[place->pin]);
        b->button_count++;
    }
}

/*
 * There and back between the controller's and the memory's dies: pads, balls and some centimetres
 * of track at 7 ps/mm. With stubs: 10 cm more to a header and its cables, whose reflections need
 * several round trips to die away. Estimates: nobody has measured these boards.
 */
static const struct {
    vtime flight, settle;
} wires[2] = {
    {1000 * VTIME_PS, 0},
    {3000 * VTIME_PS, 12 * VTIME_NS},
};

struct board *board_new(const struct board_config *config)
{
    struct board *b = calloc(1, sizeof(*b));

    if (b == NULL)
        return NULL;
    b->kind = find_kind(config->board);
    b->soc = soc_new(&(struct soc_config){.seed = config->seed,
                                          .hse_hz = b->kind->hse_hz,
                                          .lse_hz = config->no_lse ? 0 : 32768,
                                          .smps = b->kind->smps,
                                          .boot0 = config->boot0});
    if (b->soc == NULL) {
        board_free(b);
        return NULL;
    }
    b->bus = octospi_bus(b->soc, 1);
    membus_set_wires(b->bus, wires[config->long_wires].flight, wires[config->long_wires].settle);
    if (strcmp(config->psram, "none") != 0) {
        b->psram = psram_new(psram_find(config->psram), config->seed, b->soc->complaints);
        if (b->psram == NULL) {
            board_free(b);
            return NULL;
        }
        psram_attach(b->psram, b->bus);
    }
    b->terminal =
        terminal_new(&(struct terminal_config){.sched = b->soc->sched,
                                               .to_board = soc_serial(b->soc, b->kind->uart_rx),
                                               .from_board = soc_serial(b->soc, b->kind->uart_tx),
                                               .baud = config->baud,
                                               .received = config->received,
                                               .ctx = config->ctx});
    if (b->terminal == NULL) {
        board_free(b);
        return NULL;
    }
    place_leds(b);
    place_buttons(b);
    return b;
}

void board_free(struct board *b)
{
    if (b == NULL)
        return;
    terminal_free(b->terminal);
    if (b->soc != NULL)
        soc_free(b->soc);
    if (b->psram != NULL)
        psram_free(b->psram);
    sd_card_free(b->card);
    free(b);
}

int board_insert_card(struct board *b, const char *path, uint64_t size, bool v1, char *error,
                      size_t error_size)
{
    b->card = sd_card_new(path, size, v1, b->soc->complaints, error, error_size);
    if (b->card == NULL)
        return -1;
    soc_sd_slot(b->soc, sd_card_bus(b->card));
    return 0;
}

static void card_out(void *ctx, vtime at)
{
    struct board *b = ctx;

    (void)at;
    sd_card_insert(b->card, false);
}

static void card_in(void *ctx, vtime at)
{
    struct board *b = ctx;

    (void)at;
    sd_card_insert(b->card, true);
}

void board_pull_card(struct board *b, vtime out, vtime in)
{
    b->card_out = (struct sched_event){.fn = card_out, .ctx = b};
    b->card_in = (struct sched_event){.fn = card_in, .ctx = b};
    sched_at(b->soc->sched, &b->card_out, out);
    if (in != VTIME_NEVER)
        sched_at(b->soc->sched, &b->card_in, in);
}

void board_power_on(struct board *b)
{
    if (b->card != NULL)
        sd_card_power_cycle(b->card);
    if (b->psram != NULL)
        psram_power_cycle(b->psram, sched_now(b->soc->sched));
}

struct button *board_button(struct board *b, const char *name)
{
    for (unsigned i = 0; i < b->button_count; i++)
        if (strcasecmp(b->buttons[i].name, name) == 0)
            return &b->buttons[i];
    return NULL;
}

const char *board_button_names(const struct board *b)
{
    static char list[64];

    list[0] = '\0';
    for (unsigned i = 0; i < b->button_count; i++)
        append(list, sizeof(list), b->buttons[i].name);
    return list;
}

bool board_pin(const char *name, unsigned *pin)
{
    char *end;
    unsigned long bit;

    if (name[0] != 'P' || name[1] < 'A' || name[1] >= 'A' + SOC_PORTS ||
        !isdigit((unsigned char)name[2]))
        return false;
    bit = strtoul(name + 2, &end, 10);
    if (*end != '\0' || bit > 15)
        return false;
    *pin = SOC_PIN(name[1], (unsigned)bit);
    return true;
}

bool board_wire(struct board *b, unsigned one, unsigned other)
{
    struct serial_wire *a = soc_serial(b->soc, one), *z = soc_serial(b->soc, other);

    if (a == NULL || z == NULL)
        return false;
    net_join(b->soc->pin[one], b->soc->pin[other]);
    serial_join(a, z);
    return true;
}
