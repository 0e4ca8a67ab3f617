#include "repl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "block.h"
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
/* What may be the end of a script is held back up to this size, to be told from its output. */
#define HELD_LIMIT (1u << 20)
/* Empty lines, at the most, to end what the REPL holds for open. */
#define CLOSING_LINES 2
#define NOWHERE       SIZE_MAX

enum state {
    WAIT_PROMPT, /* the board boots */
    WAIT_RAW,    /* Ctrl-A sent */
    WAIT_PASTE,  /* raw-paste asked for: "R", 1, window */
    SENDING,
    RUNNING, /* output until 0x04 */
    ENDING,  /* traceback until 0x04, and a prompt; or it was output, with a 0x04 in it */
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
    uint8_t *held; /* since the first 0x04 */
    size_t held_count, held_room;
    size_t end, end_before; /* the last two 0x04 in it */
    bool has_cr;            /* CR came; CR LF becomes LF */

    /* standard input */
    uint8_t line[4096];
    size_t line_count;
    bool is_complete;     /* the line */
    bool is_empty;        /* an empty line is kept back: what comes next decides what it means */
    unsigned empty_lines; /* sent, one after the other */
    struct block block;
    vtime until;     /* a feed does not end before */
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
    if (size >= 3 && memcmp(script, "\xEF\xBB\xBF", 3) == 0) { /* a byte order mark */
        script += 3;
        size -= 3;
    }
    r->script = script;
    r->size = size;
    return r;
}

