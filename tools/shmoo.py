# Runs on the board: `make shmoo`.
import spiram
import sys

spiram.shmoo(sys.stdout, chip="esp-psram64h")
