import js from "@eslint/js";
import compat from "eslint-plugin-compat";
import globals from "globals";

export default [
  { ignores: ["node_modules/"] },
  js.configs.recommended,
  {
    languageOptions: { ecmaVersion: 2022, sourceType: "module" },
    rules: {
      "complexity": ["error", 14],
      "eqeqeq": "error",
      "max-lines": ["error", { max: 400 }],
      "max-len": ["error", { code: 120, ignoreUrls: true }],
      "no-implicit-globals": "error",
      "no-var": "error",
      "prefer-const": "error",
    },
  },
  {
    files: ["elements.js", "public_page/**/*.js", "engineers_map/**/*.js", "servers_desk/**/*.js"],
    ...compat.configs["flat/recommended"],
  },
  {
    files: ["elements.js", "public_page/**/*.js", "engineers_map/**/*.js", "servers_desk/**/*.js"],
    languageOptions: { globals: globals.browser },
    rules: {
      "no-restricted-properties": [
        "error",
        { property: "innerHTML", message: "text from the data goes through textContent" },
        { property: "insertAdjacentHTML", message: "text from the data goes through textContent" },
        { property: "outerHTML", message: "text from the data goes through textContent" },
      ],
      "no-restricted-globals": ["error", "event", "name"],
    },
  },
  { files: ["engineers_map/**/*.js"], languageOptions: { globals: { L: "readonly" } } },
  {
    files: ["*.mjs", "tests/**/*.js", "checks/**/*.js"],
    languageOptions: { globals: { ...globals.node, ...globals.browser } },
  },
];