struct repl *repl_new_feed(struct terminal *terminal, struct console *console, bool endless,
                           vtime until)
{
    struct repl *r = new_repl(terminal, console);

    if (r != NULL) {
        r->is_feed = true;
        r->endless = endless;
        r->until = until;
    }
    return r;
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

/* How long neither side has said anything. */
static vtime quiet_for(const struct repl *r, vtime now)
{
    return since(r->last_byte > r->since ? r->last_byte : r->since, now);
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

/* What the script printed, with its own line ends. */
static void script_output(struct repl *r, uint8_t byte)
{
    if (r->has_cr && byte != '\n')
        console_write(r->console, '\r');
    r->has_cr = byte == '\r';
    if (!r->has_cr)
        console_write(r->console, byte);
}

/* It was output: the first n bytes of what is held. */
static void release(struct repl *r, size_t n)
{
    for (size_t i = 0; i < n; i++)
        script_output(r, r->held[i]);
    if (r->has_cr)
        console_write(r->console, '\r');
    r->has_cr = false;
}

static void hold(struct repl *r, uint8_t byte)
{
    if (r->held_count == r->held_room) {
        size_t room = r->held_room ? r->held_room * 2 : 4096;
        uint8_t *more = realloc(r->held, room);

        if (more == NULL) {
            give_up(r, EXIT_STOPPED, "out of memory");
            return;
        }
        r->held = more;
        r->held_room = room;
    }
    if (byte == 4) {
        r->end_before = r->end;
        r->end = r->held_count;
    }
    r->held[r->held_count++] = byte;
}

/* The script is over: output, 0x04, traceback, 0x04. */
static void finish_script(struct repl *r, vtime at)
{
    bool raised = r->end_before + 1 != r->end;

    release(r, r->end_before);
    for (size_t i = r->end_before + 1; i < r->end; i++)
        if (r->held[i] != '\r' || r->held[i + 1] != '\n')
            fputc(r->held[i], stderr);
    r->held_count = 0;
    r->status = raised ? EXIT_RAISED : EXIT_RAN;
    enter(r, DONE, at);
}

/* The raw REPL's prompt, or its greeting if the script ended with a soft reset. */
static void ending_byte(struct repl *r, uint8_t byte, vtime at)
{
    hold(r, byte);
    if (r->end_before != NOWHERE && byte == '>' &&
        (r->end + 2 == r->held_count || tail_is(r, "exit\r\n>"))) {
        finish_script(r, at);
    } else if (r->held_count >= HELD_LIMIT) {
        release(r, r->held_count);
        r->held_count = 0;
        enter(r, RUNNING, at);
    }
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
        if (byte == 4) {
            r->end = NOWHERE;
            hold(r, byte);
            enter(r, ENDING, at);
        } else {
            script_output(r, byte);
        }
        break;
    case ENDING:
        ending_byte(r, byte, at);
        break;
    default:
        break;
    }
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

/* Behind the prompt for the next line of a block; *typed = spaces that the REPL has typed there. */
static bool in_block(const struct repl *r, size_t *typed)
{
    static const char prompt[] = "\n... ";
    size_t n = 0, end = r->tail_count, length = sizeof(prompt) - 1;

    while (end > length && memcmp(r->tail + end - length, prompt, length) != 0 &&
           r->tail[end - 1] == ' ') {
        n++;
        end--;
    }
    *typed = n;
    return end >= length && memcmp(r->tail + end - length, prompt, length) == 0;
}

static bool has_any(const uint8_t *bytes, size_t n, const char *what)
{
    for (size_t i = 0; i < n; i++)
        if (bytes[i] != 0 && strchr(what, bytes[i]) != NULL)
            return true;
    return false;
}

/* A file's lines carry their own indentation: what the REPL has typed of it is left out, or taken
   back with Ctrl-U where it is not the same (a further space would take three of it back).
   The REPL counts brackets and quotes of comments too, and waits for what closes them: a comment
   with one is left out. */
static void send_line(struct repl *r)
{
    size_t typed, code, own = 0;
    bool goes_on = in_block(r, &typed), is_code = goes_on || tail_is(r, "\n>>> ");

    if (!goes_on) {
        typed = 0;
        r->block = (struct block){0};
    }
    code = block_add(&r->block, r->line, r->line_count);
    if (is_code && has_any(r->line + code, r->line_count - code, "()[]{}'\"")) {
        r->line[code] = '\r';
        r->line_count = code + 1;
    }
    while (own < r->line_count && r->line[own] == ' ')
        own++;
    if (own != typed) {
        if (typed != 0)
            send(r, "\x15", 1);
        typed = 0;
    }
    send(r, r->line + typed, r->line_count - typed);
    r->line_count = 0;
    r->is_complete = r->is_empty = false;
    r->empty_lines = 0;
}

static void send_empty_line(struct repl *r)
{
    send(r, "\x15\r", 2);
    r->is_empty = false;
    r->empty_lines++;
}

/* Types the next line, or an empty one where the REPL needs that to end a block. False if there is
   nothing to type now. */
static bool type_line(struct repl *r)
{
    size_t typed;
    bool block = in_block(r, &typed), ends;

    for (;;) {
        r->is_complete = r->is_complete || next_line(r);
        if (!block || !r->is_complete || !block_is_empty_line(&r->block, r->line, r->line_count))
            break;
        r->line_count = 0;
        r->is_complete = false;
        r->is_empty = true;
    }
    if (r->is_complete)
        ends = block_ends_before(&r->block, r->line, r->line_count);
    else
        ends = r->line_count == 0 && (r->is_empty || console_at_end(r->console));
    if (block && ends && r->empty_lines < CLOSING_LINES)
        send_empty_line(r);
    else if (r->is_complete)
        send_line(r);
    else
        return false;
    return true;
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
    vtime quiet = quiet_for(r, now);
    vtime pace = r->tail_count != 0 ? PACE : BLIND_PACE;

    if (!r->feeding)
        r->feeding = feed_may_start(r, now);
    r->has_prompt |= at_prompt(r) && since(r->last_byte, now) > QUIET;
    if (!r->feeding || terminal_queued(r->terminal) != 0 ||
        (r->has_prompt ? !asleep || quiet <= QUIET : quiet <= pace))
        return;
    if (type_line(r)) {
        r->since = now;
    } else if (console_at_end(r->console) && now >= r->until) {
        vtime end = r->has_prompt ? FEED_END_REPL : FEED_END_OTHER;

        if (at_prompt(r) || (!r->endless && quiet > end))
            r->status = EXIT_RAN;
    }
}

/* ---- a script, in time ---- */

/* Input for the script: what a person types, when it is typed; or the next line when the script
   seems to wait for one. */
static void script_input(struct repl *r, vtime now, bool asleep)
{
    vtime pace = r->last_byte > r->since ? QUIET : BLIND_PACE;

    if (console_is_live(r->console)) {
        uint8_t bytes[64];
        size_t n = terminal_queued(r->terminal) < sizeof(bytes)
                       ? console_read(r->console, bytes, sizeof(bytes))
                       : 0;

        if (n != 0 && (r->state == RUNNING || r->state == ENDING))
            send(r, bytes, n);
    } else if (r->state == RUNNING && asleep && terminal_queued(r->terminal) == 0 &&
               quiet_for(r, now) > pace && next_line(r)) {
        send(r, r->line, r->line_count);
        r->line_count = 0;
        r->since = now;
    }
}

static void script_tick(struct repl *r, vtime now, bool asleep)
{
    bool silent = quiet_for(r, now) > REPLY_LIMIT;

    if (r->state == WAIT_PROMPT && since(r->since, now) > BOOT_LIMIT)
        give_up(r, EXIT_STOPPED, "no prompt within 60 s: is this MicroPython firmware?");
    else if ((r->state == WAIT_RAW || r->state == WAIT_PASTE || r->state == SENDING) && silent)
        give_up(r, EXIT_STOPPED, "the raw REPL does not answer");
    else if (r->state == ENDING && r->end_before != NOWHERE && silent)
        finish_script(r, now);
    else
        script_input(r, now, asleep);
}

/* ---- both ---- */

void repl_free(struct repl *r)
{
    if (r == NULL)
        return;
    release(r, r->held_count);
    free(r->held);
    free(r);
}

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
        script_tick(r, now, asleep);
}

void repl_board_reset(struct repl *r, vtime now)
{
    r->tail_count = 0;
    r->feeding = r->has_prompt = false;
    r->started = now;
    if (!r->is_feed && r->status == -1 && r->state != WAIT_PROMPT)
        give_up(r, EXIT_RAISED, "the script reset the board");
}
