// What several pages need, in one place.
export * from "./base.js";
export { curve } from "./curve.js";
