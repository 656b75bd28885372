"""The page at `/` that lets a person try the routes: Swagger's, from the files that BentoML carries."""

import json
from typing import Any

# BentoML's own page loads a tag manager from Google; this one loads nothing from elsewhere, and the browser is told so.
POLICY = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:"
INDEX = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8"><title>Hugline</title>
<link rel="stylesheet" href="./static_content/swagger-ui.css"><style>body { margin: 0 } .topbar { display: none }</style>
<link rel="icon" type="image/png" href="./static_content/favicon-light-32x32.png">
</head>
<body>
<div id="swagger-ui"></div>
<script src="./static_content/swagger-ui-bundle.js"></script>
<script src="./static_content/swagger-ui-standalone-preset.js"></script>
<script src="./static_content/swagger-initializer.js"></script>
</body>
</html>
"""


def as_json(value: Any) -> str:
    """A value as a person would paste it into a command."""
    return json.dumps(value, ensure_ascii=False)
