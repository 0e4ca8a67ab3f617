#include "an500.h"

#include <elf.h>
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void fail(const char *what)
{
    fprintf(stderr, "an500: %s\n", what);
    exit(2);
}

/* ---- UART ---- */

enum { UART_DATA = 0, UART_STATE = 4 };
enum { STATE_RX_FULL = 1 << 1 };
enum { STX = 2, ETX = 3 };

static void receive(struct an500 *board)
{
    static uint8_t buffer[4096];
    static size_t at, end;
    struct pollfd in = {.fd = STDIN_FILENO, .events = POLLIN};

    if (at == end) {
        if (poll(&in, 1, 0) <= 0)
            return;

        ssize_t n = read(STDIN_FILENO, buffer, sizeof(buffer));

        if (n <= 0 && board->waiting)
            exit(n == 0 ? 0 : 2);
        board->waiting = n <= 0;
        if (board->waiting)
            return;
        at = 0;
        end = (size_t)n;
    }
    board->held = buffer[at++];
}

uint32_t an500_uart_read(struct an500 *board, uint32_t offset)
{
    int byte = board->held;

    switch (offset) {
    case UART_DATA:
        board->held = -1;
        return byte < 0 ? 0 : (uint32_t)byte;
    case UART_STATE:
        if (byte < 0)
            receive(board);
        return board->held < 0 ? 0 : STATE_RX_FULL;
    default:
        return 0;
    }
}

void an500_uart_write(struct an500 *board, uint32_t offset, uint32_t value)
{
    uint8_t byte = (uint8_t)value;

    if (offset != UART_DATA)
        return;
    board->waiting = false;
    if ((byte == STX || byte == ETX) && board->instructions != NULL)
        fprintf(stderr, "%" PRIu64 "\n", board->instructions(board->ctx));
    while (write(STDOUT_FILENO, &byte, 1) < 0)
        if (errno != EINTR)
            exit(2);
}

/* ---- program ---- */

static void load(struct an500 *board, const char *path)
{
    FILE *file = fopen(path, "rb");
    Elf32_Ehdr elf;

    if (file == NULL || fread(&elf, sizeof(elf), 1, file) != 1 ||
        memcmp(elf.e_ident, ELFMAG, SELFMAG) != 0 || elf.e_ident[EI_CLASS] != ELFCLASS32 ||
        elf.e_machine != EM_ARM)
        fail("the firmware is no ELF file for Arm");
    for (unsigned i = 0; i < elf.e_phnum; i++) {
        Elf32_Phdr part;

        if (fseek(file, (long)(elf.e_phoff + i * elf.e_phentsize), SEEK_SET) != 0 ||
            fread(&part, sizeof(part), 1, file) != 1)
            fail("the firmware's ELF file is cut short");
        if (part.p_type != PT_LOAD)
            continue;
        if (part.p_paddr > AN500_RAM_SIZE || part.p_filesz > AN500_RAM_SIZE - part.p_paddr ||
            fseek(file, (long)part.p_offset, SEEK_SET) != 0 ||
            fread(board->ram + part.p_paddr, 1, part.p_filesz, file) != part.p_filesz)
            fail("the firmware does not fit");
    }
    fclose(file);
}

int main(int argc, char **argv)
{
    struct an500 board = {.held = -1};

    if (argc != 2) {
        fprintf(stderr, "usage: %s FIRMWARE.elf\n", argv[0]);
        return 2;
    }
    board.ram = aligned_alloc(4096, AN500_RAM_SIZE);
    if (board.ram == NULL)
        fail("no memory");
    memset(board.ram, 0, AN500_RAM_SIZE);
    load(&board, argv[1]);
    an500_run(&board);
}
