# Mounts the internal flash at /flash, as MicroPython's stm32 port does. Run at boot and at each soft reset, before boot.py.
import os
import stm32
import sys
import vfs


# A chip that holds no files yet: nothing is programmed. A first format that power failure ended may have left something in
# one of the first two blocks; with files in them, both would be in use.
def is_new(flash):
    block = bytearray(8192)
    blank = b"\xff" * 8192
    used = []
    for n in range(flash.ioctl(4, 0)):
        if flash.readblocks(n, block, 0) != 0 or block != blank:
            used.append(n)
            if n > 1 or len(used) > 1:
                return False
    return True


def mount():
    flash = stm32.Flash()
    try:
        return vfs.mount(vfs.VfsLfs2(flash), "/flash")
    except OSError as error:
        number = error.errno
    if is_new(flash):
        vfs.VfsLfs2.mkfs(flash)
        return vfs.mount(vfs.VfsLfs2(flash), "/flash")
    try:
        try:
            return vfs.mount(vfs.VfsFat(stm32.Flash()), "/flash")
        except OSError as error:
            if error.errno != 16:  # EBUSY
                raise
        print("flash: a PC has it for writing, mounted read-only")
        return vfs.mount(vfs.VfsFat(stm32.Flash()), "/flash", readonly=True)
    except OSError:
        pass
    print("flash: no file system that can be read (error %d)," % number, end=" ")
    print("vfs.VfsLfs2.mkfs(stm32.Flash()) makes an empty one")


sys.path += ("/flash", "/flash/lib")
mount()
if vfs.mount():
    os.chdir("/flash")
del os, stm32, sys, vfs, is_new, mount
