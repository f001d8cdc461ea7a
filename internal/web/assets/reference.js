// The reference: Swagger UI on the very contract that the server checks requests against.
import { headers, onSession, who } from "./api.js";
import { nameControls } from "./reference-names.js";
import { requestPanel } from "./reference-request.js";

// startReference shows a contract in an element, and again whenever somebody else signs in or another is chosen.
export function startReference(element, { choice } = {}) {
  nameControls(element);
  const show = () => render(element, choice?.value ?? "/openapi.json");
  choice?.addEventListener("change", show);
  onSession(show);
  show();
}

let latest = 0;

async function render(element, url) {
  const turn = ++latest;
  const answer = await fetch(url, { cache: "no-cache" });
  const spec = await answer.json();
  if (turn !== latest) return;
  spec.servers = [{ url: location.origin }]; // the contract names an example; here it is this very server
  fillIn(spec, { applicationId: who().applicationId, messageId: who().messageId });
  const ui = SwaggerUIBundle({
    spec, domNode: element, deepLinking: false, tryItOutEnabled: true, displayRequestDuration: true,
    docExpansion: "list", defaultModelsExpandDepth: 0, validatorUrl: null, persistAuthorization: false,
    plugins: [requestPanel, page], layout: "ReferencePage",
    requestInterceptor: prepare,
    responseInterceptor: (response) => remember(ui, spec, response),
    onComplete: () => authorize(ui),
  });
}

// page lays Swagger UI's parts out: what is long stays folded until it is asked for, and the server is no choice, for it is
// always this one.
function page({ React, getComponent }) {
  const e = React.createElement;
  const part = (name) => e(getComponent(name, true));
  const ReferencePage = () => e("div", { className: "swagger-ui" },
    e(getComponent("SvgAssets")),
    e("details", { className: "about" }, e("summary", null, "About this API"), part("InfoContainer")),
    e("div", { className: "scheme-container" }, part("AuthorizeBtnContainer")),
    part("operations"),
    part("Models"));
  return { components: { ReferencePage } };
}

// authorize signs Swagger UI in as whoever is signed in here.
function authorize(ui) {
  const { key, user, password } = who();
  if (key) ui.preauthorizeApiKey("AppKey", key);
  else if (user) ui.preauthorizeBasic("Basic", user, password);
}

// prepare lets a person give a bare key: the prefix that the documentation asks for is added.
function prepare(request) {
  const given = request.headers.Authorization;
  if (given && !/^(App|Basic) /i.test(given)) request.headers.Authorization = `App ${given}`;
  const world = headers()["Pinpost-World"];
  if (world) request.headers["Pinpost-World"] = world;
  return request;
}

// remember puts the PIN ID of an answer where the next call needs it.
function remember(ui, spec, response) {
  const pinId = response.body?.pinId;
  if (!response.ok || !pinId) return response;
  for (const [path, operations] of Object.entries(spec.paths)) {
    if (!path.includes("{pinId}")) continue;
    for (const method of Object.keys(operations)) ui.specActions.changeParam([path, method], "pinId", "path", pinId, false);
  }
  return response;
}

// fillIn puts values into all examples that have a member of the same name.
function fillIn(node, values) {
  if (node === null || typeof node !== "object") return;
  for (const [name, child] of Object.entries(node)) {
    if (typeof child === "string" && values[name] && !Array.isArray(node)) node[name] = values[name];
    else fillIn(child, values);
  }
}
