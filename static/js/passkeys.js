/* Asks the browser for a passkey, or for a new one, and posts what it answers.

   A form with data-passkey="get" or "create" has the options in data-options, a hidden
   input named "answer", a disabled button, and the texts of
   core/includes/passkey_words.html. */

(() => {
  "use strict";

  const bytes = (text) => {
    const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
    return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
  };
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer)))
      .replaceAll("+", "-")
      .replaceAll("/", "_")
      .replaceAll("=", "");
  const named = (credentials = []) =>
    credentials.map((each) => ({ ...each, id: bytes(each.id) }));

  const ask = {
    get: (options) =>
      navigator.credentials.get({
        publicKey: {
          ...options,
          challenge: bytes(options.challenge),
          allowCredentials: named(options.allowCredentials),
        },
      }),
    create: (options) =>
      navigator.credentials.create({
        publicKey: {
          ...options,
          challenge: bytes(options.challenge),
          user: { ...options.user, id: bytes(options.user.id) },
          excludeCredentials: named(options.excludeCredentials),
        },
      }),
  };

  /* Not toJSON(): browsers have it only of late. */
  function told(credential) {
    const { response } = credential;
    const parts = ["clientDataJSON", "authenticatorData", "signature", "userHandle"];
    const found = { transports: response.getTransports?.() };
    for (const part of [...parts, "attestationObject"]) {
      if (response[part]) found[part] = text(response[part]);
    }
    return JSON.stringify({
      id: credential.id,
      rawId: text(credential.rawId),
      type: credential.type,
      response: found,
    });
  }

  function say(form, name) {
    const words =
      form.querySelector(`[data-says="${name}"]`) ?? form.querySelector('[data-says="other"]');
    form.querySelector("[data-passkey-notice]").hidden = false;
    form.querySelector("[data-passkey-said]").textContent = words.textContent;
  }

  function lacks() {
    if (!window.isSecureContext) return "insecure";
    return window.PublicKeyCredential && navigator.credentials ? "" : "missing";
  }

  async function answer(form, button) {
    button.disabled = true;
    form.querySelector("[data-passkey-notice]").hidden = true;
    try {
      const credential = await ask[form.dataset.passkey](JSON.parse(form.dataset.options));
      form.elements.answer.value = told(credential);
      form.submit();
    } catch (error) {
      say(form, error.name);
      button.disabled = false;
      button.focus();
    }
  }

  document.documentElement.classList.add("has-script");
  for (const form of document.querySelectorAll("[data-passkey]")) {
    const button = form.querySelector("button:not([type])");
    const lack = lacks();
    if (lack) {
      say(form, lack);
      continue;
    }
    button.disabled = false;
    button.focus();
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      answer(form, button);
    });
  }

  /* Coming back, the page has a challenge that was spent. */
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) window.location.reload();
  });
})();
