#include "repl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "options.h"

/* Virtual times. */
#define BOOT_LIMIT  (60 * VTIME_S)  /* to the first prompt */
#define REPLY_LIMIT (10 * VTIME_S)  /* to an answer of the raw REPL */
#define QUIET       (2 * VTIME_MS)  /* no output for so long while asleep: the line is done */
#define SETTLED     VTIME_S         /* output without a prompt, then nothing: no MicroPython */
#define SILENT      (10 * VTIME_S)  /* nothing since the start: it waits for us */
#define PACE        (20 * VTIME_MS) /* between lines for a program that shows no prompt */
#define BLIND_PACE  VTIME_S         /* the same, for one that has shown nothing at all */
/* No output for so long after the end of input: a line at a REPL may sleep, of other programs
   nothing more is expected. */
#define FEED_END_REPL  (3600 * VTIME_S)
#define FEED_END_OTHER (60 * VTIME_S)

enum state {
    WAIT_PROMPT, /* the board boots */
    WAIT_RAW,    /* Ctrl-A sent */
    WAIT_PASTE,  /* raw-paste asked for: "R", 1, window */
    SENDING,
    RUNNING, /* output until 0x04 */
    ERRORS,  /* traceback until 0x04 */
    DONE,
};

struct repl {
    struct terminal *terminal;
    struct console *console;
    bool is_feed;
    bool endless; /* a feed that only a prompt ends */
    int status;
    vtime last_byte, since; /* of the present state */
    vtime started;          /* the board, by a reset */
    char tail[128];         /* the last characters that came */
    size_t tail_count;

    /* script */
    enum state state;
    const uint8_t *script;
    size_t size, sent;
    uint8_t answer[4]; /* to the request for raw-paste */
    unsigned answer_count;
    size_t window, increment;
    bool raised;

    /* feed */
    uint8_t line[4096];
    size_t line_count;
    bool feeding;    /* the first line may go out, or has */
    bool has_prompt; /* a prompt has been seen */
};

static struct repl *new_repl(struct terminal *terminal, struct console *console)
{
    struct repl *r = calloc(1, sizeof(*r));

    if (r == NULL)
        return NULL;
    r->terminal = terminal;
    r->console = console;
    r->status = -1;
    return r;
}

struct repl *repl_new_script(struct terminal *terminal, struct console *console,
                             const uint8_t *script, size_t size)
{
    struct repl *r = new_repl(terminal, console);

    if (r == NULL)
        return NULL;
    r->script = script;
    r->size = size;
    return r;
}

struct repl *repl_new_feed(struct terminal *terminal, struct console *console, bool endless)
{
    struct repl *r = new_repl(terminal, console);

    if (r != NULL) {
        r->is_feed = true;
        r->endless = endless;
    }
    return r;
}

void repl_free(struct repl *r)
{
    free(r);
}

int repl_status(const struct repl *r)
{
    return r->status;
}

/* Time from `then` to now; a character's time is that of its end, which may not have come yet. */
static vtime since(vtime then, vtime now)
{
    return now > then ? now - then : 0;
}

static bool tail_is(const struct repl *r, const char *text)
{
    size_t n = strlen(text);

    return r->tail_count >= n && memcmp(r->tail + r->tail_count - n, text, n) == 0;
}

static void remember(struct repl *r, uint8_t byte)
{
    if (r->tail_count == sizeof(r->tail)) {
        memmove(r->tail, r->tail + 1, sizeof(r->tail) - 1);
        r->tail_count--;
    }
    r->tail[r->tail_count++] = (char)byte;
}

static void give_up(struct repl *r, int status, const char *why)
{
    fprintf(stderr, "vboard: %s\n", why);
    r->status = status;
}

static void enter(struct repl *r, enum state state, vtime at)
{
    r->state = state;
    r->since = at;
}

/* ---- a script ---- */

static void send(struct repl *r, const void *bytes, size_t n)
{
    if (terminal_send(r->terminal, bytes, n) != 0)
        give_up(r, EXIT_STOPPED, "out of memory");
}

static void send_more(struct repl *r)
{
    while (r->window != 0 && r->sent < r->size) {
        size_t n = r->size - r->sent;

        if (n > r->window)
            n = r->window;
        send(r, r->script + r->sent, n);
        r->sent += n;
        r->window -= n;
    }
    if (r->sent == r->size) {
        send(r, "\x04", 1);
        r->sent++; /* once */
    }
}

static void paste_answer(struct repl *r, uint8_t byte, vtime at)
{
    r->answer[r->answer_count++] = byte;
    if (r->answer_count < 4)
        return;
    if (r->answer[0] != 'R' || r->answer[1] != 1) {
        give_up(r, EXIT_STOPPED, "the firmware's raw REPL has no raw-paste mode");
        return;
    }
    r->increment = r->answer[2] | (size_t)r->answer[3] << 8;
    r->window = r->increment;
    enter(r, SENDING, at);
    send_more(r);
}

static void script_byte(struct repl *r, uint8_t byte, vtime at)
{
    switch (r->state) {
    case WAIT_PROMPT:
        if (tail_is(r, "\n>>> ")) {
            enter(r, WAIT_RAW, at);
            send(r, "\x01", 1);
        }
        break;
    case WAIT_RAW:
        if (tail_is(r, "exit\r\n>")) {
            enter(r, WAIT_PASTE, at);
            send(r,
                 "\x05"
                 "A\x01",
                 3);
        }
        break;
    case WAIT_PASTE:
        paste_answer(r, byte, at);
        break;
    case SENDING:
        if (byte == 1) {
            r->window += r->increment;
            send_more(r);
        } else if (byte == 4) {
            /* all was taken, or the board wants no more of it; both end with 0x04 from us */
            if (r->sent <= r->size)
                send(r, "\x04", 1);
            enter(r, RUNNING, at);
        }
        break;
    case RUNNING:
        if (byte == 4)
            enter(r, ERRORS, at);
        else
            console_write(r->console, byte);
        break;
    case ERRORS:
        if (byte == 4) {
            r->status = r->raised ? EXIT_RAISED : EXIT_RAN;
            enter(r, DONE, at);
        } else {
            r->raised = true;
            fputc(byte, stderr);
        }
        break;
    default:
        break;
    }
}

