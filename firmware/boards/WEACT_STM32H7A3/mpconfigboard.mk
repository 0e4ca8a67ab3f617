# The board's name in vboard (--board), for `make run`.
VBOARD_BOARD = weact
