// What was sent: method, URL, headers and data, above the command that Swagger UI shows.

export function requestPanel({ React }) {
  const e = React.createElement;
  const row = ([name, value]) => [e("dt", { key: `n-${name}` }, name), e("dd", { key: `v-${name}` }, String(value))];
  const panel = (request) => {
    const headers = Object.entries(request.get("headers")?.toJS() ?? {});
    const body = request.get("body");
    return e("div", { className: "request-panel" },
      e("h4", null, "Request"),
      e("p", { className: "request-line" }, e("strong", null, request.get("method")), " ", request.get("url")),
      e("h5", null, "Request headers"),
      headers.length === 0 ? e("p", null, "none") : e("dl", { className: "facts" }, headers.map(row)),
      e("h5", null, "Request data"),
      body === undefined || body === "" ? e("p", null, "none") : e("pre", { tabIndex: 0, "aria-label": "Request data" }, e("code", null, String(body))));
  };
  return {
    wrapComponents: {
      curl: (Original) => (props) => e("div", null, panel(props.request), e(Original, props)),
    },
  };
}
