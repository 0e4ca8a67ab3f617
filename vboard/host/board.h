/* The boards: which chip variant, crystals, parts on which pins. */
#ifndef VBOARD_HOST_BOARD_H
#define VBOARD_HOST_BOARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../parts/button.h"
#include "../parts/led.h"
#include "../parts/psram.h"
#include "../parts/sd_card.h"
#include "../parts/terminal.h"
#include "../soc/soc.h"
#include "../wire/membus.h"

#define BOARD_LEDS    3
#define BOARD_BUTTONS 2

struct board_kind;

struct board {
    const struct board_kind *kind;
    struct soc *soc;
    struct membus *bus;   /* of the memory footprint */
    struct psram *psram;  /* NULL: the footprint is empty */
    struct sd_card *card; /* NULL: the slot is empty */
    struct sched_event card_out, card_in;
    struct terminal *terminal;
    struct led leds[BOARD_LEDS];
    unsigned led_count;
    struct button buttons[BOARD_BUTTONS];
    unsigned button_count;
};

struct board_config {
    const char *board;
    const char *psram; /* name of a chip, or "none" */
    uint64_t seed;
    bool boot0;
    bool no_lse;     /* the 32.768 kHz crystal does not oscillate, or is not fitted */
    bool long_wires; /* stubs to a header on the memory's wires, see board.c */
    uint32_t baud;   /* of the terminal at the REPL's USART */
    void (*received)(void *ctx, uint8_t byte, vtime at);
    void *ctx;
};

bool board_exists(const char *name);
const char *board_names(void);
bool board_psram_exists(const char *name);
const char *board_psram_names(void);

/* NULL if memory ran out. The names must exist. */
struct board *board_new(const struct board_config *config);
void board_free(struct board *b);

/* A pin by its name on the chip, PA0 to PK15; false if it is none. */
bool board_pin(const char *name, unsigned *pin);
/* Solders a wire between two pins. False if memory ran out. */
bool board_wire(struct board *b, unsigned one, unsigned other);
/* Puts a card into the slot. 0, or -1 with a sentence. */
int board_insert_card(struct board *b, const char *path, uint64_t size, bool v1, char *error,
                      size_t error_size);
/* Takes it out at a time, and back in at another (VTIME_NEVER: never). */
void board_pull_card(struct board *b, vtime out, vtime in);

/* Power came back: what the chip's own power-on does not reach. */
void board_power_on(struct board *b);

/* A button by name (as printed on the board, any case), NULL if there is none. */
struct button *board_button(struct board *b, const char *name);
/* Names of the buttons, for messages. */
const char *board_button_names(const struct board *b);

#endif
