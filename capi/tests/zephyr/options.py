"""Writes the options of the sample as Zephyr's build does: options.py Kconfig prj.conf OUT."""

import sys

import kconfiglib

kconfig, settings, out = sys.argv[1:]
options = kconfiglib.Kconfig(kconfig, warn_to_stderr=False)
options.warn_assign_undef = True
options.load_config(settings)
options.write_config(out)
sys.exit("\n".join(options.warnings) or None)
