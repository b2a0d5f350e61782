"""Renders the chart with Helm's own engine: `render.py CHART VALUES`, with the values as JSON; writes the manifests as one stream of YAML.

Whatever Helm's linter finds beyond advice ends it with status 1; where the engine (helm-python-sdk) is not installed, with status 3.
"""

import json
import sys

try:
    import helm_python as helm
except ImportError:
    sys.exit(3)

ADVICE = 1

chart_path, values = sys.argv[1], json.loads(sys.argv[2])
found = helm.lint(chart_path)
worse = [message for message in found["messages"] if message["severity"] > ADVICE]
if worse or found["errors"]:
    sys.exit(f"{worse} {found['errors']}")
with helm.Chart.load(chart_path) as chart:
    manifests = chart.render(values, name="demo", namespace="shop")
for path, text in sorted(manifests.items()):
    if path.endswith(".yaml") and text.strip():
        print(f"---\n# {path}\n{text.strip()}")
