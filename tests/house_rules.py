"""The rules of the house that a program can check: doors, sizes, the pure judgement, and what no file may hold.

Each rule takes a path and the text of a file and answers with its complaints; nothing here touches the disk.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatch

ROOMS = ("wire", "firmware", "models", "edge", "provisioning", "demo")
MAX_FILE_LINES, MAX_FUNCTION_LINES = 400, 50

DOORS: Mapping[str, Sequence[str]] = {
    # What crosses the network.
    "cbor2": ["wire/codec.py"],
    "cryptography": ["wire/keys.py", "wire/sealing.py", "wire/derive.py", "edge/keystore.py", "edge/est.py", "provisioning/ca/*"],
    "httpx": ["models/fetch.py", "edge/est.py"],
    "paho": ["edge/uplink/mqtt.py", "provisioning/mqtt.py"],
    "ssl": ["edge/tls.py", "edge/enrolment.py", "provisioning/tls.py"],
    "socket": ["provisioning/server.py", "demo/*", "edge/showing/server.py", "edge/service_manager.py"],
    # Pictures and networks. Numbers of the judgement are plain Python: only its types know numpy.
    "numpy": [
        "firmware/*",
        "models/*",
        "edge/flow.py",
        "edge/imaging.py",
        "edge/stages/*",
        "edge/evaluate/*",
        "edge/reference.py",
    ],
    "cv2": [
        *("firmware/frame.py", "firmware/picture.py", "firmware/capture.py"),
        *("firmware/*/camera.py", "firmware/twin/physics/raster.py"),
        *("edge/imaging.py", "edge/evaluate/guidance/paint.py", "demo/stills.py", "models/runtime_opencv.py"),
        "edge/evaluate/cost/opencv_loop.py",  # the loop that ours is compared with
    ],
    "picamera2": ["firmware/pi/camera.py"],
    "onnx": [
        *("models/cost_onnx.py", "models/cost_shapes.py", "models/onnx_declared.py"),
        *("models/graph.py", "models/rewrites/*", "models/int8/*", "models/quantize.py"),
    ],
    "google": ["models/cost_shapes.py", "models/onnx_declared.py", "models/rewrites/network.py"],  # protobuf's errors
    "onnxruntime": ["models/runtime_onnx.py"],
    "tflite_runtime": ["models/runtime_tflite.py"],
    "ai_edge_litert": ["models/runtime_tflite.py"],
    "face_recognition": ["edge/evaluate/cost/dlib_loop.py"],
    "matplotlib": ["edge/evaluate/plots*.py"],
    "scipy": ["models/calibration/rates.py", "edge/evaluate/logistic.py"],
    # The metal.
    "gpiozero": ["firmware/pi/gpio.py"],
    "lgpio": ["firmware/pi/gpio.py"],
    "gpiod": ["firmware/gpio_lines.py"],
    "luma": ["firmware/pi/screen.py"],
    "PIL": ["firmware/typeset.py", "firmware/icons.py"],
    "pypinyin": ["edge/voice/pinyin.py"],
    # What is kept, and how the centre is spoken to.
    "sqlite3": ["edge/spool/*", "provisioning/db.py"],
    "sqlalchemy": ["provisioning/*"],
    "alembic": ["provisioning/migrations/*"],
    "fastapi": ["provisioning/app.py", "provisioning/*/router.py", "edge/panel/app.py", "edge/panel/operator/router.py"],
    "starlette": ["provisioning/app.py", "edge/panel/app.py"],
    "uvicorn": ["provisioning/server.py", "edge/panel/service.py"],
    "argon2": ["edge/panel/operator/pin.py"],
    "prometheus_client": ["edge/panel/meters.py"],
    "jinja2": ["provisioning/ledger/router.py", "edge/evaluate/page.py"],
    "pydantic": ["provisioning/settings.py"],
    "pydantic_settings": ["provisioning/settings.py"],
    # The hand of the operator.
    "click": [
        *("edge/cli.py", "edge/commands/*", "edge/service.py", "edge/post.py", "edge/uplink/service.py", "edge/enrol.py"),
        "edge/panel/service.py",
        *("provisioning/cli.py", "provisioning/commands/*", "provisioning/console.py", "provisioning/ingest.py", "demo/*"),
    ],
}
"""Library -> the only files that may import it. A library without a row has no door at all."""

UNDOORED = sys.stdlib_module_names - DOORS.keys()
"""The rest of the standard library needs no door."""

JUDGEMENT = ("edge/session/*", "edge/decision.py", "edge/rules.py", "edge/flow.py")
JUDGEMENT_MAY_IMPORT = {"edge.flow", "edge.rules", "edge.session", "wire.derive", "wire.reasons", "wire.reference", "wire.result"}
JUDGEMENT_MUST_NOT_IMPORT = {
    "time",
    "datetime",
    "socket",
    "sqlite3",
    "os",
    "pathlib",
    "random",
    "secrets",
    "threading",
    "subprocess",
    "io",
}

CLOCKS_AND_DICE = ("time", "random", "secrets", "uuid")
ASSEMBLERS = (
    *("*/clock.py", "*/cli.py", "*/service.py", "*/commands/*", "demo/*"),
    *("edge/enrol.py", "edge/unit.py", "edge/post.py", "edge/bench_visit.py", "edge/install/command.py"),
    *("provisioning/ingest.py", "provisioning/settings.py"),
    "firmware/picture.py",  # silences the video decoders, which listen to the environment only
    *("models/trial_child.py", "edge/cold_start_child.py"),  # processes of their own, which measure themselves
    "models/runtime_onnx.py",  # switches usage data off, which listens to the environment only
    "edge/one_thread.py",  # keeps the algebra under numpy from spinning, which listens to the environment only
)
"""Here real things are built, or the clock itself is read; everything else is handed time, ids, randomness and environment."""

PRINTERS = ("demo/*", "edge/install/command.py")
FORBIDDEN_IN_TESTS = re.compile(
    r"unittest\.mock|\b(Magic|Async)?Mock\(|\bmocker\b|pytest\.(skip|xfail|importorskip)\b|mark\.(skip|skipif|xfail)\b"
)
MACHINE_PATH = re.compile(r"""["'=(\s](/home|/root|/work|/Users)/""")
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")


