# Bootloaders, the ROM's and ours: the ways into them, and the programs that people use with them.

$(call add_test,board,bootloader,120,$(PYTHON) tests/board/test_bootloader.py)
$(call add_test,board,dfu,240,$(PYTHON) tests/board/test_dfu.py rom)
$(call add_test,board,mboot,240,$(PYTHON) tests/board/test_dfu.py mboot)
