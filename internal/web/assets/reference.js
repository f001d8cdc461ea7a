// The reference: Swagger UI on the very contract that the server checks requests against.
import { basic, onSession, who } from "./api.js";
import { fillIn } from "./reference-examples.js";
import { nameControls } from "./reference-names.js";
import { requestPanel } from "./reference-request.js";

// startReference shows a contract in an element, and again whenever somebody else signs in or another is chosen.
export function startReference(element, { choice } = {}) {
  nameControls(element);
  const show = () => render(element, choice?.value ?? "/openapi.json");
  choice?.addEventListener("change", () => {
    element.parentElement.scrollTop = 0;
    show();
  });
  onSession(show);
  show();
}

let latest = 0;
let remembering = new AbortController();

async function render(element, url) {
  const turn = ++latest;
  const answer = await fetch(url, { cache: "no-cache" });
  const spec = await answer.json();
  if (turn !== latest) return;
  spec.servers = [{ url: location.origin }]; // the contract names an example; here it is this very server
  fillIn(spec, who());
  const ui = SwaggerUIBundle({
    spec, domNode: element, deepLinking: false, tryItOutEnabled: true, displayRequestDuration: true,
    docExpansion: "list", defaultModelsExpandDepth: 0, validatorUrl: null, persistAuthorization: false,
    plugins: [requestPanel, page], layout: "ReferencePage",
    requestInterceptor: prepare,
    responseInterceptor: announce,
    onComplete: () => authorize(ui),
  });
  remembering.abort();
  remembering = new AbortController();
  document.addEventListener("pinpost:pin", ({ detail }) => remember(ui, spec, detail), { signal: remembering.signal });
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

// prepare lets a person give a bare key: the prefix that the documentation asks for is added. An operation that takes no
// key gets user name and password where they are known. What a person has typed stays.
function prepare(request) {
  const given = request.headers.Authorization;
  const { user, password } = who();
  if (given && !/^(App|Basic) /i.test(given)) request.headers.Authorization = `App ${given}`;
  else if (!given && user) request.headers.Authorization = basic(user, password);
  request.headers = { ...who().headers, ...request.headers };
  request.credentials = "omit"; // the browser would ask for a password by itself
  return request;
}

// announce tells everybody the PIN ID of an answer.
function announce(response) {
  const pinId = response.body?.pinId;
  if (response.ok && pinId) document.dispatchEvent(new CustomEvent("pinpost:pin", { detail: pinId }));
  return response;
}

// remember puts a PIN ID where the next call needs it.
function remember(ui, spec, pinId) {
  for (const [path, operations] of Object.entries(spec.paths)) {
    if (!path.includes("{pinId}")) continue;
    for (const method of Object.keys(operations)) ui.specActions.changeParam([path, method], "pinId", "path", pinId, false);
  }
}
