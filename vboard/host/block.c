#include "block.h"

#include <string.h>

static bool is_space(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f';
}

static bool is_quote(uint8_t c)
{
    return c == '\'' || c == '"';
}

/* Three of them at line[i]. */
static bool is_triple(const uint8_t *line, size_t n, size_t i, uint8_t quote)
{
    return i + 2 < n && line[i] == quote && line[i + 1] == quote && line[i + 2] == quote;
}

/* Behind the string that begins at line[i], or behind the line; *goes_on: a backslash is at the
 * end. */
static size_t skip_string(const uint8_t *line, size_t n, size_t i, bool *goes_on)
{
    uint8_t quote = line[i++];

    while (i < n && line[i] != quote) {
        *goes_on = line[i] == '\\' && i + 1 < n && is_space(line[i + 1]) && line[i + 1] != ' ';
        i += line[i] == '\\' ? 2 : 1;
    }
    *goes_on = *goes_on && i >= n;
    return i + 1;
}

size_t block_add(struct block *b, const uint8_t *line, size_t n)
{
    size_t i = 0, first = 0;
    bool goes_on = false;
    uint8_t last = 0; /* outside of strings and comments */

    while (first < n && is_space(line[first]))
        first++;
    if (b->quote == 0 && (first == n || line[first] == '#'))
        return first;
    while (i < n) {
        uint8_t c = line[i];

        if (b->quote != 0) {
            if (is_triple(line, n, i, b->quote)) {
                b->quote = 0;
                i += 3;
            } else {
                i += c == '\\' ? 2 : 1;
            }
            last = 0;
        } else if (c == '#') {
            break;
        } else if (is_quote(c)) {
            if (is_triple(line, n, i, c)) {
                b->quote = c;
                i += 3;
            } else {
                i = skip_string(line, n, i, &goes_on);
            }
            last = c;
        } else {
            if (strchr("([{", c) != NULL && c != 0)
                b->brackets++;
            else if (strchr(")]}", c) != NULL && c != 0 && b->brackets > 0)
                b->brackets--;
            if (!is_space(c))
                last = c;
            i++;
        }
    }
    b->goes_on = goes_on || last == '\\' || line[first] == '@';
    return i < n ? i : n;
}

bool block_is_empty_line(const struct block *b, const uint8_t *line, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!is_space(line[i]))
            return false;
    return b->quote == 0;
}

/* Whether the line begins with this word. */
static bool begins(const uint8_t *line, size_t n, const char *word)
{
    size_t length = strlen(word);

    return n > length && memcmp(line, word, length) == 0 &&
           (is_space(line[length]) || line[length] == ':');
}

bool block_ends_before(const struct block *b, const uint8_t *line, size_t n)
{
    return b->quote == 0 && b->brackets == 0 && !b->goes_on && n != 0 && !is_space(line[0]) &&
           line[0] != '#' && !begins(line, n, "else") && !begins(line, n, "elif") &&
           !begins(line, n, "except") && !begins(line, n, "finally");
}
