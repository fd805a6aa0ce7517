"""Tries the committed stubs with the protobuf release that comes first on the path.

`make stubs-check` runs it for each release in requirements/protobuf-*.txt.
"""

import sys
from importlib import import_module
from pathlib import Path

import google.protobuf

from mainstay import v1
from mainstay.v1.chat_pb2_grpc import ChatServiceStub


def main(major: str) -> None:
    """Imports every stub, sends a message through bytes, looks for what `mainstay.v1` does not re-export."""
    version = google.protobuf.__version__
    assert version.startswith(f"{major}."), f"meant to try protobuf {major}, found {version}"

    for stub in sorted(Path(v1.__file__).parent.glob("*_pb2.py")):
        file = import_module(f"mainstay.v1.{stub.stem}").DESCRIPTOR
        missing = {*file.message_types_by_name, *file.enum_types_by_name} - set(dir(v1))
        assert not missing, f"mainstay/v1/__init__.py does not re-export {sorted(missing)} of {stub.name}"

    request = v1.ChatRequest(model="fast", messages=[v1.Message(role=v1.ROLE_USER)], labels={"team": "x"})
    assert v1.ChatRequest.FromString(request.SerializeToString()) == request
    assert ChatServiceStub.__init__
    print(f"the stubs work with protobuf {version}")


if __name__ == "__main__":
    main(sys.argv[1])
