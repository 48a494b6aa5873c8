"use strict";
// Shows the document that the page names. Nothing is loaded from anywhere else.
const reference = document.getElementById("reference");
window.ui = SwaggerUIBundle({
  url: reference.dataset.document,
  dom_id: "#reference",
  deepLinking: true,
  displayRequestDuration: true,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  filter: true,
  syntaxHighlight: { theme: "idea" },
  tryItOutEnabled: true,
  validatorUrl: null,
  presets: [SwaggerUIBundle.presets.apis],
});
