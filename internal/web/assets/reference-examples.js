// The examples of the contract, made good for trying out: with ids that exist here, and without values nobody asked for.

// fillIn changes a contract in place.
export function fillIn(spec, { applicationId, messageId }) {
  const known = { applicationId, messageId };
  for (const item of Object.values(spec.paths)) {
    for (const operation of Object.values(item)) {
      operation.parameters = operation.parameters?.map((parameter) => fillInParameter(spec, parameter, known));
    }
  }
  fillInBodies(spec, known);
}

// fillInParameter leaves a parameter empty that need not be given, and knows the ids of a path.
function fillInParameter(spec, reference, known) {
  const parameter = { ...resolved(spec, reference) };
  const value = parameter.in === "path" ? known[parameter.name] : undefined;
  if (parameter.required && !value) return parameter;
  delete parameter.examples;
  delete parameter.example;
  const schema = { ...resolved(spec, parameter.schema) };
  if (schema.allOf) schema.allOf = schema.allOf.map((part) => ({ ...resolved(spec, part), example: undefined }));
  delete schema.example;
  parameter.schema = schema;
  if (value) parameter.example = value;
  return parameter;
}

function resolved(spec, node) {
  if (!node?.$ref) return node;
  return node.$ref.slice(2).split("/").reduce((at, name) => at[name], spec);
}

// fillInBodies puts known ids into all examples that have a member of the same name. An error has a messageId too, which is
// its kind.
function fillInBodies(node, known) {
  if (node === null || typeof node !== "object") return;
  for (const [name, child] of Object.entries(node)) {
    if (name === "serviceException") continue;
    if (typeof child === "string" && known[name] && !Array.isArray(node)) node[name] = known[name];
    else fillInBodies(child, known);
  }
}
