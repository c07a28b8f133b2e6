"""What the figures were measured on."""

import os
import platform
import re
import subprocess


def first_line(*words):
    try:
        out = subprocess.run(words, capture_output=True, text=True)
        return (out.stdout or out.stderr).splitlines()[0].strip()
    except (OSError, IndexError):
        return ""


def describe():
    model = ""
    try:
        with open("/proc/cpuinfo") as file:
            model = re.search(r"model name\s*:\s*(.*)", file.read()).group(1)
    except (OSError, AttributeError):
        pass
    return {
        "processor": model,
        "cores": len(os.sched_getaffinity(0)),
        "kernel": platform.release(),
        "compiler": first_line("c++", "--version"),
        "openssl": first_line("openssl", "version"),
        "nginx": first_line("nginx", "-v"),
    }
