"""Says what a run of Schemathesis reached, and fails where it reached too little to prove anything.

Arguments: the run's name, the contract, the folder of its reports, and operations that its credentials do not open.
"""

import collections
import json
import sys

import yaml

name, contract, folder, *closed = sys.argv[1:]
METHODS = {"get", "put", "post", "delete", "patch"}
with open(contract) as file:
    document = yaml.safe_load(file)
operations = {
    f"{method.upper()} {path}": operation
    for path, item in document["paths"].items()
    for method, operation in item.items()
    if method in METHODS
}
labels = {operation["operationId"]: label for label, operation in operations.items()}


def responses(operation):
    for response in operation["responses"].values():
        reference = response.get("$ref", "").rpartition("/")[2]
        yield document["components"]["responses"][reference] if reference else response


def links(response):
    for link in response.get("links", {}).values():
        reference = link.get("$ref", "").rpartition("/")[2]
        yield document["components"]["links"][reference] if reference else link


linked = {labels[link["operationId"]] for op in operations.values() for response in responses(op) for link in links(response)}

with open(f"{folder}/run.json") as file:
    run = json.load(file)
successes, entered, requests = collections.Counter(), collections.Counter(), 0
checks = set()
with open(f"{folder}/run.ndjson") as file:
    for line in file:
        event = json.loads(line).get("ScenarioFinished")
        if event is None:
            continue
        recorder = event["recorder"]
        checks.update(check["name"] for found in recorder.get("checks", {}).values() for check in found)
        for case_id, interaction in recorder.get("interactions", {}).items():
            requests += 1
            case, response = recorder["cases"][case_id], interaction["response"]
            if response is None or not 200 <= response["status_code"] < 300:
                continue
            label = f"{case['value']['method']} {case['value']['path']}"
            successes[label] += 1
            if case.get("is_transition_applied") and not case["transition"]["is_inferred"]:
                entered[label] += 1

faults = []
if not run["complete"] or run["failures"] or run["errors"]:
    faults.append("it did not come to its end")
for phase in ("examples", "coverage", "fuzzing", "stateful"):
    if run["phases"].get(phase, {}).get("status") != "success":
        faults.append(f"the phase {phase} did not run")
if not run["operations"]["tested"] == run["operations"]["selected"] >= len(operations) - len(closed) > 0:
    faults.append(f"{run['operations']['tested']} of {len(operations)} operations were tested")
if len(checks) < 14:
    faults.append(f"only {len(checks)} checks were made: {', '.join(sorted(checks))}")
if not linked:
    faults.append("the contract declares no links")
opened = {label for label, operation in operations.items() if operation["operationId"] not in closed}
faults += [f"no success of {label}" for label in sorted(opened - set(successes))]
faults += [f"no success of {label} along a link" for label in sorted((linked & opened) - set(entered))]
for fault in faults:
    print(f"schemathesis, {name}: {fault}")
print(
    f"schemathesis {run['schemathesis_version']}, {name}: {run['operations']['tested']} operations, {requests} requests, "
    f"{len(checks)} checks, {entered.total()} successes along links into {len(entered)} operations, "
    f"{run['filtered']} findings let pass"
)
sys.exit(bool(faults))
