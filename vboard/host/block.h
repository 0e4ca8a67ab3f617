/*
 * As much of Python's layout as it takes to type a file at a REPL: there an empty line ends a
 * block, in a file the next line at the left edge does, and empty lines say nothing.
 */
#ifndef VBOARD_HOST_BLOCK_H
#define VBOARD_HOST_BLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What the lines since the REPL's first prompt have left open. */
struct block {
    uint8_t quote;     /* of a string in triple quotes, 0: none */
    unsigned brackets; /* of all three kinds */
    bool goes_on;      /* a decorator, or a backslash at the end: the next line belongs to it */
};

/* A line is typed; its end may be there or not. A block begins as {0}. Returns where the line's
   comment begins, n: it has none. */
size_t block_add(struct block *b, const uint8_t *line, size_t n);

/* An empty line does not count here: it lies in no string. */
bool block_is_empty_line(const struct block *b, const uint8_t *line, size_t n);

/* This line is not of the block any more: it stands at the left edge, and is no else or the like.
   Lines of strings and brackets always are of it, and comments. */
bool block_ends_before(const struct block *b, const uint8_t *line, size_t n);

#endif
