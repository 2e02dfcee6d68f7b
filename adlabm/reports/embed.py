"""Pictures inside of a page, as small as they can be without a visible loss."""

from __future__ import annotations

import base64
import io
import re

from PIL import Image

COLOURS = 128
_FINE = re.compile(r"(?<![\d.])([1-9]\d*\.\d\d)\d+")
_IDLE = re.compile(r"<!--.*?-->|^\s+|(?<=\d) $", re.S | re.M)


def svg_source(drawn: str) -> str:
    """The `src` of an SVG picture. Coordinates keep hundredths of a point; remarks and indents go."""
    return "data:image/svg+xml;base64," + base64.b64encode(_IDLE.sub("", _FINE.sub(r"\1", drawn)).encode()).decode()


def png_source(data: bytes) -> str:
    """The `src` of a PNG picture, with so many colours as a figure of lines and areas needs."""
    small = io.BytesIO()
    with Image.open(io.BytesIO(data)) as picture:
        picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(small, "PNG", optimize=True)
    return "data:image/png;base64," + base64.b64encode(small.getvalue()).decode()
