#include "console.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "listen.h"

#define LEAVE_KEY    0x1D /* Ctrl-] */
#define OUTPUT_LIMIT (1u << 20)
#define PIPE_HOLD_MS 1000

enum kind { STDIO, PIPE, PTY, SOCKET, NONE };

struct console {
    enum kind kind;
    int in, out; /* -1 = nobody there */
    int listener;
    int slave; /* pty: held open, so that the master never sees a hang-up */
    bool is_terminal;
    bool at_end;
    bool left;
    int error;        /* of standard output */
    uint64_t hold_ms; /* pipe: until then, or the board's first character, input waits */
    struct termios saved;
    char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
    uint8_t *output;
    size_t output_count, output_room;
};

static volatile sig_atomic_t signalled;

static void on_signal(int number)
{
    signalled = number;
}

static int fail(char *error, size_t size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static int fail(char *error, size_t size, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(error, size, format, args);
    va_end(args);
    return -1;
}

static int open_stdio(struct console *c)
{
    c->in = STDIN_FILENO;
    c->out = STDOUT_FILENO;
    c->is_terminal = isatty(STDIN_FILENO) && tcgetattr(STDIN_FILENO, &c->saved) == 0;
    if (c->is_terminal) {
        struct termios raw = c->saved;

        cfmakeraw(&raw);
        raw.c_oflag |= OPOST | ONLCR;
        tcsetattr(STDIN_FILENO, TCSANOW, &raw);
        fputs("(Ctrl-] leaves)\r\n", stderr);
    }
    return 0;
}

static int open_pty(struct console *c, bool usb, char *error, size_t error_size)
{
    struct termios raw;
    char name[128];

    memset(&raw, 0, sizeof(raw));
    cfmakeraw(&raw);
    if (openpty(&c->in, &c->slave, NULL, &raw, NULL) != 0 ||
        ttyname_r(c->slave, name, sizeof(name)) != 0)
        return fail(error, error_size, "no pseudo terminal: %s", strerror(errno));
    fcntl(c->in, F_SETFL, O_NONBLOCK);
    c->out = c->in;
    if (usb) {
        close(c->slave);
        c->slave = -1;
    }
    printf("char device redirected to %s (label %s0)\n", name, usb ? "usb" : "serial");
    fflush(stdout);
    return 0;
}

static int open_unix(struct console *c, const char *path, char *error, size_t error_size)
{
    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    struct stat st;

    if (*path == '\0' || strlen(path) >= sizeof(addr.sun_path))
        return fail(error, error_size, "unix: wants a path of 1 to %zu characters",
                    sizeof(addr.sun_path) - 1);
    memcpy(addr.sun_path, path, strlen(path));
    if (lstat(path, &st) == 0 && S_ISSOCK(st.st_mode))
        unlink(path); /* left behind by an earlier run */
    c->listener = socket(AF_UNIX, SOCK_STREAM, 0);
    if (c->listener < 0 || bind(c->listener, (struct sockaddr *)&addr, sizeof(addr)) != 0 ||
        listen(c->listener, 1) != 0)
        return fail(error, error_size, "%s: %s", path, strerror(errno));
    fcntl(c->listener, F_SETFL, O_NONBLOCK);
    memcpy(c->path, path, strlen(path));
    printf("listening on %s\n", path);
    fflush(stdout);
    return 0;
}

static int open_tcp(struct console *c, const char *text, char *error, size_t error_size)
{
    uint16_t port;

    c->listener = listen_on_loopback(text, &port, error, error_size);
    if (c->listener < 0)
        return -1;
    printf("listening on 127.0.0.1:%u\n", port);
    fflush(stdout);
    return 0;
}

struct console *console_open(const char *where, const char *option, char *error, size_t error_size)
{
    struct console *c = calloc(1, sizeof(*c));
    bool usb = strcmp(option, "usb") == 0;
    int status;

    if (c == NULL) {
        fail(error, error_size, "out of memory");
        return NULL;
    }
    c->in = c->out = c->listener = c->slave = -1;
    if (strcmp(where, "stdio") == 0) {
        status = open_stdio(c);
    } else if (strcmp(where, "pipe") == 0) {
        c->kind = PIPE;
        c->hold_ms = console_clock_ms() + PIPE_HOLD_MS;
        c->in = STDIN_FILENO;
        c->out = STDOUT_FILENO;
        status = 0;
    } else if (strcmp(where, "none") == 0) {
        c->kind = NONE;
        status = 0;
    } else if (strcmp(where, "pty") == 0) {
        c->kind = PTY;
        status = open_pty(c, usb, error, error_size);
    } else if (strncmp(where, "unix:", 5) == 0) {
        c->kind = SOCKET;
        status = open_unix(c, where + 5, error, error_size);
    } else if (strncmp(where, "tcp:", 4) == 0) {
        c->kind = SOCKET;
        status = open_tcp(c, where + 4, error, error_size);
    } else {
        status = fail(error, error_size,
                      "--%s knows stdio, pipe, pty, unix:PATH, tcp:PORT and none, not '%s'", option,
                      where);
    }
    if (status != 0) {
        console_close(c);
        return NULL;
    }

    struct sigaction action = {.sa_handler = on_signal};

    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGHUP, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
    return c;
}

void console_close(struct console *c)
{
    if (c == NULL)
        return;
    console_flush(c);
    if (c->is_terminal)
        tcsetattr(STDIN_FILENO, TCSANOW, &c->saved);
    if ((c->kind == PTY || c->kind == SOCKET) && c->in >= 0)
        close(c->in);
    if (c->slave >= 0)
        close(c->slave);
    if (c->listener >= 0)
        close(c->listener);
    if (c->path[0] != '\0')
        unlink(c->path);
    free(c->output);
    free(c);
}

bool console_is_live(const struct console *c)
{
    return c->is_terminal || c->kind == PIPE || c->kind == PTY || c->kind == SOCKET;
}

/* A client that is waiting is served once the one before has gone. */
static void accept_client(struct console *c)
{
    int fd;

    if (c->listener < 0 || c->in >= 0)
        return;
    fd = listen_accept(c->listener);
    if (fd >= 0)
        c->in = c->out = fd;
}

static void lost_client(struct console *c)
{
    if (c->kind == SOCKET) {
        close(c->in);
        c->in = c->out = -1;
        c->output_count = 0;
    } else if (c->kind == STDIO) {
        c->at_end = true;
    } else if (c->kind == PIPE) {
        c->left = true; /* the program at the other end has gone */
    }
}

/* A pseudo terminal's master, with nobody at the other end. */
static bool hung_up(const struct console *c)
{
    struct pollfd line = {.fd = c->in};

    return c->kind == PTY && c->slave < 0 && poll(&line, 1, 0) > 0 && line.revents & POLLHUP;
}

bool console_is_open(struct console *c)
{
    accept_client(c);
    return c->in >= 0 && !c->at_end && !hung_up(c);
}

size_t console_read(struct console *c, uint8_t *bytes, size_t n)
{
    struct pollfd poll_in;
    ssize_t got;

    accept_client(c);
    if (c->in < 0 || c->at_end || n == 0)
        return 0;
    if (c->hold_ms != 0 && console_clock_ms() < c->hold_ms)
        return 0;
    poll_in = (struct pollfd){.fd = c->in, .events = POLLIN};
    if (poll(&poll_in, 1, 0) <= 0)
        return 0;
    got = read(c->in, bytes, n);
    if (got < 0 && (errno == EAGAIN || errno == EINTR || (errno == EIO && c->kind == PTY)))
        return 0;
    if (got <= 0) {
        lost_client(c);
        return 0;
    }
    if (c->is_terminal) {
        uint8_t *leave = memchr(bytes, LEAVE_KEY, (size_t)got);

        if (leave != NULL) {
            c->left = true;
            return (size_t)(leave - bytes);
        }
    }
    return (size_t)got;
}

bool console_at_end(const struct console *c)
{
    return c->at_end || c->kind == NONE;
}

bool console_left(const struct console *c)
{
    return c->left || signalled;
}

int console_signal(const struct console *c)
{
    return c->error == EPIPE ? SIGPIPE : signalled;
}

int console_error(const struct console *c)
{
    return c->error;
}

size_t console_backlog(const struct console *c)
{
    return c->output_count;
}

void console_write(struct console *c, uint8_t byte)
{
    c->hold_ms = 0;
    if (c->kind == NONE || (c->kind == SOCKET && c->out < 0))
        return; /* nobody listens: the wire carries it all the same */
    if (c->output_count == c->output_room) {
        size_t room = c->output_room ? c->output_room * 2 : 4096;
        uint8_t *more = room <= OUTPUT_LIMIT ? realloc(c->output, room) : NULL;

        if (more == NULL)
            return; /* the reader has gone to sleep */
        c->output = more;
        c->output_room = room;
    }
    c->output[c->output_count++] = byte;
    if (c->output_count >= 65536)
        console_flush(c);
}

void console_flush(struct console *c)
{
    size_t done = 0;

    while (c->out >= 0 && done < c->output_count) {
        ssize_t n = write(c->out, c->output + done, c->output_count - done);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EAGAIN && (c->kind == STDIO || c->kind == PIPE)) {
            poll(&(struct pollfd){.fd = c->out, .events = POLLOUT}, 1, 1000);
            continue;
        }
        if (n < 0 && errno == EAGAIN)
            break;
        if (n <= 0) {
            if (c->kind == STDIO || c->kind == PIPE) {
                c->left = true;
                c->error = n < 0 ? errno : 0;
            }
            done = c->output_count;
            break;
        }
        done += (size_t)n;
    }
    if (done == 0)
        return;
    memmove(c->output, c->output + done, c->output_count - done);
    c->output_count -= done;
}

int console_descriptor(struct console *c)
{
    if (c->at_end || hung_up(c))
        return -1;
    return c->in >= 0 ? c->in : c->listener;
}

uint64_t console_clock_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}
