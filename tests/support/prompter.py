#!/usr/bin/python3
"""The window in which a desktop asks for the keyring's password, as a program: prompter.py ANSWER [PASSWORD-FILE].

ANSWER is what the person does: `yes` types the password, `no` dismisses, `wait` does nothing. It serves
org.gnome.keyring.SystemPrompter on the session bus as gcr's system prompter does (gcr/gcr-system-prompter.c), and prints
a line for each prompt that is to be shown.
"""

import ctypes
import sys

import gi

gi.require_version("Gio", "2.0")
from gi.repository import Gio, GLib  # noqa: E402

NAME = "org.gnome.keyring.SystemPrompter"
PATH = "/org/gnome/keyring/Prompter"
CALLBACK = "org.gnome.keyring.internal.Prompter.Callback"
INTERFACE = """<node><interface name="org.gnome.keyring.internal.Prompter">
<method name="BeginPrompting"><arg type="o" direction="in"/></method>
<method name="PerformPrompt"><arg type="o" direction="in"/><arg type="s" direction="in"/>
<arg type="a{sv}" direction="in"/><arg type="s" direction="in"/></method>
<method name="StopPrompting"><arg type="o" direction="in"/></method>
</interface></node>"""


class Exchange:
    """In which the password travels (gcr/gcr-secret-exchange.c)."""

    gcr = ctypes.CDLL("libgcr-base-3.so.1")
    gcr.gcr_secret_exchange_new.restype = ctypes.c_void_p
    gcr.gcr_secret_exchange_begin.restype = ctypes.c_char_p
    gcr.gcr_secret_exchange_send.restype = ctypes.c_char_p

    def __init__(self):
        self.object = ctypes.c_void_p(self.gcr.gcr_secret_exchange_new(None))

    def begin(self):
        return self.gcr.gcr_secret_exchange_begin(self.object).decode()

    def answer(self, received, secret):
        assert self.gcr.gcr_secret_exchange_receive(self.object, received.encode())
        return self.gcr.gcr_secret_exchange_send(self.object, secret, ctypes.c_ssize_t(-1)).decode()


class Prompter:
    def __init__(self, answer, password):
        self.answer = answer
        self.password = password
        self.exchanges = {}

    def called(self, bus, sender, _path, _interface, method, arguments, invocation):
        invocation.return_value(None)
        callback = arguments[0]
        if method == "BeginPrompting":
            self.exchanges[callback] = Exchange()
            self.ready(bus, sender, callback, "", self.exchanges[callback].begin())
        elif method == "PerformPrompt":
            print("prompt", flush=True)
            if self.answer != "wait":
                secret = self.password if self.answer == "yes" else None
                self.ready(bus, sender, callback, self.answer, self.exchanges[callback].answer(arguments[3], secret))
        else:
            bus.call(sender, callback, CALLBACK, "PromptDone", None, None, 0, -1, None, None)

    def ready(self, bus, sender, callback, reply, exchange):
        bus.call(sender, callback, CALLBACK, "PromptReady", GLib.Variant("(sa{sv}s)", (reply, {}, exchange)), None, 0, -1,
                 None, None)


def main():
    password = open(sys.argv[2], "rb").read() if len(sys.argv) > 2 else None
    prompter = Prompter(sys.argv[1], password)
    interface = Gio.DBusNodeInfo.new_for_xml(INTERFACE).interfaces[0]

    def acquired(bus, _name):
        bus.register_object(PATH, interface, prompter.called, None, None)

    Gio.bus_own_name(Gio.BusType.SESSION, NAME, 0, acquired, lambda *_: print("ready", flush=True), None)
    GLib.MainLoop().run()


if __name__ == "__main__":
    main()
