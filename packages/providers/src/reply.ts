import type { ReplyInfo } from "@lens/core";
import type { Delta } from "./adapter.ts";
import { asText } from "./json.ts";

/** What one event says of the reply; fields that are not text count as unsaid. */
export interface ReplyFields {
  readonly model?: unknown;
  readonly serviceTier?: unknown;
  readonly requestId?: unknown;
}

/** Watches what events say of the reply. Most repeat it in every event, so what is known is passed on only when it changes. */
export function createReplyReader(): (fields: ReplyFields) => Delta | null {
  const known: { model: string | null; serviceTier: string | null; requestId: string | null } = {
    model: null,
    serviceTier: null,
    requestId: null,
  };
  return (fields) => {
    const model = asText(fields.model) ?? known.model;
    const serviceTier = asText(fields.serviceTier) ?? known.serviceTier;
    const requestId = asText(fields.requestId) ?? known.requestId;
    if (model === known.model && serviceTier === known.serviceTier && requestId === known.requestId) return null;
    const reply: Partial<ReplyInfo> = {
      ...(model === known.model ? {} : { model }),
      ...(serviceTier === known.serviceTier ? {} : { serviceTier }),
      ...(requestId === known.requestId ? {} : { requestId }),
    };
    Object.assign(known, reply);
    return { type: "reply", reply };
  };
}
