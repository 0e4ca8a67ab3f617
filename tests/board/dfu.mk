# Bootloaders, the ROM's and ours: the ways into them, and the programs that people use with them.

$(call add_test,board,bootloader,120,$(PYTHON) tests/board/test_bootloader.py)
