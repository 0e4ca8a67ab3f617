# The tools of the build itself: fetching, installing, the goals of the Makefile, the test runner. None needs the network.

$(call add_test,tools,runner,60,$(PYTHON) tests/tools/test_runner.py)
$(call add_test,tools,fetch,120,$(PYTHON) tests/tools/test_fetch.py)
$(call add_test,tools,install,60,$(PYTHON) tests/tools/test_install.py)
$(call add_test,tools,make,60,$(PYTHON) tests/tools/test_make.py)
