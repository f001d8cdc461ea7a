"""Says what runs of Schemathesis reached together, and fails where they reached too little to prove anything.

Arguments: their name, the contract, the folder of their reports, and operations that their credentials do not open. It ends with 3
where a further run, which draws other requests, may reach what is missing: which ways along the links lead to a success is drawn.
"""

import collections
import glob
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

runs = []
for name_of_run in sorted(glob.glob(f"{folder}/run-*.json")):
    with open(name_of_run) as file:
        runs.append(json.load(file))
run = runs[-1]
successes, entered, requests = collections.Counter(), collections.Counter(), 0
checks = set()
for events in sorted(glob.glob(f"{folder}/run-*.ndjson")):
    with open(events) as file:
        lines = file.readlines()
    for line in lines:
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

faults, missing = [], []
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
missing += [f"no success of {label}" for label in sorted(opened - set(successes))]
missing += [f"no success of {label} along a link" for label in sorted((linked & opened) - set(entered))]
for fault in faults + missing:
    print(f"schemathesis, {name}: {fault}")
print(
    f"schemathesis {run['schemathesis_version']}, {name}: {run['operations']['tested']} operations, {len(runs)} runs, "
    f"{requests} requests, {len(checks)} checks, {entered.total()} successes along links into {len(entered)} operations, "
    f"{sum(each['filtered'] for each in runs)} findings let pass"
)
sys.exit(1 if faults else 3 if missing else 0)
