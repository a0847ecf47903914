/** A file with all that it imports, as one minified script or style sheet (`tooling/bundled.ts`). */
declare module "*?bundled" {
  export const text: string;
}
