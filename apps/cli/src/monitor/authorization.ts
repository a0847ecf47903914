import { createHash, timingSafeEqual } from "node:crypto";

/** What is asked of those who bring none. */
export const CHALLENGE = 'Bearer realm="lens", Basic realm="lens"';

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();

/** The token that a header brings: as `Bearer`, or as the password of `Basic`, which browsers can ask people for; null where it brings none. */
function tokenIn(header: string | undefined): string | null {
  const [, scheme = "", value = ""] = /^(Bearer|Basic) +(\S+) *$/i.exec(header ?? "") ?? [];
  if (scheme.toLowerCase() === "bearer") return value;
  if (scheme.toLowerCase() !== "basic") return null;
  const pair = Buffer.from(value, "base64").toString("utf8");
  return pair.slice(pair.indexOf(":") + 1);
}

/** Whether an `Authorization` header brings the token, in a time that does not tell how near it came. */
export function isAuthorized(header: string | undefined, token: string | null): boolean {
  if (token === null) return true;
  const brought = tokenIn(header);
  return brought !== null && timingSafeEqual(digest(brought), digest(token));
}
