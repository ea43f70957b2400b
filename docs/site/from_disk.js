"use strict";

/* The search of MkDocs takes a worker and requests, which browsers refuse to a page that is opened from a disk. Its
   files are loaded there as scripts instead; build_site.py writes the index as one. */

if (location.protocol === "file:") {
  const load = (name) =>
    new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = `${base_url}/search/${name}`; // base_url is the page's
      script.onload = resolve;
      script.onerror = reject;
      document.head.append(script);
    });
  const chained = (promise) => {
    const chain = {
      done: (call) => (promise.then(call), chain),
      fail: (call) => (promise.catch((error) => call(null, null, error)), chain),
    };
    return chain;
  };
  window.Worker = undefined;
  window.$ = { getScript: (url) => chained(load(url.replace(/^.*\//, ""))) };
  window.XMLHttpRequest = class {
    addEventListener(event, call) {
      this.call = call;
    }
    open() {}
    send() {
      load("search_index.js").then(() => this.call.call({ responseText: JSON.stringify(searchIndex) }));
    }
  };
}