static void script_tick(struct repl *r, vtime now)
{
    if (r->state == WAIT_PROMPT && since(r->since, now) > BOOT_LIMIT)
        give_up(r, EXIT_STOPPED, "no prompt within 60 s: is this MicroPython firmware?");
    else if ((r->state == WAIT_RAW || r->state == WAIT_PASTE || r->state == SENDING) &&
             since(r->last_byte, now) > REPLY_LIMIT && since(r->since, now) > REPLY_LIMIT)
        give_up(r, EXIT_STOPPED, "the raw REPL does not answer");
}

/* ---- standard input ---- */

static bool at_prompt(const struct repl *r)
{
    static const char *const prompts[] = {"\n>>> ", "\n... ", "\n=== ", "\n>"};

    for (size_t i = 0; i < sizeof(prompts) / sizeof(prompts[0]); i++)
        if (tail_is(r, prompts[i]))
            return true;
    return false;
}

/* Takes the next line, its end as the Enter key sends it. The last line of a file may have no end.
   False if none is complete. */
static bool next_line(struct repl *r)
{
    while (r->line_count < sizeof(r->line) - 1) {
        uint8_t byte;

        if (console_read(r->console, &byte, 1) == 0) {
            if (!console_at_end(r->console) || r->line_count == 0)
                return false;
            byte = '\n';
        }
        if (byte == '\n' && r->line_count != 0 && r->line[r->line_count - 1] == '\r')
            return true; /* the file's lines end in CR LF */
        r->line[r->line_count++] = byte == '\n' ? '\r' : byte;
        if (byte == '\n')
            return true;
    }
    return true;
}

/* Spaces that the REPL has typed behind its prompt for the next line of a block. */
static size_t auto_indent(const struct repl *r)
{
    static const char prompt[] = "\n... ";
    size_t n = 0, end = r->tail_count, length = sizeof(prompt) - 1;

    while (end > length && memcmp(r->tail + end - length, prompt, length) != 0 &&
           r->tail[end - 1] == ' ') {
        n++;
        end--;
    }
    return end >= length && memcmp(r->tail + end - length, prompt, length) == 0 ? n : 0;
}

/* A file's lines carry their own indentation: what the REPL has typed of it is left out, or taken
   back with Ctrl-U where it is too much. */
static void send_line(struct repl *r)
{
    size_t typed = auto_indent(r), own = 0;

    while (own < r->line_count && r->line[own] == ' ')
        own++;
    if (own < typed) {
        send(r, "\x15", 1);
        typed = 0;
    }
    send(r, r->line + typed, r->line_count - typed);
}

/* Whether the board is ready for the first line. */
static bool feed_may_start(struct repl *r, vtime now)
{
    vtime quiet = since(r->last_byte, now);

    return at_prompt(r) || (r->tail_count != 0 ? quiet > SETTLED : since(r->started, now) > SILENT);
}

/*
 * At a REPL a line goes out when the board has nothing more to say about the one before: the core
 * sleeps and the wire has been quiet. So a line that computes for long is waited for, and no input
 * is lost however small the board's buffer is. Of another program nothing is known but that its
 * wire is quiet; it may poll and never sleep. A prompt may come yet, behind a long memory test.
 */
static void feed_tick(struct repl *r, vtime now, bool asleep)
{
    vtime last = r->last_byte > r->since ? r->last_byte : r->since;
    vtime pace = r->tail_count != 0 ? PACE : BLIND_PACE;

    if (!r->feeding)
        r->feeding = feed_may_start(r, now);
    r->has_prompt |= at_prompt(r) && since(r->last_byte, now) > QUIET;
    if (!r->feeding || terminal_queued(r->terminal) != 0 ||
        (r->has_prompt ? !asleep || since(last, now) <= QUIET : since(last, now) <= pace))
        return;
    if (next_line(r)) {
        send_line(r);
        r->line_count = 0;
        r->since = now;
    } else if (console_at_end(r->console)) {
        vtime end = r->has_prompt ? FEED_END_REPL : FEED_END_OTHER;

        if (at_prompt(r) || (!r->endless && since(last, now) > end))
            r->status = EXIT_RAN;
    }
}

/* ---- both ---- */

void repl_received(struct repl *r, uint8_t byte, vtime at)
{
    r->last_byte = at;
    remember(r, byte);
    if (r->is_feed)
        console_write(r->console, byte);
    else if (r->status == -1)
        script_byte(r, byte, at);
}

void repl_tick(struct repl *r, vtime now, bool asleep)
{
    if (r->status != -1)
        return;
    if (r->is_feed)
        feed_tick(r, now, asleep);
    else
        script_tick(r, now);
}

void repl_board_reset(struct repl *r, vtime now)
{
    r->tail_count = 0;
    r->feeding = r->has_prompt = false;
    r->started = now;
    if (!r->is_feed && r->status == -1 && r->state != WAIT_PROMPT)
        give_up(r, EXIT_RAISED, "the script reset the board");
}
