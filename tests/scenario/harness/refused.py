"""A gateway that must not start."""

from .gateway import BINARY, yaml
from .program import Program


def fails_to_start(directory, settings, name="refused", preexec=None, manager=None, arguments=()):
    """Its exit code and everything it said."""
    path = directory / f"{name}.yaml"
    path.write_text(yaml(settings))
    command = [BINARY, "--config", path, *arguments]
    program = Program(manager.command(command) if manager else command, directory, name, preexec, manager.descriptors if manager else ())
    code = program.wait()
    program.no_sanitizer_report()
    return code, program.output()
