// What several pages need, in one place.
export * from "./base.js";
export { clock, curve } from "./curve.js";
export { early } from "./early.js";
