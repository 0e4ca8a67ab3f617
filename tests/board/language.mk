# The interpreter at its limits.

$(call add_test,board,language,400,$(PYTHON) tests/board/test_language.py)