def among(path: str, patterns: Sequence[str]) -> bool:
    """Whether a path is one of these files; a star matches any depth."""
    return any(fnmatch(path, pattern) for pattern in patterns)


def imports(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Line and dotted name of every absolute import, also of those inside functions."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.lineno, node.module


def a_library_is_entered_by_its_doors(path: str, text: str) -> list[str]:
    """Only the files of `DOORS` import a foreign library, and no file imports one without a row."""
    complaints = []
    for line, name in imports(ast.parse(text)):
        library = name.partition(".")[0]
        if library not in DOORS and (library in ROOMS or library in UNDOORED):
            continue
        if not among(path, DOORS.get(library, ())):
            complaints.append(f"{path}:{line} imports {library}; its doors are {list(DOORS.get(library, ())) or 'nowhere'}")
    return complaints


def nothing_is_too_long(path: str, text: str) -> list[str]:
    """No file over 400 lines, no function over 50."""
    lines = len(text.splitlines())
    complaints = [f"{path} has {lines} lines, at most {MAX_FILE_LINES}"] if lines > MAX_FILE_LINES else []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > MAX_FUNCTION_LINES:
                complaints.append(f"{path}:{node.lineno} {node.name} has {length} lines, at most {MAX_FUNCTION_LINES}")
    return complaints


def a_map_of_a_room_holds_no_code(path: str, text: str) -> list[str]:
    """An `__init__.py` holds one docstring and nothing else."""
    tree = ast.parse(text)
    only_docstring = len(tree.body) == 1 and ast.get_docstring(tree) is not None
    return [] if only_docstring or not path.endswith("__init__.py") else [f"{path} is not just a docstring"]


def the_judgement_is_pure(path: str, text: str) -> list[str]:
    """Session, decision and flow see no clock, disk, socket or part of the unit: only what flows, and the words."""
    if not among(path, JUDGEMENT):
        return []
    complaints = []
    for line, name in imports(ast.parse(text)):
        top = name.partition(".")[0]
        allowed = name in JUDGEMENT_MAY_IMPORT or name.startswith("edge.session.")
        if top in JUDGEMENT_MUST_NOT_IMPORT or (top in ROOMS and not allowed):
            complaints.append(f"{path}:{line} the judgement imports {name}")
    return complaints


def the_outside_comes_in_through_constructors(path: str, text: str) -> list[str]:
    """Below the assemblers nobody reads the clock, throws dice or looks into the environment.

    To name such a function as the default of a parameter is fine: a caller can give another one.
    """
    if among(path, ASSEMBLERS):
        return []
    reached = [f"{path}:{line} reaches for {what}: take it in through a constructor" for line, what in reaches(ast.parse(text))]
    return sorted(set(reached))


def reaches(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Line and name of every use of the clock, of randomness and of the environment."""
    for node in ast.walk(tree):
        match node:
            case ast.ImportFrom(module=str(module)) if module in CLOCKS_AND_DICE:
                yield node.lineno, module
            case ast.Call(func=ast.Attribute(value=ast.Name(id=module), attr=name)) if (
                module in CLOCKS_AND_DICE and name != "Random"
            ):
                yield node.lineno, f"{module}.{name}"
            case ast.Attribute(value=ast.Name(id="os"), attr=("environ" | "getenv" | "urandom") as name):
                yield node.lineno, f"os.{name}"
            case ast.Attribute(value=ast.Name(id="datetime"), attr=("now" | "today" | "utcnow") as name):
                yield node.lineno, f"datetime.{name}"


def nobody_prints(path: str, text: str) -> list[str]:
    """Library code logs or returns; only the demonstration prints, and the installer, which runs before click is there."""
    if among(path, PRINTERS):
        return []
    calls = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)]
    return [
        f"{path}:{node.lineno} prints"
        for node in calls
        if ast.unparse(node.func) in ("print", "sys.stdout.write", "pprint.pprint")
    ]


def an_error_says_what_happened(path: str, text: str) -> list[str]:
    """A class of a room's errors.py is named SubjectHappenedError and has a docstring of one sentence."""
    if not path.endswith("/errors.py"):
        return []
    classes = [node for node in ast.parse(text).body if isinstance(node, ast.ClassDef) and any(map(is_error, node.bases))]
    unnamed = [f"{path}:{node.lineno} {node.name} does not end in Error" for node in classes if not node.name.endswith("Error")]
    mute = [
        f"{path}:{node.lineno} {node.name} has no docstring of one sentence"
        for node in classes
        if not re.fullmatch(r"[A-Z0-9][^\n]*\.", (ast.get_docstring(node) or "").split("\n\n")[0].replace("\n", " "))
    ]
    return unnamed + mute


def is_error(base: ast.expr) -> bool:
    """Whether a base class is an error, by its name."""
    return ast.unparse(base).endswith(("Error", "Exception"))


def a_test_runs_and_uses_the_real_thing(path: str, text: str) -> list[str]:
    """No test is skipped or expected to fail, and none replaces our own types by mocks."""
    if not path.startswith("tests/"):
        return []
    return [
        f"{path}:{number} {found[0]}"
        for number, line in enumerate(text.splitlines(), 1)
        if (found := FORBIDDEN_IN_TESTS.search(line))
    ]


def nothing_is_left_behind(path: str, text: str) -> list[str]:
    """No path of one machine, and nothing unfinished."""
    return [
        f"{path}:{number} {found[0].strip()}"
        for number, line in enumerate(text.splitlines(), 1)
        if (found := MACHINE_PATH.search(line) or UNFINISHED.search(line))
    ]
